"""What the assets of every layer share: keys, static metadata from contracts, and the metadata of a stored table.

Belongs here: what Dagster shows of a table. Not here: anything one layer alone needs.

No module with an asset postpones its annotations: Dagster reads them when the asset is defined.
"""

import hashlib
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from importlib.metadata import version as version_of
from pathlib import Path
from types import ModuleType
from typing import Any

import dagster as dg
import polars as pl

from pipeline.contracts import Table
from pipeline.errors import InputError
from pipeline.freshness import FORCE, changed, records
from pipeline.warehouse import Stored, Warehouse

# What Dagster knows of a table, and what fills it.
TableAsset = tuple[dg.AssetSpec, Callable[[], dg.MaterializeResult]]

# One pool with one place: two runs side by side never meet at the lock of the DuckDB file.
POOL = "warehouse"
_PREVIEW_CHARACTERS = 60
# In the metadata of a materialisation: nothing had changed, so nothing was computed.
KEPT = "kept"

OWNERS = {
    "raw": "team:data",
    "staging": "team:data",
    "core": "team:data",
    "marts": "team:data",
    "analysis": "team:statistics",
    "charts": "team:report",
    "release": "team:report",
    "report": "team:report",
}


def key(table: str) -> dg.AssetKey:
    """The asset key [layer, table] of `layer.table`."""
    return dg.AssetKey(table.split("."))


def code_version(*parts: str | bytes | ModuleType, packages: Sequence[str] = ()) -> str:
    """Hash of texts, of modules (of a package every file) and of versions of installed packages.

    Changes exactly when what computes a table changes. DuckDB and Polars are always among the packages: the first
    gives every table its digest, the second carries the rows.
    """
    digest = hashlib.sha256()
    for part in (*parts, *(f"{name} {version_of(name)}" for name in sorted({"duckdb", "polars", *packages}))):
        if isinstance(part, ModuleType):
            digest.update(_of_module(Path(str(part.__file__))))
        else:
            digest.update(part.encode() if isinstance(part, str) else part)
        digest.update(b"\0")
    return digest.hexdigest()[:12]


@cache
def _of_module(file: Path) -> bytes:
    """Hash of a module, or of all that lies in the folder of a package: the code was read once, and so is this."""
    files = file.parent.rglob("*") if file.name == "__init__.py" else [file]
    digest = hashlib.sha256()
    for one in sorted(files):
        if one.is_file() and one.suffix != ".pyc":
            digest.update(one.read_bytes())
    return digest.digest()


def contract_text(table: Table) -> str:
    """The SQL of a contract, for code_version."""
    return "\n".join((table.ddl, table.select, *table.comments))


def column_schema(table: Table) -> dg.TableSchema:
    """Columns with types and comments, as the UI shows them."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=column.name,
                type=column.type,
                description=column.comment,
                constraints=dg.TableColumnConstraints(nullable=column.nullable, unique=False),
                tags={"unit": column.unit} if column.unit else {},
            )
            for column in table.columns
        ]
    )


def code_references(*files: Path) -> dict[str, Any]:
    """Where an asset is written down, as the UI links it; paths of this machine, so never stored beyond its history."""
    with warnings.catch_warnings():
        # Dagster says of each that it is in beta; the snapshot of the definitions holds what we use of it.
        warnings.simplefilter("ignore", dg.BetaWarning)
        found = [
            dg.LocalFileCodeReference(file_path=str(file), line_number=1, label=f"{file.parent.name}/{file.name}")
            for file in files
        ]
        return {"dagster/code_references": dg.CodeReferencesMetadataValue(code_references=found)}


def table_spec(
    table: Table,
    *,
    root: Path,
    module: str,
    deps: list[dg.AssetKey],
    version: str,
    kinds: set[str],
    metadata: dict[str, Any] | None = None,
    tags: dict[str, str] | None = None,
) -> dg.AssetSpec:
    """What Dagster knows of a table before it is filled; all of it follows from the contract.

    `root` is the project folder, `module` the file of the module that fills the table.
    """
    return dg.AssetSpec(
        key=key(table.id),
        group_name=table.layer,
        description=table.comment,
        deps=deps,
        code_version=version,
        kinds=kinds,
        owners=[OWNERS[table.layer]],
        tags=tags or {},
        metadata={
            "dagster/column_schema": column_schema(table),
            "dagster/table_name": table.id,
            "contract": table.file,
            **code_references(root / table.file, Path(module)),
            **(metadata or {}),
        },
    )


def table_step(
    warehouse: Warehouse,
    name: str,
    tables: Sequence[TableAsset],
) -> dg.AssetsDefinition:
    """One step for tables that belong together, each an asset that can be materialised alone.

    For steps that only move rows: one session for all their reading and writing. A step costs Dagster about as much
    as a small table costs us, so what belongs together shares one.
    """

    @dg.multi_asset(name=name, specs=[spec for spec, _ in tables], can_subset=len(tables) > 1, pool=POOL)
    def step(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        with explained(), warehouse.session():
            memory = Memory(context, [spec for spec, _ in tables])
            for spec, compute in tables:
                if spec.key in context.selected_asset_keys:
                    lying = warehouse.digests([table_of(spec.key)]).get(table_of(spec.key))
                    yield memory.kept(spec, lying) or memory.noted(spec, compute())

    return step


def table_of(asset: dg.AssetKey) -> str:
    """`layer.table` of an asset key."""
    return ".".join(asset.path)


class Memory:
    """What Dagster recorded of the assets of a step and of their inputs, when the step begins.

    An asset whose code, inputs and stored content are those of its last record is not computed again: what it said
    then is said again, so that what follows is fresh, too. A run with the tag `force` computes all the same.
    """

    def __init__(self, context: dg.AssetExecutionContext, specs: Sequence[dg.AssetSpec]) -> None:
        inputs = {dep.asset_key for spec in specs for dep in spec.deps}
        forced = context.run.tags.get(FORCE) == "true"
        self._known = {} if forced else records(context.instance, {*inputs, *(spec.key for spec in specs)})

    def kept(self, spec: dg.AssetSpec, lying: str | None) -> dg.MaterializeResult | None:
        """The result to give without computing; None when the asset must be computed.

        Args:
            spec: the asset.
            lying: the data version of what is stored now, None without.
        """
        record = self._known.get(spec.key)
        if record is None or record.data_version is None or record.data_version != lying:
            return None
        if changed(spec, self._known) is not None:
            return None
        return dg.MaterializeResult(
            asset_key=spec.key,
            data_version=dg.DataVersion(record.data_version),
            metadata={**record.materialization.metadata, KEPT: True},
        )

    def noted(self, spec: dg.AssetSpec, result: dg.MaterializeResult) -> dg.MaterializeResult:
        """The computed result, remembered for the assets of the same step that read it."""
        record = self._known.get(spec.key)
        if record is not None and result.data_version is not None:
            self._known[spec.key] = replace(record, data_version=result.data_version.value)
        return result


def stored(table: Table, result: Stored, metadata: Mapping[str, Any] | None = None) -> dg.MaterializeResult:
    """The result of an asset that stored a table; its data version is the digest of the content.

    `metadata` is what the asset has to say beyond what holds for every table.
    """
    return dg.MaterializeResult(
        asset_key=key(table.id),
        data_version=dg.DataVersion(result.digest),
        metadata={
            "dagster/row_count": result.rows,
            "bytes": result.bytes,
            "digest": result.digest,
            "seconds": result.seconds,
            "preview": shown(result.first),
            **(metadata or {}),
        },
    )


def shown(frame: pl.DataFrame) -> dg.TableMetadataValue:
    """A small frame as a table of the UI; long cells are cut short."""

    def cell(value: object) -> str | int | float | bool | None:
        if value is None or isinstance(value, (bool, int, float)):
            return value
        text = str(value)
        return text if len(text) <= _PREVIEW_CHARACTERS else text[: _PREVIEW_CHARACTERS - 1] + "…"

    return dg.TableMetadataValue(
        records=[
            dg.TableRecord({name: cell(value) for name, value in row.items()}) for row in frame.iter_rows(named=True)
        ],
        schema=dg.TableSchema([dg.TableColumn(name, type=str(dtype)) for name, dtype in frame.schema.items()]),
    )


@contextmanager
def explained() -> Iterator[None]:
    """Turn an InputError into Dagster's Failure, so that the UI shows the sentence and not a stack of frames."""
    try:
        yield
    except InputError as error:
        raise dg.Failure(
            description=str(error),
            metadata={
                name: str(value)
                for name, value in (
                    ("file", error.file),
                    ("line", error.line),
                    ("key", error.key),
                    ("remedy", error.remedy),
                )
                if value is not None
            },
            allow_retries=False,
        ) from error
