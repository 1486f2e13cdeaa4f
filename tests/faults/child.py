"""`mo run` in a child process that needs no second for its imports, so that hundreds of runs fit into minutes.

The parent imports everything and does nothing else: no thread, no connection, so that forking it is safe. A child
is a process of its own in a group of its own; SIGKILL ends it as it would end any other.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

HEAVY = (
    *(
        "dagster",
        "polars",
        "duckdb",
        "pyarrow",
        "altair",
        "vl_convert",
        "IPython.core.interactiveshell",
        "pypandoc",
        "psutil",
    ),
    *("statsmodels.stats.proportion", "statsmodels.regression.linear_model", "scipy.stats"),
    *("dagster._core.storage.event_log", "dagster._core.storage.root", "dagster._core.storage.sql", "dagster_shared"),
    *("dagster._core.storage.sqlite_storage", "dagster._core.storage.event_log.sqlite.sqlite_event_log"),
    *("dagster._core.storage.runs", "dagster._core.storage.schedules", "dagster._core.run_coordinator"),
    *(
        "dagster._core.launcher",
        "dagster._core.execution.plan.execute_plan",
        "dagster._core.storage.local_compute_log_manager",
    ),
    *("great_tables", "yaml", "rich.progress", "pipeline.cli"),
)
MODULES = (
    *(
        "pipeline.project",
        "pipeline.run",
        "pipeline.release.write",
        "pipeline.report.builtin",
        "pipeline.report.chunks",
    ),
    *(
        "pipeline.report.builtin",
        "pipeline.assets.publication",
        "pipeline.automation",
        "pipeline.charts",
        "pipeline.analysis",
        "pipeline.checks",
    ),
)
Hook = Callable[[], None]


def load() -> None:
    """Import what a run imports."""
    for name in (*HEAVY, *MODULES):
        importlib.import_module(name)
    gc.freeze()


@dataclass
class Child:
    """A run at work, in the folder `folder`; what it prints goes to `log`."""

    pid: int
    folder: Path
    log: Path
    started: float = field(default_factory=time.monotonic)
    status: int | None = None

    def kill(self, how: signal.Signals) -> None:
        """Send a signal to the run itself, not to its children."""
        if self.status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, how)

    def wait(self, seconds: float) -> int | None:
        """The exit status (negative: the signal), None when it is still at work after `seconds`."""
        until = time.monotonic() + seconds
        while self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > until:
                return None
            else:
                time.sleep(0.01)
        return self.status

    @property
    def said(self) -> str:
        """What it printed, both streams."""
        return self.log.read_text("utf-8", "replace")


def doing(folder: Path, work: Callable[[], None]) -> Child:
    """Fork a process that does something else than a run, such as holding a file."""
    pid = os.fork()
    if not pid:
        with contextlib.suppress(BaseException):
            work()
        os._exit(0)
    return Child(pid, folder, folder / "no.log")


def start(folder: Path, *, hook: Hook | None = None, env: Mapping[str, str] | None = None, words: str = "run") -> Child:
    """Fork a process that does `mo run` in `folder`; `hook` is called in it first."""
    log = folder / "output.log"
    log.write_text("")
    pid = os.fork()
    if pid:
        return Child(pid, folder, log)
    status = 70
    try:
        os.setsid()
        with log.open("ab") as out:
            os.dup2(out.fileno(), 1)
            os.dup2(out.fileno(), 2)
        for name in [name for name in os.environ if name.startswith(("AUGENHOEHE_", "DAGSTER_"))]:
            del os.environ[name]
        os.environ.update({"AUGENHOEHE_RENDERER": "builtin", "AUGENHOEHE_ROOT": str(folder), **(env or {})})
        time.tzset()
        os.chdir(folder)
        sys.argv = ["mo", *words.split()]
        if hook is not None:
            hook()
        from pipeline.cli import main

        main()
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        with contextlib.suppress(BaseException):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def apart(look: Callable[[], list[str]]) -> list[str]:
    """The answer of a function that is called in a process of its own: this one must start no thread."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            answer = look()
        except BaseException as error:
            answer = [f"{type(error).__name__}: {error}"]
        with os.fdopen(writing, "w", encoding="utf-8") as file:
            json.dump(answer, file)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as file:
        text = file.read()
    os.waitpid(pid, 0)
    return json.loads(text)
