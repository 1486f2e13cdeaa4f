"""Where the seconds of a run went, for `mo run --profile`.

Belongs here: adding up and showing. Not here: how fast the project is beside others (benchmarks/).
"""

from __future__ import annotations

import time
from collections.abc import Iterator

SHOWN = 20


class Clock:
    """The parts of a run and how long each took, by the wall clock; what is not named is Dagster's own work."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._last = self._began
        self._open: dict[str, float] = {}
        self.seconds: dict[str, float] = {}

    def lap(self, part: str) -> None:
        """All the time since the last lap, or since the beginning, was spent on `part`."""
        now = time.monotonic()
        self.seconds[part] = self.seconds.get(part, 0.0) + now - self._last
        self._last = now

    def started(self, step: str, timestamp: float) -> None:
        """A step began, by the time of its event."""
        self._open[step] = timestamp

    def ended(self, step: str, timestamp: float) -> None:
        """A step that began has ended."""
        if step in self._open:
            self.seconds[step] = timestamp - self._open.pop(step)

    def told(self) -> Iterator[str]:
        """One line a part, the longest first, then the many short ones together and what is Dagster's own."""
        whole = time.monotonic() - self._began
        parts = sorted(self.seconds.items(), key=lambda part: -part[1])
        short = parts[SHOWN:]
        lines = [(name.replace("__", " "), seconds) for name, seconds in parts[:SHOWN]]
        if short:
            lines.append((f"{len(short)} shorter parts", sum(seconds for _, seconds in short)))
        lines.append(("between the parts: Dagster's own work", whole - sum(self.seconds.values())))
        lines.append(("the whole", whole))
        width = max(len(name) for name, _ in lines)
        for name, seconds in lines:
            yield f"{name:<{width}}  {seconds:6.2f} s  {100 * seconds / whole:5.1f} %"
