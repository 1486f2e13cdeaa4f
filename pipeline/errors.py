"""The one error a person meets: what happened, where, and what to do about it.

Belongs here: errors about inputs and settings that the reader of the message can mend. Not here: bugs, which
stay ordinary Python exceptions with their traceback.
"""

from __future__ import annotations

from pathlib import Path


class InputError(Exception):
    """Something given to the pipeline is wrong; the message names the place and the remedy.

    Args:
        message: what happened, one sentence.
        file: the file it happened in, as the person knows it (relative where possible).
        line: 1-based line in that file.
        key: dotted key in a YAML file, or the name of a column.
        remedy: what to do next.
    """

    def __init__(
        self,
        message: str,
        *,
        file: str | Path | None = None,
        line: int | None = None,
        key: str | None = None,
        remedy: str | None = None,
    ) -> None:
        self.message = message
        self.file = str(file) if file is not None else None
        self.line = line
        self.key = key
        self.remedy = remedy
        place = ", ".join(
            part
            for part in (
                self.file,
                f"line {line}" if line is not None else None,
                f"key {key}" if key is not None else None,
            )
            if part
        )
        text = f"{place}: {message}" if place else message
        super().__init__(f"{text}\n  Remedy: {remedy}" if remedy else text)
