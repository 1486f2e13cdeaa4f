"""The guides: the analysis is ten lines and gives the shares of the page; the reader is told every verdict."""

from __future__ import annotations

import re
import subprocess
import sys

from reading import REPOSITORY, rows

GUIDES = REPOSITORY / "docs/guides"


def test_the_analysis_is_ten_lines_and_gives_the_shares_of_the_page(finished):
    (code,) = re.findall(r"```python\n(.+?)```", (GUIDES / "researcher.md").read_text("utf-8"), re.DOTALL)
    assert len([line for line in code.splitlines() if line]) <= 10
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=finished.folder, capture_output=True, text=True, check=False, timeout=120
    )
    assert told.returncode == 0, told.stderr
    found = dict(re.findall(r"│ (\w+)\s+┆ (\d+\.\d)\d*", told.stdout))
    assert (found["east"], found["west"]) == ("7.6", "15.7"), told.stdout


def test_the_reader_is_told_every_verdict_by_its_name():
    verdicts = [row[0] for row in rows((REPOSITORY / "docs/claims.md").read_text("utf-8").split("\n## ")[1])]
    told = (GUIDES / "reader.md").read_text("utf-8").split("\n## Read a verdict\n")[1].split("\n## ")[0]
    assert [row[0] for row in rows(told)] == verdicts
    assert len(verdicts) == 9
