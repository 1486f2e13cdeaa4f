"""What the UI shows of an asset beyond its name: units, lineage, places in the code, tables, charts, the page."""

import base64
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import dagster as dg
import polars as pl
import pytest
from project_folder import add_vintage, copy_sources, use
from small_warehouse import build_warehouse, contracts

from pipeline.assets.attached import attached
from pipeline.assets.common import shown
from pipeline.assets.publication import _contents, _first_points, _inline, _refuse_other_vintages
from pipeline.assets.sources import source_assets
from pipeline.checks import asset_checks
from pipeline.contracts import Column
from pipeline.definitions import build_definitions
from pipeline.errors import InputError
from pipeline.lineage import column_lineage
from pipeline.project import open_project
from pipeline.registry import described
from pipeline.settings import Settings

REPOSITORY = Path(__file__).parents[2]
SOURCE = "foreign_share_states"
TABLES = contracts().tables
MARTS = [table for table in TABLES.values() if table.layer == "marts"]


@pytest.fixture(scope="module")
def project():
    return open_project(Settings.resolve(REPOSITORY, env={}))


@pytest.fixture(scope="module")
def specs(project):
    return {".".join(spec.key.path): spec for spec in build_definitions(project).resolve_all_asset_specs()}


def test_every_table_says_what_a_row_is(specs):
    for name, spec in specs.items():
        made_from_sql = spec.group_name in ("raw", "staging", "core", "marts", "analysis")
        assert not made_from_sql or "One row a" in spec.description, name


@pytest.mark.parametrize(
    ("name", "comment", "unit"),
    [
        ("persons_with", "persons of the concept [persons]; null where not published", "persons"),
        ("lower_percent", "lower end", "percent"),
        ("distance_points", "how far", "points"),
        ("value", "the figure in the unit", None),
        ("persons", "who", None),
    ],
)
def test_the_unit_of_a_column_is_in_its_comment_or_its_name(name, comment, unit):
    assert Column(name, "DOUBLE", True, False, comment).unit == unit


def test_columns_show_their_units(specs):
    columns = {one.name: one for one in specs["marts.share"].metadata["dagster/column_schema"].columns}
    assert dict(columns["share_percent"].tags) == {"unit": "percent"}
    assert dict(columns["persons_total"].tags) == {"unit": "persons"}
    assert dict(columns["series_id"].tags) == {}


def test_every_asset_leads_to_files_that_are_there(specs):
    for name, spec in specs.items():
        references = spec.metadata["dagster/code_references"].code_references
        assert references, name
        for one in references:
            assert Path(one.file_path).is_file(), one.file_path
    (sql, module) = specs["marts.share"].metadata["dagster/code_references"].code_references
    assert sql.file_path.endswith("sql/marts/share.sql")
    assert module.file_path.endswith("pipeline/assets/marts.py")


def test_every_raw_asset_names_its_licence_and_vintages(project, specs):
    for source in project.registry.sources.values():
        spec = specs[f"raw.{source.id}"]
        assert source.current.licence.id in spec.metadata["licence"]
        assert source.current.vintage in spec.metadata["vintages"]
        assert spec.tags["licence"] == source.current.licence.id.replace("/", "-")


def test_the_lineage_of_a_column_leads_to_the_columns_it_is_computed_from():
    found = column_lineage(TABLES["marts.share"], TABLES.values())
    assert found["part"] == [("core.region", "part")]
    assert ("marts.current_observation", "value") in found["share_percent"]
    assert ("marts.current_observation", "concept") in found["series_id"]


@pytest.mark.parametrize("mart", MARTS, ids=lambda table: table.name)
def test_lineage_names_only_tables_that_are_read_and_columns_that_are_there(mart):
    found = column_lineage(mart, TABLES.values())
    assert set(found) <= {column.name for column in mart.columns}
    assert len(found) >= len(mart.columns) - 2
    for made_from in found.values():
        for table, column in made_from:
            assert table in mart.reads
            assert column in {one.name for one in TABLES[table].columns}


def test_sql_that_is_not_understood_has_no_lineage():
    assert column_lineage(replace(MARTS[0], select="FROM ) SELECT"), TABLES.values()) == {}


def test_a_frame_is_a_table_with_short_cells_and_keeps_markup_as_text():
    frame = pl.DataFrame({"a": ["<b>x</b>", "y" * 100], "n": [1, None]})
    table = shown(frame)
    assert [record.data for record in table.records] == [
        {"a": "<b>x</b>", "n": 1},
        {"a": "y" * 59 + "…", "n": None},
    ]
    assert [(column.name, column.type) for column in table.schema.columns] == [("a", "String"), ("n", "Int64")]
    assert shown(frame.clear()).records == []


def test_a_rule_that_is_broken_shows_the_rows_the_severity_and_the_reason(project, tmp_path):
    warehouse = build_warehouse(tmp_path / "w.duckdb")
    with warehouse.session() as con:
        con.execute("DELETE FROM core.claim WHERE claim_id = 'C095'")
    checks = asset_checks(replace(project, warehouse=warehouse))
    (core,) = [one for one in checks if one.op.name == "core__rules"]
    with dg.DagsterInstance.ephemeral() as instance:
        job = dg.Definitions(asset_checks=[core]).resolve_implicit_global_asset_job_def()
        result = job.execute_in_process(instance=instance, raise_on_error=False)
    warehouse.close()
    failed = [one for one in result.get_asset_check_evaluations() if not one.passed]
    assert [one.check_name for one in failed] == ["all_statements"]
    assert failed[0].severity is dg.AssetCheckSeverity.ERROR
    told = failed[0].metadata
    assert told["offending_rows"].value == 1
    assert "95 quantitative" in told["reason"].value
    assert [record.data for record in told["rows"].records] == [{"claim_id": "C095"}]
    assert not result.success


@pytest.mark.parametrize("broken", [False, True])
def test_published_totals_are_held_against_what_is_staged(tmp_path, broken):
    copy_sources(tmp_path, "regions", "mikrozensus_states")
    project = open_project(Settings.resolve(tmp_path, env={}))
    with dg.DagsterInstance.ephemeral() as instance:
        assert dg.materialize(source_assets(project), instance=instance).success
        if broken:
            with project.warehouse.session() as con:
                con.execute(
                    "UPDATE staging.mikrozensus_states SET value = value + 500000, upper = upper + 500000 "
                    "WHERE region_id = '05' AND unit = 'persons'"
                )
        (totals,) = [one for one in asset_checks(project) if one.op.name == "staging__published_totals"]
        job = dg.Definitions(asset_checks=[totals]).resolve_implicit_global_asset_job_def()
        result = job.execute_in_process(instance=instance, raise_on_error=False)
    project.warehouse.close()
    (found,) = result.get_asset_check_evaluations()
    assert (found.asset_key.path, found.passed) == (["staging", "mikrozensus_states"], not broken)
    assert {record.data["kind"] for record in found.metadata["promises"].records} >= {"sum"}
    assert ("broken" in found.metadata) == broken
    assert result.success != broken


def test_a_chart_is_an_image_under_its_finding():
    svg = "<svg><script>alert(1)</script></svg>"
    text = _inline("Fewer", svg, None).md_str
    (data,) = re.findall(r"^\*\*Fewer\*\*\n\n!\[chart\]\(data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)\)$", text)
    assert base64.b64decode(data).decode() == svg
    assert "<" not in text
    assert _inline("Fewer", svg, "/logs/r/attached/c/svg").md_str == "**Fewer**\n\n![chart](/logs/r/attached/c/svg)"


def test_what_is_attached_lies_where_the_web_server_looks(tmp_path):
    """The web server takes the same way from the address to the file; the tests of the UI open it."""
    with dg.instance_for_test(temp_dir=str(tmp_path)) as instance:
        context = SimpleNamespace(instance=instance, run=SimpleNamespace(run_id="r1"))
        assert attached(context, "tiles", "svg", "<svg/>") == "/logs/r1/attached/tiles/svg"
        found = instance.compute_log_manager.get_captured_local_path(["r1", "attached", "tiles"], "svg")
        assert Path(found).read_text("utf-8") == "<svg/>"


def test_where_logs_are_not_files_nothing_is_attached():
    with dg.DagsterInstance.ephemeral() as instance:
        context = SimpleNamespace(instance=instance, run=SimpleNamespace(run_id="r1"))
        assert attached(context, "tiles", "svg", "<svg/>") is None


def test_the_first_points_fit_what_the_ui_shows_unasked():
    points = "".join(
        f'<li>Point <b>{n}</b> &amp; {"more " * 50}<a class="more" href="#x">More</a> limits</li>' for n in "123456"
    )
    page = f'<title>A *title*</title><ol class="points">{points}</ol>'
    shown = _first_points(page)
    assert shown.startswith("**A \\*title\\***\n\n1. Point 1 & more")
    assert shown.count("\n1. Point") == 3
    assert "limits" not in shown
    assert len(shown) < 1000
    assert _first_points("<p>no title</p>") == ""


def test_a_release_alone_is_refused_while_the_tables_are_of_another_lock(tmp_path):
    copy_sources(tmp_path, "regions", SOURCE)
    project = open_project(Settings.resolve(tmp_path, env={}))
    table = project.contracts.tables["core.source"]
    rows = described.sources(project.registry)
    project.warehouse.replace(table.id, ddl=table.ddl, comments=table.comments, frame=rows)
    _refuse_other_vintages(project)
    add_vintage(tmp_path, f"{SOURCE}/2011-2024", "2011-2025", lambda text: text.replace(",2024,", ",2025,"))
    use(tmp_path, SOURCE, "2011-2025")
    later = replace(open_project(Settings.resolve(tmp_path, env={})), warehouse=project.warehouse)
    with pytest.raises(InputError, match=f"{SOURCE}: 2011-2024 instead of 2011-2025") as told:
        _refuse_other_vintages(later)
    project.warehouse.close()
    assert "mo run" in str(told.value.remedy)


def test_the_contents_of_the_page_are_its_headings_and_numbers():
    page = '<h1 class="t">A &amp; B</h1><h2>C<span>\nd</span></h2><span data-result="x">1</span><h4>no</h4>'
    assert _contents(page) == "- A & B\n  - C d\n\n1 numbers"
