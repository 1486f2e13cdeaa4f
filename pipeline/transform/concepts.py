"""The words every figure is described with: concepts and measures (concepts.yml) and the closed lists.

Belongs here: the vocabulary and its reader. Not here: any figure, and any rule about one (numbers.py,
markers.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

Universe = Literal[
    "private_households",
    "main_residence",
    "population_register",
    "central_register_of_foreigners",
    "zensus",
    "none",
]
ReleaseState = Literal["final", "first_results", "revised", "not_stated"]
CensusBase = Literal["volkszaehlung_1987", "zensus_2011", "zensus_2022", "none"]
Status = Literal["published", "secondary", "inferred", "derived", "verbal", "contradicted"]
ReferenceKind = Literal["year", "date", "year_end"]
Level = Literal["country", "state", "government_region", "district", "borough", "aggregate", "group"]
Part = Literal["east", "west", "berlin"]
Unit = Literal["persons", "percent", "persons_per_km2", "eur"]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Concept(_Entry):
    """What is counted: who belongs to the counted group, in both languages."""

    id: str
    label_en: str
    label_de: str
    definition_en: str
    definition_de: str


class Measure(_Entry):
    """How it is counted; `unit` is the unit after a printed multiplier was applied."""

    id: str
    unit: Unit
    label_en: str
    label_de: str


@dataclass(frozen=True)
class Vocabulary:
    """Concepts and measures by id, in the order of concepts.yml."""

    concepts: dict[str, Concept]
    measures: dict[str, Measure]


class _File(_Entry):
    concepts: list[Concept]
    measures: list[Measure]


@cache
def load_vocabulary() -> Vocabulary:
    """The project's vocabulary, read once from concepts.yml beside this module."""
    text = Path(__file__).with_name("concepts.yml").read_text(encoding="utf-8")
    read = _File.model_validate(yaml.safe_load(text))
    return Vocabulary(
        concepts={concept.id: concept for concept in read.concepts},
        measures={measure.id: measure for measure in read.measures},
    )
