"""From the bytes of a publisher's file to a frame of cells as printed.

Belongs here: one module a layout, each pure: bytes in, text frame out. Not here: cleaning, units, markers
(transform), which files there are (registry), Dagster or DuckDB.
"""

from pipeline.ingest.blocks import FLAT, tables, text_blocks
from pipeline.ingest.cells import CELLS, CODES, Layout, PublisherLayout, Table
from pipeline.ingest.content import Content, canonical_sha256, fingerprint, text_lines
from pipeline.ingest.recognise import Recognised, read, recognise, recognised_as
from pipeline.ingest.sorted_lines import SortedLines
from pipeline.ingest.tidy import read_cells

__all__ = [
    "CELLS",
    "CODES",
    "FLAT",
    "Content",
    "Layout",
    "PublisherLayout",
    "Recognised",
    "SortedLines",
    "Table",
    "canonical_sha256",
    "fingerprint",
    "read",
    "read_cells",
    "recognise",
    "recognised_as",
    "tables",
    "text_blocks",
    "text_lines",
]
