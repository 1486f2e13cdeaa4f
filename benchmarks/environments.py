"""An environment of its own for each rival, made when it is asked for, with the versions its requirements.txt pins.

Belongs here: making, finding and weighing them. Not here: the project's own environment, which `make` makes.

They lie under build/bench/envs and stay until `make clean`. Packages come from wherever pip and uv of this machine get
theirs; the one that cannot be had leaves its rival out, by name and with the reason.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.peers import AUGENHOEHE, Peer
from benchmarks.timing import PROGRAMS, REPOSITORY
from benchmarks.weight import MEGABYTE, installed, needed, weights

ENVIRONMENTS = REPOSITORY / "build/bench/envs"


class MissingError(Exception):
    """A rival that cannot be installed here; the message says why."""


def programs(peer: Peer) -> Path:
    """The folder of a rival's programs, installed now if it is not yet.

    Raises:
        MissingError: it cannot be installed.
    """
    if peer.name == AUGENHOEHE:
        return PROGRAMS
    folder = ENVIRONMENTS / peer.name
    wanted = peer.requirements.read_text("utf-8")
    stamp = folder / "installed.txt"
    if not stamp.is_file() or stamp.read_text("utf-8") != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        _install(peer, folder)
        stamp.write_text(wanted, "utf-8")
    return folder / "bin"


def _install(peer: Peer, folder: Path) -> None:
    print(f"installing {peer.title} into {folder.relative_to(REPOSITORY)}", file=sys.stderr)
    uv = str(PROGRAMS / "uv")
    for command in (
        [uv, "venv", "--quiet", "--python", sys.executable, str(folder)],
        [uv, "pip", "install", "--quiet", "--python", str(folder / "bin/python"), "-r", str(peer.requirements)],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)  # noqa: S603
        if done.returncode != 0:
            shutil.rmtree(folder, ignore_errors=True)
            raise MissingError((done.stderr.strip().splitlines() or ["uv says nothing"])[-1])


def megabytes(peer: Peer) -> float:
    """What the packages of a rival weigh; of Augenhöhe those a run needs, not those of its tests and docs."""
    if peer.name == AUGENHOEHE:
        packages = installed()
        run = needed(packages)
        return sum(size for name, size in weights(packages).items() if name in run) / MEGABYTE
    (site_packages,) = (ENVIRONMENTS / peer.name).glob("lib/python*/site-packages")
    return sum(weights(installed(site_packages)).values()) / MEGABYTE
