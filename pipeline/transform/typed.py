"""One vintage, from cells to typed rows that keep what its source.yml promises.

Belongs here: choosing the transform of a kind, and the order: figures as printed are held against their expectations,
then known errors are corrected. Not here: any rule of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import polars as pl

from pipeline.errors import InputError
from pipeline.transform.concepts import load_vocabulary
from pipeline.transform.corrections import corrected, refuse_several
from pipeline.transform.expectations import Promises
from pipeline.transform.observations import observations
from pipeline.transform.parts import own
from pipeline.transform.printed import plain_cells
from pipeline.transform.regions import existing, regions
from pipeline.transform.studies import claims, network_cities, study_figures

if TYPE_CHECKING:
    from pipeline.registry import Correction, Vintage


def typed(
    cells: pl.DataFrame,
    vintage: Vintage,
    *,
    known_regions: pl.DataFrame | None = None,
    corrections: Sequence[Correction] = (),
) -> pl.DataFrame:
    """The typed rows of one vintage: OBSERVATION, STUDY_FIGURE, CLAIM, NETWORK_CITY or REGION, by its kind.

    Args:
        cells: all cells of the vintage (see pipeline.ingest.read_cells).
        vintage: what its source.yml says.
        known_regions: REGION; needed for kind observation.
        corrections: the known errors in figures of this source; only observations have any.

    Raises:
        InputError: a cell cannot be read, the figures as printed break what `expect` in source.yml promises, or they
            are not what the register of corrections says.
    """
    match vintage.kind:
        case "observation":
            return pl.concat(typed_parts([cells], vintage, known_regions=known_regions, corrections=corrections))
        case "study_figure":
            return study_figures(cells, vintage)
        case "claim":
            return claims(cells)
        case "network_city":
            return network_cities(cells)
        case "region":
            return regions(cells)


def typed_parts(
    parts: Iterable[pl.DataFrame],
    vintage: Vintage,
    *,
    known_regions: pl.DataFrame | None = None,
    corrections: Sequence[Correction] = (),
) -> Iterator[pl.DataFrame]:
    """The typed rows of one vintage of observations whose cells come in parts, one below the other: a frame a part.

    What holds for single rows is refused at once; what the vintage as a whole promises, after its last row. A figure
    that stands twice in different parts is not noticed here: whoever stores the rows holds them to their key.

    Args, Raises: as `typed`.
    """
    if known_regions is None:
        raise ValueError("observations need the known regions")
    concepts, there = load_vocabulary(), existing(known_regions)
    promises, found = Promises(vintage, known_regions), []
    wrong: InputError | None = None
    for cells in parts:
        if vintage.layout != "tidy":
            cells = plain_cells(cells, layout=vintage.layout, language=vintage.language)
        rows = observations(cells, vintage, concepts, there)
        promises.add(rows)
        try:
            rows, figures = corrected(rows, cells, vintage, corrections, concepts, there)
            found.append(own(figures))
        except InputError as error:
            wrong = wrong or error
        if wrong is None:
            yield rows
    # What a source promises comes first: an error of the register may follow from it.
    _refuse(promises.failures(), vintage)
    if wrong is not None:
        raise wrong
    refuse_several(found)


def _refuse(failures: Sequence[InputError], vintage: Vintage) -> None:
    if len(failures) == 1:
        raise failures[0]
    if failures:
        raise InputError(
            f"{len(failures)} expectations are not met:\n- " + "\n- ".join(str(failure) for failure in failures),
            file=vintage.shown("source.yml"),
            key="expect",
            remedy="Mend the figures at the lines named, or correct the expectation with its source.",
        )
