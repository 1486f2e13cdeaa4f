"""The documents lead where they say: links, anchors, commands and targets of make are there, no path of a machine."""

from __future__ import annotations

import re

import pytest
import typer
from reading import REPOSITORY, anchors, commands, pages, targets, targets_of_make

from pipeline.cli import app

PAGES = [pytest.param(page, id=page.relative_to(REPOSITORY).as_posix()) for page in pages()]


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file_and_to_a_heading_of_it(page):
    dead = []
    for target in targets(page.read_text("utf-8")):
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        inside = file.is_relative_to(REPOSITORY) and file.exists()
        if not inside or (anchor and anchor not in anchors(file.read_text("utf-8"))):
            dead.append(target)
    assert dead == []


@pytest.mark.parametrize("page", PAGES)
def test_every_command_is_one(page):
    text = page.read_text("utf-8")
    group = typer.main.get_command(app)
    for words in commands(text):
        if words[0].startswith("-") or not words[0].islower():
            continue  # mo --help, mo COMMAND --help
        command, rest = group, list(words)
        while hasattr(command, "commands") and rest and not rest[0].startswith("-"):
            assert rest[0] in command.commands, f"mo {' '.join(words)}"
            command = command.commands[rest.pop(0)]
        options = {name for option in command.params for name in (*option.opts, *option.secondary_opts)} | {"--help"}
        assert {word.partition("=")[0] for word in rest if re.match(r"--\w", word)} <= options, f"mo {' '.join(words)}"
    made = set(re.findall(r"(?m)^([a-z]+):", (REPOSITORY / "Makefile").read_text("utf-8")))
    assert targets_of_make(text) <= made


@pytest.mark.parametrize("page", PAGES)
def test_no_path_of_a_machine(page):
    assert re.findall(r"(?:/home/|/Users/|/work/|/tmp/|/root/|C:\\)\S*", page.read_text("utf-8")) == []


def test_a_link_in_code_is_none_and_one_around_code_is():
    text = '[a](b.md) `[c](d.md)` [`e`](f.md#g)\n```\n[h](i.md)\n```\n    [j](k.md)\n![l](m.png "n") [o](https://p.example)'
    assert targets(text) == ["b.md", "f.md#g", "m.png"]
