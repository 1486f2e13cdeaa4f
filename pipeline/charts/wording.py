"""Numbers and names as words in labels and sentences, in the language being spoken.

Belongs here: formatting and names that more than one chart uses. Not here: the findings, which each chart computes
itself; how a language writes numbers and lists (pipeline.language).

The names are constants in English, marked for the catalogue: `t(PART_WORDS[part])` where they are shown. The functions
return the words of the language being spoken.
"""

from __future__ import annotations

import datetime as dt
import textwrap

from pipeline.language import NBSP, format_date, format_number, listing, mark, of_data, t

EN_DASH = "–"

PART_WORDS = {"east": mark("East without Berlin"), "berlin": mark("Berlin"), "west": mark("West")}
BERLIN_WORDS = {
    "excluded": mark("Berlin left out"),
    "in_east": mark("Berlin in the East"),
    "in_west": mark("Berlin in the West"),
}
CONCEPT_WORDS = {
    "migration_background_wider": mark("migration background, wider sense"),
    "migration_background_narrower": mark("migration background, narrower sense"),
    "migration_background_zensus2011": mark("migration background, Zensus definition"),
    "immigration_history": mark("immigration history"),
    "migration_history_intmk": mark("migration history"),
    "foreign_nationality": mark("foreign nationality"),
}
UNIVERSE_WORDS = {
    "private_households": mark("persons in private households"),
    "main_residence": mark("persons at their main residence"),
    "population_register": mark("the population"),
    "zensus": mark("the population counted by the Zensus"),
}
CENSUS_WORDS = {
    "volkszaehlung_1987": mark("1987 census"),
    "zensus_2011": mark("Zensus 2011"),
    "zensus_2022": mark("Zensus 2022"),
}
COVARIATE_WORDS = {
    "log_density": mark("population density"),
    "log_income": mark("income"),
    "log_gdp": mark("output"),
    "unemployment": mark("unemployment"),
}
WEIGHT_WORDS = {"none": mark("a region counts"), "persons": mark("a person counts")}
SHORT_CONCEPTS = dict.fromkeys(
    ("migration_background_wider", "migration_background_narrower", "migration_background_zensus2011"),
    mark("migration background"),
)
SOURCE_WORDS = {
    "azr_foreign_population_states": mark("central register"),
    "foreign_share_states": mark("population register"),
    "foreign_share_districts": mark("population register"),
    "districts_structure_2022": mark("structural data 2022"),
    "zensus2011_migration_background_states": mark("Zensus 2011"),
    "zensus2011_nationality_regions": mark("Zensus 2011"),
    "zensus2022_immigration_history": mark("Zensus 2022"),
}
SMALL_NUMBERS = {
    2: mark("Two"), 3: mark("Three"), 4: mark("Four"), 5: mark("Five"), 6: mark("Six"), 7: mark("Seven"),
    8: mark("Eight"), 9: mark("Nine"), 10: mark("Ten"),
}  # fmt: skip


def number(value: float, decimals: int = 1) -> str:
    """`value` as the language writes numbers, with a real minus sign: ``−1,234.5``, in German ``−1.234,5``."""
    return format_number(value, decimals)


def percent(value: float, decimals: int = 1) -> str:
    """`value` (in percent) with its sign, held together by a no-break space: ``8.0 %``."""
    return f"{number(value, decimals)}{NBSP}%"


def span(low: str, high: str) -> str:
    """A range of two numbers in words: ``12,400 to 14,300``."""
    return t("{low} to {high}", low=low, high=high)


def year_end(year: int) -> str:
    """The day to which the population of a year is counted: ``31 December 2024``."""
    return format_date(dt.date(year, 12, 31))


def count_word(value: int) -> str:
    """A small count as a capitalised word, a larger one in figures; none and one need a sentence of their own."""
    return t(SMALL_NUMBERS[value]) if value in SMALL_NUMBERS else number(value, 0)


def concept(concept_id: str) -> str:
    """The words of a concept; an unknown id is shown as it is, with spaces."""
    return t(CONCEPT_WORDS[concept_id]) if concept_id in CONCEPT_WORDS else concept_id.replace("_", " ")


def universe(universe_id: str) -> str:
    """The words of the persons a share is of; an unknown id is shown as it is."""
    return t(UNIVERSE_WORDS[universe_id]) if universe_id in UNIVERSE_WORDS else universe_id


def survey(source_id: str) -> str:
    """The name readers know a source by, as far as its id tells it."""
    for prefix, name in (("mikrozensus", "Mikrozensus"), ("zensus", "Zensus")):
        if source_id.startswith(prefix):
            return name
    return source_id.replace("_", " ")


def short_concept(concept_id: str) -> str:
    """A concept in two words, where its senses need not be told apart."""
    return t(SHORT_CONCEPTS[concept_id]) if concept_id in SHORT_CONCEPTS else concept(concept_id)


def source(source_id: str) -> str:
    """The name of a source as short as a row label; an unknown one by `survey`."""
    return t(SOURCE_WORDS[source_id]) if source_id in SOURCE_WORDS else survey(source_id)


def model(covariates: str) -> str:
    """A model of districts by what it holds equal (names joined by ";", or ``none``)."""
    if covariates == "none":
        return t("Districts as they are")
    names = [t(COVARIATE_WORDS[name]) if name in COVARIATE_WORDS else name for name in covariates.split(";")]
    return t("At equal {covariates}", covariates=listing(names))


def data_text(text: str) -> str:
    """A text that came with the data, in the language being spoken where the catalogue knows it, else as it is."""
    return of_data(text)[0]


def released(reference: str, release_state: str | None) -> str:
    """The period of a figure, and that it is not final: ``2023 (first results)``."""
    return t("{reference} (first results)", reference=reference) if release_state == "first_results" else reference


def chance(p_value: float) -> str:
    """A p value as a frequency: ``about 1 in 1,500``, ``about 12 in 100``."""
    if p_value < 0.0001:
        return t("fewer than 1 in {trials}", trials=number(10_000, 0))
    if p_value >= 0.02:
        return t("about {times} in 100", times=round(100 * p_value))
    magnitude = 10 ** max(len(str(round(1 / p_value))) - 2, 0)
    return t("about 1 in {trials}", trials=number(round(1 / p_value / magnitude) * magnitude, 0))


def p_value(value: float) -> str:
    """A p value with the digits needed to read its order: ``p = 0.0007``, ``p = 0.21``, ``p < 0.0001``."""
    if value < 0.0001:
        return f"p < {number(0.0001, 4)}"
    return f"p = {number(value, 4 if value < 0.001 else 3 if value < 0.1 else 2)}"


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` characters; breaks at spaces and after hyphens, never at a no-break space."""
    return textwrap.wrap(text, width, break_long_words=False) or [text]
