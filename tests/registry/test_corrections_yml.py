"""What raw_data/corrections.yml may say, and what a person reads when it says something else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipeline.errors import InputError
from pipeline.registry import described, load_registry

FILE = "raw_data/corrections.yml"
SOUND = """\
# a comment
corrections:
  - id: six_districts
    source: mz
    title: The rows stand beside the wrong names.
    reason: They do not fit their neighbours in time.
    told: null
    status: open
    action: drop
    figures:
      - reference: "2018"
        printed:
          "01": {persons_with: "488"}
          "02": {persons_with: "/", share_percent: "7.0 ()"}
"""


@pytest.fixture
def register(raw_data: Path, write):
    """A source in three vintages, and the register with the given changes."""
    for order in (1, 2, 3):
        write(vintage=f"v{order}", order=order)
    write(source="claims", vintage="1", kind="claim", defaults=None, measures=None)

    def put(*changes: tuple[str, str], more: str = "") -> Path:
        text = SOUND
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (raw_data / "corrections.yml").write_text(text + more, encoding="utf-8")
        return raw_data

    return put


def refused(raw_data: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        load_registry(raw_data)
    assert caught.value.file == FILE
    assert "Remedy: " in str(caught.value)
    return caught.value


def test_a_missing_register_has_no_entries(raw_data, write):
    write()
    assert load_registry(raw_data).corrections == ()
    assert described.corrections(load_registry(raw_data)).is_empty()


def test_every_figure_of_an_entry_is_known_by_its_line(register):
    (entry,) = load_registry(register()).corrections_of("mz")
    assert load_registry(register()).corrections_of("claims") == ()
    assert (entry.line, entry.vintages) == (3, ("v1", "v2", "v3"))
    found = [(one.region, one.measure, one.printed, one.concept, one.line) for one in entry.wrong_figures()]
    assert found == [
        ("01", "persons_with", "488", None, 13),
        ("02", "persons_with", "/", None, 14),
        ("02", "share_percent", "7.0 ()", None, 14),
    ]


def test_what_is_right_becomes_cells(register):
    changes = (
        ("action: drop", "action: override"),
        ('"7.0 ()"}\n', '"7.0 ()"}\n        value: {"02": {persons_with: "3 ()", share_percent: "..."}}\n'),
        ('          "01": {persons_with: "488"}\n', ""),
    )
    (entry,) = load_registry(register(*changes)).corrections
    assert [one.right_cells for one in entry.wrong_figures()] == [("3", "()"), ("", "...")]


def test_a_mended_error_applies_to_the_vintages_before(register):
    changes = ("status: open", "status: mended\n    until: v3"), ("told: null", 'told: {who: The office, date: "2025"}')
    registry = load_registry(register(*changes))
    assert registry.corrections[0].vintages == ("v1", "v2")
    (row,) = described.corrections(registry).to_dicts()
    assert row == {
        "correction_id": "six_districts",
        "source_id": "mz",
        "title": "The rows stand beside the wrong names.",
        "reason": "They do not fit their neighbours in time.",
        "told": "The office",
        "told_on": "2025",
        "status": "mended",
        "action": "drop",
        "vintages": "v1 v2",
        "figures": 3,
        "until_vintage_id": "v3",
    }


MENDED = ("status: open", "status: mended\n    until: ")


@pytest.mark.parametrize(
    ("change", "line", "key", "message", "remedy"),
    [
        (("source: mz", "source: mzz"), 4, "corrections[0].source", "there is no source 'mzz'", "Did you mean 'mz'?"),
        (("source: mz", "source: claims"), 4, "corrections[0].source", "is of kind claim", "doubts of source.yml"),
        (('"01"', '"1"'), 13, "corrections[0].figures[0].printed.1", "'1' is not a region id", "official key"),
        (('"01"', "01"), 13, "corrections[0].figures[0].printed.1", "must be text", "a leading 0 counts"),
        (('{persons_with: "488"}', '{persons_wth: "488"}'), 13, None, "unknown measure", "'persons_with'"),
        (('"488"', "488"), 13, None, "must be text, but YAML reads the number 488", "exactly as it is printed"),
        (('"488"', '"4,88"'), 13, None, "'4,88' is not a figure as the file prints it", "Write the digits"),
        (('"488"', '"?"'), 13, None, "'?' is not a figure as the file prints it", "the marker"),
        (('"488"', '""'), 13, None, "'' is not a figure as the file prints it", "the marker"),
        (('{persons_with: "488"}', "{}"), 13, None, "at least 1 item", "Remedy"),
        (('reference: "2018"\n', 'reference: "2018"\n        concept: height\n'), 12, None, "unknown concept", "Known"),
        (("action: drop", "action: delete"), 9, "corrections[0].action", "'delete' is not allowed", "'flag'"),
        (("action: drop", "action: override"), 3, "corrections[0]", "override needs `value`", "Say what is right"),
        (
            ('"7.0 ()"}\n', '"7.0 ()"}\n        value: {"01": {persons_with: "4"}}\n'),
            11,
            "corrections[0].figures[0]",
            "02 persons_with stands under `printed` alone",
            "under both",
        ),
        (("told: null", "told: yes"), 7, "corrections[0].told", "", "Remedy"),
        (("    told: null\n", ""), 3, "corrections[0].told", "this key is missing", "null as long as nobody was told"),
        (("status: open", "status: acknowledged"), 3, None, "nobody can acknowledge", "Say under `told`"),
        (("status: open", "status: mended"), 3, None, "belong together", "the first vintage in which"),
        (("status: open", "status: open\n    until: v2"), 3, None, "belong together", "or neither"),
        ((MENDED[0], MENDED[1] + "v4"), 9, "corrections[0].until", "mz has no vintage 'v4'", "Known: v1, v2, v3."),
        ((MENDED[0], MENDED[1] + "v1"), 9, "corrections[0].until", "applies to none", "Remove the entry"),
        (
            ("id: six_districts", "id: Six districts"),
            3,
            "corrections[0].id",
            "not a name in snake_case",
            "Write a name",
        ),
        (("title: ", "titel: x\n    title: "), 5, "corrections[0].titel", "unknown key 'titel'", "'title'"),
        (("title: The", "title: !!python/name:os.system The"), 5, None, "not valid YAML", "Remedy"),
        (("told: null", "told: !office {who: x}"), 7, None, "the tag !office is not allowed", "Remove the tag"),
        (("corrections:", "correction:"), 2, "correction", "unknown key 'correction'", "'corrections'"),
    ],
)
def test_a_bad_entry_is_named_with_line_key_and_remedy(register, change, line, key, message, remedy):
    error = refused(register(change))
    if error.line is None:  # several problems of one file are told together
        assert f"line {line}, " in str(error)
    else:
        assert error.line == line
        assert key is None or error.key == key
    assert message in str(error)
    assert remedy in str(error)


def test_a_value_without_override_is_refused(register):
    value = '        value: {"02": {persons_with: "3", share_percent: "7.5"}}\n'
    error = refused(register(('"7.0 ()"}\n', f'"7.0 ()"}}\n{value}'), ('          "01": {persons_with: "488"}\n', "")))
    assert "`value` is for action override, this is drop" in str(error)


def test_a_right_figure_that_is_the_wrong_one_is_refused(register):
    value = '        value: {"02": {persons_with: "3", share_percent: "7.0 ()"}}\n'
    changes = ('"7.0 ()"}\n', f'"7.0 ()"}}\n{value}'), ('          "01": {persons_with: "488"}\n', "")
    error = refused(register(("action: drop", "action: override"), *changes))
    assert "the value of 02 share_percent is the printed one, '7.0 ()'" in str(error)


ANOTHER = SOUND.partition("corrections:\n")[2]


def test_an_id_twice_is_refused(register):
    error = refused(register(more=ANOTHER.replace('reference: "2018"', 'reference: "2019"')))
    assert (error.line, error.key) == (15, "corrections[1].id")
    assert "'six_districts' stands here for the second time (first in line 3)" in str(error)


@pytest.mark.parametrize(
    ("concept", "other", "refuses"),
    [
        ("", "", True),
        ("", "        concept: foreign_nationality\n", True),
        ("        concept: foreign_nationality\n", "", True),
        ("        concept: foreign_nationality\n", "        concept: population\n", False),
    ],
)
def test_a_figure_twice_is_refused(register, concept, other, refuses):
    first = ('reference: "2018"\n', f'reference: "2018"\n{concept}')
    more = ANOTHER.replace("id: six_", "id: other_").replace('reference: "2018"\n', f'reference: "2018"\n{other}')
    folder = register(first, more=more)
    if not refuses:
        assert len(load_registry(folder).corrections) == 2
        return
    text = str(refused(folder))
    assert text.count("this figure stands under 'six_districts' too") == 3
    assert "key corrections[1].figures[0].printed.01.persons_with" in text


def test_a_figure_twice_in_one_entry_is_refused(register):
    more = '      - reference: "2018"\n        printed: {"01": {persons_with: "488"}}\n'
    error = refused(register(more=more))
    assert (error.line, error.key) == (16, "corrections[0].figures[1].printed.01.persons_with")
    assert "(line 13)" in str(error)


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n"])
def test_a_register_that_is_none_is_refused(raw_data, write, text):
    write()
    (raw_data / "corrections.yml").write_text(text, encoding="utf-8")
    assert "source" not in refused(raw_data).remedy


@pytest.mark.parametrize("target", ["outside.yml", "raw_data/README.md", "nowhere.yml"])
def test_a_register_that_is_a_link_is_refused(tmp_path, register, target):
    """A link to nothing, too: it must not pass for a register without entries."""
    path = register() / "corrections.yml"
    if target != "nowhere.yml":
        shutil.copy(path, tmp_path / target)
    path.unlink()
    path.symlink_to(tmp_path / target)
    assert "this is a link" in str(refused(path.parent))
