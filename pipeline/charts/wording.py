"""Numbers, lists and names as words in labels and sentences.

Belongs here: formatting that more than one chart uses. Not here: the findings, which each chart computes
itself.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

NBSP = "\u00a0"
EN_DASH = "–"
MINUS = "−"

PART_WORDS = {"east": "East without Berlin", "berlin": "Berlin", "west": "West"}
BERLIN_WORDS = {
    "excluded": "Berlin left out",
    "in_east": "Berlin in the East",
    "in_west": "Berlin in the West",
}
CONCEPT_WORDS = {
    "migration_background_wider": "migration background, wider sense",
    "migration_background_narrower": "migration background, narrower sense",
    "migration_background_zensus2011": "migration background, Zensus definition",
    "immigration_history": "immigration history",
    "migration_history_intmk": "migration history",
    "foreign_nationality": "foreign nationality",
}
UNIVERSE_WORDS = {
    "private_households": "persons in private households",
    "main_residence": "persons at their main residence",
    "population_register": "the population",
    "zensus": "the population counted by the Zensus",
}
CENSUS_WORDS = {
    "volkszaehlung_1987": "1987 census",
    "zensus_2011": "Zensus 2011",
    "zensus_2022": "Zensus 2022",
}
COVARIATE_WORDS = {
    "log_density": "population density",
    "log_income": "income",
    "log_gdp": "output",
    "unemployment": "unemployment",
}
WEIGHT_WORDS = {"none": "a region counts", "persons": "a person counts"}
SHORT_CONCEPTS = {
    "migration_background_wider": "migration background",
    "migration_background_narrower": "migration background",
    "migration_background_zensus2011": "migration background",
}
SOURCE_WORDS = {
    "azr_foreign_population_states": "central register",
    "foreign_share_states": "population register",
    "foreign_share_districts": "population register",
    "districts_structure_2022": "structural data 2022",
    "zensus2011_migration_background_states": "Zensus 2011",
    "zensus2011_nationality_regions": "Zensus 2011",
    "zensus2022_immigration_history": "Zensus 2022",
}
SMALL_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


def number(value: float, decimals: int = 1) -> str:
    """`value` with a decimal point, thousands separated by commas and a real minus sign."""
    return f"{value:,.{decimals}f}".replace("-", MINUS)


def percent(value: float, decimals: int = 1) -> str:
    """`value` (in percent) with its sign, held together by a no-break space: ``8.0 %``."""
    return f"{number(value, decimals)}{NBSP}%"


def count_word(value: int) -> str:
    """A small count as a capitalised word, a larger one in figures."""
    return SMALL_NUMBERS[value] if 0 <= value < len(SMALL_NUMBERS) else number(value, 0)


def listing(items: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def concept(concept_id: str) -> str:
    """The words of a concept; an unknown id is shown as it is, with spaces."""
    return CONCEPT_WORDS.get(concept_id, concept_id.replace("_", " "))


def survey(source_id: str) -> str:
    """The name readers know a source by, as far as its id tells it."""
    for prefix, name in (("mikrozensus", "Mikrozensus"), ("zensus", "Zensus")):
        if source_id.startswith(prefix):
            return name
    return source_id.replace("_", " ")


def short_concept(concept_id: str) -> str:
    """A concept in two words, where its senses need not be told apart."""
    return SHORT_CONCEPTS.get(concept_id, concept(concept_id))


def source(source_id: str) -> str:
    """The name of a source as short as a row label; an unknown one by `survey`."""
    return SOURCE_WORDS.get(source_id, survey(source_id))


def model(covariates: str) -> str:
    """A model of districts by what it holds equal (names joined by ";", or ``none``)."""
    if covariates == "none":
        return "Districts as they are"
    return f"At equal {listing([COVARIATE_WORDS.get(name, name) for name in covariates.split(';')])}"


def release_note(release_state: str | None) -> str:
    """`` (first results)`` where a figure is not final, else nothing."""
    return " (first results)" if release_state == "first_results" else ""


def chance(p_value: float) -> str:
    """A p value as a frequency: ``about 1 in 1,500``, ``about 12 in 100``."""
    if p_value < 0.0001:
        return "fewer than 1 in 10,000"
    if p_value >= 0.02:
        return f"about {round(100 * p_value)} in 100"
    magnitude = 10 ** max(len(str(round(1 / p_value))) - 2, 0)
    return f"about 1 in {round(1 / p_value / magnitude) * magnitude:,}"


def p_value(value: float) -> str:
    """A p value with the digits needed to read its order: ``p = 0.0007``, ``p = 0.21``, ``p < 0.0001``."""
    if value < 0.0001:
        return "p < 0.0001"
    return f"p = {value:.{4 if value < 0.001 else 3 if value < 0.1 else 2}f}"


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` characters; breaks at spaces and after hyphens, never at a no-break space."""
    return textwrap.wrap(text, width, break_long_words=False) or [text]
