"""Levels of RAP and FAIR4RS: every box is there, says what holds, and its evidence exists."""

from __future__ import annotations

import ast
import re

import pytest
from reading import REPOSITORY, rows, targets, targets_of_make

PAGE = REPOSITORY / "docs/reproducibility.md"
TEXT = PAGE.read_text("utf-8")
LINES = list(rows(TEXT))
FAIR = re.split(" ", "F1 F1.1 F1.2 F2 F3 F4 A1 A1.1 A1.2 A2 I1 I2 R1 R1.1 R1.2 R2 R3")


def boxes(level: str) -> list[str]:
    part = TEXT.split(f"\n### {level}\n")[1]
    return [row[0] for row in rows(re.split(r"\n##", part)[0])]


def test_the_eighteen_boxes_and_the_seventeen_principles_are_there():
    assert [len(boxes(level)) for level in ("Baseline", "Silver", "Gold")] == [5, 9, 4]
    assert [row[0] for row in LINES] == [*map(str, range(1, 19)), *FAIR]


@pytest.mark.parametrize("line", LINES, ids=[line[0] for line in LINES])
def test_the_evidence_exists(line):
    _, _, holds, how, evidence = line
    assert holds in ("yes", "in part", "no")
    assert ("issing:" in how) == (holds != "yes"), "what does not hold says what is missing, what holds lacks nothing"
    named = targets(evidence)
    assert named or "`" in evidence
    for target in named:
        assert (PAGE.parent / target).exists(), target
    for test in re.findall(r"`(tests/[^`]+)`", evidence):
        path, _, function = test.partition("::")
        tree = ast.parse((REPOSITORY / path).read_text("utf-8"))
        assert not function or function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, test
    made = set(re.findall(r"(?m)^([a-z]+):", (REPOSITORY / "Makefile").read_text("utf-8")))
    assert targets_of_make(evidence) <= made


def test_the_number_of_boxes_that_hold_is_the_one_that_is_told():
    hold = sum(row[2] == "yes" for row in LINES[:18])
    words = {15: "Fifteen", 16: "Sixteen", 17: "Seventeen", 18: "All"}
    assert f"{words[hold]} of the eighteen boxes hold" in TEXT.replace("\n", " ")
