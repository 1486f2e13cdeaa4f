"""What is hostile and enters through names, texts and files: SQL, paths, links, tags, entities, formulas, markup.

The readers of publishers' files have attacks of their own: `../` and bombs in archives (tests/ingest/test_archive.py),
entities and external links in workbooks (tests/ingest/test_workbook.py), answers of a service
(tests/fetch/test_fetch_client.py); a manifest that names other paths stands in test_shelf.py.
"""

import csv
import io
from itertools import pairwise

import polars as pl
import pytest
from project_folder import copy_sources

from pipeline.errors import InputError
from pipeline.registry import load_registry
from pipeline.report import render
from pipeline.warehouse import Warehouse, qualified, quote

SQL = ['x"; DROP TABLE core.t; --', "x'; DROP TABLE core.t; --", 'a" AS (SELECT 1) --', '"', "x\ny", "ä b", "select"]


@pytest.mark.parametrize("name", SQL)
def test_a_name_with_sql_in_it_is_a_name(tmp_path, name):
    warehouse = Warehouse(tmp_path / "w.duckdb")
    table = f"core.{name}"
    with warehouse.session() as con:
        con.execute("CREATE TABLE core.t AS SELECT 1 AS a")
        con.execute(f"CREATE TABLE {qualified(table)} ({quote(name)} INTEGER)")
        con.execute(f"INSERT INTO {qualified(table)} VALUES (7)")
    assert warehouse.read(table).to_dicts() == [{name: 7}]
    assert warehouse.read("core.t").to_dicts() == [{"a": 1}]
    assert len(warehouse.digest(table)) == 32


@pytest.mark.parametrize("source", ["../regions", "/etc", "x; DROP TABLE t", "=1+1", "<b>"])
@pytest.mark.parametrize("file", ["release.lock.yml", "corrections.yml", "source.yml"])
def test_a_source_id_is_never_a_path_or_code(tmp_path, source, file):
    copy_sources(tmp_path, "foreign_share_states", "regions")
    raw_data = tmp_path / "raw_data"
    if file == "source.yml":
        path = raw_data / "foreign_share_states/2011-2024/source.yml"
        path.write_text(
            path.read_text("utf-8").replace("source: foreign_share_states", f"source: '{source}'", 1), "utf-8"
        )
    elif file == "release.lock.yml":
        with (raw_data / file).open("a", encoding="utf-8") as lock:
            lock.write(f"  '{source}': v1\n")
    else:
        (raw_data / file).write_text(
            f"corrections:\n  - id: one\n    source: '{source}'\n    title: t\n    reason: r\n    told: null\n"
            "    status: open\n    action: drop\n    figures:\n      - reference: '2018'\n"
            "        printed: {'01': {share_percent: '1'}}\n",
            "utf-8",
        )
    with pytest.raises(InputError) as refused:
        load_registry(raw_data)
    assert file in str(refused.value)


@pytest.mark.parametrize("level", ["source", "vintage", "file"])
def test_a_link_out_of_raw_data_is_refused_at_every_level(tmp_path, level):
    from pipeline.registry import verify

    copy_sources(tmp_path, "foreign_share_states", "regions")
    inner = {"source": "", "vintage": "/2011-2024", "file": "/2011-2024/figures.csv"}[level]
    path = tmp_path / f"raw_data/foreign_share_states{inner}"
    path.rename(tmp_path / "outside")
    path.symlink_to(tmp_path / "outside")

    def read() -> None:
        for vintage in load_registry(tmp_path / "raw_data").vintages:
            verify(vintage)

    with pytest.raises(InputError, match="leads out of"):
        read()


def test_a_report_folder_that_is_a_link_is_refused(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/index.html").write_text("precious")
    (tmp_path / "report").symlink_to("elsewhere")
    (tmp_path / "release").mkdir()
    (tmp_path / "release/manifest.json").write_text("{}")
    (tmp_path / "index.qmd").write_text("---\ntitle: T\n---\n\nText.\n")
    with pytest.raises(InputError, match="is a link"):
        render(
            tmp_path / "index.qmd",
            release=tmp_path / "release",
            output=tmp_path / "report/index.html",
            renderer="builtin",
        )
    assert (tmp_path / "elsewhere/index.html").read_text() == "precious"


BOMB = "\n".join(
    [
        "a: &a [x, x, x, x, x, x, x, x, x]",
        *(f"{b}: &{b} [*{a}, *{a}, *{a}, *{a}, *{a}]" for a, b in pairwise("abcdefghi")),
    ]
)


@pytest.mark.parametrize(
    "attack",
    [
        pytest.param("!!python/object/apply:os.system ['touch {0}']", id="a tag that runs"),
        pytest.param("!!python/name:os.system", id="a tag that imports"),
        pytest.param("!include {0}", id="a tag that reads"),
        pytest.param("{{\n" + BOMB + "\n}}", id="aliases that double each other"),
    ],
)
@pytest.mark.parametrize("file", ["release.lock.yml", "corrections.yml", "foreign_share_states/2011-2024/source.yml"])
def test_yaml_is_read_and_never_run(tmp_path, file, attack):
    copy_sources(tmp_path, "foreign_share_states", "regions")
    path = tmp_path / "raw_data" / file
    was = path.read_text("utf-8") if path.exists() else "corrections: []\n"
    path.write_text(f"{was}more: {attack.format(tmp_path / 'touched')}\n", "utf-8")
    with pytest.raises(InputError) as refused:
        load_registry(tmp_path / "raw_data")
    assert path.name in str(refused.value)
    assert not (tmp_path / "touched").exists()


@pytest.mark.parametrize("text", ["!!python/object/apply:os.system ['touch touched']", "&a [*a]"])
def test_the_declaration_and_the_rules_are_read_the_same_way(tmp_path, monkeypatch, text):
    from pipeline.analysis.claims.rules import load_rules
    from pipeline.analysis.design import load_design

    monkeypatch.chdir(tmp_path)
    for load, key in ((load_design, "comparisons"), (load_rules, "rules")):
        file = tmp_path / f"{key}.yml"
        file.write_text(f"{key}: {text}\n", "utf-8")
        with pytest.raises(InputError):
            load(file)
    assert not (tmp_path / "touched").exists()


@pytest.mark.parametrize(
    "text", ["=1+1", "+49 30", "-1 from", "@SUM(A1)", "\t=1", "\r=1", "'=1", '=HYPERLINK("http://x","y")']
)
def test_no_cell_behind_a_chart_is_a_formula(tmp_path, text):
    """The files of a release and of the page; what people read there is the text itself."""
    from pipeline.assets.publication import _write
    from pipeline.charts.model import DrawnChart, Titles
    from pipeline.report.chart_tables import readable

    titles = Titles(finding="f", shown="s", description="d", source_ids=("a",), reference="r")
    drawn = DrawnChart(
        svg={"en": "<svg/>"},
        data=pl.DataFrame({"category": [text], "share_percent": [-1.5]}),
        titles={"en": titles},
    )
    _write({"one": drawn}, {}, tmp_path / "charts")
    written = (tmp_path / "charts/one.csv").read_bytes().decode()
    ((word, number),) = list(csv.reader(io.StringIO(written, newline="")))[1:]
    assert (word, number) == (f"'{text}", "-1.5")
    assert readable(written, name="one").rows == ((text, "\u22121.5"),)


DOCTYPE = '<!DOCTYPE svg [<!ENTITY a "{inner}">]>'


@pytest.mark.parametrize(
    ("inner", "before"),
    [
        pytest.param("x" * 10, DOCTYPE, id="an entity"),
        pytest.param("", '<!DOCTYPE svg SYSTEM "file:///etc/passwd">', id="a file"),
    ],
)
def test_a_drawing_with_a_document_type_is_refused_before_it_is_read(monkeypatch, inner, before):
    from pipeline.report import figures

    monkeypatch.setattr(figures.ET, "fromstring", lambda _: pytest.fail("it was read"))
    svg = before.format(inner=inner) + '<svg xmlns="http://www.w3.org/2000/svg">&a;</svg>'
    view = figures.ChartView(
        name="c", svg=svg, csv="a\n1\n", finding="f", shown="s", description="d", source="s", date="d"
    )
    with pytest.raises(InputError, match="document type"):
        figures.safe_svg(view)


MARKUP = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</p><iframe>", "[x](javascript:alert(1))"]


@pytest.mark.parametrize("text", MARKUP)
def test_a_label_is_shown_as_text(text):
    from pipeline.report import figures

    svg = '<svg xmlns="http://www.w3.org/2000/svg" role="img"><title>t</title></svg>'
    quoted = text.replace('"', '""')
    view = figures.ChartView(
        name="c",
        svg=svg,
        csv=f'category\n"{quoted}"\n',
        finding=text,
        shown=text,
        description=text,
        source=text,
        date=text,
    )
    page = str(figures.chart_html(view))
    for part in ("<script", "<img", "<iframe", "onerror=alert(1)>"):
        assert part not in page.replace(svg, "")
    assert "&lt;" in page or "<" not in text


@pytest.mark.parametrize("text", ["'); DROP TABLE core.source; --", "\x1b[2J\x1b[1;1H", "{{ 7*7 }}", "${HOME}", "%s%n"])
def test_a_text_in_a_table_is_a_text(tmp_path, text):
    """Through the warehouse, Parquet and CSV and back."""
    from pipeline.release.cells import csv_bytes, read_csv

    warehouse = Warehouse(tmp_path / "w.duckdb")
    frame = pl.DataFrame({"a": [text]})
    warehouse.replace(
        "core.t", ddl="CREATE OR REPLACE TABLE core.t (a VARCHAR, PRIMARY KEY (a))", comments=(), frame=frame
    )
    stored = warehouse.read("core.t")
    assert stored.to_dicts() == [{"a": text}]
    assert read_csv(csv_bytes(stored), dict(stored.schema)).to_dicts() == [{"a": text}]
