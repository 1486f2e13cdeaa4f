"""`python -m tests.faults`: faults injected into runs, and what the next run makes of them.

Belongs here: the suite `make faults`. Not here: tests of single functions. Each fault is followed at once by a look at
everything a reader can see, and then by runs that must recover by themselves: after every third kill at a moment
(every sixth at a step) an undisturbed run must publish the release an undisturbed folder gives. The moments are drawn
with a fixed seed; where a run stands at a moment depends on the machine, so the boundaries of steps are hit by their
events as well.
"""

from __future__ import annotations

import argparse
import errno
import multiprocessing
import multiprocessing.connection
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

# Before anything that starts threads: a process that forks must have none of them at work.
os.environ.update({"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"})
sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.faults import child, folder

SEED = 20180608
POINTS = 60
KILLS_A_CHAIN = 3
STEPS_A_CHAIN = 6
LIMIT_SECONDS = 120.0
STOP_SECONDS = 3.0


@dataclass
class Tally:
    """Faults by kind: how many were injected, how many recovered, and what was lost."""

    injected: dict[str, int] = field(default_factory=dict)
    recovered: dict[str, int] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)

    def add(self, kind: str, faults: int, problems: list[str]) -> None:
        """Count faults of one kind; with problems none of them recovered."""
        self.injected[kind] = self.injected.get(kind, 0) + faults
        self.recovered[kind] = self.recovered.get(kind, 0) + (0 if problems else faults)
        self.lost += [f"{kind}: {one}" for one in problems]
        print(f"{kind}: {faults} {'recovered' if not problems else 'LOST: ' + '; '.join(problems)}", flush=True)


def lost(place: Path, *, was: str | None) -> list[str]:
    """What is broken for readers, seen from a process of its own."""
    return child.apart(lambda: folder.lost(place, was=was))


def few() -> None:
    """What every run of the suite does first."""
    folder.one_chart()


def at_boundaries(act: Callable[[int], None]) -> Callable[[], None]:
    """A hook: `act` gets the number of each end of a step as it is reported; the next one begins at once."""

    def hook() -> None:
        from pipeline import run

        few()
        told = run._Progress.on_event
        seen = [0]

        def on_event(self: run._Progress, entry: Any) -> None:
            told(self, entry)
            if getattr(entry.dagster_event, "event_type_value", "") == "STEP_SUCCESS":
                seen[0] += 1
                act(seen[0])

        run._Progress.on_event = on_event

    return hook


def whole(place: Path, wanted: str) -> list[str]:
    """Run undisturbed: it must end well, with the release an undisturbed folder gives, and the page of that release."""
    run = child.start(place, hook=few)
    status = run.wait(LIMIT_SECONDS)
    if status != 0:
        if status is None:
            run.kill(signal.SIGKILL)
            run.wait(5)
        return [f"the next run ended with {status}: {run.said[-500:]}"]
    problems = lost(place, was=wanted)
    if folder.current_id(place) != wanted:
        problems.append(f"release {folder.current_id(place)}, undisturbed it is {wanted}")
    if wanted not in (place / "build/report/index.html").read_text("utf-8"):
        problems.append("the page is of another release")
    return problems


def killed_at(moments: list[float], place: Path, wanted: str) -> list[str]:
    """Kill one run after the other at these seconds, then let one run to its end."""
    problems = []
    for moment in moments:
        was = folder.current_id(place)
        run = child.start(place, hook=few)
        run.wait(moment)
        run.kill(signal.SIGKILL)
        if run.wait(10) is None:
            problems.append("SIGKILL did not end it")
        problems += lost(place, was=was)
    return problems + whole(place, wanted)


def killed_on(events: list[int], place: Path, wanted: str) -> list[str]:
    """Kill runs as soon as they report the nth end of a step, then let one run to its end."""
    problems = []
    for nth in events:

        def kill(seen: int, nth: int = nth) -> None:
            if seen == nth:
                os.kill(os.getpid(), signal.SIGKILL)

        was = folder.current_id(place)
        run = child.start(place, hook=at_boundaries(kill))
        if run.wait(LIMIT_SECONDS) is None:
            run.kill(signal.SIGKILL)
            run.wait(5)
            problems.append(f"the run hung before event {nth}")
        problems += lost(place, was=was)
    return problems + whole(place, wanted)


def stopped(how: signal.Signals, moments: list[float], place: Path, wanted: str) -> list[str]:
    """A run that is told to end does so within three seconds, with every child gone."""
    import psutil

    problems = []
    for moment in moments:
        run = child.start(place, hook=few)
        if run.wait(moment) is not None:
            continue
        children = psutil.Process(run.pid).children(recursive=True)
        told = time.monotonic()
        run.kill(how)
        status = run.wait(10)
        seconds = time.monotonic() - told
        if status is None or status == 0 or seconds > STOP_SECONDS:
            problems.append(f"{how.name} after {moment:.1f} s: status {status} after {seconds:.1f} s")
        _, alive = psutil.wait_procs(children, timeout=1)
        # What has ended and was not yet collected by init is gone all the same.
        alive = [one for one in alive if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
        problems += [f"{how.name} after {moment:.1f} s left the child {one.name()}" for one in alive]
        problems += lost(place, was=wanted)
    return problems + whole(place, wanted)


def refusing(method: str, beginning: str, code: int) -> Callable[[], None]:
    """A hook: writing to paths below a folder of this name fails as on a full or read-only disk."""

    def hook() -> None:
        few()
        real = getattr(Path, method)

        def refuse(self: Path, *arguments: object, **named: object) -> object:
            if beginning in str(self):
                raise OSError(code, os.strerror(code), str(self))
            return real(self, *arguments, **named)

        setattr(Path, method, refuse)

    return hook


def small_files() -> None:
    """A hook: no file may grow beyond 300 kB, as under a quota."""
    import resource

    few()
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))


def no_temporary_space() -> None:
    """A hook: nothing can be made in the temporary folder of the system."""
    few()
    real = tempfile.mkdtemp

    def refuse(suffix: str | None = None, prefix: str | None = None, dir: str | None = None) -> str:
        if dir is None or str(dir) == tempfile.gettempdir():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), tempfile.gettempdir())
        return real(suffix, prefix, dir)

    tempfile.mkdtemp = refuse  # type: ignore[assignment]


def clock_back() -> None:
    """A hook: the clock was put back by ten years."""
    few()
    real = time.time
    time.time = lambda: real() - 315_360_000.0  # type: ignore[assignment]


def vanishing(place: Path) -> Callable[[], None]:
    """A hook: a data file goes away while the run is at work, after it was read."""

    def hook() -> None:
        from pipeline import charts

        few()
        draw = charts.draw_all

        def vanish(tables: charts.Tables) -> object:
            (place / "raw_data/population_states").rename(place / "gone")
            return draw(tables)

        charts.draw_all = vanish  # type: ignore[assignment]

    return hook


def clearly_refused(hook: Callable[[], None], place: Path, wanted: str, env: dict[str, str] | None = None) -> list[str]:
    """The run fails with a sentence and no traceback, release and page stay, and the next run is whole."""
    run = child.start(place, hook=hook, env=env)
    status = run.wait(LIMIT_SECONDS)
    problems = [] if status == 1 else [f"status {status}: {run.said[-500:]}"]
    if "error:" not in run.said or "Traceback" in run.said:
        problems.append(f"no clear sentence: {run.said[-800:]}")
    problems += lost(place, was=wanted)
    if (place / "gone").exists():
        (place / "gone").rename(place / "raw_data/population_states")
    return problems + whole(place, wanted)


def the_same(place: Path, wanted: str, hook: Callable[[], None] = few, **env: str) -> list[str]:
    """The run ends well and gives the same release, from nothing."""
    shutil.rmtree(place / "build", ignore_errors=True)
    run = child.start(place, hook=hook, env=env)
    status = run.wait(LIMIT_SECONDS)
    found = folder.current_id(place)
    return [] if (status, found) == (0, wanted) else [f"status {status}, release {found}: {run.said[-500:]}"]


def two_at_once(place: Path, wanted: str) -> list[str]:
    """Two runs begun together both end well; the second waits and says for whom."""
    first = child.start(place, hook=few)
    time.sleep(0.5)
    first.log = first.log.rename(place / "first.log")
    second = child.start(place, hook=few)
    statuses = [first.wait(LIMIT_SECONDS), second.wait(LIMIT_SECONDS)]
    problems = [] if statuses == [0, 0] else [f"ended with {statuses}: {second.said[-500:]}"]
    if f"the run of process {first.pid}" not in second.said:
        problems.append(f"it did not say for whom it waits: {second.said[-300:]}")
    return problems + lost(place, was=wanted)


Job = tuple[str, int, Callable[[Path], list[str]]]


def _side_by_side(jobs: list[Job], places: list[Path]) -> Iterator[tuple[str, int, list[str]]]:
    """A process for each folder, since forking from two threads is not safe; results as they come."""
    context = multiprocessing.get_context("fork")
    ends = []
    for nth, place in enumerate(places):
        here, there = context.Pipe(duplex=False)
        context.Process(target=_work, args=(jobs[nth :: len(places)], place, there), daemon=False).start()
        there.close()
        ends.append(here)
    while ends:
        for end in multiprocessing.connection.wait(ends):
            try:
                yield end.recv()  # type: ignore[union-attr]
            except EOFError:
                ends.remove(end)  # type: ignore[arg-type]


def _work(jobs: list[Job], place: Path, there: Connection) -> None:
    for kind, faults, job in jobs:
        try:
            problems = job(place)
        except Exception as error:
            problems = [f"{type(error).__name__}: {error}"]
        there.send((kind, faults, problems))


def main() -> int:
    """Inject everything; exit status 1 when anything was lost."""
    parser = argparse.ArgumentParser(description="Inject faults into runs; nothing may be lost.")
    parser.add_argument("--points", type=int, default=POINTS, help="how many random moments of a run to kill it at")
    parser.add_argument("--steps", type=int, default=1, help="hit every nth boundary of the steps")
    parser.add_argument("--only", default="", help="only the kinds whose name holds this, such as `quota`")
    asked = parser.parse_args()
    began = time.monotonic()
    child.load()
    tally = Tally()
    ground = Path("/dev/shm") if Path("/dev/shm").is_dir() else None  # noqa: S108
    with tempfile.TemporaryDirectory(prefix="augenhoehe-faults-", dir=ground) as temporary:
        places = [folder.make(Path(temporary) / name) for name in ("a", "b")]
        counted = places[0] / "boundaries"
        first = child.start(places[0], hook=at_boundaries(lambda seen: counted.write_text(str(seen)) and None))
        if first.wait(LIMIT_SECONDS) != 0:
            print(first.said)
            return 1
        wanted = folder.current_id(places[0]) or ""
        again = time.monotonic()
        for place in places:
            for problem in whole(place, wanted):
                print(problem)
                return 1
        length = (time.monotonic() - again) / len(places)
        boundaries = int(counted.read_text())
        print(f"undisturbed: release {wanted}, {length:.1f} s a run, {boundaries} boundaries of steps", flush=True)
        chance = random.Random(SEED)  # noqa: S311
        moments = [chance.uniform(0.05, 1.0) * length for _ in range(asked.points)]
        events = list(range(1, boundaries + 1, asked.steps))
        jobs: list[Job] = []
        for at in range(0, len(moments), KILLS_A_CHAIN):
            some = moments[at : at + KILLS_A_CHAIN]
            jobs.append(("killed at a moment", len(some), lambda p, some=some: killed_at(some, p, wanted)))
        for at in range(0, len(events), STEPS_A_CHAIN):
            few_events = events[at : at + STEPS_A_CHAIN]
            jobs.append(("killed at a step", len(few_events), lambda p, e=few_events: killed_on(e, p, wanted)))
        when = [length * share for share in (0.05, 0.4, 0.85)]
        for how in (signal.SIGINT, signal.SIGTERM):
            jobs.append((how.name, 3, lambda p, how=how: stopped(how, when, p, wanted)))
        for what, hook in {
            "disk full: charts": refusing("write_text", "/.charts-", errno.ENOSPC),
            "disk full: release": refusing("write_bytes", "/.partial-", errno.ENOSPC),
            "disk full: history": refusing("write_bytes", "/.history.json-", errno.ENOSPC),
            "disk full: link": refusing("symlink_to", "/.current-", errno.ENOSPC),
            "disk full: page": refusing("write_text", "/.report-", errno.ENOSPC),
            "read-only: build": refusing("mkdir", "/build", errno.EROFS),
            "quota: 300 kB a file": small_files,
        }.items():
            jobs.append((what, 1, lambda p, hook=hook: clearly_refused(hook, p, wanted)))
        jobs += [
            ("a raw file vanishes", 1, lambda p: clearly_refused(vanishing(p), p, wanted)),
            ("no space in the temporary folder", 1, lambda p: clearly_refused(no_temporary_space, p, wanted)),
            ("clock put back", 1, lambda p: the_same(p, wanted, clock_back)),
            (
                "another zone and locale",
                1,
                lambda p: the_same(p, wanted, TZ="Asia/Kolkata", LC_ALL="tr_TR.UTF-8"),
            ),
            ("two runs at once", 1, lambda p: two_at_once(p, wanted)),
        ]
        jobs = [job for job in jobs if asked.only in job[0]]
        for kind, faults, problems in _side_by_side(jobs, places):
            tally.add(kind, faults, problems)
    injected, recovered = sum(tally.injected.values()), sum(tally.recovered.values())
    print(
        f"{injected} faults injected, {recovered} recovered, {len(tally.lost)} lost, {time.monotonic() - began:.0f} s"
    )
    return 1 if tally.lost or injected != recovered else 0


if __name__ == "__main__":
    sys.exit(main())
