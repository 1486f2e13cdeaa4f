"""What is kept of one part of a table when the next one comes.

Belongs here: copies that let go of what they were taken from. Not here: which rows are kept.
"""

from __future__ import annotations

import polars as pl


def own(frame: pl.DataFrame) -> pl.DataFrame:
    """The same rows in memory of their own.

    Polars shares texts between frames: a handful of rows taken from a part would keep all texts of that part.
    """
    return pl.DataFrame(frame.to_arrow(compat_level=pl.CompatLevel.oldest()))
