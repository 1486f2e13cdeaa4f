"""What a person can break in raw_data is told with file, line or key and remedy, and the table keeps its old rows.

Each case is a broken copy of a real vintage. Where the break is in the figures, the registered hash is renewed with
it, as somebody would who followed the first remedy: the figures themselves must then be refused.
"""

import re
import shutil
from pathlib import Path

import dagster as dg
import polars as pl
import pytest
from project_folder import copy_sources, use
from typer.testing import CliRunner

from pipeline.assets.sources import source_assets
from pipeline.cli import app, main
from pipeline.errors import InputError
from pipeline.ingest import canonical_sha256
from pipeline.project import open_project
from pipeline.settings import Settings

REPOSITORY = Path(__file__).parents[2]
VINTAGE = "mikrozensus_states/2018-final"
NAMED = f"raw_data/{VINTAGE}"


@pytest.fixture
def root(tmp_path):
    """A project with the regions and one source."""
    return copy_sources(tmp_path, "regions", "mikrozensus_states")


def stage(root: Path) -> dict[str, str]:
    """Materialise raw and staging; the failures by step."""
    project = open_project(Settings.resolve(root, env={}))
    result = dg.materialize(source_assets(project), raise_on_error=False)
    return {
        event.step_key: event.step_failure_data.user_failure_data.description
        for event in result.all_events
        if event.event_type_value == "STEP_FAILURE" and event.step_key
    }


def digest(root: Path) -> str:
    return open_project(Settings.resolve(root, env={})).warehouse.digest("staging.mikrozensus_states")


def edit(root: Path, change, *, renew_hash: bool) -> None:
    file = root / "raw_data" / VINTAGE / "figures.csv"
    data = change(file.read_bytes())
    assert data != file.read_bytes()
    file.write_bytes(data)
    if renew_hash:
        sidecar = file.with_name("source.yml")
        text = re.sub(r"content_sha256: \w+", f"content_sha256: {canonical_sha256(data)}", sidecar.read_text("utf-8"))
        rows = len(data.splitlines()) - 1
        text = re.sub(r"rows: \d+", f"rows: {rows}", text)
        sidecar.write_text(text, "utf-8")


def test_the_untouched_copy_is_staged(root):
    assert stage(root) == {}


BAYERN = b"09,Bayern,2018,persons_with,"


def without_bayern(data: bytes) -> bytes:
    return re.sub(rb"(?m)^09,Bayern,2018,persons_with,.*\n", b"", data)


def doubled(data: bytes) -> bytes:
    return data + re.search(rb"(?m)^09,Bayern,2018,persons_with,.*\n", data).group()


def text_for_bayern(data: bytes) -> bytes:
    return re.sub(BAYERN + rb"[\d.]+", BAYERN + b"many", data)


@pytest.mark.parametrize(
    ("change", "renew_hash", "messages"),
    [
        pytest.param(without_bayern, False, ["content_sha256", "figures.csv"], id="a wrong hash"),
        pytest.param(without_bayern, True, ["09 Bayern", "missing", "figures.csv"], id="a state missing"),
        pytest.param(text_for_bayern, True, ["'many'", "figures.csv, line"], id="a text in a number"),
        pytest.param(doubled, True, ["figures.csv, line 53", "09"], id="a duplicate row"),
        pytest.param(lambda data: b"", False, ["empty", "figures.csv"], id="an empty file"),
        pytest.param(
            lambda data: data.decode("utf-8").encode("cp1252"), False, ["UTF-8", "figures.csv"], id="the wrong encoding"
        ),
    ],
)
def test_broken_figures_are_refused_and_the_old_rows_stay(root, change, renew_hash, messages):
    stage(root)
    before = digest(root)
    edit(root, change, renew_hash=renew_hash)
    failures = stage(root)
    (text,) = failures.values()
    assert NAMED in text
    assert "Remedy: " in text
    for message in messages:
        assert message in text
    shutil.copytree(REPOSITORY / "raw_data" / VINTAGE, root / "raw_data" / VINTAGE, dirs_exist_ok=True)
    assert digest(root) == before


def test_a_share_above_100_is_refused(tmp_path):
    copy_sources(tmp_path, "regions", "foreign_share_states")
    file = tmp_path / "raw_data/foreign_share_states/2011-2024/figures.csv"
    lines = file.read_text("utf-8").splitlines(keepends=True)
    lines[6] = re.sub(r"(share_percent,)[\d.]+", r"\g<1>104.3", lines[6])
    file.write_text("".join(lines), "utf-8")
    sidecar = file.with_name("source.yml")
    renewed = f"content_sha256: {canonical_sha256(file.read_bytes())}"
    sidecar.write_text(re.sub(r"content_sha256: \w+", renewed, sidecar.read_text("utf-8")), "utf-8")
    (text,) = stage(tmp_path).values()
    assert "figures.csv, line 7" in text
    assert "104.3, above 100" in text


def break_source_yml(root: Path, how: str) -> None:
    sidecar = root / "raw_data" / VINTAGE / "source.yml"
    text = sidecar.read_text("utf-8")
    match how:
        case "missing":
            sidecar.unlink()
        case "unknown key":
            sidecar.write_text(text.replace("publisher:", "publischer:", 1), "utf-8")
        case "not YAML":
            sidecar.write_text(text + "\n  - [", "utf-8")
        case "a tag that would run code":
            sidecar.write_text(text + "\nx: !!python/object/apply:os.system ['true']\n", "utf-8")
        case "a path that leads out":
            sidecar.write_text(text.replace("path: figures.csv", "path: ../../../../etc/passwd"), "utf-8")
        case "not UTF-8":
            sidecar.write_bytes(text.encode("utf-16"))


@pytest.mark.parametrize(
    ("how", "messages"),
    [
        ("missing", ["source.yml"]),
        ("unknown key", ["publischer", "publisher"]),
        ("not YAML", ["source.yml"]),
        ("a tag that would run code", ["source.yml"]),
        ("a path that leads out", ["files"]),
        ("not UTF-8", ["source.yml"]),
    ],
)
@pytest.mark.parametrize("arguments", [["run"], ["validate"]])
def test_a_broken_source_yml_ends_the_command_before_anything_runs(root, monkeypatch, capsys, how, messages, arguments):
    break_source_yml(root, how)
    monkeypatch.setenv("AUGENHOEHE_ROOT", str(root))
    monkeypatch.setattr("sys.argv", ["mo", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr().err
    assert ended.value.code == 1
    assert told.startswith("error: raw_data/mikrozensus_states/2018-final")
    assert "Remedy" in told
    for message in messages:
        assert message in told
    assert not (root / "build").exists()
    assert not (root / ".dagster").exists()


def test_validate_reads_every_file(root, monkeypatch):
    monkeypatch.setenv("AUGENHOEHE_ROOT", str(root))
    good = CliRunner().invoke(app, ["validate"])
    assert (good.exit_code, good.output.startswith("2 sources")) == (0, True)
    edit(root, without_bayern, renew_hash=False)
    bad = CliRunner().invoke(app, ["validate"])
    assert isinstance(bad.exception, InputError)


def enter(root: Path, printed: str, *, region: str = "09", reference: str = "2018") -> None:
    """A register with one entry, about Bayern in 2018."""
    (root / "raw_data/corrections.yml").write_text(
        "corrections:\n"
        "  - id: bayern\n"
        "    source: mikrozensus_states\n"
        "    title: t\n"
        "    reason: r\n"
        "    told: null\n"
        "    status: open\n"
        "    action: drop\n"
        "    figures:\n"
        f'      - reference: "{reference}"\n'
        f'        printed: {{"{region}": {{persons_total: "{printed}"}}}}\n',
        "utf-8",
    )


@pytest.fixture
def bayern(root) -> str:
    """What is printed for all persons in Bayern in 2018."""
    text = (root / "raw_data" / VINTAGE / "figures.csv").read_text("utf-8")
    (printed,) = set(re.findall(r"(?m)^09,Bayern,2018,persons_total,([^,]+),", text))
    return printed


def test_a_known_error_is_staged_and_raw_keeps_what_is_printed(root, bayern):
    enter(root, bayern)
    assert stage(root) == {}
    frames = open_project(Settings.resolve(root, env={})).warehouse.read_all(
        ["raw.mikrozensus_states", "staging.mikrozensus_states"]
    )
    marked = frames["staging.mikrozensus_states"].filter(pl.col("correction_id") == "bayern")
    assert marked.select("region_id", "reference", "measure", "status").rows() == [
        ("09", "2018", "persons_total", "contradicted")
    ]
    raw = frames["raw.mikrozensus_states"].filter(pl.col("line") == marked["raw_line"][0], vintage="2018-final")
    assert raw["value"].to_list() == [bayern]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"printed": "1"}, "the source seems mended: 09 2018 persons_total was 1"),
        ({"reference": "2001"}, "no observation is 09 2001 persons_total"),
        ({"region": "09999"}, "unknown region '09999'"),
    ],
)
def test_a_known_error_that_is_not_printed_stops_the_step(root, bayern, change, message):
    stage(root)
    before = digest(root)
    enter(root, **{"printed": bayern} | change)
    failures = stage(root)
    assert list(failures) == ["source__mikrozensus_states"]
    told = failures["source__mikrozensus_states"]
    assert told.startswith("raw_data/corrections.yml, line 11")
    assert message in told
    assert digest(root) == before


def test_a_new_entry_makes_the_staged_table_of_its_source_stale(root, bayern):
    def versions() -> dict[str, str]:
        project = open_project(Settings.resolve(root, env={}))
        specs = [spec for asset in source_assets(project) for spec in asset.specs]
        return {spec.key.to_user_string(): spec.code_version for spec in specs}

    before = versions()
    enter(root, bayern)
    after = versions()
    assert {name for name in after if after[name] != before[name]} == {"staging/mikrozensus_states"}


def test_validate_counts_the_known_errors_and_reads_the_register(root, bayern, monkeypatch):
    monkeypatch.setenv("AUGENHOEHE_ROOT", str(root))
    assert ", 0 known errors of publishers, " in CliRunner().invoke(app, ["validate"]).output
    enter(root, bayern)
    assert ", 1 known errors of publishers, " in CliRunner().invoke(app, ["validate"]).output
    enter(root, "four")
    bad = CliRunner().invoke(app, ["validate"])
    assert "'four' is not a figure as the file prints it" in str(bad.exception)


def test_validate_holds_the_rules_of_the_claims_against_the_figures(tmp_path, monkeypatch):
    monkeypatch.setenv("AUGENHOEHE_ROOT", str(tmp_path))
    copy_sources(tmp_path, "regions", "article_claims", "study_figures", "association_counts")
    good = CliRunner().invoke(app, ["validate"])
    assert (good.exit_code, good.output.endswith("95 rules of claims: all in order\n")) == (0, True)
    use(tmp_path, "study_figures", None)
    bad = CliRunner().invoke(app, ["validate"])
    told = str(bad.exception)
    assert isinstance(bad.exception, InputError)
    assert told.startswith("pipeline/analysis/claims/rules.yml: ")
    assert re.search(r"line \d+.*the rule of C071 names the figure vmdo_founders_own_page, which is not there", told)
    assert "Remedy: " in told


def test_an_unknown_renderer_and_a_folder_without_project_are_told(root, tmp_path_factory, monkeypatch):
    monkeypatch.setenv("AUGENHOEHE_ROOT", str(root))
    wrong = CliRunner().invoke(app, ["run", "--renderer", "word"])
    assert "auto, quarto, builtin" in str(wrong.exception)
    monkeypatch.setenv("AUGENHOEHE_ROOT", str(tmp_path_factory.mktemp("empty")))
    nowhere = CliRunner().invoke(app, ["run"])
    assert "no Augenhöhe project" in str(nowhere.exception)
