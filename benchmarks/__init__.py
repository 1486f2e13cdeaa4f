"""Measured against what people would use instead: `make bench`, docs/benchmarks.md.

Belongs here: the rivals, the timing, the table of results. Not here: anything a run needs; the wheel holds none of it.
"""
