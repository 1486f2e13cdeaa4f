"""The DuckDB file behind a few verbs: session, read, batches, replace, digest, run_checks, look, damage.

Belongs here: everything that opens the database file (opening.py), how rows get in (rows.py), by which keys they are
refused (keys.py), the digest of what lies there (digest.py), the verbs themselves
(store.py) and what they give back (results.py). Not here: tables in
a DuckLake instead (lake.py), what a table means (sql/ and contracts.py), what is done with rows (transform, analysis),
Dagster (assets/).
"""

from pipeline.warehouse.keys import KeyTwiceError, key_of
from pipeline.warehouse.opening import (
    CONFIG,
    LAYERS,
    TABLES,
    ConflictError,
    DamagedError,
    literal,
    qualified,
    quote,
    scratch,
)
from pipeline.warehouse.results import Check, CheckResult, Stored
from pipeline.warehouse.store import Warehouse

__all__ = [
    "CONFIG",
    "LAYERS",
    "TABLES",
    "Check",
    "CheckResult",
    "ConflictError",
    "DamagedError",
    "KeyTwiceError",
    "Stored",
    "Warehouse",
    "key_of",
    "literal",
    "qualified",
    "quote",
    "scratch",
]
