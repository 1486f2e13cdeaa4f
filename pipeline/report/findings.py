"""Sentences of the report, chosen by the sign, interval and verdict of released rows.

Belongs here: templates of prose and the rules that choose among them. Not here: numbers (each comes from a row through
the page), statistics, layout. Every function takes the page and returns text for it; turn the rows round and the words
turn with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import polars as pl

from pipeline.errors import InputError
from pipeline.language import SOURCE, format_number, listing, mark, spoken, t
from pipeline.report.markup import Html, Markdown, compose, data_text, escape, escape_markdown

if TYPE_CHECKING:
    from pipeline.report.page import Page

YEAR = 2018
CONCEPT = "migration_background_wider"
VARIANTS = ("excluded", "in_east", "in_west")
CONCEPTS = {
    "migration_background_wider": mark("migration background, wider sense"),
    "migration_background_narrower": mark("migration background, narrower sense"),
    "migration_background_zensus2011": mark("migration background, Zensus 2011 definition"),
    "immigration_history": mark("immigration history"),
    "migration_history_intmk": mark("migration history"),
    "foreign_nationality": mark("foreign nationality"),
}
BERLIN = {"excluded": mark("left out"), "in_east": mark("in the East"), "in_west": mark("in the West")}
# {stated} is the year the article names, {best} the year of the reading that comes nearest.
VERDICTS = {
    "agrees": mark("It agrees with the figures."),
    "wrong year": mark("Wrong year: the figures of {stated} do not fit, those of {best} do."),
    "depends on the definition": mark("Whether it fits depends on the definition."),
    "not supported": mark("The figures do not support it as a whole."),
}
VERDICT_HEADINGS = {
    "agrees": mark("The article’s sentence agrees with the figures of {stated}"),
    "wrong year": mark("The article’s sentence fits {best}, not {stated}"),
    "depends on the definition": mark("The article’s sentence stands or falls with the definition"),
    "not supported": mark("The article’s sentence is not borne out by the figures"),
}
# The figure whose year the density of organisations belongs to.
COUNTED = "svr2020_organisations_counted"
NUMBER_WORDS = (
    mark("none"), mark("one"), mark("two"), mark("three"), mark("four"), mark("five"), mark("six"), mark("seven"),
    mark("eight"), mark("nine"), mark("ten"),
)  # fmt: skip
SIGNIFICANT = 0.05


def concept_words(concept: str) -> str:
    """The words of a concept; an unknown one is shown as it is."""
    return t(CONCEPTS[concept]) if concept in CONCEPTS else concept


def sign(value: float, low: float | None = None, high: float | None = None) -> Literal[-1, 0, 1]:
    """-1 or 1 where the value lies clearly on one side of nought, 0 where it is nought or its interval holds it."""
    if low is not None and high is not None and low <= 0 <= high:
        return 0
    return (value > 0) - (value < 0)  # type: ignore[return-value]


def count(number: int) -> str:
    """A small count as a word, a larger one in figures."""
    return t(NUMBER_WORDS[number]) if number < len(NUMBER_WORDS) else format_number(number, 0)


def _differences(page: Page, series: str) -> list[int]:
    return [sign(page.value(page.result(series, "difference", berlin))) for berlin in VARIANTS]


def levels_heading(page: Page) -> Markdown:
    """Heading on the levels: what holds in all three places Berlin can have, or that it depends on Berlin."""
    signs = set(_differences(page, page.series(year=YEAR, concept=CONCEPT)))
    if signs == {-1}:
        text = t("The East has the smaller share, wherever Berlin is counted")
    elif signs == {1}:
        text = t("The East has the larger share, wherever Berlin is counted")
    else:
        text = t("Which of East and West has the larger share depends on Berlin")
    return Markdown(escape_markdown(text))


def levels(page: Page) -> Html:
    """The five shares of the year of the article's sentence, as one point."""
    series = page.series(year=YEAR, concept=CONCEPT)
    share = {
        (part, berlin): page.number(page.result(series, part, berlin), interval=True)
        for part in ("east", "west", "germany")
        for berlin in VARIANTS
    }
    return compose(
        "In {year}, {east} of people in the East without Berlin had a migration background in the wider sense, and "
        "{west} in the West without Berlin; in Germany it was {germany}.",
        year=YEAR,
        east=share["east", "excluded"],
        west=share["west", "excluded"],
        germany=share["germany", "excluded"],
    )


def berlin(page: Page) -> Html:
    """What counting Berlin in the East or in the West does to both shares."""
    series = page.series(year=YEAR, concept=CONCEPT)
    without = page.value(page.result(series, "east", "excluded"))
    with_berlin = page.value(page.result(series, "east", "in_east"))
    east = page.number(page.result(series, "east", "in_east"), interval=True)
    west = page.number(page.result(series, "west", "in_west"), interval=True)
    moved = sign(with_berlin - without)
    if moved == 1:
        return compose(
            "Counting Berlin in the East raises the eastern share to {east}; counting it in the West makes the western "
            "share {west}.",
            east=east,
            west=west,
        )
    if moved == -1:
        return compose(
            "Counting Berlin in the East lowers the eastern share to {east}; counting it in the West makes the western "
            "share {west}.",
            east=east,
            west=west,
        )
    return compose(
        "Counting Berlin in the East leaves the eastern share at {east}; counting it in the West makes the western "
        "share {west}.",
        east=east,
        west=west,
    )


def verdict_heading(page: Page) -> Markdown:
    """Heading on the article's sentence, from the verdict."""
    return Markdown(escape_markdown(_with_years(page, VERDICT_HEADINGS[_verdict(page)])))


def verdict(page: Page) -> Html:
    """The article's sentence and the verdict on it, as one point."""
    words = escape(_with_years(page, VERDICTS[_verdict(page)]))
    series = page.series(year=YEAR, concept=CONCEPT)
    part = {
        name: page.one("analysis.headline_claim", series_id=series, berlin="excluded", part=name)
        for name in ("east", "west")
    }
    return compose(
        "The article says that in {year} one person in {west} in the West and one in {east} in the East had a "
        "migration background. {words}",
        year=YEAR,
        west=_one_in(page, part["west"]),
        east=_one_in(page, part["east"]),
        words=Html(f'<strong class="verdict" data-result="headline.verdict">{words}</strong>'),
    )


def verdict_reasons(page: Page) -> Html:
    """What the verdict rests on: the found shares beside the claimed ones, and the rule that decided."""
    series = page.series(year=YEAR, concept=CONCEPT)
    found = {
        name: page.one("analysis.headline_claim", series_id=series, berlin="excluded", part=name)
        for name in ("east", "west", "germany")
    }
    return compose(
        "Claimed are {east_claimed} for the East, {west_claimed} for the West and more than {germany_claimed} overall; "
        "the figures for {year}, Berlin left out, say {east} (one in {east_in}), {west} (one in {west_in}) and "
        "{germany}. In the words of the rule that decided: {rule}.",
        year=YEAR,
        east_claimed=page.number(found["east"], "claimed_percent", digits=2),
        west_claimed=page.number(found["west"], "claimed_percent", digits=0),
        germany_claimed=page.number(found["germany"], "claimed_percent", digits=0),
        east=page.number(found["east"], "found_percent"),
        west=page.number(found["west"], "found_percent"),
        germany=page.number(found["germany"], "found_percent"),
        east_in=page.number(found["east"], "ratio_one_in", unit="number"),
        west_in=page.number(found["west"], "ratio_one_in", unit="number"),
        rule=_rule(page),
    )


def _with_years(page: Page, words: str) -> str:
    """The years of the verdict put into its words; the row of the verdict bears the year of the best reading."""
    return t(words, stated=YEAR, best=page.row("headline.verdict")["year"])


def _rule(page: Page) -> Html:
    """The words of the rule, with the names of the concepts instead of their ids."""
    row = page.row("headline.verdict")
    # The German is computed beside the English; a release from before that has the English alone.
    words = row.get(f"rule_{spoken()}") if spoken() != SOURCE else None
    told = escape(words) if words else data_text(row["rule"]).markup
    for concept in CONCEPTS:
        told = told.replace(concept, escape(concept_words(concept)))
    return Html(f'<span data-result="headline.verdict">{told}</span>')


def _verdict(page: Page) -> str:
    word = str(page.row("headline.verdict").get("verdict"))
    if word not in VERDICTS:
        raise InputError(
            f"the verdict {word!r} has no words",
            key="headline.verdict",
            remedy=f"use one of {listing(sorted(VERDICTS))}, or add its words here",
        )
    return word


def _one_in(page: Page, row_id: str) -> Html:
    number = round(100 / page.value(row_id, "claimed_percent"))
    words = t("sixteen") if number == 16 else count(number)
    return Html(f'<span class="num" data-result="{row_id}">{escape(words)}</span>')


def _state_differences(page: Page) -> pl.DataFrame:
    return page.rows(
        "analysis.east_west",
        level="state",
        quantity="difference",
        estimand="pooled",
        method="share",
        berlin="excluded",
    )


def years_heading(page: Page) -> Markdown:
    """Heading on the series over the years: in how many of them the East lies below the West."""
    signs = [sign(value) for value in _state_differences(page)["estimate"].to_list()]
    if all(one == -1 for one in signs):
        text = t("Every source and year puts the East below the West")
    elif all(one == 1 for one in signs):
        text = t("Every source and year puts the East above the West")
    else:
        text = t("Sources and years do not agree on which of East and West lies higher")
    return Markdown(escape_markdown(text))


def years(page: Page) -> Html:
    """In how many series the East lies below, and between which two values the difference lies."""
    rows = _state_differences(page).sort("estimate")
    below = sum(1 for value in rows["estimate"].to_list() if value < 0)
    widest, narrowest = rows["result_id"][0], rows["result_id"][-1]
    parts: dict[str, object] = {
        "all": count(rows.height),
        "widest": page.number(widest, unit="percentage points"),
        "narrowest": page.number(narrowest, unit="percentage points"),
        "one": _series_words(page.row(widest)),
        "other": _series_words(page.row(narrowest)),
    }
    if below == rows.height:
        return compose(
            "In all {all} compared series the share in the East without Berlin lies below that in the West. The "
            "difference runs from {widest} ({one}) to {narrowest} ({other}); these are different concepts and census "
            "bases, not one curve.",
            **parts,
        )
    return compose(
        "In {below} of {all} compared series the share in the East without Berlin lies below that in the West. The "
        "difference runs from {widest} ({one}) to {narrowest} ({other}); these are different concepts and census "
        "bases, not one curve.",
        below=count(below),
        **parts,
    )


def _series_words(row: dict[str, object]) -> str:
    return f"{concept_words(str(row['concept']))}, {row['year']}"


def chance(page: Page, series: str, berlin: str = "excluded") -> Html:
    """What the exact permutation of the states says about one series."""
    row = page.result(series, "difference", berlin, estimand="unweighted", method="permutation")
    p = page.value(row, "p_value")
    difference = page.number(row, unit="percentage points")
    proportion = page.number(row, "p_value", digits=4, unit="number")
    if p < SIGNIFICANT:
        return compose(
            "Deal the labels East and West to the states in every possible way, and a difference between the state "
            "means as large as the one observed ({difference}) comes up rarely: in a proportion of {p} of all deals.",
            difference=difference,
            p=proportion,
        )
    return compose(
        "Deal the labels East and West to the states in every possible way, and a difference between the state means "
        "as large as the one observed ({difference}) comes up often enough to be unremarkable: in a proportion of {p} "
        "of all deals.",
        difference=difference,
        p=proportion,
    )


def district_series(page: Page) -> str:
    """The newest compared series of districts.

    Raises:
        InputError: the release has none.
    """
    rows = page.rows("analysis.east_west", level="district").sort("year", "series_id")
    if rows.is_empty():
        raise InputError(
            "no series of districts was compared", key="analysis.east_west", remedy="check marts.share, level district"
        )
    return rows["series_id"][-1]


def districts_heading(page: Page) -> Markdown:
    """Heading on the districts, from the sign and the exact p of the difference of their means."""
    series = district_series(page)
    row = page.result(series, "difference", estimand="unweighted", method="permutation")
    side = sign(page.value(row))
    if page.value(row, "p_value") >= SIGNIFICANT or side == 0:
        text = t("Among districts, East and West are not clearly told apart")
    elif side == -1:
        text = t("The districts of the East lie below those of the West")
    else:
        text = t("The districts of the East lie above those of the West")
    return Markdown(escape_markdown(text))


def districts(page: Page) -> Html:
    """Means of the districts of East and West in the newest year, Berlin left out."""
    series = district_series(page)
    row = {part: page.result(series, part, estimand="unweighted", method="mean") for part in ("east", "west")}
    facts = page.row(row["east"])
    return compose(
        "In {year} the mean share of {concept} is {east} over the {n_east} districts of the East without Berlin and "
        "{west} over the {n_west} of the West.",
        year=facts["year"],
        concept=concept_words(facts["concept"]),
        east=page.number(row["east"]),
        west=page.number(row["west"]),
        n_east=page.number(row["east"], "n_east", digits=0, unit="number"),
        n_west=page.number(row["east"], "n_west", digits=0, unit="number"),
    )


def _density(page: Page, population: str) -> str:
    rows = page.rows("analysis.organisation_density").filter(pl.col("population").str.contains(population))
    if rows.is_empty():
        raise InputError(
            f"no density of organisations for {population}",
            key="analysis.organisation_density",
            remedy="check the totals for Germany",
        )
    # Of several years the one nearest to that of the count.
    counted = int(page.row(COUNTED)["year"][:4])
    return rows.sort((pl.col("year") - counted).abs(), "result_id")["result_id"][0]


def organisations(page: Page, *, lower: str, upper: str) -> Html:
    """The number of organisations as a range, and how much of it nobody counted."""
    row = _density(page, "migration_background")
    return compose(
        "Germany has an estimated {low} to {high} migrant organisations: {density} for every {per} people with a "
        "migration background ({year}). Only {counted} were counted; {extrapolated} of the range is extrapolated.",
        low=page.number(lower, "value", digits=0, unit="number"),
        high=page.number(upper, "value", digits=0, unit="number"),
        density=page.span(row, "lower", "upper", digits=1),
        per=page.number(row, "per_persons", digits=0, unit="number"),
        year=page.row(row)["year"],
        counted=page.number(row, "counted_organisations", digits=0, unit="number"),
        extrapolated=page.span(
            row, "extrapolated_share_lower_percent", "extrapolated_share_upper_percent", unit="percent"
        ),
    )


def inhabitants(page: Page) -> Html:
    """The same range per inhabitants."""
    row = _density(page, "inhabitants")
    return compose(
        "Per {per} inhabitants ({year}) these are {density}: another denominator, another finding.",
        year=page.row(row)["year"],
        per=page.number(row, "per_persons", digits=0, unit="number"),
        density=page.span(row, "lower", "upper", digits=1),
    )


def survey_rows(page: Page, *, study: str, indicators: Sequence[str]) -> pl.DataFrame:
    """Percentages of one study, largest first; `study` and `indicators` are beginnings of the printed names.

    Raises:
        InputError: the release has none.
    """
    rows = page.rows("analysis.survey_interval").filter(
        pl.col("study").str.starts_with(study),
        pl.any_horizontal(*(pl.col("indicator").str.starts_with(indicator) for indicator in indicators)),
        pl.col("estimate_percent").is_not_null(),
    )
    if rows.is_empty():
        raise InputError(
            f"no percentage of {study} on {listing(list(indicators))}",
            key="analysis.survey_interval",
            remedy="check the study figures in raw_data",
        )
    return rows.sort("estimate_percent", "result_id", descending=[True, False])


def needs(page: Page) -> Html:
    """The largest of the needs that migrant organisations name."""
    rows = survey_rows(page, study="SVR", indicators=["needs"])
    first, last = rows.row(0, named=True), rows.row(-1, named=True)
    return compose(
        "Of the {n} organisations that answered the SVR survey, {most} name “{what}”, the most frequent of the needs "
        "known here, and {least} “{other}”. The answers are not a random sample: read the intervals as if they were.",
        n=page.number(first["result_id"], "base_n", digits=0, unit="number"),
        most=page.number(first["result_id"], "estimate_percent", interval=True),
        what=data_text(first["category"]),
        least=page.number(last["result_id"], "estimate_percent", interval=True),
        other=data_text(last["category"]),
    )
