"""raw_data/**/source.yml → Source, Vintage: the single truth about what goes into the pipeline.

Belongs here: everything about a file that can be known without knowing what its cells mean. Not here:
Dagster, DuckDB, cells and figures. `load_registry` reads the descriptions, `verify` and `read_file` hold the
files to them.
"""

from pipeline.registry.folder import Registry, Source, load_registry, read_file, verify
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

__all__ = [
    "ControlTotal",
    "DataFile",
    "Defaults",
    "Expectations",
    "ExpectedRegions",
    "Fetch",
    "Kind",
    "Licence",
    "Obtained",
    "PrintedMeasure",
    "Registry",
    "RoundedTo",
    "Source",
    "SumRule",
    "Vintage",
    "Where",
    "load_registry",
    "read_file",
    "verify",
]
