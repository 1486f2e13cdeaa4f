"""Each kind of rule on made-up rows: the data are flipped, and the verdict flips with them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from two_languages import english_words, numbers

from pipeline.analysis.claims.evidence import Finding, Interval, years
from pipeline.analysis.claims.kinds import VERDICTS
from pipeline.analysis.claims.rules import KINDS, load_rules
from pipeline.analysis.claims.verdicts import COMPUTE, READS, TEXTS, claim_verdicts
from pipeline.errors import InputError
from pipeline.language import spoken
from pipeline.transform.numbers import Printed, read_printed

ARTICLE = "read in the checked article"
STATES = {"12": "Brandenburg", "14": "Sachsen", "11": "Berlin", "05": "Nordrhein-Westfalen"}
PARTS = {"12": "east", "14": "east", "11": "berlin", "05": "west"}
NUMBERS = {"value": pl.Decimal(20, 6), "lower": pl.Decimal(20, 6), "upper": pl.Decimal(20, 6)}

Row = dict[str, Any]


def _read(printed: str, unit: str) -> Row:
    return (Printed("text") if unit in ("date", "period") else read_printed(printed)).row()


def claim(printed: str = "32", *, unit: str = "cities", year: str = "2018", id: str = "C001", **more: str) -> Row:
    row = {"claim_id": id, "statement": "cities of a network", "value_printed": printed, "unit": unit}
    return {**row, "reference_year": year, "type": "count", "checkable": "yes", **_read(printed, unit), **more}


def figure(id: str, printed: str, *, unit: str = "cities", year: str = "2018", **more: Any) -> Row:
    row = {"figure_id": id, "study": "A study", "indicator": "cities", "category": None, "geography": "Germany"}
    row |= {"year": year, "value_printed": printed, "unit": unit, "base_n": None, "status": "published", "note": None}
    return {**row, "source_url": f"https://{id}.example/", **_read(printed, unit), **more}


def city(name: str, part: str, partner: bool | None = True, source: str = "a page") -> Row:
    return {"city": name, "part": part, "samofa_partner": partner, "partner_named": None, "source": source}


def persons(source: str, state: str, value: int, *, concept: str, year: int = 2018, status: str = "published") -> Row:
    row = {"observation_id": f"{source}:v1:{state}:{year}:{concept}:persons_with", "source_id": source}
    row |= {"region_id": state, "year": year, "concept": concept, "measure": "persons_with", "is_total": True}
    return {**row, "value": Decimal(value), "status": status}


def survey(id: str, lower: float, upper: float) -> Row:
    return {
        "result_id": f"survey.{id}",
        "figure_id": id,
        "lower_percent": lower,
        "upper_percent": upper,
        "base_n": 556,
    }


def difference(berlin: str, estimate: float, *, year: int = 2018, flags: str = "") -> Row:
    row = {"result_id": f"s.{year}.c.berlin_{berlin}.difference.pooled.share", "source_id": "s", "concept": "c"}
    row |= {"level": "state", "quantity": "difference", "method": "share", "berlin": berlin, "year": year}
    return {**row, "estimate": estimate, "assumptions": flags}


def germany(year: int, estimate: float, flags: str = "") -> Row:
    row = difference("excluded", estimate, year=year, flags=flags)
    return {**row, "quantity": "germany", "result_id": f"s.{year}.c.berlin_excluded.germany.pooled.share"}


def headline(verdict: str, *, found: float, year: int) -> list[Row]:
    row = {"result_id": "headline.west", "year": year, "concept": "migration_background_wider", "berlin": "in_west"}
    row |= {
        "claim_ids": "C001",
        "found_percent": found,
        "lower": 22.2,
        "upper": 28.6,
        "distance_points": 0.0,
        "rank": 1,
    }
    stated = {**row, "result_id": "headline.west.2018", "year": 2018, "found_percent": 31.0, "rank": 2}
    overall = {**row, "result_id": "headline.verdict", "claim_ids": "C002;C001", "found_percent": None}
    rows = [{**one, "verdict": None, "rule": "lies within", "rule_de": "liegt darin"} for one in (row, stated)]
    return [*rows, {**overall, "verdict": verdict, "rule": "another year fits", "rule_de": "ein anderes Jahr passt"}]


def _frame(rows: list[Row], like: Row, **types: Any) -> pl.DataFrame:
    return pl.DataFrame(rows or [like], schema_overrides=types, infer_schema_length=None).head(len(rows))


@pytest.fixture
def verdict_of(tmp_path: Path) -> Callable[..., Row]:
    """The row of C001 under one rule, with the rows of its evidence by role."""

    def compute(rule: str, claims: list[Row], **tables: list[Row]) -> Row:
        others = "".join(
            f"  {row['claim_id']}: {{kind: not_a_quantity, checkable: ['yes'], about: another claim, "
            "reason: it is not the one looked at}\n"
            for row in claims
            if row["claim_id"] != "C001"
        )
        text = f"read_in_the_article: {ARTICLE}\nrules:\n  C001: {{reason: why these rows, {rule}}}\n{others}"
        file = tmp_path / "rules.yml"
        file.write_text(text, "utf-8")
        found, evidence = claim_verdicts(world(claims, **tables), load_rules(file, shown="rules.yml"))
        row = found.filter(claim_id="C001").row(0, named=True)
        of_claim = evidence.filter(result_id="claim.C001")
        roles = of_claim.group_by("role", maintain_order=True).agg("evidence_id").rows()
        return {**row, "roles": dict(roles)}

    return compute


def world(claims: list[Row], **tables: list[Row]) -> dict[str, pl.DataFrame]:
    regions = [
        {"region_id": code, "name": STATES[code], "level": "state", "state_id": code, "part": PARTS[code]}
        for code in STATES
    ]
    regions.append({"region_id": "12001", "name": "A district", "level": "district", "state_id": "12", "part": "east"})
    text = dict.fromkeys(("category", "note", "partner_named"), pl.String)
    return dict(
        zip(
            READS,
            (
                _frame(claims, claim(), **NUMBERS),
                _frame(tables.get("figures", []), figure("none", "1"), **NUMBERS, category=pl.String, note=pl.String),
                _frame(tables.get("cities", []), city("none", "east"), samofa_partner=pl.Boolean, **text)
                if tables.get("cities")
                else pl.DataFrame([city("none", "east")]).clear(),
                pl.DataFrame(regions),
                _frame(tables.get("observations", []), persons("s", "12", 1, concept="c"), value=pl.Decimal(20, 6)),
                _frame(tables.get("surveys", []), survey("none", 1.0, 2.0)),
                _frame(tables.get("results", []), difference("excluded", 1.0)),
                _frame(tables.get("headlines", []), headline("agrees", found=1.0, year=2018)[0], verdict=pl.String),
            ),
            strict=True,
        )
    )


EQUALS = "kind: figure_equals, figures: [a]"
COMPETING = "kind: competing_figures, figures: [a, b]"
MORE = "kind: inequality, figure: a"
COUNTED = "kind: count_of_rows, network: samofa_partner, part: east"
SHARES = (
    "kind: share_of_counts, counted: refugees, shares: [{part: {source: p, year: 2018, concept: protection_seekers}, "
    "whole: {source: w, year: 2018, concept: foreign_nationality}, base: foreigners}]"
)
TREND = "kind: trend, missing: two counts, series: [{of: cities, figures: [a, b]}, {of: partners, figures: [c, d]}]"
BELOW = "kind: east_below_west, series: [s.2018.c]"
SEARCH = "kind: no_evidence, words: [gatherings], missing: a count of gatherings, tolerance_percent: 10"
MAJORITY = claim("majority (>50)", unit="percent")
GROWING = claim("growing", unit="trend", type="trend")


def refugees(east: int, other: int, berlin: int = 0) -> list[Row]:
    parts = {"12": east, "14": other, "11": berlin}
    return [
        row
        for state, value in parts.items()
        for row in (
            persons("p", state, value, concept="protection_seekers"),
            persons("w", state, 100, concept="foreign_nationality"),
        )
    ]


def differences(excluded: float, in_east: float, in_west: float, **more: Any) -> list[Row]:
    variants = {"excluded": excluded, "in_east": in_east, "in_west": in_west}
    return [difference(berlin, estimate, **more) for berlin, estimate in variants.items()]


CITIES = [city("a", "east"), city("b", "east"), city("c", "berlin"), city("d", "west"), city("e", "east", None)]
SHARES_OF_ONE = [claim("60", unit="percent"), claim("30", unit="percent", id="C002")]
SUM = "kind: sum_check, claims: [C001, C002], figures: [a], missing: the survey itself"

# kind → cases: name, rule, claims, tables, verdict expected. The rule mostly stays: the data flip the verdict.
CASES: dict[str, list[tuple[str, str, list[Row], dict[str, list[Row]], str]]] = {
    "figure_equals": [
        ("the publisher's own", EQUALS, [claim()], {"figures": [figure("a", "32")]}, "agrees"),
        (
            "through other hands",
            EQUALS,
            [claim()],
            {"figures": [figure("a", "32", status="secondary")]},
            "agrees with a secondary source",
        ),
        ("another number", EQUALS, [claim()], {"figures": [figure("a", "33")]}, "not supported"),
        ("another year", EQUALS, [claim()], {"figures": [figure("a", "32", year="2015")]}, "wrong year"),
        ("from the article", EQUALS, [claim()], {"figures": [figure("a", "32", note=ARTICLE)]}, "cannot be checked"),
        ("as coarse as printed", EQUALS, [claim("8.8")], {"figures": [figure("a", "9")]}, "agrees"),
        ("coarser than printed", EQUALS, [claim("8.8")], {"figures": [figure("a", "8")]}, "not supported"),
        (
            "another definition",
            f"{EQUALS}, says: [positions]",
            [claim()],
            {"figures": [figure("a", "32")]},
            "depends on the definition",
        ),
        (
            "a range by its ends",
            "kind: figure_equals, figures: [a, b]",
            [claim("10-20")],
            {"figures": [figure("a", "10"), figure("b", "20")]},
            "agrees",
        ),
        (
            "a range with one end off",
            "kind: figure_equals, figures: [a, b]",
            [claim("10-20")],
            {"figures": [figure("a", "10"), figure("b", "21")]},
            "not supported",
        ),
        (
            "numbers picked from a list",
            "kind: figure_equals, figures: ['a[2]', 'a[3]']",
            [claim("20; 10", unit="cities; states")],
            {"figures": [figure("a", "700 / 20 / 10", unit="associations / cities / states")]},
            "agrees",
        ),
    ],
    "order_of_magnitude": [
        (name, f"kind: order_of_magnitude, figure: a, factor: {factor}", [claim("~33")], {"figures": [given]}, expected)
        for name, factor, given, expected in (
            ("within the factor", 1.5, figure("a", "<30"), "order of magnitude plausible"),
            ("outside the factor", 1.5, figure("a", "20"), "not supported"),
            ("from the article", 1.5, figure("a", "33", note=ARTICLE), "cannot be checked"),
        )
    ],
    "competing_figures": [
        (name, COMPETING, [claim("7")], {"figures": [figure("a", a), figure("b", b, note=note)]}, expected)
        for name, a, b, note, expected in (
            ("they disagree", "15", "12", None, "sources disagree"),
            ("they disagree, one with the claim", "7", "12", None, "sources disagree"),
            ("they agree with it", "7", "7", None, "agrees"),
            ("they agree on something else", "15", "15", None, "not supported"),
            ("only the article's own is another", "15", "7", ARTICLE, "not supported"),
        )
    ],
    "inequality": [
        (name, rule, [said], {"figures": [given], "surveys": surveys}, expected)
        for name, rule, said, given, surveys, expected in (
            ("above", MORE, MAJORITY, figure("a", "60", unit="percent"), [survey("a", 56, 64)], "agrees"),
            ("below", MORE, MAJORITY, figure("a", "37", unit="percent"), [survey("a", 33, 41)], "not supported"),
            (
                "the interval holds the bound",
                MORE,
                MAJORITY,
                figure("a", "52", unit="percent"),
                [survey("a", 48, 56)],
                "order of magnitude plausible",
            ),
            (
                "few, and most did",
                f"{MORE}, complement: true, reads_as_less_than: 50",
                claim("few", unit="qualitative quantity"),
                figure("a", "37", unit="percent"),
                [survey("a", 33, 41)],
                "not supported",
            ),
            (
                "few, and few did",
                f"{MORE}, complement: true, reads_as_less_than: 50",
                claim("few", unit="qualitative quantity"),
                figure("a", "70", unit="percent"),
                [survey("a", 66, 74)],
                "agrees",
            ),
            ("more than 500, and 600", MORE, claim(">500"), figure("a", "600"), [], "agrees"),
            ("more than 500, and 500", MORE, claim(">500"), figure("a", "500"), [], "not supported"),
            (
                "a round number",
                f"{MORE}, within_percent: 10",
                claim(">500"),
                figure("a", "500"),
                [],
                "order of magnitude plausible",
            ),
            ("another year", MORE, claim(">500"), figure("a", "600", year="2012"), [], "wrong year"),
            (
                "something else",
                f"{MORE}, says: [visits]",
                claim(">5"),
                figure("a", "6"),
                [],
                "depends on the definition",
            ),
            ("from the article", MORE, claim(">5"), figure("a", "6", note=ARTICLE), [], "cannot be checked"),
        )
    ],
    "sum_check": [
        (name, SUM, [first, SHARES_OF_ONE[1]], {"figures": [given]}, expected)
        for name, first, given, expected in (
            (
                "only the article's own",
                SHARES_OF_ONE[0],
                figure("a", "60", unit="percent", note=ARTICLE),
                "cannot be checked",
            ),
            (
                "more than the whole",
                claim("80", unit="percent"),
                figure("a", "80", unit="percent", note=ARTICLE),
                "not supported",
            ),
            ("an independent figure", SHARES_OF_ONE[0], figure("a", "60", unit="percent"), "agrees"),
            ("an independent other figure", SHARES_OF_ONE[0], figure("a", "50", unit="percent"), "not supported"),
        )
    ],
    "count_of_rows": [
        (name, COUNTED, [claim(said)], {"cities": cities}, expected)
        for name, said, cities, expected in (
            ("only with Berlin", "3", CITIES, "depends on the definition"),
            ("only without Berlin", "2", CITIES, "depends on the definition"),
            ("in no way", "4", CITIES, "not supported"),
            ("in every way", "2", [row for row in CITIES if row["part"] != "berlin"], "agrees"),
            (
                "in every way, by the article alone",
                "1",
                [city("a", "east", source="article §3.1")],
                "agrees with a secondary source",
            ),
        )
    ],
    "share_of_counts": [
        (name, SHARES, [MAJORITY], {"observations": refugees(*counts)}, expected)
        for name, counts, expected in (
            ("nowhere a majority", (30, 40, 10), "not supported"),
            ("everywhere a majority", (60, 70, 55), "agrees"),
            ("only in one state", (60, 30, 10), "depends on the definition"),
            ("only without Berlin", (60, 60, 0), "depends on the definition"),
        )
    ],
    "east_below_west": [
        (
            name,
            BELOW,
            [claim("low", unit="x", year=year)],
            {"results": r},
            expected,
        )
        for name, year, r, expected in (
            ("in every way", "2018", differences(-20, -15, -21), "agrees"),
            (
                "from typed figures",
                "2018",
                differences(-20, -15, -21, flags="secondary_figures"),
                "agrees with a secondary source",
            ),
            ("not with Berlin", "2018", differences(-20, 1, -21), "depends on the definition"),
            ("in no way", "2018", differences(20, 15, 21), "not supported"),
            ("of another year", "2012", differences(-20, -15, -21), "wrong year"),
        )
    ],
    "largest_rise": [
        (
            name,
            f"kind: largest_rise, source: s, concept: c, caveat: all are counted, not_into: [{not_into}]",
            [claim("2015", unit="date", year="2015")],
            {"results": [germany(year, value) for year, value in zip(range(2013, 2018), values, strict=True)]},
            expected,
        )
        for name, not_into, values, expected in (
            ("in the year", "", (8, 8.5, 9.9, 10.4, 10.8), "agrees"),
            ("in another", "", (8, 8.5, 9, 10.4, 10.8), "wrong year"),
            ("in another, over a break", "2016", (8, 8.5, 9.2, 19.4, 19.8), "agrees"),
        )
    ],
    "date_equals": [
        ("the year", "kind: date_equals, figures: [a, b]", [claim("2016", unit="date", year="2016")], figures, expected)
        for figures, expected in (
            ({"figures": [figure("a", "31", year="2016-03"), figure("b", "32", year="2018")]}, "agrees"),
            (
                {"figures": [figure("a", "31", year="2016-03", status="secondary"), figure("b", "32")]},
                "agrees with a secondary source",
            ),
            ({"figures": [figure("a", "31", year="2015"), figure("b", "32", year="2016")]}, "wrong year"),
            ({"figures": [figure("a", "31", year="undated"), figure("b", "2", note=ARTICLE)]}, "cannot be checked"),
        )
    ],
    "elapsed_years": [
        (begun, "kind: elapsed_years, figures: [a]", [claim("3", unit="year")], {"figures": [given]}, expected)
        for begun, given, expected in (
            ("third", figure("a", "31", year="2016-03"), "agrees"),
            ("fourth", figure("a", "31", year="2015"), "wrong year"),
            ("undated", figure("a", "31", year="undated"), "cannot be checked"),
        )
    ],
    "trend": [
        (
            name,
            TREND,
            [GROWING],
            {"figures": [figure(i, v, year=y) for i, v, y in zip("abcd", values, when, strict=True)]},
            expected,
        )
        for name, values, when, expected in (
            ("all rise", ("9", "14", "30", "31"), ("2015", "~2017", "2016", "2018"), "agrees"),
            ("one falls", ("9", "14", "31", "30"), ("2015", "~2017", "2016", "2018"), "depends on the definition"),
            ("all fall", ("14", "9", "31", "30"), ("2015", "~2017", "2016", "2018"), "not supported"),
            ("no dates", ("9", "14", "30", "31"), ("undated", "2018", "n/s", "2018"), "cannot be checked"),
        )
    ],
    "no_evidence": [
        (name, SEARCH, [said], {"figures": [given]}, expected)
        for name, said, given, expected in (
            ("nothing there", claim("~50"), figure("a", "50"), "cannot be checked"),
            ("a row arrives and fits", claim("~50"), figure("a", "52", indicator="gatherings"), "agrees"),
            ("a row arrives and does not", claim("~50"), figure("a", "90", indicator="gatherings"), "not supported"),
            (
                "the article's own",
                claim("~50"),
                figure("a", "50", indicator="gatherings", note=ARTICLE),
                "cannot be checked",
            ),
            (
                "a date arrives",
                claim("2018", unit="date", type="date"),
                figure("a", "5", indicator="gatherings"),
                "agrees",
            ),
            (
                "another date arrives",
                claim("2018", unit="date", type="date"),
                figure("a", "5", indicator="gatherings", year="2014"),
                "wrong year",
            ),
            ("words", claim("some", type="list"), figure("a", "5", indicator="gatherings"), "cannot be checked"),
        )
    ],
    "not_a_quantity": [
        (name, "kind: not_a_quantity, checkable: [n/a], about: a list of functions", [said], {}, expected)
        for name, said, expected in (
            ("the columns say so", claim("3", checkable="n/a"), "not a quantity"),
            ("they no longer do", claim("3"), "cannot be checked"),
        )
    ],
    "headline": [
        (verdict, "kind: headline", [claim("25", unit="percent")], {"headlines": rows}, verdict)
        for verdict, rows in (
            ("wrong year", headline("wrong year", found=25.5, year=2016)),
            ("agrees", headline("agrees", found=25.5, year=2018)),
            ("not supported", headline("not supported", found=31.0, year=2018)),
        )
    ],
}


@pytest.mark.parametrize(
    ("rule", "claims", "tables", "expected"),
    [
        pytest.param(*case[1:], id=f"{kind}: {number} {case[0]}")
        for kind, cases in CASES.items()
        for number, case in enumerate(cases)
    ],
)
def test_the_data_decide(verdict_of, rule, claims, tables, expected):
    row = verdict_of(rule, claims, **tables)
    assert row["verdict"] == expected, row["sentence"]
    assert (row["missing"] is None) == (expected != "cannot be checked")
    assert row["sentence"].startswith("On “cities of a network” the article says ")

    for name in TEXTS:
        english, german = row[name], row[f"{name}_de"]
        assert (english is None) == (german is None)
        if german is not None:
            assert numbers(german, "de") == numbers(english, "en"), german
            assert not english_words(german), german


@pytest.mark.parametrize("kind", CASES)
def test_the_german_sentence_flips_where_the_english_one_does(verdict_of, kind):
    rows = [verdict_of(rule, claims, **tables) for _, rule, claims, tables, _ in CASES[kind]]
    assert len({row["sentence_de"] for row in rows}) > 1
    for one, other in itertools.combinations(rows, 2):
        assert (one["sentence"] == other["sentence"]) == (one["sentence_de"] == other["sentence_de"])


# kind → words that stand in the German sentence of one case of it, by its name, and those of another.
GERMAN = {
    "figure_equals": {
        "the publisher's own": "heißt es im Artikel: 32 Städte, für 2018; “A study” nennt 32 Städte (2018).",
        "another year": "“A study” nennt 32 Städte (2015); das ist ein anderes Jahr.",
        "from the article": "die einzige vorliegende Zahl steht im Artikel selbst; es fehlt: eine andere Quelle als",
    },
    "competing_figures": {"they disagree": "“A study” (auf a.example) nennt 15 Städte (2018) und “A study” (auf b."},
    "inequality": {"above": "nennt 60\u00a0% (Städte, 2018); 56,0 bis 64,0\u00a0%, als wären die 556 Befragten eine"},
}


@pytest.mark.parametrize(("kind", "case"), [(kind, case) for kind, cases in GERMAN.items() for case in cases])
def test_a_german_sentence_is_german(verdict_of, kind, case):
    rule, claims, tables = next(given[1:4] for given in CASES[kind] if given[0] == case)
    assert GERMAN[kind][case] in verdict_of(rule, claims, **tables)["sentence_de"]


def test_a_german_verdict_that_is_another_one_is_a_fault(verdict_of, monkeypatch):
    def half(case):
        return Finding("agrees" if spoken() == "en" else "not supported", "so it is")

    monkeypatch.setitem(COMPUTE, "figure_equals", half)
    with pytest.raises(ValueError, match="the verdict in de is another one"):
        verdict_of(EQUALS, [claim()], figures=[figure("a", "32")])


def test_no_kind_is_without_a_flip():
    assert set(CASES) == set(KINDS)
    for kind, cases in CASES.items():
        assert len({expected for *_, expected in cases}) > 1, kind
    assert {expected for cases in CASES.values() for *_, expected in cases} == set(VERDICTS)


def test_the_sentence_names_both_sources_that_disagree(verdict_of):
    row = verdict_of(COMPETING, [claim("7")], figures=[figure("a", "15"), figure("b", "12")])
    assert "A study, on a.example, gives 15 cities" in row["sentence"]
    assert "A study, on b.example, gives 12 cities" in row["sentence"]
    assert row["distance"] == 4.5
    assert row["roles"] == {"compared": ["a", "b"]}


def test_roles_tell_what_decided_from_what_stands_beside(verdict_of):
    rows = [figure("a", "32", status="secondary"), *(figure(name, "31") for name in "bcd")]
    rule = f"{EQUALS}, alternatives: [b], definitions: [c], related: [d, C002]"
    row = verdict_of(rule, [claim(), claim(id="C002")], figures=rows)
    assert row["roles"] == {"secondary": ["a"], "alternative": ["b", "d", "C002"], "definition": ["c"]}
    assert row["evidence_ids"] == "a;b;c;d;C002"
    assert "by another definition A study gives 31 cities" in row["sentence"]


def test_counts_of_districts_are_added_up_to_their_state(verdict_of):
    rows = refugees(30, 40)
    of_district = persons("p", "12001", 25, concept="protection_seekers")
    row = verdict_of(SHARES, [MAJORITY], observations=[*rows, of_district])
    assert (row["verdict"], row["found_upper"]) == ("depends on the definition", 55.0)
    assert of_district["observation_id"] in row["roles"]["compared"]


def test_printed_counts_are_matched_by_state_and_year(verdict_of):
    rule = SHARES.replace("part: {source: p, year: 2018, concept: protection_seekers}", "part_figures: [a]")
    whole = [persons("w", "14", 100, concept="foreign_nationality")]
    row = verdict_of(rule, [MAJORITY], observations=whole, figures=[figure("a", "40", geography="Sachsen")])
    assert (row["verdict"], row["found"]) == ("not supported", "40.0 % of foreigners in Sachsen in 2018")
    with pytest.raises(InputError, match="takes a for persons of an eastern state in 2018"):
        verdict_of(rule, [MAJORITY], observations=whole, figures=[figure("a", "40", geography="Hessen")])


def test_an_observation_that_arrives_is_told(verdict_of):
    rule = "kind: no_evidence, observations_of: c, before: 1991, missing: the population"
    assert verdict_of(rule, [claim("few", unit="x")])["missing"] == "the population"
    row = verdict_of(rule, [claim("few", unit="x")], observations=[persons("s", "12", 1, concept="c", year=1989)])
    assert row["missing"] == "a rule of another kind for this claim"
    assert row["roles"] == {"alternative": ["s:v1:12:1989:c:persons_with"]}


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2018", 2018, 2018),
        ("2019/20", 2019, 2020),
        ("2015-18", 2015, 2018),
        ("2016-03", 2016, 2016),
        ("~2018", 2017, 2019),
        ("~2018-19", 2017, 2020),
        ("2021+", 2021, 9999),
        ("1980s", 1980, 1989),
        ("until 2016", 0, 2016),
        ("after 2004", 2005, 9999),
        ("2018 (as stated)", 2018, 2018),
        ("2000-2020", 2000, 2020),
    ],
)
def test_printed_years_are_spans(text, first, last):
    found = years(text)
    assert found is not None
    assert (found.first, found.last) == (first, last)


@pytest.mark.parametrize("text", [None, "", "n/s", "n/a", "undated", "undated (before 2018)", "n/s (before 2004)"])
def test_what_is_undated_has_no_years(text):
    assert years(text) is None


value = st.floats(1, 10_000).map(lambda number: round(number, 1))
half = st.sampled_from([0.05, 0.5, 5.0])


@given(value, half, value, half, st.floats(0, 50), st.floats(0, 50))
def test_more_tolerance_never_loses_a_fit(one, one_half, other, other_half, narrow, more):
    claimed, found = (
        Interval(one, one - one_half, one + one_half),
        Interval(other, other - other_half, other + other_half),
    )
    if claimed.widened(narrow).fits(found):
        assert claimed.widened(narrow + more).fits(found)
    assert claimed.widened(narrow + more).distance(found) <= claimed.widened(narrow).distance(found)


@given(value, half, value, half)
def test_a_fit_does_not_depend_on_which_is_the_claim(one, one_half, other, other_half):
    a, b = Interval(one, one - one_half, one + one_half), Interval(other, other - other_half, other + other_half)
    assert a.fits(b) == b.fits(a)
    assert a.fits(a)
    assert a.distance(a) == 0


ORDER = ("not supported", "order of magnitude plausible", "agrees")


@pytest.mark.parametrize("printed", ["420", "460", "499", "500", "501", "600"])
def test_more_tolerance_never_turns_a_bound_kept_into_one_broken(verdict_of, printed):
    ranks = [
        ORDER.index(
            verdict_of(f"{MORE}, within_percent: {p}", [claim(">500")], figures=[figure("a", printed)])["verdict"]
        )
        for p in (0, 1, 10, 20)
    ]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize(
    ("rule", "said", "tables", "told"),
    [
        (BELOW, claim(), {}, "names the series s.2018.c, of which analysis.east_west has no difference"),
        (SHARES, MAJORITY, {}, "selects w 2018 foreign_nationality, of which there is no observation"),
        (EQUALS, claim(), {"figures": [figure("a", "words")]}, "compares a, which holds no number"),
        (EQUALS, claim("10-20"), {"figures": [figure("a", "10")]}, "names 1 numbers for the 2 of the claim"),
        (EQUALS, claim("~32"), {"figures": [figure("a", "32")]}, "has no tolerance, but the claim says about"),
        (EQUALS, claim("few", unit="x"), {"figures": [figure("a", "2")]}, "compares numbers, but the claim says 'few'"),
        (MORE, claim("few", unit="x"), {"figures": [figure("a", "2")]}, "needs a bound, but the claim says 'few'"),
        (f"{EQUALS}, related: [b]", claim(), {"figures": [figure("a", "32")]}, "shows b beside it, which is not there"),
        ("kind: headline", claim(), {}, "analysis.headline_claim has no reading of this claim"),
        (SUM, SHARES_OF_ONE[0], {"figures": [figure("a", "60")]}, "adds up C002, which is no claim of a percentage"),
    ],
)
def test_a_rule_that_the_rows_cannot_carry_is_told_with_its_line(verdict_of, rule, said, tables, told):
    with pytest.raises(InputError) as error:
        verdict_of(rule, [said], **tables)
    assert told in str(error.value)
    assert str(error.value).startswith("rules.yml, line 3, key C001")
    assert error.value.remedy
