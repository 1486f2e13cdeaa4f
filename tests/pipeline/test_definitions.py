"""What Dagster is told: names, descriptions, columns, rules and the order of layers; and which way imports run."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
import snapshot
from project_folder import copy_sources, use

from pipeline import analysis
from pipeline.assets.analysis import STUDIES, analysis_assets
from pipeline.assets.common import code_version, contract_text
from pipeline.automation import EVERYTHING, NEWER_TABLES, PURPOSES, RAW_DATA_CHANGED
from pipeline.checks import PUBLISHED_TOTALS
from pipeline.definitions import build_definitions
from pipeline.errors import InputError
from pipeline.project import open_project
from pipeline.settings import Settings

REPOSITORY = Path(__file__).parents[2]
LAYERS = ("raw", "staging", "core", "marts", "analysis", "charts", "release", "report")
PAGES = {("report", "index"), ("report", "states"), ("report", "summary")}
PUBLISHED = {("charts", "drawn"), ("release", "current"), *PAGES}


@pytest.fixture(scope="module")
def project():
    return open_project(Settings.resolve(REPOSITORY, env={}))


@pytest.fixture(scope="module")
def definitions(project):
    return build_definitions(project)


@pytest.fixture(scope="module")
def assets(definitions):
    """Specs by (layer, table)."""
    specs = definitions.resolve_all_asset_specs()
    by_key = {tuple(spec.key.path): spec for spec in specs}
    assert len(by_key) == len(specs)
    return by_key


@pytest.fixture(scope="module")
def tables(project):
    """Contracts by (layer, table): those of core, marts and analysis, and those of every source."""
    sources = project.registry.sources.values()
    contracts = [
        *project.contracts.tables.values(),
        *(project.table_of(layer, source) for layer in ("raw", "staging") for source in sources),
    ]
    return {(table.layer, table.name): table for table in contracts}


def test_an_asset_a_table_under_one_name(assets, tables):
    assert set(assets) == set(tables) | PUBLISHED


def test_the_names_are_those_of_the_files(assets):
    in_sql = {
        (layer, file.stem)
        for layer in ("core", "marts", "analysis")
        for file in (REPOSITORY / "sql" / layer).glob("*.sql")
    }
    in_raw_data = {
        (layer, folder.name)
        for layer in ("raw", "staging")
        for folder in (REPOSITORY / "raw_data").iterdir()
        if folder.is_dir()
    }
    assert set(assets) - PUBLISHED == in_sql | in_raw_data


def test_the_table_of_an_asset_is_the_one_its_contract_creates(assets, tables):
    for (layer, name), table in tables.items():
        spec = assets[layer, name]
        assert spec.metadata["dagster/table_name"] == f"{layer}.{name}"
        assert (REPOSITORY / spec.metadata["contract"]).is_file()
        creates = table.ddl.replace('"', "")
        assert layer == "marts" or creates.startswith(f"CREATE OR REPLACE TABLE {layer}.{name} (")


def test_every_asset_says_what_it_is(assets):
    for (layer, name), spec in assets.items():
        told = f"{layer}.{name}"
        assert spec.group_name == layer, told
        assert spec.description, told
        assert spec.owners, told
        assert spec.kinds, told
        assert spec.code_version, told
    assert {spec.group_name for spec in assets.values()} == set(LAYERS)


def test_columns_are_those_of_the_contract_and_say_what_they_hold(assets, tables):
    for key, table in tables.items():
        shown = assets[key].metadata["dagster/column_schema"].columns
        assert [(column.name, column.type, column.description) for column in shown] == [
            (column.name, column.type, column.comment) for column in table.columns
        ]
        assert all(column.description for column in shown), table.id


def test_every_rule_is_a_check_of_its_table_and_blocks_where_it_is_an_error(project, definitions):
    every = [spec for checks in definitions.asset_checks or [] for spec in checks.check_specs]
    specs = [spec for spec in every if spec.name != PUBLISHED_TOTALS]
    shown = {(f"{'.'.join(spec.asset_key.path)}__{spec.name}", spec.blocking, spec.description) for spec in specs}
    assert len(specs) == len(project.contracts.checks) == len(list((REPOSITORY / "sql/checks").rglob("*.sql")))
    assert shown == {(check.name, check.severity == "ERROR", check.reason) for check in project.contracts.checks}


def test_a_rule_blocks_exactly_where_its_file_says_error(project):
    checks = {check.file: check.severity for check in project.contracts.checks}
    for file in (REPOSITORY / "sql/checks").rglob("*.sql"):
        severity = checks[str(file.relative_to(REPOSITORY))]
        assert file.read_text("utf-8").startswith(f"-- severity: {severity}\n"), file.name


def test_the_job_everything_covers_every_asset_and_every_rule(definitions, assets, project):
    layer = definitions.resolve_job_def(EVERYTHING).asset_layer
    assert {tuple(key.path) for key in layer.selected_asset_keys} == set(assets)
    rules = [key for key in layer.asset_graph.asset_check_keys if key.name != PUBLISHED_TOTALS]
    assert len(rules) == len(project.contracts.checks)


def test_no_asset_waits_for_a_later_layer(assets):
    for (layer, name), spec in assets.items():
        needed = {tuple(dep.asset_key.path) for dep in spec.deps}
        assert needed <= set(assets), f"{layer}.{name} waits for what nobody makes"
        later = {other for other in needed if LAYERS.index(other[0]) > LAYERS.index(layer)}
        assert not later, f"{layer}.{name}"


@pytest.mark.parametrize(
    ("layer", "may_read"),
    [
        ("raw", set()),
        ("staging", {"raw", "staging"}),
        ("core", {"staging"}),
        ("marts", {"core", "marts"}),
        ("analysis", {"core", "marts", "analysis"}),
        ("charts", {"core", "marts", "analysis"}),
        ("release", {"core", "marts", "analysis", "charts"}),
        ("report", {"release"}),
    ],
)
def test_a_layer_reads_only_what_it_is_made_from(assets, layer, may_read):
    read = {dep.asset_key.path[0] for spec in assets.values() if spec.group_name == layer for dep in spec.deps}
    assert read <= may_read
    assert read or layer == "raw"


def test_the_release_waits_for_every_table_it_holds(project, assets):
    needed = {".".join(dep.asset_key.path) for dep in assets["release", "current"].deps}
    assert needed == {"charts.drawn", *(table.id for table in project.published_tables)}


def test_the_definitions_are_the_same_every_time(project, assets):
    again = {tuple(spec.key.path): spec for spec in build_definitions(project).resolve_all_asset_specs()}
    assert {key: spec.code_version for key, spec in again.items()} == {
        key: spec.code_version for key, spec in assets.items()
    }


def test_a_changed_figure_makes_only_what_is_read_from_its_source_stale(tmp_path):
    """The hash registered for a file stands for its content in the code versions."""
    copy_sources(tmp_path, "regions", "mikrozensus_states", "foreign_share_states")

    def code_versions() -> dict[tuple[str, ...], str | None]:
        definitions = build_definitions(open_project(Settings.resolve(tmp_path, env={})))
        return {tuple(spec.key.path): spec.code_version for spec in definitions.resolve_all_asset_specs()}

    before = code_versions()
    sidecar = tmp_path / "raw_data/mikrozensus_states/2018-final/source.yml"
    text = sidecar.read_text("utf-8")
    sidecar.write_text(re.sub(r"content_sha256: \w+", f"content_sha256: {'a' * 64}", text), "utf-8")
    after = code_versions()
    assert {key for key in before if before[key] != after[key]} == {
        ("raw", "mikrozensus_states"),
        ("staging", "mikrozensus_states"),
        ("core", "vintage"),
    }


def test_what_holds_sentences_of_two_languages_is_computed_anew_when_words_change(project):
    def speaks(table: str) -> bool:
        return any(column.name.endswith("_de") for column in project.contracts.tables[table].columns)

    telling = {study.name for study in STUDIES if any(speaks(table) for table in study.gives)}
    assert telling == {"headline_statement", "verdicts_on_claims"}
    assert telling == {study.name for study in STUDIES if study.speaks}
    versions = {
        spec.key.to_user_string(): (study.name, spec.code_version)
        for study, asset in zip(STUDIES, analysis_assets(project), strict=True)
        for spec in asset.specs
    }
    for table, (study, version) in versions.items():
        silent = code_version(
            contract_text(project.contracts.tables[table.replace("/", ".")]),
            analysis,
            sys.modules[analysis_assets.__module__],
            packages=("scipy", "statsmodels"),
        )
        assert (version != silent) == (study in telling), table


def test_another_current_vintage_makes_only_what_depends_on_the_choice_stale(tmp_path):
    copy_sources(tmp_path, "regions", "mikrozensus_states")

    def code_versions() -> dict[tuple[str, ...], str | None]:
        definitions = build_definitions(open_project(Settings.resolve(tmp_path, env={})))
        return {tuple(spec.key.path): spec.code_version for spec in definitions.resolve_all_asset_specs()}

    before = code_versions()
    use(tmp_path, "mikrozensus_states", "2018-final")
    after = code_versions()
    changed = {key for key in before if before[key] != after[key]}
    # the comment of a source's table carries the title of its current vintage
    changed -= {("raw", "mikrozensus_states"), ("staging", "mikrozensus_states")}
    # the manifest and the page name the choice
    changed -= {("release", "current"), *PAGES}
    assert changed == {("core", "source"), ("core", "vintage")}


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_job_covers_the_layers_of_its_purpose_and_their_rules(definitions, assets, project, purpose):
    layers, _ = PURPOSES[purpose]
    layer = definitions.resolve_job_def(purpose).asset_layer
    assert {tuple(key.path) for key in layer.selected_asset_keys} == {key for key in assets if key[0] in layers}
    rules = {check.name for check in project.contracts.checks if check.layer in layers}
    held = [key for key in layer.asset_graph.asset_check_keys if key.name != PUBLISHED_TOTALS]
    assert {f"{'.'.join(one.asset_key.path)}__{one.name}" for one in held} == rules


def test_the_jobs_of_all_purposes_cover_every_layer(definitions):
    assert {layer for layers, _ in PURPOSES.values() for layer in layers} == set(LAYERS)
    names = {job.name for job in definitions.resolve_all_job_defs() if not job.name.startswith("__")}
    assert names == {EVERYTHING, NEWER_TABLES, *PURPOSES}


def test_a_release_without_successor_for_more_than_a_year_is_told(assets):
    policy = assets["release", "current"].freshness_policy
    assert 366 < policy.warn_window.to_timedelta().days < policy.fail_window.to_timedelta().days


def test_the_sensor_is_there_and_stopped(definitions):
    (sensor,) = definitions.sensors or []
    assert (sensor.name, sensor.job_name) == (RAW_DATA_CHANGED, EVERYTHING)
    assert sensor.default_status is dg.DefaultSensorStatus.STOPPED


def test_the_definitions_are_those_of_the_snapshot():
    told = f"assets, rules or jobs changed: if that is meant, run `{snapshot.COMMAND}` and commit the difference"
    assert snapshot.text() == snapshot.FILE.read_text("utf-8"), told


STATISTICS_AND_CHARTS = {"statsmodels", "scipy", "pandas", "altair", "vl_convert", "IPython", "nbclient"}
ENGINES = {"dagster", "duckdb", "polars"}


def loaded_by(module: str) -> set[str]:
    """What a fresh interpreter has loaded once it has imported `module`."""
    code = f"import sys, {module}; print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return set(ended.stdout.split())


def test_the_definitions_load_neither_statistics_nor_charts_nor_notebooks():
    loaded = loaded_by("pipeline.definitions")
    assert loaded >= ENGINES, "asking this way would not see a heavy import"
    assert not loaded & STATISTICS_AND_CHARTS


def test_the_command_line_answers_without_the_pipeline_behind_it():
    loaded = loaded_by("pipeline.cli")
    assert "typer" in loaded
    assert not loaded & (STATISTICS_AND_CHARTS | ENGINES)


def test_the_status_is_told_without_the_pipeline_behind_it():
    loaded = loaded_by("pipeline.status")
    assert "pipeline.fingerprint" in loaded
    assert not loaded & (STATISTICS_AND_CHARTS | ENGINES)


def test_who_reads_a_release_loads_no_database():
    loaded = loaded_by("pipeline.release")
    assert "polars" in loaded
    assert not loaded & {"dagster", "duckdb"}


def imported(file: Path) -> set[str]:
    """Every module a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: a relative import hides where it leads"
            found.add(node.module)
    return found


def modules(room: str) -> list[Path]:
    files = sorted((REPOSITORY / "pipeline" / room).rglob("*.py"))
    assert files, room
    return files


@pytest.mark.parametrize("room", ["ingest", "transform", "analysis", "charts"])
def test_computation_knows_neither_dagster_nor_duckdb_nor_its_neighbours(room):
    # What describes an input is a type to computation; all else comes in as a frame.
    known = {"pipeline.errors", "pipeline.language", "pipeline.registry", f"pipeline.{room}"}
    if room == "transform":
        known.add("pipeline.ingest")  # the table a reader gives is a type to what reads it on
    for file in modules(room):
        for name in imported(file):
            assert name.split(".")[0] not in ("dagster", "duckdb"), f"{file.name} imports {name}"
            own = name.split(".")[0] == "pipeline"
            assert not own or name in known or name.startswith(f"pipeline.{room}."), f"{file.name} imports {name}"


def test_only_warehouse_lake_and_contracts_open_a_database():
    found = {
        file.relative_to(REPOSITORY / "pipeline").parts[0]
        for file in modules(".")
        if any(name.split(".")[0] == "duckdb" for name in imported(file))
    }
    assert found == {"warehouse", "lake.py", "contracts.py"}


@pytest.mark.parametrize("name", ["in_process", "multiprocess"])
def test_a_setting_says_whether_steps_share_a_process(tmp_path, name):
    folder = copy_sources(tmp_path, "regions")
    project = open_project(Settings.resolve(folder, env={"AUGENHOEHE_EXECUTOR": name}))
    assert build_definitions(project).executor.name == name
    with pytest.raises(InputError, match="unknown executor 'celery'"):
        Settings.resolve(folder, env={"AUGENHOEHE_EXECUTOR": "celery"})
