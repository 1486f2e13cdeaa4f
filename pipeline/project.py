"""What every asset and command works on: settings, registry, contracts and warehouse, opened together.

Belongs here: opening a project folder once. Not here: what is done with it.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.contracts import Contracts, Table, load_contracts
from pipeline.registry import Registry, Source, load_registry, read_lock
from pipeline.settings import Settings
from pipeline.warehouse import Warehouse

# Longer than the pause between two steps of a run, shorter than any fit.
LINGER_SECONDS = 0.2
# Longer than any step of another run, so that two runs side by side take turns.
WAIT_SECONDS = 60.0
LINGER_TO_SERVER_SECONDS = 10.0


@dataclass(frozen=True)
class Project:
    """An opened project folder."""

    settings: Settings
    registry: Registry
    contracts: Contracts
    warehouse: Warehouse

    def table_of(self, layer: str, source: Source) -> Table:
        """The contract of a source's raw or staging table."""
        return self.contracts.of_source(layer, source.kind, source.id, source.current.title)

    @property
    def published_tables(self) -> list[Table]:
        """The tables a release holds: core, marts and analysis."""
        return list(self.contracts.tables.values())


def open_project(settings: Settings) -> Project:
    """Read every source.yml, the lock and every contract.

    Raises:
        InputError: a source.yml, the lock or an SQL file is wrong; the message names file, key and remedy.
    """
    return Project(
        settings=settings,
        registry=load_registry(settings.raw_data, read_lock(settings.lock)),
        contracts=load_contracts(settings.sql),
        warehouse=warehouse_of(settings, linger_seconds=LINGER_SECONDS, wait_seconds=WAIT_SECONDS),
    )


def warehouse_of(settings: Settings, *, linger_seconds: float = 0.0, wait_seconds: float = 0.0) -> Warehouse:
    """The warehouse that the settings name: the DuckDB file in build/, or a lake."""
    if settings.lake is None:
        return Warehouse(settings.warehouse, linger_seconds=linger_seconds, wait_seconds=wait_seconds)
    from pipeline.lake import DuckLake

    # A server keeps nobody out, so a connection to it need not be given up between two steps.
    shared = settings.lake.file is None
    return DuckLake(
        settings.lake, linger_seconds=LINGER_TO_SERVER_SECONDS if shared else linger_seconds, wait_seconds=wait_seconds
    )
