"""All verdicts on the figures of raw_data: the list as reviewed, and what every one of them must keep to.

verdicts.csv is compared, never used: a change of a figure or a rule shows there in review. To write it anew after a
change that is meant: `AUGENHOEHE_WRITE_VERDICTS=1 python -m pytest tests/analysis/test_analysis_claims_real.py`.
"""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path

import polars as pl
import pytest
from two_languages import english_words, numbers

from pipeline.analysis.claims.kinds import UNCHECKED, VERDICTS
from pipeline.analysis.claims.rules import figure_refs, load_rules
from pipeline.analysis.claims.verdicts import READS, TEXTS, claim_verdicts
from pipeline.analysis.comparisons import EastWest, Headline, Survey
from pipeline.analysis.design import load_design
from pipeline.analysis.east_west import east_west
from pipeline.analysis.headline import headline_claim
from pipeline.analysis.surveys import survey_intervals
from pipeline.analysis.tables import CLAIM_EVIDENCE, CLAIM_VERDICT
from pipeline.project import open_project
from pipeline.registry import described
from pipeline.settings import Settings
from pipeline.vintages import typed_rows
from pipeline.warehouse import Warehouse

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).with_name("verdicts.csv")
CORE = {"observation": "observation", "study_figure": "study_figure", "claim": "claim", "network_city": "network_city"}
MARTS = ("marts.current_observation", "marts.share", "marts.aggregate_share")
NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)*")


@pytest.fixture(scope="module")
def frames(tmp_path_factory) -> dict[str, pl.DataFrame]:
    """The tables the rules read, from the files of raw_data, by the transformations and marts of the project."""
    project = open_project(Settings.resolve(ROOT, env={}))
    warehouse = Warehouse(tmp_path_factory.mktemp("real") / "warehouse.duckdb", linger_seconds=60)
    tables = project.contracts.tables
    rows = {
        f"core.{kind}": pl.concat(
            typed_rows(project, vintage) for vintage in project.registry.vintages if vintage.kind == kind
        )
        for kind in (*CORE, "region")
    }
    rows |= {
        "core.vintage": described.vintages(project.registry),
        "core.caveat": described.caveats(project.registry),
    }
    for name, frame in rows.items():
        warehouse.replace(name, ddl=tables[name].ddl, comments=tables[name].comments, frame=frame)
    for name in MARTS:
        warehouse.replace(name, ddl="", comments=tables[name].comments, select=tables[name].select)
    found = dict(warehouse.read_all([*rows, *MARTS]))
    warehouse.close()
    # No rule reads a result of districts, and they take most of the time.
    states = found["marts.share"].filter(pl.col("level") == "state")
    found["analysis.east_west"] = east_west(states, load_design().of(EastWest)).results
    found["analysis.survey_interval"] = survey_intervals(found["core.study_figure"], load_design().of(Survey))
    found["analysis.headline_claim"] = headline_claim(
        found["core.claim"],
        found["analysis.east_west"],
        found["marts.aggregate_share"],
        *load_design().of(Headline),
    )
    return {name: found[name] for name in READS}


@pytest.fixture(scope="module")
def computed(frames) -> tuple[pl.DataFrame, pl.DataFrame]:
    return claim_verdicts(frames)


def test_the_verdicts_are_those_that_were_reviewed(computed):
    columns = ["claim_id", "rule_kind", "verdict", "found", "sentence", "sentence_de"]
    found = [{name: row[name] or "" for name in columns} for row in computed[0].iter_rows(named=True)]
    if os.environ.get("AUGENHOEHE_WRITE_VERDICTS"):
        with GOLDEN.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(found)
    with GOLDEN.open(encoding="utf-8", newline="") as file:
        assert found == list(csv.DictReader(file))


def test_all_95_statements_have_a_verdict_and_every_verdict_occurs(computed):
    verdicts, evidence = computed
    assert dict(verdicts.schema) == CLAIM_VERDICT
    assert dict(evidence.schema) == CLAIM_EVIDENCE
    assert verdicts["claim_id"].to_list() == [f"C{number:03d}" for number in range(1, 96)]
    assert set(verdicts["verdict"]) == set(VERDICTS)


def test_both_languages_say_the_same_numbers_and_neither_a_word_of_the_other(computed):
    """Of a verdict in every text, and of every row it rests on; `“…”` would mark a text without German words."""
    verdicts, evidence = computed
    pairs = [(row[name], row[f"{name}_de"]) for row in verdicts.iter_rows(named=True) for name in TEXTS]
    pairs += evidence.select("figure", "figure_de").unique().rows()
    told = [(english, german) for english, german in pairs if english is not None]
    assert len(told) > 700
    assert all(german is None for english, german in pairs if english is None)
    for english, german in told:
        assert numbers(german, "de") == numbers(english, "en"), german
        assert not english_words(german), german
        assert "”" not in german, german


def test_a_statement_without_german_words_is_quoted_as_the_english_it_is(frames):
    renamed = frames["core.claim"].with_columns(
        statement=pl.when(pl.col("claim_id") == "C006").then(pl.lit("a new wording")).otherwise(pl.col("statement"))
    )
    verdicts, _ = claim_verdicts({**frames, "core.claim": renamed})
    row = verdicts.filter(claim_id="C006").row(0, named=True)
    assert row["sentence"].startswith("On “a new wording” the article says 32 municipalities")
    assert row["sentence_de"].startswith("Zu “a new wording” heißt es im Artikel: 32 Kommunen")


def test_no_number_in_a_sentence_comes_from_nowhere(frames, computed):
    """Each stands in the claim, in a row it was compared with, or was counted or computed from those in `found`."""
    verdicts, evidence = computed
    claims = {row["claim_id"]: row for row in frames["core.claim"].iter_rows(named=True)}
    for row in verdicts.iter_rows(named=True):
        claim = claims[row["claim_id"]]
        told = [claim["statement"], claim["value_printed"], claim["reference_year"], claim["unit"], row["found"]]
        told += evidence.filter(result_id=row["result_id"])["figure"].to_list()
        known = {number.replace(",", "") for text in told if text for number in NUMBER.findall(text)}
        said = {number.replace(",", "") for number in NUMBER.findall(row["sentence"])}
        assert said <= known, (row["claim_id"], said - known)


def test_a_number_found_in_a_figure_stands_in_the_evidence(computed):
    """Counts, sums, shares and differences are computed; every other number found is printed in a row."""
    verdicts, evidence = computed
    computed_kinds = ["headline", "count_of_rows", "sum_check", "share_of_counts", "largest_rise", "elapsed_years"]
    rows = verdicts.filter(~pl.col("rule_kind").is_in([*computed_kinds, "inequality"]), pl.col("found").is_not_null())
    assert rows.height > 15
    for row in rows.iter_rows(named=True):
        text = " ".join(evidence.filter(result_id=row["result_id"])["figure"])
        assert set(NUMBER.findall(row["found"])) <= set(NUMBER.findall(text)), row["claim_id"]


def test_what_cannot_be_checked_says_what_is_missing_and_nothing_else_does(computed):
    verdicts = computed[0]
    assert (verdicts["missing"].is_not_null() == (verdicts["verdict"] == UNCHECKED)).all()


def test_every_figure_a_rule_names_is_a_row_of_its_evidence(computed):
    evidence = computed[1]
    for claim_id, rule in load_rules().by_claim.items():
        listed = set(evidence.filter(result_id=f"claim.{claim_id}")["evidence_id"])
        named = {ref.partition("[")[0] for ref in (*figure_refs(rule), *rule.related)}
        assert named <= listed, claim_id


def test_figures_read_in_the_article_decide_nothing(frames, computed):
    circular = frames["core.study_figure"].filter(pl.col("note").str.starts_with("read in the checked article"))
    assert circular.height >= 6
    roles = computed[1].filter(pl.col("evidence_id").is_in(circular["figure_id"].to_list()))
    assert set(roles["role"]) == {"alternative"}


def test_the_headline_names_best_match_and_distance(computed):
    rows = computed[0].filter(rule_kind="headline")
    assert rows["claim_id"].to_list() == ["C057", "C058", "C059"]
    assert set(rows["verdict"]) == {"wrong year"}
    assert all("2016 with" in found and found.endswith("0.00 points outside at most") for found in rows["found"])
    assert (rows["distance"] == 0).all()


def test_both_bases_and_all_eastern_states_enter_the_share_of_refugees(computed):
    row = computed[0].filter(claim_id="C061").row(0, named=True)
    evidence = computed[1].filter(result_id="claim.C061")
    for state in ("12", "13", "14", "15", "16", "11"):
        for source in ("mikrozensus_states:2023-first-results", "azr_foreign_population_states:2018-2025"):
            of_state = evidence.filter(pl.col("evidence_id").str.starts_with(f"{source}:{state}:2023:"))
            assert of_state.height == 1, (source, state)
        districts = evidence.filter(
            pl.col("evidence_id").str.starts_with(f"protection_seekers_districts:2023-2024:{state}")
        )
        assert districts.height > 0, state
    assert row["found_upper"] < 50
    assert row["distance"] == pytest.approx(50 - row["found_upper"])


def test_another_figure_gives_another_verdict(frames):
    """The same rules on raw data of which one figure differs: nothing of a verdict is fixed."""
    is_it = pl.col("figure_id") == "samofa_cities_2017_18"
    forty = [pl.lit(40, pl.Decimal(20, 6)).alias(name) for name in ("value", "lower", "upper")]
    changed = frames["core.study_figure"].with_columns(
        pl.when(is_it).then(new).otherwise(new.meta.output_name()).alias(new.meta.output_name())
        for new in (pl.lit("40").alias("value_printed"), *forty)
    )
    verdicts, _ = claim_verdicts({**frames, "core.study_figure": changed})
    row = verdicts.filter(claim_id="C006").row(0, named=True)
    assert (row["verdict"], row["distance"]) == ("not supported", 7.5)
    assert "gives 40 cities" in row["sentence"]
