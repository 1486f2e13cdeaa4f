"""How many lines a user writes: those that are neither empty nor a comment nor a docstring.

Belongs here: counting. Not here: which files a user writes (peers/).
"""

from __future__ import annotations

import ast
from pathlib import Path

COMMENT = {".sql": "--", ".yml": "#", ".yaml": "#", ".py": "#", "": "#"}


def written(file: Path) -> int:
    """The lines of one file that say something.

    Raises:
        KeyError: a kind of file of which it is not known how it comments.
    """
    mark = COMMENT[file.suffix]
    text = file.read_text("utf-8")
    silent = _docstrings(text) if file.suffix == ".py" else set[int]()
    return sum(
        1
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip() and not line.strip().startswith(mark) and number not in silent
    )


def _docstrings(text: str) -> set[int]:
    found: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                found.update(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    return found
