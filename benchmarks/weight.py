"""What an environment weighs, package by package, from what each package says it installed.

Belongs here: adding up. Not here: why a heavy package is worth it (docs/dependencies.md).

    python -m benchmarks.weight
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import Distribution, distributions
from pathlib import Path

MEGABYTE = 1_000_000
HEAVY_MEGABYTES = 50
ROOT = "augenhoehe"


def installed(site_packages: Path | None = None) -> dict[str, Distribution]:
    """Every package by its normalised name; of this environment, or of the folder `site_packages`."""
    found = distributions() if site_packages is None else distributions(path=[str(site_packages)])
    return {_normal(package.metadata["Name"]): package for package in found}


def weights(packages: dict[str, Distribution]) -> dict[str, int]:
    """Bytes of each package by the sizes in its RECORD, the heaviest first; what Python compiles is not counted."""
    found = {name: sum(file.size or 0 for file in package.files or ()) for name, package in packages.items()}
    return dict(sorted(found.items(), key=lambda entry: (-entry[1], entry[0])))


def needed(packages: dict[str, Distribution], root: str = ROOT, extras: Iterable[str] = ()) -> set[str]:
    """The names of all packages that `root` needs with these extras, itself left out."""
    from packaging.requirements import Requirement

    found: set[str] = set()
    waiting = [(root, frozenset(extras))]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        name, asked = waiting.pop()
        if (name, asked) in seen or name not in packages:
            continue
        seen.add((name, asked))
        found.add(name)
        for line in packages[name].requires or ():
            requirement = Requirement(line)
            if requirement.marker is None or any(
                requirement.marker.evaluate({"extra": extra}) for extra in (asked or {""})
            ):
                waiting.append((_normal(requirement.name), frozenset(requirement.extras)))
    return found - {root}


def heavy(packages: dict[str, Distribution]) -> dict[str, int]:
    """The packages above 50 MB with their bytes."""
    return {name: size for name, size in weights(packages).items() if size > HEAVY_MEGABYTES * MEGABYTE}


def unexplained(heavy: Iterable[str], text: str) -> list[str]:
    """Those heavy packages that have no row of their own, with a reason, in docs/dependencies.md."""
    rows = {_normal(name) for name, reason in re.findall(r"(?m)^\| *`?([\w.-]+)`? *\| *([^|]+?) *\|", text) if reason}
    return [name for name in heavy if name not in rows]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main() -> None:
    """Print every package of this environment and its weight."""
    packages = installed()
    run = needed(packages)
    for name, size in weights(packages).items():
        print(f"{size / MEGABYTE:8.1f} MB  {name}{'' if name in run else '  (not needed by a run)'}")
    total = sum(weights(packages).values())
    print(f"{total / MEGABYTE:8.1f} MB  in {len(packages)} packages")


if __name__ == "__main__":
    main()
