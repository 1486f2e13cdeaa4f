"""The methods that gave the numbers of the page, each with its words.

Belongs here: which methods the released rows name, and the catalogue of pipeline.analysis.methods as HTML.
Not here: the words themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from pipeline.analysis.catalogue import CATALOGUE, MethodNote
from pipeline.errors import InputError
from pipeline.language import t
from pipeline.report.markup import Html, data_text, escape

if TYPE_CHECKING:
    from pipeline.report.page import Page

TABLES = (
    "east_west", "district_model", "trend", "refugee_ratio", "key_deviation", "multiverse", "sampling_band",
    "survey_interval", "proportion_comparison", "organisation_ratio", "organisation_definition",
)  # fmt: skip
# Rows that say that something was not computed.
SILENT = ("none", "not_computed")


def used(page: Page) -> list[str]:
    """Every method that a row of the release names, in the order of the catalogue.

    Raises:
        InputError: a method has no words.
    """
    found: set[str] = set()
    for name in TABLES:
        rows = page.rows(f"analysis.{name}")
        if "method" in rows.columns:
            found |= set(rows.get_column("method").drop_nulls().cast(pl.String).to_list())
    found -= set(SILENT)
    if strange := sorted(found - CATALOGUE.keys()):
        raise InputError(
            f"the method {strange[0]} has no words",
            key=strange[0],
            remedy="add it to CATALOGUE in pipeline/analysis/catalogue.py, its German to "
            "pipeline/language/de/methods.po, and run `make methods`",
        )
    return [name for name in CATALOGUE if name in found]


def methods(page: Page) -> Html:
    """One folded entry a method: what it estimates, its formula, assumption, limit and reference."""
    return Html("\n".join(_entry(name, CATALOGUE[name]) for name in used(page)), block=True)


def _entry(name: str, note: MethodNote) -> str:
    facts = (
        (t("Formula"), note.formula),
        (t("Computed by"), note.call),
        (t("Assumes"), note.assumption),
        (t("Limit"), note.limit),
        (t("Reference"), note.reference),
    )
    listed = "".join(f"<dt>{escape(word)}</dt><dd>{data_text(text)}</dd>" for word, text in facts if text != "-")
    # The id stands inside: a browser that is sent to it opens the entry.
    return (
        f'<details class="method"><summary><code>{escape(name)}</code>: {data_text(note.estimand)}</summary>'
        f'<dl id="method-{escape(name)}">{listed}</dl></details>'
    )
