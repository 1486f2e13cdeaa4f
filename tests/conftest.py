"""What holds for every test: fixed property tests, one finished run and one browser for all who only look.

Property tests run the same examples everywhere and are not timed: a slow machine is no failure.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

# Two workers share two cores, and the tables of tests are small: threads of their own would only wait for each other.
for name in ("POLARS_MAX_THREADS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import pytest
from chromium import FLAGS, NAMES
from filelock import FileLock
from hypothesis import settings
from project_folder import command, whole_project

if TYPE_CHECKING:
    from playwright.sync_api import Browser

settings.register_profile("augenhoehe", deadline=None, derandomize=True, database=None)
settings.load_profile("augenhoehe")

# Values of the environment of the run that must not turn up in anything it leaves.
SECRETS = {
    "USER": "user-canary",
    "LOGNAME": "logname-canary",
    "HOSTNAME": "host-canary",
    "AUGENHOEHE_REGIONALSTATISTIK_TOKEN": "token-canary",
    "AUGENHOEHE_GENESIS_TOKEN": "other-token-canary",
    "AWS_SECRET_ACCESS_KEY": "key-canary",
    "HTTPS_PROXY": "http://name:word-canary@127.0.0.1:9",
}


@dataclass(frozen=True)
class Finished:
    """A project folder after `mo run` on the real figures, and what the run said."""

    folder: Path
    returncode: int
    stdout: str
    stderr: str


# The files that take longest, begun first: the last ones would keep one worker busy alone. The first but one needs no
# finished run, which one worker alone can make.
LONGEST = ("test_dagster_ui", "test_lake", "test_accessibility", "test_next_year", "test_whole_run", "test_freshness")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; the order within a file stays."""
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(LONGEST)))


@pytest.fixture(autouse=True)
def _no_history_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run names its history in DAGSTER_HOME; the next test in the same process must not find it there."""
    monkeypatch.delenv("DAGSTER_HOME", raising=False)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """One whole run for all tests and all workers. Whoever changes something works on a copy of the folder."""
    here = tmp_path_factory.getbasetemp()
    shared = here.parent if "PYTEST_XDIST_WORKER" in os.environ else here
    told = shared / "finished.json"
    with FileLock(shared / "finished.lock"):
        if not told.is_file():
            folder, home = shared / "finished", shared / "home-of-canary"
            folder.mkdir()
            home.mkdir()
            run = command(whole_project(folder), "mo", "run", HOME=str(home), **SECRETS)
            words = asdict(Finished(folder, run.returncode, run.stdout, run.stderr)) | {"folder": str(folder)}
            told.write_text(json.dumps(words), "utf-8")
    words = json.loads(told.read_text("utf-8"))
    return Finished(**words | {"folder": Path(words["folder"])})


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium of the machine; none is downloaded. A module at a time: its loop would stop others."""
    binary = next(filter(None, map(shutil.which, NAMES)), None)
    if binary is None:
        reason = "no Chromium on PATH: nothing was looked at in a browser"
        if os.environ.get("AUGENHOEHE_REQUIRE_CHROMIUM") == "1":
            pytest.fail(f"{reason}, and AUGENHOEHE_REQUIRE_CHROMIUM=1 asks for it")
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=binary, args=list(FLAGS))
        yield started
        started.close()
