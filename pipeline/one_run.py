"""What surrounds a run: it is the only one in its folder, ends soon when it is told to, and clears up after dead ones.

Belongs here: the lock of a run, signals, what killed runs left behind. Not here: what a run does (run.py).
"""

from __future__ import annotations

import datetime as dt
import errno
import fcntl
import os
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import InputError

LOCK = "run.lock"
# A tag of runs of this command: their process.
BY_MO = "augenhoehe/mo_run"
WAIT_SECONDS = 300.0
# A run that is told to end gets this long to end by itself; its children and it are killed then.
GRACE_SECONDS = 2.0
# Written beside what they become, and renamed when whole: an old one belongs to a run that was killed.
LEFTOVERS = {
    "": (".charts-", ".fresh.json-"),
    "drawings": (".",),
    "report": (".report-", ".states-", ".summary"),
    "release": (".partial-", ".damaged-", ".removed-", ".current-", ".history.json-"),
}
OLD_SECONDS = 3600.0
# What a person can mend; anything else is a bug and keeps its traceback.
MENDABLE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EFBIG, errno.ENOENT, errno.EIO}


@contextmanager
def only_one(build: Path, tell: Callable[[str], None], *, wait_seconds: float = WAIT_SECONDS) -> Iterator[bool]:
    """Hold the lock of runs in this folder: two runs with different figures would compute from each other's tables.

    The lock goes with the process, however it ends; what the file says is for whoever waits.

    Args:
        build: the folder of everything generated.
        tell: gets one sentence when another run has to be waited for.
        wait_seconds: how long to wait for it.

    Yields:
        Whether another run had to be waited for.

    Raises:
        InputError: another run is still at work after that time.
    """
    build.mkdir(parents=True, exist_ok=True)
    handle = os.open(build / LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    try:
        started, told = time.monotonic(), False
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                other = _called(handle)
                if time.monotonic() - started > wait_seconds:
                    raise InputError(
                        f"{other} is still at work in this folder",
                        file=build,
                        remedy="wait for it, or end that process if it is yours; readers use the release meanwhile",
                    ) from None
                if not told:
                    tell(f"waiting up to {wait_seconds:.0f} s for {other}")
                    told = True
                time.sleep(0.1)
        since = dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"the run of process {os.getpid()}, begun {since}\n".encode(), 0)
        yield told
    finally:
        os.close(handle)


def holder(build: Path) -> str | None:
    """The run that holds the lock, as it calls itself; None when there is none."""
    try:
        handle = os.open(build / LOCK, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _called(handle)
    finally:
        os.close(handle)
    return None


def _called(handle: int) -> str:
    return os.pread(handle, 200, 0).decode("utf-8", "replace").strip() or "another run"


def leftovers(build: Path, *, older_than_seconds: float = OLD_SECONDS) -> list[Path]:
    """What runs that were killed left half written; what is younger may be of a run in the UI that is at work."""
    old = time.time() - older_than_seconds
    return [
        path
        for folder, beginnings in LEFTOVERS.items()
        for path in sorted((build / folder).glob(".*"))
        if path.name.startswith(beginnings) and path.lstat().st_mtime <= old
    ]


def remove(path: Path) -> None:
    """Remove a file, a link or a folder with all that is in it; one that is not there is no error."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def ending_on_signals(*, grace_seconds: float = GRACE_SECONDS) -> Iterator[None]:
    """SIGINT and SIGTERM raise KeyboardInterrupt, and whoever has not ended after `grace_seconds` is killed.

    Long work in a library delivers no signal to Python code, and a child in a session of its own gets none. So a
    thread is woken by the signal itself and ends children and process when they do not do it alone.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    woken, waker = socket.socketpair()
    waker.setblocking(False)
    done = threading.Event()
    former = {one: signal.signal(one, signal.default_int_handler) for one in (signal.SIGINT, signal.SIGTERM)}
    former_fd = signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
    threading.Thread(target=_end_soon, args=(woken, done, grace_seconds), daemon=True).start()
    try:
        yield
    finally:
        done.set()
        signal.set_wakeup_fd(former_fd)
        for one, handler in former.items():
            signal.signal(one, handler)
        waker.close()


def _end_soon(woken: socket.socket, done: threading.Event, grace_seconds: float) -> None:
    with woken:
        while received := woken.recv(1):
            if received[0] in (signal.SIGINT, signal.SIGTERM):
                if not done.wait(grace_seconds):
                    _end_children()
                    os._exit(128 + received[0])
                return


def _end_children() -> None:
    import psutil

    for child in psutil.Process().children(recursive=True):
        try:
            child.kill()
        except psutil.Error:
            continue


def mendable(error: OSError) -> InputError | None:
    """The sentence for an error of disk, rights or quota; None for any other, which is a bug."""
    if error.errno not in MENDABLE or (error.filename is None and error.errno == errno.ENOENT):
        return None
    return InputError(
        f"{error.strerror}",
        file=error.filename,
        remedy="make room on the disk, or mend the rights of the file, and run again; release and page are untouched",
    )
