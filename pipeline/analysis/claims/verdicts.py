"""A computed verdict on every statement of the article.

Belongs here: taking each claim through its rule, the sentence for the reader, the two tables. Not here: the rules
themselves (rules.yml), the comparisons (kinds.py, results.py, times.py,
search.py), how a row is read (evidence.py).

No verdict, and no figure, is typed in: a rule names the rows it compares, and the verdict follows from them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from pipeline.analysis.claims import kinds, results, search, times
from pipeline.analysis.claims.evidence import Claim, Evidence, Finding, Tables
from pipeline.analysis.claims.kinds import UNCHECKED, VERDICTS, Case
from pipeline.analysis.claims.rules import KINDS, Rules, bare, hold_against, load_rules
from pipeline.analysis.tables import CLAIM_EVIDENCE, CLAIM_VERDICT, finish, require_columns
from pipeline.language import LANGUAGES, SOURCE, speaking, t, told

READS = (
    "core.claim",
    "core.study_figure",
    "core.network_city",
    "core.region",
    "marts.current_observation",
    "analysis.survey_interval",
    "analysis.east_west",
    "analysis.headline_claim",
)
CLAIM_COLUMNS = (
    "claim_id", "statement", "value", "value_printed", "relation", "lower", "upper", "unit", "reference_year", "type",
    "checkable",
)  # fmt: skip
FIGURE_COLUMNS = (
    "figure_id", "study", "indicator", "category", "geography", "year", "value", "value_printed", "relation", "lower",
    "upper", "unit", "status", "note",
)  # fmt: skip

# What of a verdict is text, and so stands there in each language; the page shows these (`found` is for mo trace).
TEXTS = ("sentence", "claimed", "found", "tolerance", "reason", "missing")

# One function a kind; each takes its own kind of rule.
COMPUTE: dict[str, Callable[[Case[Any]], Finding]] = {
    "headline": results.headline,
    "count_of_rows": results.count_of_rows,
    "figure_equals": kinds.figure_equals,
    "order_of_magnitude": kinds.order_of_magnitude,
    "competing_figures": kinds.competing_figures,
    "share_of_counts": results.share_of_counts,
    "sum_check": kinds.sum_check,
    "inequality": kinds.inequality,
    "east_below_west": results.east_below_west,
    "date_equals": times.date_equals,
    "elapsed_years": times.elapsed_years,
    "largest_rise": results.largest_rise,
    "trend": times.trend,
    "no_evidence": search.no_evidence,
    "not_a_quantity": search.not_a_quantity,
}
assert set(COMPUTE) == set(KINDS)  # noqa: S101  (a kind without a function is a bug)


def claim_verdicts(frames: Mapping[str, pl.DataFrame], rules: Rules | None = None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """CLAIM_VERDICT, one row a claim in the order of core.claim, and CLAIM_EVIDENCE, one row a row compared.

    Args:
        frames: the tables of READS by name; core.claim with CLAIM_COLUMNS, core.study_figure with FIGURE_COLUMNS at
            least.
        rules: the rules; those of rules.yml by default.

    Raises:
        InputError: a claim without a rule, a rule without a claim, a rule that names a row which is not there or which
            its kind cannot compare; with file, line and remedy.
    """
    rules = rules or load_rules()
    require_columns(frames["core.claim"], CLAIM_COLUMNS, "core.claim")
    require_columns(frames["core.study_figure"], FIGURE_COLUMNS, "core.study_figure")
    tables = Tables(*(frames[name] for name in READS), read_in_the_article=rules.read_in_the_article)
    hold_against(rules, tables.claim_rows.keys(), tables.figure_rows.keys())
    verdicts, evidence = [], []
    for row in frames["core.claim"].iter_rows(named=True):
        case = Case(Claim(row), rules.by_claim[row["claim_id"]], tables, rules)
        for language in LANGUAGES:
            with speaking(language):
                verdict, rows = _judged(case)
            if language == SOURCE:
                verdicts.append(verdict)
                evidence += rows
            else:
                # The same code again in another language: what is no text is the same, or it is no translation.
                _put_beside(verdicts[-1:], [verdict], TEXTS, language)
                _put_beside(evidence[len(evidence) - len(rows) :], rows, ("figure",), language)
    return (
        finish(verdicts, CLAIM_VERDICT, key=["result_id"]),
        finish(evidence, CLAIM_EVIDENCE, key=["result_id", "evidence_id"]),
    )


def _judged(case: Case[Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The verdict and its evidence in the language being spoken."""
    finding = COMPUTE[case.rule.kind](case)
    if finding.verdict not in VERDICTS:
        raise ValueError(f"{case.claim.id}: {finding.verdict!r} is no verdict")
    evidence = _once([*finding.evidence, *_related(case)])
    verdict = {
        "result_id": f"claim.{case.claim.id}",
        "claim_id": case.claim.id,
        "rule_kind": case.rule.kind,
        "verdict": finding.verdict,
        "sentence": f"{case.claim.opening}; {finding.clause}.",
        "claimed": case.claim.words,
        "found": finding.found,
        "found_lower": finding.lower,
        "found_upper": finding.upper,
        "distance": finding.distance,
        "distance_unit": finding.distance_unit if finding.distance is not None else None,
        "tolerance": finding.tolerance or t("none"),
        "reason": told(case.rule.reason),
        "missing": finding.missing if finding.verdict == UNCHECKED else None,
        "evidence_ids": ";".join(e.evidence_id for e in evidence),
    }
    rows = [
        {"result_id": verdict["result_id"], "evidence_id": e.evidence_id, "role": e.role, "figure": e.figure}
        for e in evidence
    ]
    return verdict, rows


def _put_beside(
    rows: Sequence[dict[str, Any]], others: Sequence[dict[str, Any]], texts: Sequence[str], language: str
) -> None:
    """The texts of `others` as further columns of `rows`, row by row."""
    for row, other in zip(rows, others, strict=True):
        if any(row[name] != value for name, value in other.items() if name not in texts):
            raise ValueError(f"{row['result_id']}: the verdict in {language} is another one")
        row.update({f"{name}_{language}": other[name] for name in texts})


def _related(case: Case[Any]) -> list[Evidence]:
    """The rows a rule shows beside the compared ones, from whichever table holds them."""
    found = []
    for index, row_id in enumerate(case.rule.related):
        tables = case.tables
        if bare(row_id) in tables.figure_rows:
            figure = tables.figure(row_id)
            found.append(Evidence(figure.id, "alternative", figure.words))
        elif row_id in tables.claim_rows:
            claim = Claim(tables.claim_rows[row_id])
            statement = told(claim.row["statement"])
            words = t("the article: {statement}: {claimed}", statement=statement, claimed=claim.words)
            found.append(Evidence(row_id, "alternative", words))
        elif row_id in tables.city_rows:
            partner = tables.city_rows[row_id]["partner_named"]
            words = f"{row_id}: {told(partner)}" if partner else t("{city}: no partner named", city=row_id)
            found.append(Evidence(row_id, "alternative", words))
        else:
            raise case.problem(
                f"shows {row_id} beside it, which is not there",
                "related",
                str(index),
                remedy="name a figure of core.study_figure, a claim or a city",
            )
    return found


def _once(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Each row once, in its first role; what several numbers of one row say is joined."""
    rows: dict[str, Evidence] = {}
    for one in evidence:
        first = rows.setdefault(one.evidence_id, one)
        if one.figure not in first.figure:
            rows[one.evidence_id] = Evidence(first.evidence_id, first.role, f"{first.figure}; {one.figure}")
    return list(rows.values())
