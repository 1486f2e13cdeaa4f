"""The Dagster UI of a temporary project folder, started as `mo ui` starts it, and asked through GraphQL.

Belongs here: starting, asking, stopping. Not here: what the answers must be (test_dagster_ui.py), pictures
(screenshots.py).
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from pipeline.automation import RAW_DATA_CHANGED
from pipeline.ingest import canonical_sha256

REPOSITORY = Path(__file__).parents[2]
BROKEN_RULE = "parts_within_total"
_LOCATION = {"repositoryLocationName": "augenhoehe", "repositoryName": "__repository__"}
_STARTS_SECONDS, _RUNS_SECONDS = 120, 400
_ENDED = {"SUCCESS", "FAILURE", "CANCELED"}

ASSETS = "{assetNodes {assetKey {path} groupName staleStatus staleCauses {key {path} reason}}}"
RUN = """query Run($id: ID!) {runOrError(runId: $id) {... on Run {
  runId status jobName tags {key value}
  assetMaterializations {assetKey {path} metadataEntries {label}}
  eventConnection {events {__typename
    ... on ExecutionStepFailureEvent {stepKey error {message cause {message}}}
    ... on AssetCheckEvaluationEvent {evaluation {checkName assetKey {path} success}}}}
}}}"""
LAUNCH = """mutation Launch($params: ExecutionParams!) {launchRun(executionParams: $params) {
  __typename ... on LaunchRunSuccess {run {runId}} ... on PythonError {message}}}"""
RELOAD = """mutation Reload($name: String!) {reloadRepositoryLocation(repositoryLocationName: $name) {
  __typename ... on WorkspaceLocationEntry {locationOrLoadError {__typename}}}}"""
SENSOR = "query Sensor($at: SensorSelector!) {sensorOrError(sensorSelector: $at) {... on Sensor {sensorState {id"
SENSOR += " selectorId status typeSpecificData {... on SensorData {lastCursor}}}}}}"
START = "mutation Start($at: SensorSelector!) {startSensor(sensorSelector: $at) {__typename}}"
STOP = "mutation Stop($id: String!) {stopSensor(id: $id) {__typename}}"
LOOK = """mutation Look($at: SensorSelector!, $cursor: String) {sensorDryRun(selectorData: $at, cursor: $cursor) {
  ... on DryRunInstigationTick {evaluationResult {cursor skipReason runRequests {runKey tags {key value}}}}}}"""


class _NotYetError(Exception):
    pass


def _until(seconds: float) -> Retrying:
    """Ask again every quarter of a second; what is not there after `seconds` is an error."""
    return Retrying(
        wait=wait_fixed(0.25),
        stop=stop_after_delay(seconds),
        retry=retry_if_exception_type((_NotYetError, OSError)),
        reraise=True,
    )


def project_with_ui(folder: Path) -> Path:
    """What `mo ui` needs, in `folder`: figures, SQL, reports, settings, and the package; what lies there stays."""
    for name in ("raw_data", "sql", "reports"):
        if not (folder / name).exists():
            shutil.copytree(REPOSITORY / name, folder / name)
    for name in ("dagster.yaml", "pyproject.toml"):
        shutil.copy(REPOSITORY / name, folder)
    (folder / "pipeline").symlink_to(REPOSITORY / "pipeline")
    return folder


def mistype_a_figure(folder: Path) -> None:
    """276.5 thousand for 176.5: one part of a city becomes larger than the city, which breaks BROKEN_RULE."""
    vintage = folder / "raw_data" / "mikrozensus_niedersachsen_districts" / "2025"
    figures, sidecar = vintage / "figures.csv", vintage / "source.yml"
    right = figures.read_text("utf-8")
    place = '03101,"Braunschweig, Stadt",2024,persons_without,'
    wrong = right.replace(f"{place}176.5,", f"{place}276.5,")
    assert wrong != right
    figures.write_text(wrong, "utf-8")
    before, after = (canonical_sha256(text.encode()) for text in (right, wrong))
    sidecar.write_text(sidecar.read_text("utf-8").replace(before, after), "utf-8")


def environment() -> dict[str, str]:
    """Without any setting of the caller's project or instance."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("AUGENHOEHE_", "DAGSTER_"))}
    return {**env, "AUGENHOEHE_RENDERER": "builtin", "PYTHONPATH": str(REPOSITORY)}


def mo(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What the command answers in `folder`."""
    called = [str(Path(sys.executable).with_name("mo")), *arguments]
    return subprocess.run(
        called, cwd=folder, env=environment(), capture_output=True, text=True, check=False, timeout=300
    )


@dataclass(frozen=True)
class Run:
    """A run that has ended.

    Attributes:
        computed, kept: the assets it materialised, as `layer.table`.
        failures: step → what it said.
        failed_checks: the rules that did not hold, as `layer.table rule`.
    """

    id: str
    status: str
    tags: Mapping[str, str]
    computed: frozenset[str]
    kept: frozenset[str]
    failures: Mapping[str, str]
    failed_checks: frozenset[str]


@dataclass(frozen=True)
class Served:
    """A UI at work."""

    folder: Path
    address: str

    def ask(self, query: str, **variables: Any) -> Any:
        """The data of the answer."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(  # noqa: S310 (our own server)
            f"{self.address}/graphql", data=body, headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
            answer = json.load(response)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def assets(self) -> dict[str, dict[str, Any]]:
        """Every asset, with its group and whether the UI calls it unsynced (`staleStatus`)."""
        return {".".join(one["assetKey"]["path"]): one for one in self.ask(ASSETS)["assetNodes"]}

    def unsynced(self) -> set[str]:
        """What the UI calls unsynced."""
        return {name for name, one in self.assets().items() if one["staleStatus"] != "FRESH"}

    def runs(self) -> list[str]:
        """The ids of all runs, the newest first."""
        return [
            one["runId"] for one in self.ask("{runsOrError {... on Runs {results {runId}}}}")["runsOrError"]["results"]
        ]

    def next_run(self, before: list[str]) -> Run:
        """Wait for a run that was not there before, and for its end."""
        for attempt in _until(_STARTS_SECONDS):
            with attempt:
                new = [one for one in self.runs() if one not in before]
                if not new:
                    raise _NotYetError("no run has begun")
        return self.ended(new[0])

    def ended(self, run_id: str) -> Run:
        """Wait for the end of a run."""
        state = "query State($id: ID!) {runOrError(runId: $id) {... on Run {status}}}"
        for attempt in _until(_RUNS_SECONDS):
            with attempt:
                status = self.ask(state, id=run_id)["runOrError"]["status"]
                if status not in _ENDED:
                    raise _NotYetError(f"run {run_id} is {status}")
        told = self.ask(RUN, id=run_id)["runOrError"]
        kept = {True: set(), False: set()}
        for one in told["assetMaterializations"]:
            labels = {entry["label"] for entry in one["metadataEntries"]}
            kept["kept" in labels].add(".".join(one["assetKey"]["path"]))
        events = told["eventConnection"]["events"]
        return Run(
            id=run_id,
            status=told["status"],
            tags={tag["key"]: tag["value"] for tag in told["tags"]},
            computed=frozenset(kept[False]),
            kept=frozenset(kept[True]),
            failures={one["stepKey"]: _said(one["error"]) for one in events if one.get("stepKey")},
            failed_checks=frozenset(
                f"{'.'.join(one['evaluation']['assetKey']['path'])} {one['evaluation']['checkName']}"
                for one in events
                if one.get("evaluation") and not one["evaluation"]["success"]
            ),
        )

    def launch(self, job: str, *assets: str) -> Run:
        """Run a job, or these assets of it alone and no rule, to its end."""
        only = [{"path": asset.split(".")} for asset in assets]
        chosen = {"assetSelection": only, "assetCheckSelection": []} if assets else {}
        params = {"selector": {**_LOCATION, "pipelineName": job, **chosen}, "mode": "default"}
        launched = self.ask(LAUNCH, params=params)["launchRun"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        return self.ended(launched["run"]["runId"])

    def reload(self) -> None:
        """What the button "Reload definitions" does."""
        reloaded = self.ask(RELOAD, name=_LOCATION["repositoryLocationName"])["reloadRepositoryLocation"]
        assert reloaded["locationOrLoadError"]["__typename"] == "RepositoryLocation", reloaded

    def switch_sensor_on(self) -> None:
        """As the switch in the page "Automation" does; the daemon looks from now on."""
        assert self.ask(START, at=self._sensor)["startSensor"]["__typename"] == "Sensor"

    def switch_sensor_off(self) -> str:
        """The daemon looks no more; returns where its last look left the cursor."""
        state = self.ask(SENSOR, at=self._sensor)["sensorOrError"]["sensorState"]
        stopped = self.ask(STOP, id=state["id"])["stopSensor"]["__typename"]
        assert stopped == "StopSensorMutationResult", stopped
        return state["typeSpecificData"]["lastCursor"]

    def look_of_sensor(self, cursor: str) -> dict[str, Any]:
        """What a look would give now; nothing is launched."""
        return self.ask(LOOK, at=self._sensor, cursor=cursor)["sensorDryRun"]["evaluationResult"]

    @property
    def _sensor(self) -> dict[str, str]:
        return {**_LOCATION, "sensorName": RAW_DATA_CHANGED}


def _said(error: Mapping[str, Any]) -> str:
    cause = error.get("cause") or {}
    return "\n".join(filter(None, (error["message"], cause.get("message"))))


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """`mo ui` in a project folder on a free port, with a history of its own; ended with all it has started."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).with_name("mo")), "ui", "--port", str(port)]
    with (folder / "ui.log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=environment(), stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    ui = Served(folder, f"http://127.0.0.1:{port}")
    try:
        for attempt in _until(_STARTS_SECONDS):
            with attempt:
                assert process.poll() is None, (folder / "ui.log").read_text("utf-8")
                if not ui.assets():
                    raise _NotYetError("the definitions are not loaded")
        yield ui
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, how)
        except ProcessLookupError:
            return
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            continue
