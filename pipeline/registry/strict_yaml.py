"""YAML for people who type it by hand: strict, with line numbers, and with errors that say how to mend them.

Belongs here: reading one YAML file into plain values and turning pydantic's complaints about them into words.
Not here: what a `source.yml` may contain (models.py) and which files there are (folder.py).

Stricter than YAML 1.1 where that protects a figure: a key that occurs twice is refused instead of overwriting
the first; anchors, aliases and merge keys are refused; an unquoted date stays text. Sequences become tuples,
so that pydantic's strict mode can fill frozen models.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from pipeline.errors import InputError

Loc = tuple[str | int, ...]
_Model = TypeVar("_Model", bound=BaseModel)
# libyaml is some ten times faster where the wheel carries it; both are safe loaders.
_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_BASE):
    """A safe loader that leaves dates as the text they were typed as."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _BASE.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True)
class Document:
    """One YAML file: its value and the 1-based line of every key and list item, by path from the top."""

    value: dict[str, Any]
    lines: dict[Loc, int]

    def line(self, loc: Loc) -> int | None:
        """The line of `loc`, or of the nearest thing above it that was typed."""
        while loc and loc not in self.lines:
            loc = loc[:-1]
        return self.lines.get(loc)


def dotted(loc: Iterable[str | int]) -> str:
    """`("files", 0, "path")` as a person would write it: `files[0].path`."""
    text = ""
    for part in loc:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def closest(word: str, known: Iterable[str]) -> str | None:
    """The one of `known` that `word` was probably meant to be, or None."""
    return next(iter(difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)), None)


def load(text: str, *, file: str, start: str = "source: …") -> Document:
    """Read one YAML document whose top is a mapping; `start` is how such a file begins, for the remedies.

    Raises:
        InputError: not YAML, more than one document, a key twice, an alias, or not a mapping at the top.
    """
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            raise InputError("the file is empty", file=file, remedy=f"Start with `{start}`.")
        lines: dict[Loc, int] = {}
        value = _value(loader, node, (), lines, set(), file)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise InputError(
            f"this is not valid YAML: {problem}",
            file=file,
            line=mark.line + 1 if mark is not None else None,
            remedy="Check the indentation and the quotes there; text with a colon needs quotes around it.",
        ) from error
    except RecursionError as error:
        raise InputError(
            "the YAML is nested too deeply", file=file, remedy="Write it flat; three levels are enough."
        ) from error
    finally:
        loader.dispose()
    if not isinstance(value, dict):
        raise InputError(
            "the top of the file must be `key: value` lines",
            file=file,
            line=1,
            remedy=f"Start with `{start}`.",
        )
    return Document(value, lines)


def _value(loader: Any, node: Any, loc: Loc, lines: dict[Loc, int], seen: set[int], file: str) -> Any:
    """Plain Python value of `node`; fills `lines`. An alias shows as a node met twice."""
    line = node.start_mark.line + 1
    if id(node) in seen:
        raise InputError(
            "an alias (`*name`) is not allowed here",
            file=file,
            line=line,
            remedy="Write the value out again.",
        )
    seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_object(node)
    if isinstance(node, yaml.SequenceNode):
        items = []
        for index, item in enumerate(node.value):
            lines[*loc, index] = item.start_mark.line + 1
            items.append(_value(loader, item, (*loc, index), lines, seen, file))
        return tuple(items)
    if node.tag != "tag:yaml.org,2002:map":
        raise InputError(
            f"the tag {node.tag} is not allowed here", file=file, line=line, remedy="Remove the tag (`!…`)."
        )
    mapping: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode) or key_node.tag == "tag:yaml.org,2002:merge":
            raise InputError(
                "this kind of key is not allowed here",
                file=file,
                line=line,
                remedy="Use plain words as keys.",
            )
        key = loader.construct_object(key_node)
        here = (*loc, key)
        if key in mapping:
            raise InputError(
                f"the key stands here for the second time (first in line {lines[here]})",
                file=file,
                line=line,
                key=dotted(here),
                remedy="Keep one of the two; YAML would silently drop the first.",
            )
        lines[here] = line
        mapping[key] = _value(loader, value_node, here, lines, seen, file)
    return mapping


def validate(model: type[_Model], document: Document, *, file: str) -> _Model:
    """`document` as a `model`, or one InputError that lists everything wrong in this file, by line."""
    try:
        return model.model_validate(document.value)
    except ValidationError as error:
        found = [_problem(model, document, details, file) for details in error.errors(include_url=False)]
        raise combined(found, file=file) from None


def combined(problems: list[InputError], *, file: str) -> InputError:
    """One error for all `problems` of one file; a single one stays as it is."""
    unique = list({str(problem): problem for problem in problems}.values())
    if len(unique) == 1:
        return unique[0]
    unique.sort(key=lambda problem: (problem.line or 0, problem.key or ""))
    parts = []
    for problem in unique:
        text = str(problem).removeprefix(file)
        parts.append("  - " + text.lstrip(",: ").replace("\n", "\n  "))
    return InputError(f"{len(unique)} problems\n" + "\n".join(parts), file=file)


def _problem(model: type[BaseModel], document: Document, details: ErrorDetails, file: str) -> InputError:
    """One complaint of pydantic in our words."""
    raw = details["loc"]
    kind, context, given = details["type"], details.get("ctx", {}), details["input"]
    # Tags that pydantic adds for unions and for the keys of mappings are not in the file: leave them out.
    loc: Loc = ()
    for index, part in enumerate(raw):
        if (*loc, part) in document.lines or (kind == "missing" and index == len(raw) - 1):
            loc = (*loc, part)
    name = str(loc[-1]) if loc else ""
    owner = _owner(model, loc)
    field = owner.model_fields.get(name)
    hint = field.description if field is not None else None
    if kind == "missing":
        message, remedy = "this key is missing", f"Add `{name}: …`" + (f": {hint}." if hint else ".")
    elif kind == "extra_forbidden":
        guess = closest(name, owner.model_fields)
        message = f"unknown key {name!r}"
        remedy = (f"Did you mean {guess!r}? " if guess else "") + "Known here: " + ", ".join(owner.model_fields) + "."
    elif kind == "literal_error":
        allowed = context.get("expected", "")
        guess = closest(str(given), allowed.replace("'", "").replace(" or ", ", ").split(", "))
        message = f"{given!r} is not allowed here"
        remedy = (f"Did you mean {guess!r}? " if guess else "") + f"Allowed: {allowed}."
    elif kind == "string_type" and isinstance(given, int | float) and not isinstance(given, bool):
        message = f"this must be text, but YAML reads the number {given}"
        remedy = "Put it in quotes, exactly as it is printed; a leading 0 counts."
    elif kind == "string_type" and isinstance(given, bool):
        message = f"this must be text, but YAML reads {str(given).lower()}"
        remedy = "Put it in quotes."
    else:
        message = details["msg"][:1].lower() + details["msg"][1:]
        message += "" if "remedy" in context else f", found {_shown(given)}"
        remedy = str(context.get("remedy") or (f"Expected: {hint}." if hint else "Change or remove it."))
    return InputError(message, file=file, line=document.line(loc), key=dotted(loc) or None, remedy=remedy)


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, tuple):
        return "a list"
    return "nothing" if value is None else repr(value)


def _owner(model: type[BaseModel], loc: Loc) -> type[BaseModel]:
    """The model whose field the last part of `loc` is; mapping keys and list indexes leave it as it is."""
    for part in loc[:-1]:
        field = model.model_fields.get(part) if isinstance(part, str) else None
        if field is not None:
            inner = list(_models(field.annotation))
            model = inner[0] if len(inner) == 1 else model
    return model


def _models(annotation: object) -> Iterable[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)
