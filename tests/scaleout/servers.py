"""PostgreSQL, Redis, workers and a daemon of this walk's own: in a temporary folder, on free ports of 127.0.0.1.

Belongs here: finding, starting, killing and ending them, each by its own process group. Not here: what they are put
to (__main__.py).
"""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

WAIT_SECONDS = 30.0
END_SECONDS = 10.0
# PostgreSQL refuses to run as root; one of these is on every Linux, the first where it was installed by apt.
OTHERS = ("postgres", "nobody")
PACKAGES = {"postgres": "postgresql", "initdb": "postgresql", "redis-server": "redis-server"}


def find(program: str) -> Path:
    """The program on PATH or among PostgreSQL's own, newest version first.

    Raises:
        SystemExit: it is not installed; says which package of apt brings it.
    """
    on_path = shutil.which(program)
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda file: int(file.parts[-3]))
    if on_path is None and not versions:
        sys.exit(f"{program} is not installed. Remedy: apt-get install -y {' '.join(sorted(set(PACKAGES.values())))}")
    return Path(on_path) if on_path is not None else versions[-1]


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


def until(true: Callable[[], bool], what: str, *, seconds: float = WAIT_SECONDS) -> float:
    """Wait until something holds; the seconds it took.

    Raises:
        TimeoutError: it did not.
    """
    started = time.monotonic()
    while not true():
        if time.monotonic() - started > seconds:
            raise TimeoutError(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.05)
    return time.monotonic() - started


@dataclass
class Servers:
    """What was started, by name; all of it has ended when the context has.

    Attributes:
        folder: of logs and data, one file or folder a server.
        passwords: of PostgreSQL and Redis, made for this walk; they must turn up nowhere.
    """

    folder: Path
    passwords: Mapping[str, str] = field(
        default_factory=lambda: {name: secrets.token_hex(16) for name in ("postgres", "redis")}
    )
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __enter__(self) -> Servers:
        return self

    def __exit__(self, *_: object) -> None:
        ours = [psutil.Process(process.pid) for process in self.processes.values() if process.poll() is None]
        for name in reversed(self.processes):
            self.end(name)
        left = [one for one in ours if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
        if left:
            raise RuntimeError(f"still at work: {left}")

    def log(self, name: str) -> str:
        """What a server has said so far."""
        file = self.folder / f"{name}.log"
        return file.read_text("utf-8", "replace") if file.is_file() else ""

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        env: Mapping[str, str],
        *,
        cwd: Path | None = None,
        user: str | None = None,
        said: str = "",
    ) -> None:
        """Start a server in a process group of its own; `said` goes to its standard input."""
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [str(part) for part in command],
                cwd=cwd or self.folder,
                env=dict(env),
                stdin=subprocess.PIPE if said else subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=user,
                group=None if user is None else grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name,
                extra_groups=None if user is None else [],
            )
        self.processes[name] = process
        if said and process.stdin is not None:
            process.stdin.write(said.encode())
            process.stdin.close()

    def kill(self, name: str) -> None:
        """SIGKILL to the whole group, as a machine that loses its power."""
        os.killpg(self.processes[name].pid, signal.SIGKILL)
        self.processes[name].wait(END_SECONDS)

    def end(self, name: str) -> None:
        """SIGTERM, and SIGKILL to what is left of the group and of its children."""
        process = self.processes[name]
        children: list[psutil.Process] = []
        with contextlib.suppress(psutil.Error):
            children = psutil.Process(process.pid).children(recursive=True)
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(END_SECONDS)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        for child in children:
            with contextlib.suppress(psutil.Error):
                child.kill()
        process.wait(END_SECONDS)

    def postgres(self) -> dict[str, str]:
        """A private PostgreSQL with the databases `history` and `lake`; the variables of its library."""
        import psycopg2

        root = os.geteuid() == 0
        user = next((name for name in OTHERS if _known(name)), None) if root else None
        data, secret = self.folder / "postgres", self.folder / "postgres.secret"
        data.mkdir(mode=0o700)
        secret.write_text(self.passwords["postgres"] + "\n", "utf-8")
        secret.chmod(0o600)
        if user is not None:
            for path in (data, secret):
                shutil.chown(path, user, pwd.getpwnam(user).pw_gid)
        plain = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
        made = [find("initdb"), "-D", data, "-U", "augenhoehe", "-A", "scram-sha-256", f"--pwfile={secret}", "-N"]
        self.start("initdb", [*made, "-E", "UTF8"], plain, user=user)
        if self.processes.pop("initdb").wait(WAIT_SECONDS) != 0:
            raise RuntimeError(f"initdb: {self.log('initdb')}")
        secret.unlink()
        port = free_port()
        options = ("listen_addresses=127.0.0.1", "unix_socket_directories=", f"port={port}", "fsync=off")
        settings = [part for option in options for part in ("-c", option)]
        self.start("postgres", [find("postgres"), "-D", data, *settings], plain, user=user)
        variables = {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(port),
            "PGUSER": "augenhoehe",
            "PGPASSWORD": self.passwords["postgres"],
            "PGCONNECT_TIMEOUT": "10",
        }

        def connection() -> psycopg2.extensions.connection:
            return psycopg2.connect(
                host="127.0.0.1", port=port, user="augenhoehe", password=self.passwords["postgres"], dbname="postgres"
            )

        def answers() -> bool:
            try:
                connection().close()
            except psycopg2.OperationalError:
                return False
            return True

        until(answers, "PostgreSQL")
        opened = connection()
        opened.autocommit = True
        with opened.cursor() as cursor:
            for database in ("history", "lake"):
                cursor.execute(f"CREATE DATABASE {database}")
        opened.close()
        return variables

    def redis(self) -> dict[str, str]:
        """A private Redis; the variables by which Celery finds it."""
        import redis

        port, password = free_port(), self.passwords["redis"]
        said = f'port {port}\nbind 127.0.0.1\nrequirepass {password}\nsave ""\nappendonly no\ndir {self.folder}\n'
        self.start("redis", [find("redis-server"), "-"], {"PATH": os.environ["PATH"]}, said=said)

        def answers() -> bool:
            try:
                return bool(redis.Redis(port=port, password=password).ping())
            except redis.RedisError:
                return False

        until(answers, "Redis")
        address = f"redis://:{password}@127.0.0.1:{port}/0"
        return {"CELERY_BROKER_URL": address, "CELERY_RESULT_BACKEND": address}


def _known(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True
