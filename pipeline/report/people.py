"""Who lives there: persons seeking protection per migrant, and how they are spread against the Königstein key.

Belongs here: words and rows on analysis.refugee_ratio and analysis.key_deviation. Not here: the charts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from pipeline.errors import InputError
from pipeline.language import mark, t
from pipeline.report.findings import BERLIN, CONCEPT, SIGNIFICANT, VARIANTS, concept_words, sign
from pipeline.report.markup import Html, Markdown, compose, escape_markdown, join

if TYPE_CHECKING:
    from pipeline.report.page import Page

FOREIGN = "foreign_nationality"
# By what the persons seeking protection are counted against; in the order of the page.
RATIOS = {
    FOREIGN: mark(
        "At the end of {year} there were {east} persons seeking protection per hundred foreign nationals in the East "
        "without Berlin and {west} in the West, {ratio} times as many (exact p of the difference {p})."
    ),
    CONCEPT: mark(
        "At the end of {year} there were {east} persons seeking protection per hundred persons with a migration "
        "background in the East without Berlin and {west} in the West, {ratio} times as many (exact p of the "
        "difference {p})."
    ),
}
GROUPS = {
    FOREIGN: mark("Per hundred foreign nationals, {year}"),
    CONCEPT: mark("Per hundred persons with a migration background, {year}"),
}
# By the side of the East: 1 more, -1 fewer.
EVERYWHERE = {
    1: mark("Of foreign nationals in the East more seek protection than in the West, wherever Berlin is counted"),
    -1: mark("Of foreign nationals in the East fewer seek protection than in the West, wherever Berlin is counted"),
}
NOT_WITH_BERLIN = {
    1: mark(
        "Of foreign nationals in the East more seek protection than in the West, but not clearly so with Berlin in the "
        "East"
    ),
    -1: mark(
        "Of foreign nationals in the East fewer seek protection than in the West, but not clearly so with Berlin in "
        "the East"
    ),
}
KEY_LABELS = {
    ("east", "share"): mark("East, share"),
    ("east", "key"): mark("East, key"),
    ("east", "deviation"): mark("East, deviation"),
    ("west", "share"): mark("West, share"),
    ("west", "key"): mark("West, key"),
    ("west", "deviation"): mark("West, deviation"),
}


def heading(page: Page) -> Markdown:
    """Heading from the sign and exact p of the newest difference per foreign national, Berlin in three places."""
    year = _years(page, FOREIGN)[-1]
    sides = {}
    for berlin in VARIANTS:
        row = _ratio(page, year, FOREIGN, "difference", berlin)
        sides[berlin] = sign(page.value(row)) if page.value(row, "p_value") < SIGNIFICANT else 0
    side = sides["excluded"]
    if set(sides.values()) == {0}:
        text = t("Protection seekers per foreign national do not tell East and West apart")
    elif side and len(set(sides.values())) == 1:
        text = t(EVERYWHERE[side])
    elif side and side == sides["in_west"]:
        text = t(NOT_WITH_BERLIN[side])
    else:
        text = t("Whether more foreign nationals seek protection in the East depends on Berlin")
    return Markdown(escape_markdown(text))


def sentence(page: Page) -> Html:
    """Persons seeking protection per hundred, East and West, newest year of each denominator; what is not known."""
    said = []
    for concept, message in RATIOS.items():
        years = _years(page, concept)
        if not years:
            continue
        year = years[-1]
        difference = _ratio(page, year, concept, "difference")
        said.append(
            compose(
                message,
                year=year,
                east=page.number(_ratio(page, year, concept, "east"), unit=""),
                west=page.number(_ratio(page, year, concept, "west"), unit=""),
                ratio=page.number(_ratio(page, year, concept, "ratio"), digits=2, unit=""),
                p=page.p_value(difference),
            )
        )
    missing = page.rows("analysis.refugee_ratio", quantity="not_computed")
    for row in missing.iter_rows(named=True):
        said.append(
            compose(
                "For {year} and {concept} none is computed: the denominator is not known for all states in this year.",
                year=row["year"],
                concept=concept_words(row["denominator_concept"]),
            )
        )
    return join(said)


def table(page: Page) -> Html:
    """One row a denominator, year and place of Berlin: East, West, difference and ratio, per person and per state."""
    rows, groups = [], []
    for concept, group in GROUPS.items():
        for year in reversed(_years(page, concept)):
            for berlin in VARIANTS:
                pooled = _ratio(page, year, concept, "difference", berlin)
                mean = _ratio(page, year, concept, "difference", berlin, estimand="unweighted")
                groups.append(t(group, year=year))
                rows.append(
                    {
                        "Berlin": t(BERLIN[berlin]),
                        t("East"): page.number(_ratio(page, year, concept, "east", berlin), unit=""),
                        t("West"): page.number(_ratio(page, year, concept, "west", berlin), unit=""),
                        t("Difference, exact p"): page.estimate(pooled),
                        t("Ratio"): page.number(_ratio(page, year, concept, "ratio", berlin), digits=2, unit=""),
                        t("Mean of states, exact p"): page.estimate(mean),
                    }
                )
    return page.table(
        "protection-seekers",
        rows,
        groups=groups,
        shown=t(
            "Persons seeking protection per hundred persons, 31 December of the year; difference East minus West, "
            "ratio East over West"
        ),
        note=t("Mean of states: the difference when every state counts once. Summed from cells rounded to five."),
    )


def key_heading(page: Page) -> Markdown:
    """Heading on the key, from the signs of the deviation of the East in all three places of Berlin."""
    year = _key_year(page)
    signs = set()
    for berlin in VARIANTS:
        row = page.row(_key(page, year, "east", "deviation", berlin))
        signs.add(sign(row["estimate"], row["lower"], row["upper"]))
    if signs == {-1}:
        text = t("Fewer protection seekers live in the East than the key allots")
    elif signs == {1}:
        text = t("More protection seekers live in the East than the key allots")
    else:
        text = t("Whether the East has its share by the key depends on Berlin or the year of the key")
    return Markdown(escape_markdown(text))


def key(page: Page) -> Html:
    """Share and key of the East, the distance of the two distributions, and which key stands in."""
    year = _key_year(page)
    share, allotted, deviation = (_key(page, year, "east", name) for name in ("share", "key", "deviation"))
    distance, moved = (_key(page, year, "germany", name, None) for name in ("distance", "persons_to_move"))
    facts = page.row(deviation)
    said = [
        compose(
            "At the end of {year}, {share} of all persons seeking protection lived in the East without Berlin; the "
            "Königstein key allots {key} to it, a deviation of {deviation}. For the states to hold what the key "
            "allots, {distance} of all, {moved} persons, would have to live elsewhere.",
            year=year,
            share=page.number(share),
            key=page.number(allotted),
            deviation=page.number(deviation, unit="percentage points", interval=True),
            distance=page.number(distance, interval=True),
            moved=page.number(moved, digits=0, unit="number"),
        )
    ]
    if facts["key_year"] != facts["year"]:
        said.append(
            compose(
                "The key of {year} is not at hand: that of {key_year} stands in for it, and the ranges in brackets "
                "show what the keys of the five years up to it would have given.",
                year=facts["year"],
                key_year=facts["key_year"],
            )
        )
    return join(said)


def key_table(page: Page) -> Html:
    """One row a year and place of Berlin: share, key and deviation of East and West."""
    rows, groups = [], []
    for year in sorted(page.rows("analysis.key_deviation")["year"].unique().to_list(), reverse=True):
        for berlin in VARIANTS:
            row: dict[str, object] = {"Berlin": t(BERLIN[berlin])}
            for (part, name), label in KEY_LABELS.items():
                found = _key(page, year, part, name, berlin)
                row[t(label)] = page.number(found, unit="", interval=name == "deviation")
            key_year = page.row(_key(page, year, "east", "key", berlin))["key_year"]
            groups.append(t("31 December {year}, key of {key_year}", year=year, key_year=key_year))
            rows.append(row)
    return page.table(
        "key",
        rows,
        groups=groups,
        shown=t(
            "Share in all persons seeking protection and share by the Königstein key, percent; deviation in percentage "
            "points"
        ),
        note=t(
            "In brackets the least and the greatest deviation over the keys of five years; no interval of confidence: "
            "everybody in the register is counted."
        ),
    )


def _years(page: Page, concept: str) -> list[int]:
    rows = page.rows("analysis.refugee_ratio", denominator_concept=concept, quantity="difference")
    years = sorted(rows.filter(pl.col("estimate").is_not_null())["year"].unique().to_list())
    if not years and concept == FOREIGN:
        raise InputError(
            "no persons seeking protection per foreign national", key="analysis.refugee_ratio", remedy="run `mo run`"
        )
    return years


def _ratio(
    page: Page, year: int, concept: str, quantity: str, berlin: str = "excluded", *, estimand: str = "pooled"
) -> str:
    return page.one(
        "analysis.refugee_ratio", year=year, denominator_concept=concept, quantity=quantity, berlin=berlin,
        estimand=estimand,
    )  # fmt: skip


def _key_year(page: Page) -> int:
    years = page.rows("analysis.key_deviation")["year"]
    if years.is_empty():
        raise InputError("nothing was held against the key", key="analysis.key_deviation", remedy="run `mo run`")
    return int(years.max())  # type: ignore[arg-type]


def _key(page: Page, year: int, estimand: str, quantity: str, berlin: str | None = "excluded") -> str:
    equal: dict[str, object] = {"year": year, "estimand": estimand, "quantity": quantity}
    if berlin is not None:
        equal["berlin"] = berlin
    return page.one("analysis.key_deviation", **equal)
