"""Rules on what is not there: a search for rows that would bear on a claim, and claims no figure could bear on.

Belongs here: the kinds no_evidence and not_a_quantity, one pure function each. Not here: the comparison of what a
search finds (kinds.py, times.py).
"""

from __future__ import annotations

from pipeline.analysis.claims import rules
from pipeline.analysis.claims.evidence import Evidence, Figure, Finding, Row
from pipeline.analysis.claims.kinds import NO_QUANTITY, Case, compete, decided_by, unchecked
from pipeline.analysis.claims.times import dated
from pipeline.language import listing, t, told


def no_evidence(case: Case[rules.NoEvidence]) -> Finding:
    """Search what would bear on the claim; what is found is compared, else what is missing is said."""
    rule, claim = case.rule, case.claim
    figures = [figure for row in case.tables.figure_rows.values() if (figure := _searched(case, row))]
    observations = case.tables.observations
    if rule.observations_of is None:
        observations = observations.clear()
    else:
        wanted = observations["concept"] == rule.observations_of
        observations = observations.filter(wanted & (observations["year"] < (rule.before or 10_000)))
    if figures and claim.row["type"] == "date":
        return dated(case, figures)
    if figures and len(claim.parts) == 1 and all(len(figure.parts) == 1 for figure in figures):
        return compete(case, figures, rule.tolerance_percent)
    if figures or observations.height:
        found = [*decided_by(figures)]
        ids = observations["observation_id"].head(3).to_list() if observations.height else []
        found += [Evidence(one, "alternative", t("an observation that bears on it")) for one in ids]
        clause = t("a figure that bears on it has arrived, and its rule cannot compare it")
        return unchecked(t("a rule of another kind for this claim"), clause, found)
    beside = [case.tables.figure(ref) for ref in rule.related if rules.bare(ref) in case.tables.figure_rows]
    near = [figure.clause for figure in beside if not figure.circular]
    clause = t("no figure at hand decides it")
    if near:
        clause = t("no figure at hand decides it; beside it, {figures}", figures=listing(near))
    return unchecked(told(rule.missing), clause)


def _searched(case: Case[rules.NoEvidence], row: Row) -> Figure | None:
    rule, figure = case.rule, Figure(row, circular=case.tables.is_circular(row))
    if figure.circular or not rule.words or not any(word.lower() in figure.searched for word in rule.words):
        return None
    if rule.geography is not None and rule.geography.lower() not in (row["geography"] or "").lower():
        return None
    if (rule.dated or rule.before is not None) and figure.years is None:
        return None
    if rule.before is not None and figure.years is not None and figure.years.first >= rule.before:
        return None
    return figure


def not_a_quantity(case: Case[rules.NotAQuantity]) -> Finding:
    """The claim's own columns decide; once they change, the statement waits for another rule."""
    rule, row = case.rule, case.claim.row
    columns = {"type": rule.type, "checkable": rule.checkable}
    if all(not allowed or row[name] in allowed for name, allowed in columns.items()):
        clause = t(
            "this is about {about} (type {type}, checkable {checkable}), not a quantity to compare",
            about=told(rule.about),
            type=told(row["type"]),
            checkable=told(row["checkable"]),
        )
        return Finding(NO_QUANTITY, clause)
    clause = t(
        "the claim is now of the type {type}, checkable {checkable}",
        type=told(row["type"]),
        checkable=told(row["checkable"]),
    )
    return unchecked(t("a rule of another kind for this claim"), clause)
