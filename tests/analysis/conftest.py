"""Frames that several tests of the statistics build on: shares of states typed from published tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl
import pytest
from declaring import part_of

from pipeline.analysis.comparisons import EastWest
from pipeline.analysis.east_west import Compared, east_west

ShareFrame = Callable[..., pl.DataFrame]

# Mikrozensus 2018, persons in private households with migration background in the wider sense and in
# total, in thousands, by state (Destatis, quoted by laenderdaten.de).
MIKROZENSUS_2018 = {
    "01": (492, 2841), "02": (607, 1825), "03": (1726, 7824), "04": (236, 673), "05": (5362, 17646),
    "06": (2075, 6169), "07": (1045, 4010), "08": (3638, 10897), "09": (3282, 12841), "10": (220, 977),
    "11": (1135, 3589), "12": (208, 2468), "13": (124, 1577), "14": (327, 4002), "15": (168, 2163),
    "16": (155, 2109),
}  # fmt: skip
# Mikrozensus 2016, narrower sense, in thousands (mediendienst-integration.de, the five largest rounded to 0.1
# million), over the population of 31 December 2016 (Destatis 12411-0010).
MIKROZENSUS_2016 = {
    "01": (414, 2881.926), "02": (538, 1810.438), "03": (1600, 7945.685), "04": (205, 678.753),
    "05": (4900, 17890.1), "06": (1900, 6213.088), "07": (920, 4066.053), "08": (3300, 10951.893),
    "09": (3000, 12930.751), "10": (199, 996.651), "11": (991, 3574.83), "12": (162, 2494.648),
    "13": (102, 1610.674), "14": (267, 4081.783), "15": (140, 2236.252), "16": (131, 2158.128),
}  # fmt: skip


def make_share(
    thousands: Mapping[str, tuple[float | None, float | None]],
    *,
    source: str = "mikrozensus_states",
    year: int = 2018,
    concept: str = "migration_background_wider",
    shares: Mapping[str, float | None] | None = None,
    weights: Mapping[str, float | None] | None = None,
    level: str = "state",
    origin: str = "counts",
    status: str = "secondary",
    release_state: str = "final",
) -> pl.DataFrame:
    """marts.share for one series. Keys of two digits are states, of five digits their districts.

    `thousands` gives (with, total); `shares` printed percentages, with `weights` in persons.
    """
    series_id = f"{source}.{year}.{concept}" + (".district" if level == "district" else "")
    rows = []
    for region in shares if shares is not None else thousands:
        with_thousand, total_thousand = thousands.get(region, (None, None))
        counted = with_thousand is not None and total_thousand is not None
        rows.append(
            {
                "series_id": series_id,
                "source_id": source,
                "vintage_id": f"{year}-final",
                "year": year,
                "concept": concept,
                "universe": "private_households",
                "census_base": "zensus_2011",
                "release_state": release_state,
                "level": level,
                "region_id": region,
                "state_id": region[:2],
                "part": part_of(region[:2]),
                "persons_with": None if with_thousand is None else 1000.0 * with_thousand,
                "persons_total": None if total_thousand is None else 1000.0 * total_thousand,
                "share_percent": shares[region]
                if shares is not None
                else 100 * with_thousand / total_thousand
                if counted
                else None,
                "share_origin": origin,
                "weight_persons": (weights or {}).get(region),
                "status": status,
                "with_observation_id": f"{series_id}:{region}:with" if counted else None,
                "total_observation_id": f"{series_id}:{region}:total" if counted else None,
                "share_observation_id": None if counted else f"{series_id}:{region}:share",
            }
        )
    text = ("with_observation_id", "total_observation_id", "share_observation_id")
    numbers = ("persons_with", "persons_total", "share_percent", "weight_persons")
    return pl.DataFrame(
        rows,
        schema_overrides=dict.fromkeys(text, pl.String) | dict.fromkeys(numbers, pl.Float64) | {"year": pl.Int32},
    )


STATE_METHODS = (
    "share", "mean", "permutation", "welch", "ols_hc3", "fractional_logit", "hedges_g", "brunner_munzel", "equivalence",
    "leave_one_out",
)  # fmt: skip
DISTRICT_METHODS = ("share", "mean", "permutation", "ols_cluster")


def declare_all(share: pl.DataFrame, **changed: object) -> list[EastWest]:
    """An entry a source, concept and level of `share`, with every method; weights as the figures allow."""
    entries = []
    for key, rows in share.group_by("source_id", "concept", "level", maintain_order=True):
        source, concept, level = map(str, key)
        counted = not any(rows.select("persons_with", "persons_total").null_count().row(0))
        weighted = counted or not rows["weight_persons"].null_count()
        pooled = ("pooled",) if weighted else ()
        methods = STATE_METHODS if level == "state" else DISTRICT_METHODS
        entry = {
            "kind": "east_west",
            "id": f"{source}_{concept}_{level}",
            "question": "By how much do they differ?",
            "outcome": concept,
            "groups": ("east", "west"),
            "level": level,
            "sources": (source,),
            "years": "all",
            "berlin": ("excluded", "in_east", "in_west"),
            "estimands": (*pooled, "unweighted"),
            "weights": "counts" if counted else "register" if weighted else "none",
            "methods": methods if weighted else methods[1:],
            "headline": "permutation",
            "family": f"{concept}_{level}",
            "equivalence_margin_points": 2.5,
            "margin_reason": "fixed before looking",
        }
        entries.append(EastWest.model_validate(entry | changed))
    return entries


def compare_all(share: pl.DataFrame, **changed: object) -> Compared:
    """east_west with everything in `share` declared."""
    return east_west(share, declare_all(share, **changed))


@pytest.fixture
def declare() -> Callable[..., list[EastWest]]:
    """The entries `compare` uses."""
    return declare_all


@pytest.fixture
def compare() -> Callable[..., Compared]:
    """`east_west` with everything in the frame declared; keywords change the entries."""
    return compare_all


@pytest.fixture
def share_frame() -> ShareFrame:
    """The builder of marts.share for one series."""
    return make_share


@pytest.fixture
def mikrozensus_2018() -> pl.DataFrame:
    return make_share(MIKROZENSUS_2018)


@pytest.fixture
def mikrozensus_2016() -> pl.DataFrame:
    return make_share(
        MIKROZENSUS_2016,
        year=2016,
        concept="migration_background_narrower",
        origin="mixed",
        status="inferred",
    )


@pytest.fixture
def states() -> dict[str, tuple[float, float]]:
    """The states of 2018 as (with, total) in thousands, for tests that change them."""
    return dict(MIKROZENSUS_2018)


# An entry of each kind of places and years, with all methods that need no margin.
