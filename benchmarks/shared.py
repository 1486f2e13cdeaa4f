"""The shared part of the job, by everybody: timed, compared, and disturbed.

Belongs here: running the rivals on equal inputs. Not here: their code (peers/), their installation (environments.py).
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import folders
from benchmarks.environments import MissingError, megabytes, programs
from benchmarks.equality import same_results, tables
from benchmarks.lines import written
from benchmarks.peers import AUGENHOEHE, PEERS, Peer
from benchmarks.timing import Run, environment, measured, of_the_project, taking_turns
from pipeline.errors import InputError

PHASES = ("whole", "noop", "changed")
# Longer messages are for the terminal, not for a table.
MOST = 220


@dataclass
class Place:
    """A rival in its folder.

    Attributes:
        peer: who.
        home: an empty folder for its runs.
        bin: its programs.
    """

    peer: Peer
    home: Path
    bin: Path

    @property
    def folder(self) -> Path:
        """Where it works now."""
        return self.home / self.peer.name

    @property
    def results(self) -> Path:
        """Where its two tables lie."""
        return self.folder / self.peer.results

    def fresh(self) -> None:
        """Inputs and files as they come, nothing computed."""
        shutil.rmtree(self.folder, ignore_errors=True)
        folders.part(self.folder, self.peer)
        for command in self.peer.prepare:
            self._run(command)

    def run(self, *, must_end_well: bool = True) -> Run:
        """What a user types."""
        return self._run(self.peer.command, must_end_well=must_end_well)

    def _run(self, command: tuple[str, ...], *, must_end_well: bool = True) -> Run:
        env = of_the_project() if self.peer.name == AUGENHOEHE else environment(self.bin)
        return measured([str(self.bin / command[0]), *command[1:]], self.folder, env, must_end_well=must_end_well)

    def steps(self, run: Run) -> str:
        """What it says it ran."""
        if self.peer.step is None:
            return "everything" if self.peer.name != "hamilton" else "not told"
        found = re.findall(self.peer.step, run.said)
        count = sum(int(hit) for hit in found) if found and found[0].isdigit() else len(found)
        return str(count)


def compare(rounds: int, only: set[str] | None = None) -> dict[str, Any]:
    """Everything that is said of the rivals, as plain data.

    Args:
        rounds: how often each is timed.
        only: names of rivals; all without. Augenhöhe is always there, since the ratios are to it.
    """
    left_out: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="augenhoehe-bench-") as name:
        places = []
        for peer in PEERS.values():
            if only and peer.name not in only | {AUGENHOEHE}:
                left_out[peer.name] = "not asked for"
                continue
            try:
                places.append(Place(peer, Path(name).resolve(), programs(peer)))
            except MissingError as error:
                left_out[peer.name] = f"cannot be installed: {error}"
        for place in places:  # not counted: files not yet in memory, code not yet compiled
            place.fresh()
            place.run()
        equal = _equality(places)
        runs: dict[str, dict[str, list[Run]]] = {phase: {} for phase in PHASES}

        def whole(place: Place) -> Run:
            place.fresh()
            return place.run()

        def changed(place: Place) -> Run:
            folders.change_figure(place.folder)
            return place.run()

        acts = {"whole": whole, "noop": Place.run, "changed": changed}
        for number in range(rounds):
            print(f"  round {number + 1} of {rounds}", file=sys.stderr, flush=True)
            turned = places[number % len(places) :] + places[: number % len(places)]
            for phase, act in acts.items():
                for who, done in taking_turns({p.peer.name: (lambda p=p, act=act: act(p)) for p in turned}, 1).items():
                    runs[phase].setdefault(who, []).extend(done)
        equal_changed = _equality(places)
        probes = {place.peer.name: _disturbed(place) for place in places}
    return {
        "equal": equal,
        "equal_changed": equal_changed,
        "left_out": left_out,
        "seconds": {
            phase: {
                who: {"wall": [run.wall_seconds for run in done], "cpu": [run.cpu_seconds for run in done]}
                for who, done in of.items()
            }
            for phase, of in runs.items()
        },
        "peers": {place.peer.name: _said_of(place.peer) | probes[place.peer.name] for place in places},
    }


def _equality(places: list[Place]) -> dict[str, list[str]]:
    """What the tables of each rival have that those of Augenhöhe have not; empty where they are equal."""
    reference = tables(places[0].results)
    return {place.peer.name: same_results(reference, tables(place.results)) for place in places[1:]}


def _said_of(peer: Peer) -> dict[str, Any]:
    files = folders.user_files(peer)
    return {
        "title": peer.title,
        "command": " ".join(peer.command),
        "lines": sum(map(written, files["code"])),
        "lines_describing": sum(map(written, files["descriptions"])),
        "megabytes": megabytes(peer),
        "origin": peer.origin,
    }


def _disturbed(place: Place) -> dict[str, Any]:
    """A shuffled file, then cells that are wrong; each in a folder where all was computed."""
    place.fresh()
    first = place.run()
    before = tables(place.results)
    folders.shuffle_rows(place.folder)
    again = place.run()
    found: dict[str, Any] = {
        "steps": place.steps(first),
        "shuffled_steps": place.steps(again),
        "shuffled_differences": same_results(before, tables(place.results)),
    }
    for name, value, registered in (
        ("no_number", "8;3", True),
        ("no_number_unregistered", "8;3", False),
        ("wrong_number", "83", True),
        ("wrong_number_unregistered", "83", False),
    ):
        if not registered and place.peer.name != AUGENHOEHE:
            continue
        place.fresh()
        place.run()
        folders.change_figure(place.folder, value, registered=registered)
        found[name] = _stopped(place.run(must_end_well=False))
    return found


def _stopped(run: Run) -> dict[str, Any]:
    """Whether a run stopped, and what a person reads then."""
    said = [re.sub(r"\x1b\[[\d;]*m", "", line).strip() for line in run.said.splitlines()]
    telling = [line for line in said if re.search(r"8;3|\b83\b|content is not the registered", line)]
    message = (telling or [line for line in said if "rror" in line] or said[-1:] or [""])[0]
    where = " ".join(said)
    return {
        "stopped": run.status != 0,
        "message": message[:MOST] if run.status != 0 else "",
        "names_file": run.status != 0 and "foreign_share_states" in where,
        "names_line": run.status != 0 and bool(re.search(r"figures\.csv:225\b|[Ll]ine:? ?225\b", where)),
    }


def refuse_unequal(found: dict[str, Any]) -> None:
    """Seconds of rivals that computed something else compare nothing.

    Raises:
        InputError: names the first difference of each.
    """
    wrong = {who: lines for which in ("equal", "equal_changed") for who, lines in found[which].items() if lines}
    if wrong:
        raise InputError(
            "the rivals do not agree:\n  " + "\n  ".join(f"{who}: {lines[0]}" for who, lines in wrong.items()),
            file="benchmarks/peers",
            remedy="mend the one that is wrong; nothing was written",
        )
