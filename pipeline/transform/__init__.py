"""From cells as printed to typed rows: markers, numbers, regions, concepts.

Belongs here: pure functions on Polars frames that decide what a printed cell means. Not here: reading files
(ingest), tables and keys (sql), statistics (analysis), Dagster or DuckDB.
"""
