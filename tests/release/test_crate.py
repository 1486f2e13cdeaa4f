"""The RO-Crate of a package: valid for the validator of the standard, with the run, its inputs, results and tools."""

import json
import re
import shutil
from pathlib import Path

import pytest

from pipeline.release import crate, open_release

CONTEXT = "https://w3id.org/ro/crate/1.3/context"


@pytest.fixture
def offline(monkeypatch):
    """The one document the validator asks the network for is in the rocrate package; any other address is refused."""
    import rocrate
    from rocrate_validator.utils.http import HttpRequester

    content = (Path(rocrate.__file__).parent / "data/ro-crate.jsonld").read_bytes()

    class Answer:
        status_code, headers, url = 200, {"Content-Type": "application/ld+json"}, CONTEXT
        ok = from_cache = True
        text = content.decode()

        def __init__(self):
            self.content = content

        def json(self):
            return json.loads(content)

        def raise_for_status(self):
            return None

    def get(_, url, **__):
        assert url == CONTEXT
        return Answer()

    monkeypatch.setattr(HttpRequester, "get", get, raising=False)


def issues(folder):
    from rocrate_validator import services
    from rocrate_validator.models import Severity

    settings = services.ValidationSettings(
        rocrate_uri=str(folder),
        profile_identifier="ro-crate-1.3",
        requirement_severity=Severity.RECOMMENDED,
        offline=True,
    )
    return [(issue.severity.name, issue.message) for issue in services.validate(settings).get_issues()]


# What the standard recommends and nobody can say yet: the project has no public address, its authors and many
# publishers no ROR id or person to turn to that a source would name, and some permissions have no page of their own.
UNKNOWN = re.compile("organization SHOULD have a URL|ROR identifier|contactPoint|License entity .* absolute HTTP")


def small_crate(packed, folder):
    """A crate of few files: shapes are checked for each entity, and that takes its time."""
    files = ("core/vintage.csv", "charts/tiles.svg", "report/index.html", "raw/counts/v2/source.yml", "CITATION.cff")
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(packed / name, folder / name)
    release = open_release(packed)
    content = crate.metadata(
        {name: {"bytes": (folder / name).stat().st_size} for name in files},
        {"core/vintage": "One row a vintage"},
        release.table("core.vintage").filter(source_id="counts", vintage_id="v2").rows(named=True),
        {**release.manifest, "versions": {"polars": "2.1.0"}},
        version="0.1.0",
        date="2026-01-01",
    )
    (folder / crate.NAME).write_bytes(crate.to_bytes(content))
    return folder


def test_the_validator_misses_only_what_nobody_can_say_yet(packed, tmp_path, offline):
    found = issues(small_crate(packed, tmp_path))
    assert [message for severity, message in found if severity == "REQUIRED"] == []
    assert [message for _, message in found if not UNKNOWN.search(message)] == []


def test_the_validator_does_find_a_crate_without_a_licence(packed, tmp_path, offline):
    file = small_crate(packed, tmp_path) / "ro-crate-metadata.json"
    content = json.loads(file.read_text())
    for one in content["@graph"]:
        if one["@id"] == "./":
            del one["license"]
    file.write_text(json.dumps(content))
    assert "REQUIRED" in dict(issues(tmp_path))


def test_the_run_names_inputs_results_and_tools(packed):
    graph = {one["@id"]: one for one in json.loads((packed / "ro-crate-metadata.json").read_text())["@graph"]}
    manifest = json.loads((packed / "manifest.json").read_text())
    run = graph["#run"]
    assert run["@type"] == "CreateAction"
    assert {"@id": "raw/counts/v2/"} in run["object"]
    assert graph["raw/counts/v2/"]["hasPart"] == [
        {"@id": f"raw/counts/v2/{name}"} for name in ("figures.csv", "source.yml")
    ]
    assert {one["@id"] for one in run["result"]} == {
        *("core/", "marts/", "analysis/", "charts/", "report/", "trace/"),
    }
    tools = {
        graph[one["@id"]]["name"]: graph[one["@id"]]["version"] for one in graph["#augenhoehe"]["softwareRequirements"]
    }
    assert tools == manifest["versions"]
    assert graph["./"]["version"] == manifest["release_id"]


def test_every_file_is_in_the_crate_with_its_size(packed):
    graph = {one["@id"]: one for one in json.loads((packed / "ro-crate-metadata.json").read_text())["@graph"]}
    for path in (path for path in packed.rglob("*") if path.is_file()):
        name = path.relative_to(packed).as_posix()
        if name not in ("SHA256SUMS", "ro-crate-metadata.json"):
            assert graph[name]["contentSize"] == str(path.stat().st_size)
