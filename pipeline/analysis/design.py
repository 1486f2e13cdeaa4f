"""The declaration of every comparison: reading design.yml.

Belongs here: the kinds of entries there are, reading the file, what entries must not say against each other. Not here:
the fields of an entry (comparisons.py, places.py), what the data can carry of it (carried.py), what a method means
(methods.py), any statistic.

Everything declared is computed and shown; nothing else is. A comparison is added by adding an entry to design.yml. An
entry is refused, with its line and the reason, when it names what does not exist, mixes what must not be mixed, or asks
for a method without what the method needs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, TypeVar, get_args

from pydantic import Field

from pipeline.analysis.comparisons import EastWest, Entry, Headline, Multiverse, Organisations, Proportions, Survey
from pipeline.analysis.places import Change, Districts, Key, Refugees, Trend
from pipeline.errors import InputError
from pipeline.registry import strict_yaml

DESIGN_FILE = Path(__file__).with_name("design.yml")

Comparison = Annotated[
    EastWest
    | Proportions
    | Organisations
    | Multiverse
    | Survey
    | Headline
    | Districts
    | Trend
    | Change
    | Refugees
    | Key,
    Field(discriminator="kind"),
]
KINDS: dict[str, type[Entry]] = {
    get_args(model.model_fields["kind"].annotation)[0]: model for model in get_args(get_args(Comparison)[0])
}
_Any = TypeVar("_Any", bound=Entry)


@dataclass(frozen=True)
class Design:
    """The comparisons in the order of the file, and the line each of them begins at."""

    comparisons: tuple[Entry, ...]
    file: str = "design.yml"
    lines: dict[str, int] = field(default_factory=dict)

    def of(self, kind: type[_Any]) -> tuple[_Any, ...]:
        """The comparisons of one kind."""
        return tuple(entry for entry in self.comparisons if isinstance(entry, kind))

    def refusal(self, entry: Entry, reason: str, remedy: str, *, key: str | None = None) -> InputError:
        """The error that names the entry, its line and the reason."""
        return InputError(
            f"the comparison {entry.id} is refused: {reason}",
            file=self.file,
            line=self.lines.get(entry.id),
            key=key,
            remedy=remedy,
        )


@cache
def load_design(path: Path = DESIGN_FILE) -> Design:
    """The project's declaration, or the one at `path`; read once.

    Raises:
        InputError: not valid YAML, an entry of the wrong shape, an unknown kind or an id that stands twice.
    """
    return parse_design(path.read_text("utf-8"), file=path.name)


def parse_design(text: str, *, file: str) -> Design:
    """A declaration from its text; every problem of the file at once, each with its line."""
    document = strict_yaml.load(text, file=file)
    listed = document.value.get("comparisons")
    if set(document.value) != {"comparisons"} or not isinstance(listed, tuple):
        raise InputError(
            "the file holds one key, `comparisons`, with a list", file=file, line=1, remedy="Start with `comparisons:`."
        )
    problems: list[InputError] = []
    entries: list[Entry] = []
    lines: dict[str, int] = {}
    for index, value in enumerate(listed):
        start = ("comparisons", index)
        inside = {loc[2:]: line for loc, line in document.lines.items() if loc[:2] == start}
        kind = value.get("kind") if isinstance(value, dict) else None
        if kind not in KINDS:
            guess = strict_yaml.closest(str(kind), KINDS)
            remedy = (f"Did you mean {guess!r}? " if guess else "") + f"Known here: {', '.join(KINDS)}."
            name = value.get("id") if isinstance(value, dict) else None
            problems.append(
                InputError(f"unknown kind {kind!r} of the comparison {name}", file=file, line=inside[()], remedy=remedy)
            )
            continue
        try:
            entry = strict_yaml.validate(KINDS[kind], strict_yaml.Document(value, inside), file=file)
        except InputError as error:
            problems.append(_named(error, value.get("id")))
            continue
        if entry.id in lines:
            problems.append(
                InputError(
                    f"duplicate id {entry.id}, first in line {lines[entry.id]}",
                    file=file,
                    line=inside[()],
                    key="id",
                    remedy="Give each comparison an id of its own; results are named by it.",
                )
            )
            continue
        lines[entry.id] = inside[()]
        entries.append(entry)
    if not problems:
        problems = list(_among_themselves(Design(tuple(entries), file, lines)))
    if problems:
        raise strict_yaml.combined(problems, file=file)
    return Design(tuple(entries), file, lines)


def _named(error: InputError, name: object) -> InputError:
    return InputError(
        f"the comparison {name} is refused: {error.message}",
        file=error.file,
        line=error.line,
        key=error.key,
        remedy=error.remedy,
    )


def _among_themselves(design: Design) -> Iterable[InputError]:
    known = {entry.id: entry for entry in design.of(EastWest)}
    for entry in design.of(Multiverse):
        wanted = known if entry.comparisons == "all" else entry.comparisons
        for name in wanted:
            if name not in known:
                yield design.refusal(
                    entry, f"there is no comparison {name} of the kind east_west", f"Known: {', '.join(known)}."
                )
    heads: dict[str, str] = {}
    for entry in design.comparisons:
        family, headline = getattr(entry, "family", None), getattr(entry, "headline", "none")
        if family is None or headline == "none":
            continue
        if heads.setdefault(family, headline) != headline:
            yield design.refusal(
                entry,
                f"its family {family} has the headline method {heads[family]}, it has {headline}",
                "Give a family one headline method, or the entry a family of its own.",
                key="headline",
            )
    for entry in design.of(Headline)[1:]:
        yield design.refusal(entry, "a second statement: one verdict is given", "Leave one entry of this kind.")
