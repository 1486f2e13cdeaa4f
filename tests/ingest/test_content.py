"""The canonical content of publishers' files: what a download changes and what a publisher changes."""

from __future__ import annotations

import layouts
import pytest

from pipeline.errors import InputError
from pipeline.ingest import canonical_sha256, fingerprint, text_lines


def shuffled(data: bytes) -> bytes:
    first, *others = data.rstrip(b"\n").split(b"\n")
    return b"\n".join([first, *others[3:], *reversed(others[:3])]) + b"\n"


@pytest.mark.parametrize(
    ("layout", "data"), [("ffcsv_new", layouts.new_file()), ("ffcsv_old", layouts.old_file())], ids=["new", "old"]
)
@pytest.mark.parametrize(
    "change",
    [
        shuffled,
        layouts.zipped,
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: data.removeprefix(layouts.BOM),
        lambda data: data.rstrip(b"\n") + b"\n",
    ],
    ids=["shuffled", "zipped", "CRLF", "no byte order mark", "last line end"],
)
def test_another_download_of_the_same_table_has_the_same_content(layout, data, change):
    assert fingerprint(change(data), file="f", layout=layout) == fingerprint(data, file="f", layout=layout)


def test_another_figure_is_another_content():
    data = layouts.new_file()
    assert canonical_sha256(data.replace(b";300;", b";301;"), layout="ffcsv_new") != canonical_sha256(
        data, layout="ffcsv_new"
    )


def test_a_row_more_or_twice_is_another_content():
    data = layouts.new_file()
    again = layouts.new_file(*layouts.NEW_ROWS, layouts.NEW_ROWS[0])
    assert canonical_sha256(again, layout="ffcsv_new") != canonical_sha256(data, layout="ffcsv_new")
    assert fingerprint(again, file="f", layout="ffcsv_new").rows == len(layouts.NEW_ROWS) + 1


def test_a_pivot_is_the_same_at_another_minute_but_not_in_another_order():
    stamp = "Stand: 20.05.2026 / 23:29:57"
    text = layouts.PIVOT_NEW if stamp in layouts.PIVOT_NEW else layouts.PIVOT_NEW.rstrip("\n") + f"\n{stamp}\n"
    one = layouts.BOM + text.encode()
    later = layouts.BOM + text.replace(stamp, "Stand: 21.05.2026 / 01:00:00").encode()
    assert canonical_sha256(one, layout="pivot") == canonical_sha256(later, layout="pivot")
    lines = text.split("\n")
    first = next(number for number, line in enumerate(lines) if line.startswith("31.12.2022"))
    lines[first], lines[first + 1] = lines[first + 1], lines[first]
    swapped = layouts.BOM + "\n".join(lines).encode()
    assert canonical_sha256(swapped, layout="pivot") != canonical_sha256(one, layout="pivot")


def test_a_file_of_another_layout_is_refused():
    with pytest.raises(InputError, match=r"layout ffcsv_old, source\.yml says ffcsv_new"):
        fingerprint(layouts.old_file(), file="f.csv", layout="ffcsv_new")


def test_lines_are_those_the_reader_counts():
    assert text_lines(layouts.new_file(), file="f", layout="ffcsv_new")[1] == layouts.NEW_ROWS[0]
