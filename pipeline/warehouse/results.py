"""What storing and checking give back.

Belongs here: values. Not here: how they come about (store.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Stored:
    """What a replaced table holds: rows, their bytes as JSON, content digest, first rows; and the seconds it took."""

    rows: int
    bytes: int
    digest: str
    first: pl.DataFrame
    seconds: float


@dataclass(frozen=True)
class Check:
    """A rule as a SELECT that returns the offending rows; an empty answer means the rule holds."""

    layer: str
    table: str
    rule: str
    severity: str
    reason: str
    sql: str
    file: str

    @property
    def name(self) -> str:
        """Unique over all checks: layer.table__rule."""
        return f"{self.layer}.{self.table}__{self.rule}"


@dataclass(frozen=True)
class CheckResult:
    """The offending rows of one check: how many, and the first of them."""

    check: Check
    offending: int
    sample: pl.DataFrame

    @property
    def passed(self) -> bool:
        """True when no row offends."""
        return self.offending == 0
