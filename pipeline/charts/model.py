"""What a chart is: the frames it needs, its tidy data, its drawing and its words.

Belongs here: the types that every chart module and its callers share. Not here: colours (theme), SVG
(render), the choice of series (select).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import polars as pl

if TYPE_CHECKING:
    import altair as alt

Tables: TypeAlias = Mapping[str, pl.DataFrame]
"""Result tables by their full name, for example ``{"marts.share": …, "analysis.east_west": …}``."""


@dataclass(frozen=True)
class Titles:
    """The words that go with a chart; all of them are computed from the data.

    Attributes:
        finding: what the figures say, an active sentence of at most 15 words.
        shown: what is drawn: measure, place, period, survey.
        description: the alternative text: how it is drawn, the numbers that matter, what it does not show.
        source_ids: ids of the sources behind the drawn rows, sorted.
        reference: the period or date of the figures as printed by the publisher.
    """

    finding: str
    shown: str
    description: str
    source_ids: tuple[str, ...]
    reference: str


@dataclass(frozen=True)
class Chart:
    """One chart of the report.

    Attributes:
        name: file name without ending, equal to the name of its module.
        tables: full names of the tables that `draw`, `data` and `describe` read.
        draw: tables → Altair chart. Pure.
        data: tables → the tidy frame behind the chart, one row a drawn mark. Pure.
        describe: tables → `Titles`. Pure.

    `draw` and `describe` speak the language being spoken (pipeline.language); `data` holds the codes and words of the
    data in any language. All three raise `pipeline.errors.InputError` when a table, a column or a whole series is
    missing.
    """

    name: str
    tables: tuple[str, ...]
    draw: Callable[[Tables], alt.LayerChart]
    data: Callable[[Tables], pl.DataFrame]
    describe: Callable[[Tables], Titles]


@dataclass(frozen=True)
class DrawnChart:
    """A chart ready to be written.

    Attributes:
        svg: the drawing as SVG text, by language.
        data: the rows behind it, the same for every language.
        titles: its words, by language.
    """

    svg: Mapping[str, str]
    data: pl.DataFrame
    titles: Mapping[str, Titles]
