"""raw_data/**/source.yml → Source, Vintage: the single truth about what goes into the pipeline.

Belongs here: everything about a file that can be known without knowing what its cells mean. Not here:
Dagster, DuckDB, cells and figures. `load_registry` reads the descriptions and the lock, `verify` and `read_file` hold
the files to them.
"""

from pipeline.registry.folder import (
    REGIONS,
    Registry,
    Source,
    content_hash,
    load_registry,
    read_file,
    verify,
    vintages_on_disk,
)
from pipeline.registry.lock import LOCK, Lock, read_lock, write_lock
from pipeline.registry.models import (
    ControlTotal,
    DataFile,
    Defaults,
    Expectations,
    ExpectedRegions,
    Kind,
    Licence,
    Obtained,
    PrintedMeasure,
    RoundedTo,
    SumRule,
    Vintage,
    Where,
)

__all__ = [
    "LOCK",
    "REGIONS",
    "ControlTotal",
    "DataFile",
    "Defaults",
    "Expectations",
    "ExpectedRegions",
    "Kind",
    "Licence",
    "Lock",
    "Obtained",
    "PrintedMeasure",
    "Registry",
    "RoundedTo",
    "Source",
    "SumRule",
    "Vintage",
    "Where",
    "content_hash",
    "load_registry",
    "read_file",
    "read_lock",
    "verify",
    "vintages_on_disk",
    "write_lock",
]
