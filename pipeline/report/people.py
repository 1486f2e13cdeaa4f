"""Who lives there: persons seeking protection per migrant, and how they are spread against the Königstein key.

Belongs here: words and rows on analysis.refugee_ratio and analysis.key_deviation. Not here: the charts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from pipeline.analysis.tables import FLAGS
from pipeline.errors import InputError
from pipeline.report.findings import BERLIN, CONCEPT, CONCEPTS, SIGNIFICANT, VARIANTS, sign
from pipeline.report.markup import Html, Markdown, compose, escape_markdown, join

if TYPE_CHECKING:
    from pipeline.report.page import Page

FOREIGN = "foreign_nationality"
PERSONS = {FOREIGN: "foreign nationals", CONCEPT: "persons with a migration background"}


def heading(page: Page) -> Markdown:
    """Heading from the sign and exact p of the newest difference per foreign national, Berlin in three places."""
    year = _years(page, FOREIGN)[-1]
    sides = {}
    for berlin in VARIANTS:
        row = _ratio(page, year, FOREIGN, "difference", berlin)
        sides[berlin] = sign(page.value(row)) if page.value(row, "p_value") < SIGNIFICANT else 0
    words = {1: "more", -1: "fewer"}.get(sides["excluded"])
    told = f"Of foreign nationals in the East {words} seek protection than in the West"
    if set(sides.values()) == {0}:
        text = "Protection seekers per foreign national do not tell East and West apart"
    elif words and len(set(sides.values())) == 1:
        text = f"{told}, wherever Berlin is counted"
    elif words and sides["excluded"] == sides["in_west"]:
        text = f"{told}, but not clearly so with Berlin in the East"
    else:
        text = "Whether more foreign nationals seek protection in the East depends on Berlin"
    return Markdown(escape_markdown(text))


def sentence(page: Page) -> Html:
    """Persons seeking protection per hundred, East and West, newest year of each denominator; what is not known."""
    said = []
    for concept, words in PERSONS.items():
        years = _years(page, concept)
        if not years:
            continue
        year = years[-1]
        difference = _ratio(page, year, concept, "difference")
        said.append(
            compose(
                "At the end of {year} there were {east} persons seeking protection per hundred {words} in the "
                "East without "
                "Berlin and {west} in the West, {ratio} times as many (exact p of the difference {p}).",
                year=year,
                words=words,
                east=page.number(_ratio(page, year, concept, "east"), unit=""),
                west=page.number(_ratio(page, year, concept, "west"), unit=""),
                ratio=page.number(_ratio(page, year, concept, "ratio"), digits=2, unit=""),
                p=page.p_value(difference),
            )
        )
    missing = page.rows("analysis.refugee_ratio", quantity="not_computed")
    for row in missing.iter_rows(named=True):
        concept = CONCEPTS.get(row["denominator_concept"], row["denominator_concept"])
        said.append(compose("For {year} and {concept} none is computed: {why}", year=row["year"], concept=concept,
                            why=FLAGS["no_denominator"].replace("The denom", "the denom")))  # fmt: skip
    return join(said)


def table(page: Page) -> Html:
    """One row a denominator, year and place of Berlin: East, West, difference and ratio, per person and per state."""
    rows, groups = [], []
    for concept, words in PERSONS.items():
        for year in reversed(_years(page, concept)):
            for berlin in VARIANTS:
                pooled = _ratio(page, year, concept, "difference", berlin)
                mean = _ratio(page, year, concept, "difference", berlin, estimand="unweighted")
                groups.append(f"Per hundred {words}, {year}")
                rows.append(
                    {
                        "Berlin": BERLIN[berlin],
                        "East": page.number(_ratio(page, year, concept, "east", berlin), unit=""),
                        "West": page.number(_ratio(page, year, concept, "west", berlin), unit=""),
                        "Difference, exact p": page.estimate(pooled),
                        "Ratio": page.number(_ratio(page, year, concept, "ratio", berlin), digits=2, unit=""),
                        "Mean of states, exact p": page.estimate(mean),
                    }
                )
    return page.table(
        "protection-seekers",
        rows,
        groups=groups,
        shown="Persons seeking protection per hundred persons, 31 December of the year; difference East minus "
        "West, ratio "
        "East over West",
        note="Mean of states: the difference when every state counts once. Summed from cells rounded to five.",
    )


def key_heading(page: Page) -> Markdown:
    """Heading on the key, from the signs of the deviation of the East in all three places of Berlin."""
    year = _key_year(page)
    signs = set()
    for berlin in VARIANTS:
        row = page.row(_key(page, year, "east", "deviation", berlin))
        signs.add(sign(row["estimate"], row["lower"], row["upper"]))
    if signs == {-1}:
        text = "Fewer protection seekers live in the East than the key allots"
    elif signs == {1}:
        text = "More protection seekers live in the East than the key allots"
    else:
        text = "Whether the East has its share by the key depends on Berlin or the year of the key"
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
            "Königstein key allots {key} to it, a deviation of {deviation}. For the states to hold what the "
            "key allots, "
            "{distance} of all, {moved} persons, would have to live elsewhere.",
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
                "The key of {year} is not at hand: that of {key_year} stands in for it, and the ranges in "
                "brackets show "
                "what the keys of the five years up to it would have given.",
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
            row: dict[str, object] = {"Berlin": BERLIN[berlin]}
            for part in ("east", "west"):
                for name, label in (("share", "share"), ("key", "key"), ("deviation", "deviation")):
                    found = _key(page, year, part, name, berlin)
                    row[f"{part.title()}, {label}"] = page.number(found, unit="", interval=name == "deviation")
            groups.append(f"31 December {year}, key of {page.row(found)['key_year']}")
            rows.append(row)
    return page.table(
        "key",
        rows,
        groups=groups,
        shown="Share in all persons seeking protection and share by the Königstein key, percent; deviation in "
        "percentage "
        "points",
        note="In brackets the least and the greatest deviation over the keys of five years; no interval of confidence: "
        "everybody in the register is counted.",
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
