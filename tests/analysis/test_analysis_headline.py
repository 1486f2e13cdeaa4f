"""The statement of the article: its reading, the ranking, and data that flip the verdict to each of four."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest
from two_languages import english_words, numbers

from pipeline.analysis.comparisons import Headline
from pipeline.analysis.design import load_design
from pipeline.analysis.headline import headline_claim
from pipeline.analysis.tables import HEADLINE_CLAIM
from pipeline.errors import InputError

# (with, total) in thousands of a state of each part; the shares are near to the claimed ones, 23.3 overall.
FITTING = {"east": (1.25, 20.0), "west": (25.0, 100.0), "berlin": (12.0, 50.0)}
(STATED,) = load_design().of(Headline)
OTHER = {"east": (12.0, 100.0), "west": (31.0, 100.0), "berlin": (35.0, 100.0)}


def claims(east: str = "6.25", year: str = "2018 (as stated)") -> pl.DataFrame:
    return pl.DataFrame(
        [
            ("C057", Decimal("25"), "=", Decimal("24.5"), Decimal("25.5"), year),
            ("C058", Decimal(east), "=", Decimal(east) - 1, Decimal(east) + 1, year),
            ("C059", Decimal("20"), ">", Decimal("20"), None, year),
        ],
        schema={
            "claim_id": pl.String,
            "value": pl.Decimal(20, 6),
            "relation": pl.String,
            "lower": pl.Decimal(20, 6),
            "upper": pl.Decimal(20, 6),
            "reference_year": pl.String,
        },
        orient="row",
    )


def aggregates(*rows: tuple) -> pl.DataFrame:
    """Published aggregates from (series_id, year, concept, region_id, share, with, total, status)."""
    return pl.DataFrame(
        rows,
        schema={
            "series_id": pl.String,
            "year": pl.Int32,
            "concept": pl.String,
            "region_id": pl.String,
            "share_percent": pl.Float64,
            "persons_with": pl.Float64,
            "persons_total": pl.Float64,
            "status": pl.String,
        },
        orient="row",
    )


@pytest.fixture
def world(compare, share_frame, states):
    """Results of made-up series: (year, concept, what a state of each part shows)."""

    def build(*series: tuple[int, str, dict[str, tuple[float, float]]]) -> pl.DataFrame:
        parts = {s: "berlin" if s == "11" else "east" if s >= "12" else "west" for s in states}
        frames = [
            share_frame(
                # States of a part differ by a thousandth of their share, so that no group is constant.
                {s: (shown[p][0] * (1 + int(s) % 3 / 1000), shown[p][1]) for s, p in parts.items()},
                year=year,
                concept=concept,
            )
            for year, concept, shown in series
        ]
        return compare(pl.concat(frames)).results

    return build


def verdict(results: pl.DataFrame, published: pl.DataFrame | None = None, **claim: str) -> dict:
    published = aggregates() if published is None else published
    rows = headline_claim(claims(**claim), results, published, STATED)
    return rows.filter(result_id="headline.verdict").row(0, named=True)


def test_the_figures_of_2016_and_2018_say_wrong_year(
    compare, mikrozensus_2018: pl.DataFrame, mikrozensus_2016: pl.DataFrame
) -> None:
    results = compare(pl.concat([mikrozensus_2018, mikrozensus_2016])).results
    rows = headline_claim(claims(), results, aggregates(), STATED)
    assert dict(rows.schema) == HEADLINE_CLAIM
    overall = rows.row(-1, named=True)
    assert (overall["result_id"], overall["verdict"], overall["year"]) == (
        "headline.verdict",
        "wrong year",
        2016,
    )
    assert overall["rank"] == 1
    assert overall["berlin"] == "in_west"
    assert overall["distance_points"] == 0
    assert "nearest for 2018: 2018, migration_background_wider" in overall["rule"]
    assert "no share of migration_background_narrower for 2018 is at hand" in overall["rule"]
    assert overall["rule_de"] == (
        "das genannte Jahr passt nicht, ein anderes schon; 2016, Migrationshintergrund im engeren Sinne, Berlin im "
        "Westen, 0,00 Prozentpunkte außerhalb; am nächsten für 2018: 2018, Migrationshintergrund im weiteren Sinne, "
        "Berlin im Westen, 1,52 Prozentpunkte außerhalb; für 2018 liegt kein Anteil vor (Migrationshintergrund im "
        "engeren Sinne)"
    )
    for rule, rule_de in rows.select("rule", "rule_de").iter_rows():
        assert numbers(rule_de, "de") == numbers(rule, "en")
        assert not english_words(rule_de)
    stated = rows.filter(year=2018, berlin="in_west", part="east").row(0, named=True)
    assert round(stated["ratio_one_in"], 1) == 12.5
    assert stated["distance_points"] == pytest.approx(7.971426 - 100 / 15.5, abs=1e-6)
    assert stated["verdict"] is None


def test_the_reading_of_one_in_n_is_what_rounds_to_it(world) -> None:
    rows = headline_claim(claims(), world((2018, "migration_background_wider", FITTING)), aggregates(), STATED)
    bounds = {row["part"]: (row["lower"], row["upper"]) for row in rows.head(3).iter_rows(named=True)}
    assert bounds["west"] == pytest.approx((100 / 4.5, 100 / 3.5))
    assert bounds["east"] == pytest.approx((100 / 16.5, 100 / 15.5))
    assert bounds["germany"] == (20, 25)
    claimed = dict(rows.head(3).select("part", "claimed_percent").iter_rows())
    assert claimed == {"east": 6.25, "west": 25, "germany": 20}


def test_agrees_when_the_stated_year_fits(world) -> None:
    row = verdict(
        world((2018, "migration_background_wider", FITTING), (2016, "migration_background_narrower", FITTING))
    )
    assert (row["verdict"], row["year"], row["berlin"]) == ("agrees", 2018, "in_west")
    assert row["rule_de"].startswith("das genannte Jahr passt so, wie die herausgebende Stelle Ost und West abgrenzt; ")


def test_wrong_year_when_only_another_year_fits(world) -> None:
    row = verdict(world((2018, "migration_background_wider", OTHER), (2014, "migration_background_wider", FITTING)))
    assert (row["verdict"], row["year"]) == ("wrong year", 2014)


def test_depends_on_the_definition_when_berlin_decides(world) -> None:
    # A Berlin of much weight lifts the West out of its reading; left out of both, the year fits.
    shown = {"east": (6.25, 100.0), "west": (24.0, 100.0), "berlin": (200.0, 500.0)}
    row = verdict(world((2018, "migration_background_wider", shown)))
    assert (row["verdict"], row["berlin"]) == ("depends on the definition", "excluded")
    # A fit in another year does not outweigh one in the stated year.
    both = world((2018, "migration_background_wider", shown), (2016, "migration_background_wider", FITTING))
    assert verdict(both)["verdict"] == "depends on the definition"
    shown["berlin"] = (360.0, 600.0)
    assert verdict(world((2018, "migration_background_wider", shown)))["verdict"] == "not supported"


def test_depends_on_the_definition_when_only_another_concept_fits(world) -> None:
    row = verdict(world((2018, "migration_background_wider", OTHER), (2018, "immigration_history", FITTING)))
    assert (row["verdict"], row["concept"]) == ("depends on the definition", "immigration_history")


def test_another_concept_in_another_year_supports_nothing(world) -> None:
    row = verdict(world((2018, "migration_background_wider", OTHER), (2022, "immigration_history", FITTING)))
    assert row["verdict"] == "not supported"


def test_not_supported_names_the_nearest(world) -> None:
    near = {"east": (1.4, 20.0), "west": (25.0, 100.0), "berlin": (12.0, 50.0)}
    row = verdict(world((2018, "migration_background_wider", OTHER), (2015, "migration_background_wider", near)))
    assert (row["verdict"], row["year"], row["rank"]) == ("not supported", 2015, 1)
    assert row["distance_points"] == pytest.approx(7 - 100 / 15.5, abs=0.02)


def test_the_claim_is_read_and_not_typed(world) -> None:
    results = world((2018, "migration_background_wider", FITTING), (2016, "migration_background_narrower", FITTING))
    assert verdict(results, east="10")["verdict"] == "not supported"
    assert verdict(results, year="2016")["year"] == 2016
    # 7 percent is no unit fraction: its own bounds, here 6 to 8, are the reading.
    assert verdict(results, east="7")["verdict"] == "agrees"


@pytest.mark.parametrize(("overall", "expected"), [(24.9, "agrees"), (25.0, "not supported"), (20.0, "not supported")])
def test_a_good_one_in_five_excludes_a_fifth_and_a_quarter(world, overall: float, expected: str) -> None:
    published = aggregates(
        ("pub.2018", 2018, "migration_background_wider", "east", 6.25, None, None, "published"),
        ("pub.2018", 2018, "migration_background_wider", "west_with_berlin", 25.0, None, None, "published"),
        ("pub.2018", 2018, "migration_background_wider", "DE", overall, None, None, "published"),
    )
    assert verdict(world((2018, "migration_background_wider", OTHER)), published)["verdict"] == expected


def test_published_aggregates_are_candidates_of_their_own(world) -> None:
    results = world((2018, "migration_background_wider", OTHER))
    published = aggregates(
        ("pub.2016", 2016, "migration_background_narrower", "east", 6.4, None, None, "published"),
        (
            "pub.2016",
            2016,
            "migration_background_narrower",
            "west_with_berlin",
            None,
            17e6,
            67e6,
            "published",
        ),
        ("pub.2016", 2016, "migration_background_narrower", "DE", 22.5, None, None, "published"),
        ("pub.2012", 2012, "migration_background_wider", "east", None, 610_000.0, None, "published"),
        ("pub.2018", 2018, "migration_background_wider", "east", 8.0, None, None, "secondary"),
        ("pub.2018", 2018, "migration_background_wider", "west_with_berlin", 28.6, None, None, "secondary"),
        ("bad.2018", 2018, "migration_background_wider", "east", 6.25, None, None, "contradicted"),
        ("bad.2018", 2018, "migration_background_wider", "west", 25.0, None, None, "contradicted"),
        ("bad.2018", 2018, "migration_background_wider", "DE", 22.0, None, None, "contradicted"),
    )
    rows = headline_claim(claims(), results, published, STATED)
    row = rows.row(-1, named=True)
    assert (row["verdict"], row["series_id"], row["berlin"]) == ("wrong year", "pub.2016", "in_west")
    incomplete = rows.filter(series_id="pub.2018")
    assert incomplete["part"].to_list() == ["east", "west"]
    assert incomplete["rank"].is_null().all()
    assert rows.filter(pl.col("series_id").is_in(["pub.2012", "bad.2018"])).is_empty()


def test_every_candidate_has_its_own_rank(
    compare, mikrozensus_2018: pl.DataFrame, mikrozensus_2016: pl.DataFrame
) -> None:
    results = compare(pl.concat([mikrozensus_2018, mikrozensus_2016])).results
    rows = headline_claim(claims(), results, aggregates(), STATED).filter(pl.col("part").is_not_null())
    ranks = rows.group_by("series_id", "berlin").agg(pl.col("rank").n_unique(), pl.col("rank").first().alias("place"))
    assert ranks["rank"].unique().to_list() == [1]
    assert sorted(ranks["place"]) == [1, 2, 3, 4, 5, 6]
    worst = rows.group_by("rank").agg(pl.col("distance_points").max()).sort("rank")["distance_points"].to_list()
    assert worst == sorted(worst)


def test_claims_that_cannot_be_read_are_refused(world) -> None:
    results = world((2018, "migration_background_wider", FITTING))
    with pytest.raises(InputError, match="C058 stands 0 times"):
        headline_claim(claims().filter(pl.col("claim_id") != "C058"), results, aggregates(), STATED)
    with pytest.raises(InputError, match="do not state one and the same year"):
        headline_claim(claims(year="not stated"), results, aggregates(), STATED)
    with pytest.raises(InputError, match="no series carries a share"):
        headline_claim(claims(), results.clear(), aggregates(), STATED)
