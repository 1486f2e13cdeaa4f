"""The file of rules: what is wrong in it is told with file, line and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.analysis.claims.rules import FILE, figure_refs, hold_against, load_rules
from pipeline.errors import InputError

HEAD = "read_in_the_article: read in the checked article\nrules:\n"
GOOD = """  C001:
    kind: figure_equals
    figures: [samofa_cities]
    reason: The project's own count.
"""


@pytest.fixture
def read(tmp_path: Path):
    def from_text(rules: str):
        file = tmp_path / "rules.yml"
        file.write_text(HEAD + rules, "utf-8")
        return load_rules(file, shown="rules.yml")

    return from_text


def test_a_good_rule_is_read(read):
    rules = read(GOOD)
    assert rules.by_claim["C001"].kind == "figure_equals"
    assert figure_refs(rules.by_claim["C001"]) == {"samofa_cities": ("figures", 0)}
    hold_against(rules, ["C001"], ["samofa_cities"])


@pytest.mark.parametrize(
    ("rules", "line", "told"),
    [
        pytest.param(GOOD + GOOD, 7, "second time", id="a claim twice"),
        pytest.param(GOOD.replace("figure_equals", "figure_equal"), 4, "did you mean figure_equals", id="a kind"),
        pytest.param(GOOD.replace("figures:", "figure:"), 5, "unknown key 'figure'", id="a key of another kind"),
        pytest.param(GOOD.replace("    reason: The project's own count.\n", ""), None, "reason", id="no reason"),
        pytest.param(GOOD.replace("C001", "X1"), 3, "no rule of a claim", id="no claim id"),
        pytest.param(GOOD.replace("samofa_cities", "'samofa cities'"), 5, "figures", id="no figure id"),
        pytest.param(
            GOOD + "    tolerance_percent: 200\n", 7, "less than or equal to 100", id="a tolerance beyond everything"
        ),
        pytest.param(GOOD.replace("[samofa_cities]", "&a [b]") + "    says: *a\n", 5, "alias", id="an alias"),
        pytest.param(
            "  C001: {kind: no_evidence, missing: a count, reason: nothing counts them}\n",
            3,
            "nothing is searched for",
            id="a search for nothing",
        ),
        pytest.param(
            "  C001: {kind: no_evidence, words: [a], missing: the count of 1989, reason: nothing counts them}\n",
            3,
            "missing",
            id="a figure typed into words",
        ),
        pytest.param(GOOD + "    verdict: agrees\n", 7, "unknown key 'verdict'", id="a verdict typed in"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(read, rules, line, told):
    with pytest.raises(InputError) as error:
        read(rules)
    assert error.value.file == "rules.yml"
    assert told in str(error.value)
    assert "Remedy: " in str(error.value)
    if line is not None:
        assert f"line {line}" in str(error.value)


@pytest.mark.parametrize(
    ("claims", "figures", "line", "told", "remedy"),
    [
        (["C001", "C002"], ["samofa_cities"], None, "the claim C002 has no rule", "add `C002:`"),
        (["C002"], ["samofa_cities"], 3, "there is no claim C001", "remove the rule"),
        (
            ["C001"],
            ["samofa_citys"],
            5,
            "the figure samofa_cities, which is not there",
            "did you mean samofa_citys",
        ),
    ],
)
def test_claims_rules_and_figures_belong_together(read, claims, figures, line, told, remedy):
    with pytest.raises(InputError) as error:
        hold_against(read(GOOD), claims, figures)
    text = str(error.value)
    assert text.startswith("rules.yml")
    assert told in text
    assert remedy in text
    if line is not None:
        assert f"line {line}" in text


def test_the_rules_of_the_project_are_read_and_named_once():
    rules = load_rules()
    assert list(rules.by_claim) == [f"C{number:03d}" for number in range(1, 96)]
    assert rules.file == "pipeline/analysis/claims/rules.yml"
    assert FILE.read_text("utf-8").count("verdict:") == 0
