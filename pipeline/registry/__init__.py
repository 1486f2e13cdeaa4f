"""raw_data/**/source.yml → Source, Vintage; corrections.yml → Correction: the single truth about the inputs.

Belongs here: everything about a file that can be known without knowing what its cells mean. Not here:
Dagster, DuckDB, cells and figures. `load_registry` reads the descriptions and the lock, `verify` and `read_file` hold
the files to them.
"""

from pipeline.registry.corrections import Correction, WrongFigure
from pipeline.registry.folder import (
    REGIONS,
    Registry,
    Source,
    content_hash,
    load_registry,
    read_file,
    read_files,
    read_while_checking,
    refuse_unlisted,
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
    Fetch,
    Kind,
    Licence,
    Obtained,
    PrintedMeasure,
    RoundedTo,
    SumRule,
    Vintage,
    Where,
)
from pipeline.registry.readings import Reading, Taken

__all__ = [
    "LOCK",
    "REGIONS",
    "ControlTotal",
    "Correction",
    "DataFile",
    "Defaults",
    "Expectations",
    "ExpectedRegions",
    "Fetch",
    "Kind",
    "Licence",
    "Lock",
    "Obtained",
    "PrintedMeasure",
    "Reading",
    "Registry",
    "RoundedTo",
    "Source",
    "SumRule",
    "Taken",
    "Vintage",
    "Where",
    "WrongFigure",
    "content_hash",
    "load_registry",
    "read_file",
    "read_files",
    "read_lock",
    "read_while_checking",
    "refuse_unlisted",
    "verify",
    "vintages_on_disk",
    "write_lock",
]
