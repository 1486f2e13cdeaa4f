"""Chunks run in the process of the run and leave nothing of themselves there."""

import builtins
import os
import sys
import threading
from pathlib import Path

import pytest

from pipeline.errors import InputError
from pipeline.language import spoken
from pipeline.report.chunks import run_chunks
from pipeline.report.source import parse_source


def run(*bodies: str, **environment: str):
    documents = [parse_source("---\ntitle: x\n---\n" + body, path=Path("d.qmd")) for body in bodies]
    return list(run_chunks([(document, environment) for document in documents]))


def chunk(code: str) -> str:
    return f"```{{python}}\n#| label: one\n{code}\n```\n"


def test_what_a_chunk_shows_is_recorded_in_order():
    ((outputs,),) = run(
        chunk(
            "import sys\nfrom IPython.display import Markdown\nprint('a')\ndisplay(Markdown('*b*'))\n"
            "print('c', file=sys.stderr)\nprint('d')\nprint('e')\n6 * 7"
        )
    )
    assert [output["output_type"] for output in outputs] == [
        "stream", "display_data", "stream", "stream", "display_data",
    ]  # fmt: skip
    assert outputs[0]["text"] == "a\n"
    assert outputs[1]["data"]["text/markdown"] == "*b*"
    assert (outputs[2]["name"], outputs[2]["text"]) == ("stderr", "c\n")
    assert outputs[3]["text"] == "d\ne\n"
    assert outputs[4]["data"] == {"text/plain": "42"}


def test_what_another_thread_writes_meanwhile_is_not_the_chunks(capsys):
    code = (
        "import threading, sys\nout = sys.stdout\n"
        "other = threading.Thread(target=lambda: out.write('of another'))\nother.start()\nother.join()\nprint('own')"
    )
    ((outputs,),) = run(chunk(code))
    assert [output["text"] for output in outputs] == ["own\n"]
    assert capsys.readouterr().out == "of another"


def test_nothing_of_a_document_reaches_the_next_one_or_the_process():
    before = (dict(os.environ), sys.stdout, sys.stderr, sys.displayhook, sys.excepthook, sys.modules["__main__"])
    threads = threading.active_count()
    code = (
        "import os\nfrom pipeline.language import speak\nspeak('de')\nos.environ['LEFT'] = os.environ['GIVEN']\nx = 1"
    )
    with pytest.raises(InputError, match="NameError"):
        run(chunk(code), "`{python} x`", GIVEN="within")
    assert (
        dict(os.environ),
        sys.stdout,
        sys.stderr,
        sys.displayhook,
        sys.excepthook,
        sys.modules["__main__"],
    ) == before
    assert spoken() == "en"
    assert threading.active_count() == threads
    assert not hasattr(builtins, "get_ipython")


def test_a_document_has_its_own_variables():
    document = parse_source("`{python} __import__('os').environ['GIVEN']`")
    found = run_chunks([(document, {"GIVEN": name}) for name in ("a", "b")])
    assert [output["data"]["text/plain"] for ((output,),) in found] == ["a", "b"]


@pytest.mark.filterwarnings("ignore:To exit")
@pytest.mark.parametrize(
    ("code", "line", "words"),
    [
        ("x = 1\n\ndef fails():\n    raise ValueError('no')\n\nfails()", 11, "ValueError: no"),
        ("x = 1\ny = = 2", 7, "SyntaxError"),
        ("import sys\nsys.exit(3)", 7, "SystemExit: 3"),
        ("import json\njson.loads('{')", 7, "JSONDecodeError"),
    ],
)
def test_an_error_names_the_line_of_the_chunk_that_led_to_it(code, line, words):
    with pytest.raises(InputError) as caught:
        run(chunk(code))
    assert (caught.value.file, caught.value.line) == ("d.qmd", line)
    assert "the chunk 'one' failed with" in caught.value.message
    assert words in caught.value.message


def test_who_stops_the_run_is_no_error_of_the_chunk():
    before = sys.stdout
    with pytest.raises(KeyboardInterrupt):
        run(chunk("raise KeyboardInterrupt"))
    assert sys.stdout is before
