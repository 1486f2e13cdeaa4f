"""raw_data/**/source.yml → Source, Vintage; corrections.yml → Correction: the single truth about the inputs.

Belongs here: everything about a file that can be known without knowing what its cells mean. Not here:
Dagster, DuckDB, cells and figures. `load_registry` reads the descriptions, `verify` and `read_file` hold the
files to them.
"""

from pipeline.registry.corrections import Correction, WrongFigure
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
    "Correction",
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
    "WrongFigure",
    "load_registry",
    "read_file",
    "verify",
]
