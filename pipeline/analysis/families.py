"""p values adjusted for their number, within the families of the declaration.

Belongs here: which rows are adjusted together. Not here: the adjustment itself (effects.holm), which comparisons form
a family (design.yml).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from pipeline.analysis import effects


def adjust(rows: Iterable[dict[str, Any]]) -> None:
    """Set `p_adjusted` of result rows in place: Holm within the family, a method and an estimand at a time.

    Args:
        rows: rows with family, method, estimand and, where there is a test, p_value. All rows that are to be adjusted
            together must come in one call. A row without a finite p counts for nothing and stays without p_adjusted.
    """
    sets: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in rows:
        p_value = row.get("p_value")
        if p_value is not None and math.isfinite(p_value):
            sets.setdefault((row["family"], row["method"], row["estimand"]), []).append(row)
    for members in sets.values():
        for row, adjusted in zip(members, effects.holm([row["p_value"] for row in members]), strict=True):
            row["p_adjusted"] = adjusted
