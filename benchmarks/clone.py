"""From an empty clone to the report, against installing the locked packages alone.

Belongs here: the two ways a newcomer waits. Not here: what a run costs (whole.py).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.timing import REPOSITORY, Run, environment, measured

# As in the Makefile.
INSTALL = ("install", "--quiet", "--require-hashes", "--only-binary=:all:", "--no-deps", "-r", "requirements.lock")


def compare() -> dict[str, Any]:
    """Once: the packages alone, `make report` in a fresh clone of the last commit, the packages alone again.

    pip's cache is as found. `make report` comes second, so the first installation may have filled the cache for it: the
    faster of the two installations counts.
    """
    base = Path(sys.base_prefix) / "bin/python3"
    python = str(base if base.is_file() else sys.executable)
    env = environment(AUGENHOEHE_RENDERER="builtin", PYTHONNOUSERSITE="1", PIP_DISABLE_PIP_VERSION_CHECK="1")
    with tempfile.TemporaryDirectory(prefix="augenhoehe-bench-") as name:
        home = Path(name).resolve()
        clone = home / "clone"
        git = ["git", "clone", "--quiet", "--no-hardlinks", str(REPOSITORY), str(clone)]
        subprocess.run(git, check=True, timeout=120)  # noqa: S603

        def packages(folder: Path) -> Run:
            script = f"{python!r} -m venv {str(folder)!r} && {str(folder / 'bin/python')!r} -m pip {' '.join(INSTALL)}"
            return measured(["sh", "-c", script], clone, env)

        first = packages(home / "first")
        report = measured(["make", f"PYTHON={python}", "report"], clone, env)
        second = packages(home / "second")
    return {
        "seconds": {
            name: {"wall": [run.wall_seconds for run in runs], "cpu": [run.cpu_seconds for run in runs]}
            for name, runs in (("packages", (first, second)), ("make report", (report,)))
        },
    }
