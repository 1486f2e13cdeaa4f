"""The whole way in a temporary folder by `mo run`: it must end well, and its release is read against published numbers.

A broken figure must leave release and page as they are. That Dagster alone gives the same bytes is told in tests/ui.
"""

import hashlib
import html
import json
import re
import shutil
import socket
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
import snapshot
from project_folder import REPOSITORY, command, published

from pipeline.release import open_release


@pytest.fixture(scope="module")
def by_mo(finished):
    return finished.folder, finished


@pytest.fixture(scope="module")
def release(by_mo):
    return open_release(by_mo[0] / "build/release/current")


def test_mo_run_ends_well_and_says_where_the_page_is(by_mo):
    folder, run = by_mo
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1] == str(folder / "build/report/index.html")
    assert (folder / "build/report/index.html").stat().st_size > 50_000
    assert "check failed" not in run.stdout


def test_pages_are_light_enough_to_be_sent_by_mail(by_mo):
    report = by_mo[0] / "build/report"
    heavy = {name: (report / name).stat().st_size for name in ("index.html", "index.de.html")}
    assert max(heavy.values()) < 900_000, heavy
    sheets = list((report / "states").glob("*.html"))
    assert len(sheets) == 2 * 16
    assert max(sheet.stat().st_size for sheet in sheets) < 250_000


def test_the_page_of_the_projects_own_lock_speaks_of_no_other(by_mo):
    page = (by_mo[0] / "build/report/index.html").read_text("utf-8")
    assert "computed with the lock" not in page
    assert "This vintage waits:" not in page


def test_nothing_half_written_stays_behind(by_mo):
    folder, _ = by_mo
    left = [path.name for path in (folder / "build").rglob(".*")]
    assert left == []
    assert sorted(path.name for path in folder.iterdir()) == [
        ".dagster",
        "build",
        "dagster.yaml",
        "raw_data",
        "reports",
        "sql",
    ]


def test_whoever_may_read_the_project_may_read_the_release(release):
    for path in (release.folder, *release.folder.rglob("*")):
        mode = path.stat().st_mode & 0o777
        assert mode & 0o444 == 0o444, path
        assert path.is_file() or mode & 0o111 == 0o111, path


def test_the_manifest_names_every_file_with_its_hash(release):
    for name, entry in release.manifest["files"].items():
        assert hashlib.sha256((release.folder / name).read_bytes()).hexdigest() == entry["sha256"], name
    on_disk = {str(path.relative_to(release.folder)) for path in release.folder.rglob("*") if path.is_file()}
    assert on_disk == {*release.manifest["files"], "manifest.json", "SHA256SUMS"}
    assert all(check["passed"] for check in release.manifest["checks"])


@pytest.mark.parametrize(
    ("quantity", "berlin", "percent"),
    [
        # Statistisches Bundesamt, Mikrozensus 2018, wider sense; East and West as quoted by the Bundeszentrale für
        # politische Bildung (28.6 and 8.0, Berlin in the West), Germany 25.5
        ("east", "excluded", 8.0),
        ("east", "in_west", 8.0),
        ("east", "in_east", 13.3),
        ("west", "excluded", 28.4),
        ("west", "in_west", 28.6),
        ("germany", "excluded", 25.5),
    ],
)
def test_the_shares_of_2018_are_the_published_ones(release, quantity, berlin, percent):
    results = release.table("analysis.east_west")
    found = results.filter(
        pl.col("result_id")
        == f"mikrozensus_states.2018.migration_background_wider.berlin_{berlin}.{quantity}.pooled.share"
    )
    assert round(found["estimate"].item(), 1) == percent


def test_every_number_on_the_page_is_the_released_one(release, by_mo):
    """Each span names its row; what it shows must be a number of that row, rounded as shown, or a bound it keeps."""
    page = (by_mo[0] / "build/report/index.html").read_text("utf-8")
    shown = re.findall(r'<span class="num[^"]*" data-result="([^"]+)"[^>]*>([^<]+)</span>', page)
    assert len(shown) > 150
    for row_id, text in shown:
        _, row = release.find(html.unescape(row_id))
        numbers = {value for value in row.values() if isinstance(value, (int, float, Decimal))}
        for below, printed in re.findall(r"(<\s)?([−-]?\d[\d,]*(?:\.\d+)?)", html.unescape(text).replace("−", "-")):
            digits = len(printed.partition(".")[2])
            value = float(printed.replace(",", ""))
            kept = [
                0 <= number < value if below else round(abs(float(number)), digits) == abs(value) for number in numbers
            ]
            assert any(kept), (row_id, text)


def test_the_page_says_what_the_figures_of_2018_say(by_mo):
    page = (by_mo[0] / "build/report/index.html").read_text("utf-8")
    stem = "mikrozensus_states.2018.migration_background_wider.berlin_"
    for result, text in (
        ("excluded.east.pooled.share", "8.0\u202f%"),
        ("in_east.east.pooled.share", "13.3\u202f%"),
        ("excluded.west.pooled.share", "28.4\u202f%"),
        ("excluded.germany.pooled.share", "25.5\u202f%"),
    ):
        found = re.findall(rf'data-result="{re.escape(stem + result)}"[^>]*>([^<]+)<', page)
        assert {re.sub(r"\s", "\u202f", html.unescape(one)) for one in found if "%" in one} == {text}
    assert 'data-result="headline.verdict">Wrong year: the figures of 2018 do not fit, those of 2016 do.' in page


@pytest.mark.parametrize(
    ("observation", "value"),
    [
        # Statistisches Bundesamt, Zensus 2011: population of Germany on 9 May 2011
        ("zensus2011_nationality_regions:2011-05-09:DE:2011-05-09:foreign_nationality:persons_total", 80_219_695),
        # Statistisches Bundesamt, press release of 21 August 2019: 20.8 million with migration background in 2018
        ("mikrozensus_states:2018-final:DE:2018:migration_background_wider:persons_with", 20_799_000),
    ],
)
def test_published_totals_are_rows(release, observation, value):
    found = release.table("core.observation").filter(pl.col("observation_id") == observation)
    assert found["value"].to_list() == [value]


def test_figures_known_to_be_wrong_enter_no_share(release):
    """Landesamt für Statistik Niedersachsen, 2021: Göttingen printed with the 115.4 thousand inhabitants of another."""
    observations, shares = release.table("core.observation"), release.table("marts.share")
    dropped = observations.filter(correction_id="niedersachsen_2021_six_districts")
    assert dropped.height == 42
    assert set(dropped["status"]) == {"contradicted"}
    goettingen = dropped.filter(region_id="03159", measure="persons_total", concept="migration_background_wider")
    assert goettingen["value"].to_list() == [115_400]
    of_the_year = shares.filter(source_id="mikrozensus_niedersachsen_districts", year=2021)
    assert not of_the_year.is_empty()
    assert not set(of_the_year["region_id"]) & set(dropped["region_id"])


def test_every_observation_leads_to_its_line(release, by_mo):
    folder, _ = by_mo
    sample = release.table("core.observation").filter(pl.col("observation_id").hash(0) % 97 == 0)
    assert sample.height > 100
    for row in sample.iter_rows(named=True):
        lines = (folder / "raw_data" / row["raw_file"]).read_text("utf-8").split("\n")
        assert (
            row["region_id"] in lines[row["raw_line"] - 1] or row["region_id"].rstrip("0") in lines[row["raw_line"] - 1]
        )


def recorded(history: Path) -> Iterator[tuple[str, str]]:
    """Every row of every table of Dagster's history as text, unpacked where it is packed."""
    for file in sorted(history.rglob("*.db")):
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as con:
            for (table,) in con.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                for row in con.execute(f'SELECT * FROM "{table}"').fetchall():
                    cells = (zlib.decompress(cell) if isinstance(cell, bytes) else cell for cell in row)
                    yield f"{file.name}, {table}", repr(list(cells))


def test_nothing_of_the_machine_is_published_or_recorded(by_mo, release):
    """No home, user, host, folder or value of the environment, in the release, the page, what is said and recorded."""
    folder, run = by_mo
    hidden = ("canary", str(folder.parent), str(REPOSITORY), socket.gethostname(), str(Path.home()), "/tmp/")  # noqa: S108
    wanted = [word for word in hidden if len(word) > 5 and word != "localhost"]
    texts = [
        (file.name, file.read_text("utf-8"))
        for file in release.folder.rglob("*")
        if file.suffix != ".parquet" and file.is_file()
    ]  # each Parquet file has a CSV beside it
    texts += [("page", (folder / "build/report/index.html").read_text("utf-8"))]
    texts += [(file.name, file.read_text("utf-8")) for file in (folder / "build/charts").iterdir()]
    texts += [("fresh.json", (folder / "build/fresh.json").read_text("utf-8"))]
    texts += [("lock", (folder / "build/run.lock").read_text("utf-8")), ("errors", run.stderr)]
    # The page's own address is the last line of what is said.
    texts += [("said", "\n".join(run.stdout.splitlines()[:-1]))]
    of_history = list(recorded(folder / ".dagster"))
    assert len(of_history) > 300
    for name, text in [*texts, *of_history]:
        for word in wanted:
            at = text.find(word)
            assert at < 0, f"{word} in {name}: {text[max(0, at - 80) : at + 80]}"


def test_a_broken_figure_stops_the_run_and_leaves_release_and_page(by_mo, tmp_path):
    folder = shutil.copytree(by_mo[0], tmp_path / "broken", symlinks=True)
    before = published(folder)
    link = (folder / "build/release/current").readlink()
    file = folder / "raw_data/mikrozensus_states/2018-final/figures.csv"
    good = file.read_bytes()
    file.write_bytes(good.replace(b",60814,", b",sixty,"))
    assert file.read_bytes() != good
    run = command(folder, "mo", "run")
    assert run.returncode == 1
    assert "raw_data/mikrozensus_states/2018-final/figures.csv" in run.stderr
    assert "Remedy" in run.stderr
    assert "untouched" in run.stderr
    assert published(folder) == before
    assert (folder / "build/release/current").readlink() == link


def test_a_shuffled_file_changes_lines_and_nothing_that_is_computed(by_mo, release, tmp_path):
    """Only what names lines runs again; then nothing is due, for the run, the status and the UI alike."""
    folder = tmp_path / "again"
    shutil.copytree(by_mo[0], folder, symlinks=True)
    first = command(folder, "mo", "run")
    every = len(re.findall(r"(?m)^asset ", snapshot.FILE.read_text("utf-8")))
    assert (first.returncode, first.stdout.splitlines()[0]) == (
        0,
        f"all {every} assets are fresh: nothing to compute, release {release.id}",
    )
    file = folder / "raw_data/foreign_share_states/2011-2024/figures.csv"
    header, *rows = file.read_text("utf-8").splitlines(keepends=True)
    file.write_text(header + "".join(reversed(rows)), "utf-8")
    status = command(folder, "mo", "status")
    assert status.returncode == 1
    assert "not fresh: raw.foreign_share_states: " in status.stdout
    run = command(folder, "mo", "run")
    assert run.returncode == 0, run.stderr
    told = r"\d+ of (\d+) assets are fresh, computed: 1 raw, 1 staging, 2 core, \d marts, 1 release, 3 report;"
    found = re.search(told, run.stdout)
    assert found is not None, run.stdout
    assert int(found[1]) == every
    shuffled = open_release(folder / "build/release/current")
    was, now = release.manifest["files"], shuffled.manifest["files"]
    assert {name for name in was if was[name] != now[name]} == {
        *("core/observation.parquet", "core/observation.csv"),
        "raw/foreign_share_states/2011-2024/figures.csv",
    }
    after = command(folder, "mo", "status")
    assert (after.returncode, after.stdout.splitlines()[-1]) == (0, "all is fresh")


def test_the_history_in_the_ui_knows_the_run(by_mo):
    folder, _ = by_mo
    code = (
        "import dagster as dg, json; i = dg.DagsterInstance.get(); "
        "print(json.dumps([r.status.value for r in i.get_runs()]), len(i.all_asset_keys()))"
    )
    found = command(folder, "python", "-c", code, DAGSTER_HOME=str(folder / ".dagster"))
    statuses, keys = found.stdout.rsplit(maxsplit=1)
    assert "SUCCESS" in json.loads(statuses)
    assert int(keys) > 50
