"""Every number of the pages leads to raw lines, and a sample of shares follows from these lines alone."""

from __future__ import annotations

import csv
import random

import polars as pl
import pytest

from pipeline.release import open_release
from pipeline.release.links import follow
from pipeline.release.shown import numbers

EAST = ("12", "13", "14", "15", "16")
BERLIN = "11"


@pytest.fixture(scope="module")
def release(finished):
    return open_release(finished.folder / "build/release/current")


@pytest.fixture(scope="module")
def shown(finished):
    pages = sorted((finished.folder / "build/report").rglob("*.html"))
    return {one.row_id for page in pages for one in numbers(page.read_text("utf-8"))}


def line_of(raw, file: str, line: int) -> dict[str, str]:
    """The cells of one line, by a reader that knows nothing of the project."""
    head, *rest = (raw / file).read_text("utf-8").splitlines()
    return dict(zip(next(csv.reader([head])), next(csv.reader([rest[line - 2]])), strict=True))


def test_every_number_of_every_page_leads_to_lines_that_are_there(release, shown):
    assert len(shown) > 300
    links, lines = follow(release, sorted(shown))
    leads = dict.fromkeys(lines["row_id"].to_list(), True)
    made_from: dict[str, list[str]] = {}
    for row_id, cause in links.select("row_id", "made_from").iter_rows():
        made_from.setdefault(row_id, []).append(cause)

    def reaches(row_id: str) -> bool:
        if row_id not in leads:
            leads[row_id] = False
            leads[row_id] = any(reaches(cause) for cause in made_from.get(row_id, []))
        return leads[row_id]

    assert [row_id for row_id in sorted(shown) if not reaches(row_id)] == []
    lengths = {
        file: len((release.folder / "raw" / file).read_text("utf-8").splitlines())
        for file in lines["raw_file"].unique()
    }
    assert all(1 < line <= lengths[file] for file, line in lines.select("raw_file", "raw_line").iter_rows())


def test_a_sample_of_shares_follows_from_the_lines_alone(release, shown):
    results = release.table("analysis.east_west").filter(
        pl.col("result_id").is_in(sorted(shown)),
        pl.col("estimand") == "pooled",
        pl.col("level") == "state",
        pl.col("quantity").is_in(["east", "west"]),
    )
    rows = results.sort("result_id").rows(named=True)
    recomputed = 0
    for row in random.Random(7).sample(rows, len(rows)):  # noqa: S311
        _, lines = follow(release, [row["result_id"]])
        cells = [
            line_of(release.folder / "raw", file, line)
            for file, line in lines.select("raw_file", "raw_line").iter_rows()
        ]
        if any({"region", "measure", "value"} - cell.keys() for cell in cells):
            continue
        if {cell["measure"] for cell in cells} != {"persons_with", "persons_total"}:
            continue
        east = {*EAST, *([BERLIN] if row["berlin"] == "in_east" else [])}
        left_out = {BERLIN} if row["berlin"] == "excluded" else set()
        sums = {"persons_with": 0.0, "persons_total": 0.0}
        for cell in cells:
            region = cell["region"]
            is_state = len(region) == 2 and region.isdigit() and region not in left_out
            if is_state and (region in east) == (row["quantity"] == "east"):
                sums[cell["measure"]] += float(cell["value"])
        assert 100 * sums["persons_with"] / sums["persons_total"] == pytest.approx(row["estimate"]), row["result_id"]
        recomputed += 1
        if recomputed == 10:
            break
    assert recomputed >= 4
