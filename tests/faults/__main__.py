"""`python -m tests.faults`: faults injected into runs, and what the next run makes of them.

Belongs here: how many faults of each kind, side by side in folders of their own, and the counting. Not here: the faults
(kinds.py), tests of single functions.

Each fault is followed at once by a look at everything a reader can see; each chain of them by one undisturbed run,
which must publish the release an undisturbed folder gives, and by the doctor, who must find nothing. The moments are
drawn with a fixed seed; where a run stands at a moment depends on the machine, so the ends of steps are hit by their
events as well. A kill costs the time until it and a chain one recovery, so the folders are small; a few kills hit
a run over everything there is.
"""

from __future__ import annotations

import argparse
import errno
import multiprocessing
import multiprocessing.connection
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

# Before anything that starts threads: a process that forks must have none of them at work.
os.environ.update({"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"})
sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.faults import child, folder, kinds
from tests.faults.folder import STATES, Place
from tests.faults.kinds import Fault, Found

SEED = 20180608
POINTS = 60
KILLS_A_CHAIN = 20
WHOLE_KILLS = 3
SIDE_BY_SIDE = 2


@dataclass
class Tally:
    """Faults by kind: how many were injected, how many recovered, and what was lost."""

    injected: dict[str, int] = field(default_factory=dict)
    recovered: dict[str, int] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)

    def add(self, kind: str, found: Found, seconds: float) -> None:
        """Count faults of one kind; with problems none of them recovered."""
        self.injected[kind] = self.injected.get(kind, 0) + found.injected
        self.recovered[kind] = self.recovered.get(kind, 0) + (0 if found.problems else found.injected)
        self.lost += [f"{kind}: {one}" for one in found.problems]
        told = "recovered" if not found.problems else "LOST: " + "; ".join(found.problems)
        print(f"{kind}: {found.injected} {told} ({seconds:.0f} s)", flush=True)


def undisturbed(places: list[Place]) -> float:
    """Compute each state from nothing in one folder and on top of the other state in the other: the same releases.

    Returns:
        The seconds a run takes from one state to the other.

    Raises:
        RuntimeError: a run does not end well, or another release comes out.
    """
    wanted: dict[str, str] = {}
    began = time.monotonic()
    for order in (STATES, STATES[::-1]):
        began = time.monotonic()
        for process in [kinds.run(place, state) for place, state in zip(places, order, strict=True)]:
            if kinds.ended(process) != 0:
                raise RuntimeError(process.said)
        for place, state in zip(places, order, strict=True):
            place.state = state
            if wanted.setdefault(state, place.id or "") != place.id:
                raise RuntimeError(f"release {place.id}, the first time it was {wanted[state]}")
    for place in places:
        place.wanted = wanted
    return time.monotonic() - began


def the_whole(ground: Path, share: float) -> Fault:
    """Kills in a run over all sources, comparisons, charts and the report, against an undisturbed run elsewhere."""

    def fault(_: Place) -> Found:
        calm, hit = (folder.make(ground / name, whole=True) for name in ("calm", "hit"))
        began = time.monotonic()
        process = kinds.run(calm, calm.state)
        if kinds.ended(process) != 0:
            return Found(0, [process.said[-500:]])
        hit.wanted = {hit.state: calm.id or ""}
        return kinds.killed_at([(time.monotonic() - began) * share] * WHOLE_KILLS)(hit)

    return fault


def plan(seconds: float, ground: Path, *, points: int) -> Iterator[tuple[str, Fault]]:
    """All faults, each kind by its name; what takes longest comes first.

    Args:
        seconds: how long a run takes.
        ground: for further folders.
        points: at how many random moments runs are killed.
    """
    yield "killed, all figures", the_whole(ground, 0.3)
    yield "killed at a step", kinds.killed_at_each_step
    chance = random.Random(SEED)  # noqa: S311
    moments = [chance.uniform(0.02, 0.98) * seconds for _ in range(points)]
    for at in range(0, len(moments), KILLS_A_CHAIN):
        yield "killed at a moment", kinds.killed_at(moments[at : at + KILLS_A_CHAIN])
    when = [seconds * share for share in (0.1, 0.5, 0.9)]
    yield "SIGINT", kinds.stopped(signal.SIGINT, when)
    yield "SIGTERM", kinds.stopped(signal.SIGTERM, when)
    for what, hook in {
        "disk full: charts": kinds.refusing("write_text", "/.charts-", errno.ENOSPC),
        "disk full: release": kinds.refusing("write_bytes", "/.partial-", errno.ENOSPC),
        "disk full: history": kinds.refusing("write_bytes", "/.history.json-", errno.ENOSPC),
        "disk full: link": kinds.refusing("symlink_to", "/.current-", errno.ENOSPC),
        "disk full: page": kinds.refusing("write_text", "/.report-", errno.ENOSPC),
        "read-only: build": kinds.refusing("mkdir", "/build", errno.EROFS),
        "quota: 300 kB a file": kinds.small_files,
        "a raw file vanishes": kinds.vanishing,
        "no space in the temporary folder": kinds.no_temporary_space,
    }.items():
        yield what, kinds.clearly_refused(hook)
    yield "clock put back", kinds.the_same(kinds.clock_back)
    yield "another zone and locale", kinds.the_same(TZ="Asia/Kolkata", LC_ALL="tr_TR.UTF-8")
    yield "two runs at once", kinds.two_at_once
    yield "a shell holds the warehouse", kinds.held_by_a_shell
    yield "damage: another lock", kinds.other_lock
    for what, (damage, told, words) in kinds.DAMAGES.items():
        yield f"damage: {what}", kinds.damaged(damage, told, words=words)


def side_by_side(faults: list[tuple[str, Fault]], places: list[Place]) -> Iterator[tuple[str, Found, float]]:
    """A process for each folder, since forking from two threads is not safe; results as they come."""
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()  # no thread feeds it
    for nth in range(len(faults)):
        queue.put(nth)
    ends = []
    for place in places:
        queue.put(None)
        here, there = context.Pipe(duplex=False)
        context.Process(target=_work, args=(faults, queue, place, there), daemon=False).start()
        there.close()
        ends.append(here)
    while ends:
        for end in multiprocessing.connection.wait(ends):
            try:
                yield end.recv()  # type: ignore[union-attr]
            except EOFError:
                ends.remove(end)  # type: ignore[arg-type]


def _work(
    faults: list[tuple[str, Fault]], queue: multiprocessing.SimpleQueue[int | None], place: Place, there: Connection
) -> None:
    while (nth := queue.get()) is not None:
        kind, fault = faults[nth]
        began = time.monotonic()
        try:
            found = fault(place)
        except Exception as error:
            found = Found(1, [f"{type(error).__name__}: {error}"])
        there.send((kind, found, time.monotonic() - began))


def main() -> int:
    """Inject everything; exit status 1 when anything was lost."""
    parser = argparse.ArgumentParser(description="Inject faults into runs; nothing may be lost.")
    parser.add_argument("--points", type=int, default=POINTS, help="how many random moments of a run to kill it at")
    parser.add_argument("--only", default="", help="only the kinds whose name holds this, such as `quota`")
    asked = parser.parse_args()
    began = time.monotonic()
    child.load()
    tally = Tally()
    memory = Path("/dev/shm") if Path("/dev/shm").is_dir() else None  # noqa: S108
    with tempfile.TemporaryDirectory(prefix="augenhoehe-faults-", dir=memory) as temporary:
        ground = Path(temporary)
        places = [folder.make(ground / f"small{nth}") for nth in range(SIDE_BY_SIDE)]
        seconds = undisturbed(places)
        print(f"undisturbed: {seconds:.1f} s a run, releases {', '.join(places[0].wanted.values())}", flush=True)
        chosen = [one for one in plan(seconds, ground, points=asked.points) if asked.only in one[0]]
        for kind, found, took in side_by_side(chosen, places):
            tally.add(kind, found, took)
    injected, recovered = sum(tally.injected.values()), sum(tally.recovered.values())
    print(
        f"{injected} faults injected, {recovered} recovered, {len(tally.lost)} lost, {time.monotonic() - began:.0f} s"
    )
    return 1 if tally.lost or injected != recovered or not injected else 0


if __name__ == "__main__":
    sys.exit(main())
