"""The kinds of faults: each is a function that injects some into a project folder and says what was lost.

Belongs here: killing, stopping, starving, damaging, and the look at everything afterwards. Not here: how many of each,
in which folder, and the counting (__main__.py).

Where runs are killed they are on the way from one state of the figures to another, so that a half-done state is
neither. Afterwards one undisturbed run must give the release that an undisturbed folder gives, byte for byte.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from tests.faults import child, folder
from tests.faults.folder import Place

LIMIT_SECONDS = 240.0
STOP_SECONDS = 3.0
FORCED = "run --force"
FEWEST_STEPS = 40


class Found(NamedTuple):
    """How many faults were injected, and what was lost."""

    injected: int
    problems: list[str]


Fault = Callable[[Place], Found]


def hook_of(place: Place) -> child.Hook | None:
    """What every run in this folder does first."""
    return None if place.whole else folder.small


def run(
    place: Place, state: str, *, hook: child.Hook | None = None, words: str = "run", env: dict[str, str] | None = None
) -> child.Child:
    """Begin `mo` in a process of its own, from one of the two states of the figures."""
    raw_data = {"AUGENHOEHE_RAW_DATA": str(place.path / state)}
    return child.start(place.path, hook=hook or hook_of(place), env={**raw_data, **(env or {})}, words=words)


def lost(place: Place, *, was: str | None) -> list[str]:
    """What is broken for readers, seen from a process of its own."""
    return child.apart(lambda: folder.lost(place, was=was))


def ended(process: child.Child) -> int | None:
    """The exit status; a process that hangs is killed, and has none."""
    status = process.wait(LIMIT_SECONDS)
    if status is None:
        process.kill(signal.SIGKILL)
        process.wait(5)
    return status


def recovered(place: Place, state: str, *, words: str = "run") -> list[str]:
    """One undisturbed run must end well and leave what an undisturbed folder has; then the doctor finds nothing."""
    process = run(place, state, words=words)
    status = ended(process)
    if status != 0:
        return [f"the next run ended with {status}: {process.said[-500:]}"]
    place.state = state
    problems = lost(place, was=place.wanted[state])
    if place.id != place.wanted[state]:
        problems.append(f"release {place.id}, undisturbed it is {place.wanted[state]}")
    for page in place.pages():
        if place.wanted[state] not in page.read_text("utf-8"):
            problems.append(f"{page.name} is of another release")
    hook = hook_of(place)

    def look() -> list[str]:
        if hook is not None:
            hook()
        return folder.unwell(place, state)

    return problems + child.apart(look)


def killed_at(moments: list[float]) -> Fault:
    """Kill one run after the other at these seconds, then let one run to its end.

    Each goes on from what the one before had stored; where one ends before its moment, the next one goes back.
    """

    def fault(place: Place) -> Found:
        target, problems, injected = place.other if not place.whole else place.state, [], 0
        for moment in moments:
            was = place.id
            process = run(place, target)
            if process.wait(moment) is not None and not place.whole:
                problems += lost(place, was=place.wanted[target])
                place.state, target = target, place.state
                was = place.id
                process = run(place, target)
                process.wait(moment / 2)
            injected += process.status is None
            process.kill(signal.SIGKILL)
            if process.wait(10) is None:
                problems.append("SIGKILL did not end it")
            problems += lost(place, was=was)
        return Found(injected, problems + recovered(place, target))

    return fault


def at_boundaries(act: Callable[[str], None]) -> child.Hook:
    """A hook: `act` gets the name of each step as its end is reported; the next one begins at once."""

    def hook() -> None:
        from pipeline import run

        folder.small()
        told = run._Progress.on_event

        def on_event(self: run._Progress, entry: Any) -> None:
            told(self, entry)
            if getattr(entry.dagster_event, "event_type_value", "") == "STEP_SUCCESS":
                act(entry.dagster_event.step_key)

        run._Progress.on_event = on_event

    return hook


def killed_at_each_step(place: Place) -> Found:
    """From nothing, kill one run after the other at the first end of a step none was killed at, until one ends."""
    shutil.rmtree(place.path / "build", ignore_errors=True)
    shutil.rmtree(place.path / ".dagster", ignore_errors=True)
    hit, note, problems = set(), place.path / "step", []

    def kill(step: str) -> None:
        if step not in hit:
            note.write_text(step)
            os.kill(os.getpid(), signal.SIGKILL)

    while True:
        was = place.id
        status = ended(run(place, place.state, hook=at_boundaries(kill)))
        problems += lost(place, was=was)
        if status != -signal.SIGKILL or note.read_text() in hit:
            break
        hit.add(note.read_text())
    if len(hit) < FEWEST_STEPS:
        problems.append(f"{len(hit)} steps were ended, {FEWEST_STEPS} are expected at least")
    return Found(len(hit), problems + recovered(place, place.state))


def stopped(how: signal.Signals, moments: list[float]) -> Fault:
    """A run that is told to end does so within three seconds, with every child gone."""

    def fault(place: Place) -> Found:
        import psutil

        target, problems, injected = place.other, [], 0
        for moment in moments:
            was = place.id
            process = run(place, target, words=FORCED)
            if process.wait(moment) is not None:
                continue
            injected += 1
            children = psutil.Process(process.pid).children(recursive=True)
            told = time.monotonic()
            process.kill(how)
            status = process.wait(10)
            seconds = time.monotonic() - told
            if status is None or status == 0 or seconds > STOP_SECONDS:
                problems.append(f"{how.name} after {moment:.1f} s: status {status} after {seconds:.1f} s")
            _, alive = psutil.wait_procs(children, timeout=1)
            # What has ended and was not yet collected by init is gone all the same.
            alive = [one for one in alive if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
            problems += [f"{how.name} after {moment:.1f} s left the child {one.name()}" for one in alive]
            problems += lost(place, was=was)
        return Found(injected, problems + recovered(place, target))

    return fault


def refusing(method: str, part: str, code: int) -> child.Hook:
    """A hook: writing to paths that hold this part fails as on a full or read-only disk."""

    def hook() -> None:
        folder.small()
        real = getattr(Path, method)

        def refuse(self: Path, *arguments: object, **named: object) -> object:
            if part in str(self):
                raise OSError(code, os.strerror(code), str(self))
            return real(self, *arguments, **named)

        setattr(Path, method, refuse)

    return hook


def small_files() -> None:
    """A hook: no file may grow beyond 300 kB, as under a quota."""
    import resource

    folder.small()
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))


def no_temporary_space() -> None:
    """A hook: nothing can be made in the temporary folder of the system."""
    folder.small()
    real = tempfile.mkdtemp

    def refuse(suffix: str | None = None, prefix: str | None = None, dir: str | None = None) -> str:
        if dir is None or str(dir) == tempfile.gettempdir():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), tempfile.gettempdir())
        return real(suffix, prefix, dir)

    tempfile.mkdtemp = refuse  # type: ignore[assignment]


def clock_back() -> None:
    """A hook: the clock was put back by ten years."""
    folder.small()
    real = time.time
    time.time = lambda: real() - 315_360_000.0  # type: ignore[assignment]


def vanishing() -> None:
    """A hook: a data file goes away while the run is at work, after it was read."""
    from pipeline import charts
    from pipeline.settings import Settings

    folder.small()
    draw = charts.draw_all

    def vanish(tables: charts.Tables) -> object:
        (Settings.resolve().raw_data / "population_states").rename(Path.cwd() / "gone")
        return draw(tables)

    charts.draw_all = vanish  # type: ignore[assignment]


def clearly_refused(hook: child.Hook) -> Fault:
    """The run fails with a sentence and no traceback, release and page stay, and the next run is whole."""

    def fault(place: Place) -> Found:
        target, was = place.other, place.id
        process = run(place, target, hook=hook, words=FORCED)
        status = ended(process)
        problems = [] if status == 1 else [f"status {status}: {process.said[-500:]}"]
        if "error:" not in process.said or "Traceback" in process.said:
            problems.append(f"no clear sentence: {process.said[-800:]}")
        # The release may be the new one already, where the page alone could not be written.
        problems += lost(place, was=was)
        if (place.path / "gone").exists():
            (place.path / "gone").rename(place.path / target / "population_states")
        return Found(1, problems + recovered(place, target))

    return fault


def the_same(hook: child.Hook = folder.small, **env: str) -> Fault:
    """The run ends well and gives the same release, from nothing."""

    def fault(place: Place) -> Found:
        shutil.rmtree(place.path / "build", ignore_errors=True)
        process = run(place, place.state, hook=hook, env=env)
        status, wanted = ended(process), place.wanted[place.state]
        same = (status, place.id) == (0, wanted)
        return Found(1, [] if same else [f"status {status}, release {place.id}: {process.said[-500:]}"])

    return fault


def two_at_once(place: Place) -> Found:
    """Two runs begun together both end well; the second waits and says for whom."""
    target = place.other
    first = run(place, target)
    until = time.monotonic() + LIMIT_SECONDS
    while not _locked(place) and time.monotonic() < until:
        time.sleep(0.02)
    first.log = first.log.rename(place.path / "first.log")
    second = run(place, target)
    statuses = [ended(first), ended(second)]
    problems = [] if statuses == [0, 0] else [f"ended with {statuses}: {second.said[-500:]}"]
    if f"the run of process {first.pid}" not in second.said:
        problems.append(f"it did not say for whom it waits: {second.said[-300:]}")
    return Found(1, problems + recovered(place, target))


def _locked(place: Place) -> bool:
    from pipeline.one_run import holder

    return holder(place.path / "build") is not None


def held_by_a_shell(place: Place) -> Found:
    """Somebody has the warehouse open for some seconds: the run waits, says for whom, and ends well."""

    def hold() -> None:
        import duckdb

        con = duckdb.connect(str(place.path / "build/warehouse.duckdb"))
        (place.path / "held").touch()
        time.sleep(4.0)
        con.close()

    target = place.other
    shell = child.doing(place.path, hold)
    until = time.monotonic() + 20
    while not (place.path / "held").exists() and time.monotonic() < until:
        time.sleep(0.02)
    process = run(place, target)
    status = ended(process)
    shell.wait(10)
    (place.path / "held").unlink(missing_ok=True)
    problems = [] if status == 0 else [f"ended with {status}: {process.said[-500:]}"]
    if f"in use by process {shell.pid}" not in process.said:
        problems.append(f"it did not say for whom it waits: {process.said[-300:]}")
    return Found(1, problems + recovered(place, target))


def flip(file: Path) -> None:
    """Change bytes in the middle, as a disk may: neither length nor time of writing tell."""
    times = file.stat()
    with file.open("r+b") as opened:
        for part in range(1, 40):
            opened.seek(times.st_size * part // 40)
            byte = opened.read(1)
            opened.seek(-1, os.SEEK_CUR)
            opened.write(bytes([byte[0] ^ 0xFF]))
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


def damaged(damage: Callable[[Path], None], told: str, *, words: str) -> Fault:
    """The doctor finds it and says so; the next run, or the doctor, makes the same release of it."""

    def fault(place: Place) -> Found:
        damage(place.path)
        asked = run(place, place.state, words="doctor")
        status = ended(asked)
        problems = []
        if status != 1 or told not in asked.said or "Traceback" in asked.said:
            problems.append(f"the doctor said with status {status}: {asked.said[-800:]}")
        return Found(1, problems + recovered(place, place.state, words=words))

    return fault


def half_a_release(path: Path) -> None:
    """Every other file of the current release is gone."""
    files = sorted(file for file in (path / "build/release/current").resolve().rglob("*") if file.is_file())
    for file in files[::2]:
        file.unlink()


def astray(path: Path) -> None:
    """The link to the current release leads out of the folder."""
    link = path / "build/release/current"
    link.unlink()
    link.symlink_to("../../raw_data")


DAMAGES: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "a byte of the release": (lambda at: flip(at / "build/release/current/core/source.csv"), "is damaged", "run"),
    "half a release": (half_a_release, "is damaged", "run"),
    "no release": (lambda at: shutil.rmtree(at / "build/release"), "there is no release", "run"),
    "the link astray": (astray, "is no release beside it", "run"),
    "a byte of the warehouse": (
        lambda at: flip(at / "build/warehouse.duckdb"), "the warehouse cannot be read", "run",
    ),
    "half a warehouse": (
        lambda at: os.truncate(at / "build/warehouse.duckdb", 1_000_000), "cannot be read", "doctor --repair",
    ),
    "no warehouse": (lambda at: (at / "build/warehouse.duckdb").unlink(), "there is no warehouse", "run"),
    "a byte of the page": (lambda at: flip(at / "build/report/index.html"), "not", "run"),
    "half a page": (lambda at: os.truncate(at / "build/report/index.html", 900), "the page is not whole", "run"),
    "no history": (lambda at: shutil.rmtree(at / ".dagster"), "there is no history", "run"),
    "a damaged history": (
        lambda at: flip(at / ".dagster/history/runs.db"), "the history of runs is damaged", "doctor --repair",
    ),
    "no build folder": (lambda at: shutil.rmtree(at / "build"), "there is no warehouse", "doctor --repair"),
}  # fmt: skip


def other_lock(place: Place) -> Found:
    """The lock names another vintage: the doctor says so, and a run computes what it says."""
    target = place.other
    asked = run(place, target, words="doctor")
    status = ended(asked)
    problems = (
        [] if status == 1 and "the lock has" in asked.said else [f"the doctor said {status}: {asked.said[-800:]}"]
    )
    return Found(1, problems + recovered(place, target))
