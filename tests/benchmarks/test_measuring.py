"""One clock, goals that say missed, tables that say what was measured, and packages that are worth their weight."""

from __future__ import annotations

import sys

import pytest

from benchmarks import goals, results, weight
from benchmarks.page import rendered
from benchmarks.timing import REPOSITORY, Run, Spread, environment, measured, ratios, taking_turns
from pipeline.errors import InputError

AT = {
    "date": "2026-01-02 03:04 UTC",
    "commit": "abc",
    "cores": 2,
    "processor": "some",
    "memory_gb": 8.0,
    "system": "Linux",
    "python": "3.11.7",
    "packages": {"polars": "2.1.0"},
    "load": 0.1,
}


def whole(mo: list[float], plain: list[float], changed: list[float]) -> dict:
    """Of a machine with nothing else to do: the processors work as long as the clock runs."""
    seconds = {name: {"wall": of, "cpu": of} for name, of in (("plain", plain), ("mo", mo), ("changed", changed))}
    return {"whole": {"seconds": seconds, "plain_parts": {"core": 1.0, "pages": 3.0}, "machine": AT}}


def word(of: dict, what: str) -> str:
    return next(verdict.word for verdict in goals.verdicts(of) if verdict.goal.what.startswith(what))


def test_a_goal_is_met_at_its_limit_and_missed_above_it():
    plain = "`mo run` from nothing / plain"
    assert word(whole([5.0] * 5, [4.0] * 5, [2.0] * 5), plain) == "met"
    assert word(whole([5.1] * 5, [4.0] * 5, [2.0] * 5), plain) == "missed"
    assert word(whole([5.0] * 5, [4.0] * 5, [2.1] * 5), "one source changed") == "missed"
    assert word({}, plain) == "not measured"


def test_a_ratio_that_the_processors_do_not_confirm_is_doubtful():
    of = whole([4.0] * 5, [4.0] * 5, [1.0] * 5)
    of["whole"]["seconds"]["mo"] = {"wall": [4.0] * 5, "cpu": [6.0] * 5}
    assert word(of, "`mo run` from nothing / plain") == "doubtful"
    assert word(of, "one source changed") == "met"


def test_a_ratio_is_taken_within_its_round():
    # The machine is ten times slower in the second round: of both.
    assert ratios([2.0, 20.0, 2.0], [1.0, 10.0, 1.0]) == Spread(2.0, 2.0, 2.0, 3)


def test_a_missed_goal_stands_on_the_page_with_its_reason():
    page = rendered(whole([5.1] * 5, [4.0] * 5, [1.0] * 5))
    assert "| 1.27 (1.27–1.27); by the processors 1.27 (1.27–1.27) | missed |" in page
    assert "is missed. What the plain script does not do" in page
    assert "one source changed / `mo run` from nothing** is missed" not in page
    assert "not measured" in page
    assert "2 cores (some), 8.0 GB" in page


@pytest.mark.parametrize(("cpu", "said"), [(0.4, "asks the processor for 0.40 s"), (0.6, "It imports Polars")])
def test_waiting_for_a_busy_machine_is_told_from_being_slow(cpu, said):
    seconds = {"mo run": {"wall": [1.0], "cpu": [1.0]}, "mo trace": {"wall": [1.0], "cpu": [cpu]}}
    page = rendered({"startup": {"seconds": seconds, "machine": AT}})
    assert "| `mo trace ID` | ≤ 0.5 s | 1.00, n=1; by the processors" in page
    assert f"**`mo trace ID`** is missed. {said}" in page.replace("The command itself ", "")


def test_rivals_take_turns_and_the_order_turns():
    order: list[str] = []

    def rival(name: str):
        def run() -> Run:
            order.append(name)
            return Run(1.0, 1.0, 0, "", 1.0)

        return run

    found = taking_turns({name: rival(name) for name in "abc"}, 3)
    assert order == list("abcbcacab")
    assert {name: len(runs) for name, runs in found.items()} == {"a": 3, "b": 3, "c": 3}


def test_the_clock_counts_children_too(tmp_path):
    child = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'sum(range(8_000_000))'], check=True)"
    alone = measured([sys.executable, "-c", "pass"], tmp_path, environment())
    both = measured([sys.executable, "-c", child], tmp_path, environment())
    assert both.cpu_seconds > alone.cpu_seconds + 0.05


def test_a_command_that_fails_is_no_measurement(tmp_path):
    failing = [sys.executable, "-c", "import sys; print('so it is'); sys.exit(3)"]
    with pytest.raises(InputError, match=r"ends with 3(.|\n)*so it is"):
        measured(failing, tmp_path, environment())
    assert measured(failing, tmp_path, environment(), must_end_well=False).status == 3


def test_no_setting_of_the_caller_reaches_a_measured_process(monkeypatch):
    monkeypatch.setenv("AUGENHOEHE_RAW_DATA", "/somewhere")
    monkeypatch.setenv("DAGSTER_HOME", "/somewhere")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    assert not {"AUGENHOEHE_RAW_DATA", "DAGSTER_HOME", "PYTHONPATH"} & environment().keys()


def test_every_package_above_50_mb_is_justified():
    text = (REPOSITORY / "docs/dependencies.md").read_text("utf-8")
    heavy = weight.heavy(weight.installed())
    assert "polars-runtime-32" in heavy
    assert weight.unexplained(heavy, text) == []
    assert weight.unexplained(heavy, text.replace("| scipy |", "| sci |")) == ["scipy"]


def test_a_run_needs_less_than_is_installed_for_development():
    packages = weight.installed()
    run = weight.needed(packages)
    assert {"dagster", "polars-runtime-32", "numpy"} <= run
    assert not {"pytest", "playwright", "dagster-webserver"} & run
    assert "dagster-webserver" in weight.needed(packages, extras=["ui"])


def of_peers() -> dict:
    """What `shared.compare` gives, of two rivals."""
    stopped = {"stopped": True, "message": "'8;3' | is no number", "names_file": True, "names_line": True}
    silent = {"stopped": False, "message": "", "names_file": False, "names_line": False}
    peer = {
        "title": "one",
        "lines": 60,
        "lines_describing": 0,
        "megabytes": 200.4,
        "origin": "nobody",
        "steps": "8",
        "shuffled_steps": "2",
        "shuffled_differences": [],
        "no_number": stopped,
        "wrong_number": silent,
    }
    mine = peer | {"title": "Augenhöhe", "lines_describing": 500, "wrong_number_unregistered": stopped}
    seconds = {"augenhoehe": {"wall": [8.0, 9.0], "cpu": [7.0, 7.0]}, "doit": {"wall": [0.4, 0.44], "cpu": [0.3, 0.3]}}
    return {
        "peers": {
            "peers": {"augenhoehe": mine, "doit": peer},
            "seconds": dict.fromkeys(("whole", "noop", "changed"), seconds),
            "left_out": {"dbt": "cannot be installed: no wheel"},
            "machine": AT,
        }
    }


def test_all_tables_have_as_many_cells_as_heads():
    for grid in results.grids(whole([5.0] * 5, [4.0] * 5, [2.0] * 5) | of_peers()):
        assert {len(row) for row in grid.rows} == {len(grid.heads)}, grid.title


def test_the_page_tells_of_every_rival_and_of_those_left_out():
    page = rendered(of_peers())
    assert "| one | 0.42 (0.40–0.44) | 0.30 | 0.05 (0.05–0.05) |" in page
    assert "| Augenhöhe | 60 + 500 describing the sources | 200 | 2 of 8 steps; results equal | nobody |" in page
    assert (
        "stops, names file and line: `'8;3'   is no number` | nobody stops | as before: there is no register |" in page
    )
    assert "- dbt: cannot be installed: no wheel" in page
