"""`python -m tests.scaleout`: one walk past one machine, with servers and workers of its own, faults included.

Belongs here: the steps, what each must show, and the table of them. Not here: the servers (servers.py), how a run is
split (pipeline/distributed.py).

What runs is what deploy/ holds: its dagster.yaml, its variables, its commands. Only two limits of dagster.yaml are
shorter in the part with the faults, so that a killed worker is noticed within a minute.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.distributed import QUIET
from pipeline.lake import DuckLake
from pipeline.settings import Settings
from tests.scaleout.servers import Servers, find, until

if TYPE_CHECKING:
    import dagster as dg

REPOSITORY = Path(__file__).parents[2]
WORKERS = ("one", "two")
LAYERS = ("raw", "staging", "core", "marts", "analysis")
# Of the part with the faults: small sources, which every run after it leaves as they were.
FAULTED = ("association_counts", "koenigstein_key_states", "population_states", "samofa_nemo_cities")
SHORTER = {
    "max_runtime_seconds: 1800": "max_runtime_seconds: 30",
    "poll_interval_seconds: 15": "poll_interval_seconds: 2",
}
TIMES = 12
REPLACING = f"""
import sys
from pipeline.lake import DuckLake
from pipeline.settings import Settings
lake = DuckLake(Settings.resolve().lake, linger_seconds=60)
n = sys.argv[1]
for _ in range({TIMES}):
    lake.replace(
        "core.walked",
        ddl="CREATE OR REPLACE TABLE core.walked (n INTEGER, square INTEGER CHECK (square = n * n), PRIMARY KEY (n))",
        comments=["COMMENT ON TABLE core.walked IS 'One row'"],
        select=f"SELECT {{n}} AS n, {{n}} * {{n}} AS square",
    )
"""
CLEAR_WITHIN_SECONDS = 180.0
_RECEIVED = re.compile(r"Task execute_job\[([0-9a-f-]+)\] received")


@dataclass
class Walk:
    """The steps done: what, how long, what it showed, and whether that is what it must."""

    started: float = field(default_factory=time.monotonic)
    steps: list[tuple[str, float, str, bool]] = field(default_factory=list)

    def step(self, what: str, shown: Callable[[], tuple[str, bool]]) -> None:
        """Do a step; one that raises has failed, and ends the walk."""
        began = time.monotonic()
        print(f"… {what}", flush=True)
        try:
            said, good = shown()
        except Exception as error:
            self.steps.append((what, time.monotonic() - began, f"{type(error).__name__}: {error}", False))
            raise
        self.steps.append((what, time.monotonic() - began, said, good))
        print(f"  {time.monotonic() - began:.1f} s: {said}", flush=True)

    def table(self) -> str:
        """All steps as lines of a table."""
        width = max(len(what) for what, *_ in self.steps)
        lines = [
            f"{'ok' if good else 'NO':<3} {seconds:6.1f} s  {what:<{width}}  {said.splitlines()[0] if said else ''}"
            for what, seconds, said, good in self.steps
        ]
        worked = sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
        took = time.monotonic() - self.started
        machine = f"{os.cpu_count()} cores, load {load}, {worked:.0f} s of processors"
        return "\n".join([*lines, f"    {took:6.1f} s  in all ({machine})"])


def main() -> int:
    """The walk; 0 when every step showed what it must."""
    parser = argparse.ArgumentParser(prog="python -m tests.scaleout", description=__doc__.split("\n")[0])
    parser.add_argument("--whole", action="store_true", help="charts, release and pages, too (a minute more)")
    parser.add_argument("--keep", action="store_true", help="leave the folder with all logs, and say where it is")
    asked = parser.parse_args()
    for program in ("postgres", "initdb", "redis-server"):
        find(program)
    walk, ended_early = Walk(), False
    folder = Path(tempfile.mkdtemp(prefix="augenhoehe-scaleout-")).resolve()
    folder.chmod(0o711)  # the user of PostgreSQL passes through
    try:
        with Servers(folder) as servers:
            _walk(walk, servers, folder, whole=asked.whole)
    except (Exception, KeyboardInterrupt) as error:
        print(f"the walk ended early: {type(error).__name__}: {error}", file=sys.stderr)
        ended_early = True
    good = bool(walk.steps) and all(one[-1] for one in walk.steps) and not ended_early
    if asked.keep or not good:
        print(f"logs: {folder}", file=sys.stderr)
    else:
        shutil.rmtree(folder, ignore_errors=True)
    print(walk.table())
    print("all as it must be" if good else "NOT as it must be")
    return 0 if good else 1


def _walk(walk: Walk, servers: Servers, folder: Path, *, whole: bool) -> None:
    import dagster as dg

    from pipeline.definitions import build_definitions
    from pipeline.distributed import compute, waves
    from pipeline.freshness import FORCE
    from pipeline.project import Project, open_project

    root = folder / "project"
    for given in ("raw_data", "sql", "reports"):
        shutil.copytree(REPOSITORY / given, root / given)
    shutil.copy(REPOSITORY / "dagster.yaml", root)
    local = open_project(Settings.resolve(root, env={"AUGENHOEHE_BUILD": str(folder / "build-local")}))
    definitions = build_definitions(local)
    tables = dg.AssetSelection.groups(*LAYERS).resolve(definitions.resolve_asset_graph())
    expected: dict[str, str] = {}

    def begun() -> tuple[str, bool]:
        variables = {**servers.postgres(), **servers.redis()}
        variables |= {
            "AUGENHOEHE_WAREHOUSE": "ducklake:postgres:dbname=lake",
            "AUGENHOEHE_LAKE_DATA": str(folder / "lake"),
            "AUGENHOEHE_ROOT": str(root),
            "AUGENHOEHE_BUILD": str(folder / "build"),
            "DAGSTER_HOME": str(_home(folder, "coordinator")),
        }
        documented = _names((REPOSITORY / "deploy/environment.example").read_text("utf-8"))
        for name in [name for name in os.environ if name.startswith(("AUGENHOEHE_", "DAGSTER_", "CELERY_", "PG"))]:
            del os.environ[name]
        os.environ.update(variables)
        return f"{len(variables)} variables, those of deploy/environment.example", set(variables) == documented

    def in_one_process() -> tuple[str, bool]:
        job = definitions.resolve_implicit_global_asset_job_def().get_subset(asset_selection=set(tables))
        with dg.DagsterInstance.ephemeral() as instance:
            result = job.execute_in_process(instance=instance, raise_on_error=False, run_config=QUIET)
        if not result.success:
            raise RuntimeError("the reference did not end well")
        expected.update(local.warehouse.digests(sorted(".".join(key.path) for key in tables)))
        local.warehouse.close()
        return f"{len(expected)} tables in a DuckDB file", len(expected) == len(tables)

    walk.step("private PostgreSQL and Redis", begun)
    walk.step("reference: one process on this machine", in_one_process)

    def workers_started() -> tuple[str, bool]:
        lake = open_project(Settings.resolve())
        with lake.warehouse.session():
            pass  # the catalogue is begun once, before anybody else comes
        lake.warehouse.close()
        _begin(servers, folder, "daemon", "coordinator")
        for name in WORKERS:
            _begin(servers, folder, name, name)
        for name in WORKERS:
            until(lambda name=name: "ready." in servers.log(name), f"worker {name}")
        return f"workers {' and '.join(WORKERS)}, each with its own DAGSTER_HOME; one daemon", True

    def sent(keys: set[dg.AssetKey], tags: Mapping[str, str]) -> tuple[list[str], list[str]]:
        """What a run of these assets said, and what failed."""
        project: Project = open_project(Settings.resolve())
        told: list[str] = []
        try:
            with dg.DagsterInstance.get() as instance:
                split = waves(project, keys)
                return told, compute(project, instance, split, told.append, lambda _: None, tags=tags)
        finally:
            project.warehouse.close()

    def split_over_workers() -> tuple[str, bool]:
        _, errors = sent(set(tables), {})
        done = _received(servers)
        runs = " and ".join(f"{len(done[name])} by worker {name}" for name in WORKERS)
        return "; ".join(errors) or f"runs: {runs}", not errors and all(done.values())

    def compared() -> tuple[str, bool]:
        lake = open_project(Settings.resolve())
        found = lake.warehouse.digests(sorted(expected))
        lake.warehouse.close()
        other = [name for name in expected if found.get(name) != expected[name]]
        return f"{len(expected) - len(other)} of {len(expected)} tables equal{': not ' if other else ''}" + ", ".join(
            other
        ), not other

    walk.step("workers and daemon", workers_started)
    walk.step("the same run, split over the workers", split_over_workers)
    walk.step("every table compared", compared)

    def seen_by_workers() -> tuple[str, bool]:
        """A worker that kept what it once read of raw_data would record the version of before."""
        _describe_otherwise(root / "raw_data" / FAULTED[0])
        key = dg.AssetKey(["raw", FAULTED[0]])
        _, errors = sent({key}, {})
        wanted = build_definitions(open_project(Settings.resolve())).resolve_asset_graph().get(key).code_version
        with dg.DagsterInstance.get() as instance:
            record = instance.get_latest_materialization_code_versions([key])[key]
        return "; ".join(errors) or f"code version {record}", not errors and record == wanted

    walk.step("another source.yml is seen by a worker", seen_by_workers)

    walk.step("one table replaced by two processes at once", _both_at_once)
    if whole:

        def the_rest() -> tuple[str, bool]:
            release = [_mo("run", "--distributed"), _mo("run", **dict.fromkeys(_shared_names(), ""))]
            ids = [re.findall(r"release ([0-9a-f]{16})", one.stdout) for one in release]
            return f"release {ids[0]}, in one process {ids[1]}", bool(ids[0]) and ids[0][-1:] == ids[1][-1:]

        walk.step("mo run --distributed: charts, release, pages", the_rest)

    _faults(walk, servers, folder, tables=set(tables), sent=sent, compared=compared, force={FORCE: "true"})


def _faults(
    walk: Walk,
    servers: Servers,
    folder: Path,
    *,
    tables: set[dg.AssetKey],
    sent: Callable[[set[dg.AssetKey], Mapping[str, str]], tuple[list[str], list[str]]],
    compared: Callable[[], tuple[str, bool]],
    force: Mapping[str, str],
) -> None:
    few = {key for key in tables if key.path[0] in ("raw", "staging") and key.path[1] in FAULTED}

    def shorter() -> tuple[str, bool]:
        servers.end("daemon")
        _home(folder, "coordinator", SHORTER)
        _begin(servers, folder, "daemon", "coordinator")
        return ", ".join(SHORTER.values()), True

    def worker_killed() -> tuple[str, bool]:
        killed: list[tuple[str, str, float]] = []
        killer = threading.Thread(target=_kill_at_work, args=(servers, killed), daemon=True)
        killer.start()
        told, errors = sent(few, force)
        killer.join(1.0)
        again = [line for line in told if "sent again" in line]
        if not killed:
            return "no run was ever seen at work", False
        name, part, when = killed[0]
        said = f"worker {name} killed at {part}; {'; '.join(again)}; whole after {time.monotonic() - when:.0f} s more"
        return "; ".join(errors) or said, not errors and bool(again)

    def no_password() -> tuple[str, bool]:
        found = _where(folder, servers.passwords.values())
        return f"no password in {_files(folder)} files and the history" if not found else f"found in {found}", not found

    def redis_killed() -> tuple[str, bool]:
        servers.kill("redis")
        began = time.monotonic()
        _, errors = sent(few, force)
        took = time.monotonic() - began
        clear = bool(errors) and all("Connection refused" in error for error in errors)
        return errors[0] if errors else "nothing failed", clear and took < CLEAR_WITHIN_SECONDS

    def postgres_killed() -> tuple[str, bool]:
        servers.kill("postgres")
        began = time.monotonic()
        answer = _mo("run", "--distributed")
        took = time.monotonic() - began
        said = next((line for line in answer.stderr.splitlines() if line.startswith("error: ")), answer.stderr[-300:])
        return said, answer.returncode == 1 and "Connection refused" in said and took < CLEAR_WITHIN_SECONDS

    walk.step("daemon with shorter limits", shorter)
    walk.step("a worker killed (SIGKILL) in the middle", worker_killed)
    walk.step("every table compared again", compared)
    walk.step("the passwords looked for", no_password)
    walk.step("Redis killed: a run sent", redis_killed)
    walk.step("PostgreSQL killed: mo run --distributed", postgres_killed)


def _both_at_once() -> tuple[str, bool]:
    """Each of two processes stores one table, a number and its square, many times; what stands is whole, and of one."""
    with subprocess.Popen([sys.executable, "-c", REPLACING, "1"], stderr=subprocess.PIPE, text=True) as other:
        mine = subprocess.run([sys.executable, "-c", REPLACING, "2"], stderr=subprocess.PIPE, text=True, check=False)
        told = mine.stderr + other.communicate()[1]
    lake = DuckLake(Settings.resolve().lake or sys.exit("no lake"))
    rows = lake.read("core.walked").rows()
    with lake.session() as con:
        con.execute("DROP TABLE core.walked")
    again = told.count("storing it again")
    whole = rows in ([(1, 1)], [(2, 4)]) and (mine.returncode, other.returncode) == (0, 0)
    said = f"{2 * TIMES} times, {again} conflicts done again"
    return said if whole else f"{said}; {rows}; {told[-500:]}", whole and again > 0


def _begin(servers: Servers, folder: Path, name: str, home: str) -> None:
    """The worker or daemon of deploy/, with the variables of all and a DAGSTER_HOME of its own."""
    command = [REPOSITORY / "deploy/daemon"] if name == "daemon" else [REPOSITORY / "deploy/worker", name]
    servers.start(name, command, {**os.environ, "DAGSTER_HOME": str(_home(folder, home))})


def _home(folder: Path, name: str, otherwise: Mapping[str, str] | None = None) -> Path:
    """A DAGSTER_HOME with the dagster.yaml of deploy/, made once, or again with some lines otherwise."""
    home = folder / "homes" / name
    home.mkdir(parents=True, exist_ok=True)
    file = home / "dagster.yaml"
    if otherwise or not file.is_file():
        text = (REPOSITORY / "deploy/dagster.yaml").read_text("utf-8")
        for line, other in (otherwise or {}).items():
            if line not in text:
                raise ValueError(f"deploy/dagster.yaml has no line {line!r}")
            text = text.replace(line, other)
        file.write_text(text, "utf-8")
    return home


def _received(servers: Servers) -> dict[str, set[str]]:
    """The tasks each worker has taken."""
    return {name: set(_RECEIVED.findall(servers.log(name))) for name in WORKERS}


def _kill_at_work(servers: Servers, killed: list[tuple[str, str, float]]) -> None:
    """As soon as a run is at work, kill the worker that has it; if it ended all the same, the next one."""
    import dagster as dg
    from dagster_celery.tags import DAGSTER_CELERY_TASK_ID_TAG

    from pipeline.distributed import PART

    at_work = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])
    ends = time.monotonic() + 120.0
    with dg.DagsterInstance.get() as instance:
        while time.monotonic() < ends:
            for run in instance.get_runs(at_work):
                task = run.tags.get(DAGSTER_CELERY_TASK_ID_TAG)
                name = next((name for name, tasks in _received(servers).items() if task in tasks), None)
                if name is not None:
                    servers.kill(name)
                    killed.append((name, run.tags[PART], time.monotonic()))
                    return
            time.sleep(0.02)


def _describe_otherwise(source: Path) -> None:
    """Other words in the title of a source, which every table of it bears in its comment."""
    file = next(source.glob("*/source.yml"))
    text = file.read_text("utf-8")
    changed = re.sub(r"(?m)^title: (\S)", r"title: Once more \1", text)
    if changed == text:
        raise ValueError(f"{file} has no title in one line")
    file.write_text(changed, "utf-8")


def _mo(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from pipeline.cli import main; main()", *arguments],
        env={**os.environ, **more},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )


def _names(example: str) -> set[str]:
    return set(re.findall(r"(?m)^([A-Z_]+)=", example))


def _shared_names() -> set[str]:
    return {"AUGENHOEHE_WAREHOUSE", "AUGENHOEHE_LAKE_DATA", "AUGENHOEHE_BUILD", "DAGSTER_HOME"}


def _files(folder: Path) -> int:
    return sum(1 for path in folder.rglob("*") if path.is_file())


def _where(folder: Path, passwords: Iterable[str]) -> list[str]:
    """The files, and the tables of the history, in which one of the passwords stands."""
    import psycopg2

    found = [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and any(password.encode() in path.read_bytes() for password in passwords)
    ]
    for database in ("history", "lake"):
        opened = psycopg2.connect(dbname=database)
        with opened, opened.cursor() as cursor:
            cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
            for (table,) in cursor.fetchall():
                for password in passwords:
                    cursor.execute(f'SELECT count(*) FROM "{table}" AS t WHERE t::text LIKE %s', [f"%{password}%"])
                    if cursor.fetchone() != (0,):
                        found.append(f"{database}.{table}")
        opened.close()
    return found


if __name__ == "__main__":
    sys.exit(main())
