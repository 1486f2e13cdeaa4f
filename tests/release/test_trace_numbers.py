"""Every number of the pages leads to raw lines, and a sample of numbers follows from these lines alone."""

from __future__ import annotations

import csv
import random

import polars as pl
import pytest
import yaml

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


def printed(release, row_id: str) -> list[float]:
    """The figures a row was computed from, read from their lines; source.yml beside them says in which unit."""
    _, lines = follow(release, [row_id])
    found = []
    for file, line, position in lines.select("raw_file", "raw_line", "raw_position").iter_rows():
        raw = release.folder / "raw"
        cells = line_of(raw, file, line)
        figure = cells["value"] if position is None else list(cells.values())[position - 1]
        measures = yaml.safe_load((raw / file).with_name("source.yml").read_text("utf-8")).get("measures") or {}
        multiplier = measures.get(cells.get("measure"), {}).get("multiplier", 1)
        found.append(float(figure.strip("<>~≥≤ ")) * multiplier)
    return found


def share(figures: list[float]) -> float:
    """A share as printed, or of two counts the part in the whole."""
    return figures[0] if len(figures) == 1 else 100 * min(figures) / max(figures)


# Table → the column that was shown, and what it follows from.
FOLLOWS = {
    "core.study_figure": ("value", lambda figures: figures[0]),
    "core.claim": ("value", lambda figures: figures[0]),
    "core.observation": ("value", lambda figures: figures[0]),
    "marts.region_share": ("share_percent", share),
    "marts.state_protection_seekers": ("persons", sum),
}


@pytest.mark.parametrize("table", FOLLOWS)
def test_a_sample_of_numbers_follows_from_the_lines_alone(release, shown, table):
    column, computed = FOLLOWS[table]
    ids = sorted(row_id for row_id in shown if release.find(row_id)[0] == table)
    sample = random.Random(7).sample(ids, min(12, len(ids)))  # noqa: S311
    compared = 0
    for row_id in sample:
        value = release.find(row_id)[1][column]
        if value is None:
            continue
        assert computed(printed(release, row_id)) == pytest.approx(float(value), rel=1e-6), row_id
        compared += 1
    assert compared >= min(8, len(ids))


def test_revisions_follow_from_the_two_lines_alone(release, shown):
    ids = sorted(row_id for row_id in shown if release.find(row_id)[0] == "marts.revision")
    for row_id in ids:
        row = release.find(row_id)[1]
        earlier, later = (printed(release, row[f"{which}_observation_id"])[0] for which in ("earlier", "later"))
        assert (later - earlier) == pytest.approx(row["change"] * earlier / row["earlier"]), row_id
    assert len(ids) > 5


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
