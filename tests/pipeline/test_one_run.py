"""One run at a time, an end within seconds, and nothing left of dead runs."""

import errno
import fcntl
import os
import signal
import subprocess
import sys
import time

import pytest

from pipeline.errors import InputError
from pipeline.one_run import LEFTOVERS, holder, leftovers, mendable, only_one, remove


def test_a_second_run_is_told_for_whom_it_waits(tmp_path):
    told = []
    assert holder(tmp_path) is None
    with only_one(tmp_path, told.append):
        assert str(holder(tmp_path)).startswith(f"the run of process {os.getpid()}, begun 2")
        with (
            pytest.raises(InputError, match=f"the run of process {os.getpid()}, begun 2") as refused,
            only_one(tmp_path, told.append, wait_seconds=0.0),
        ):
            pytest.fail("two runs in one folder")
        assert refused.value.remedy
    with only_one(tmp_path, told.append):
        assert told == []


def test_the_lock_goes_with_a_killed_process(tmp_path):
    code = (
        "import sys, pathlib; from pipeline.one_run import only_one\n"
        "with only_one(pathlib.Path(sys.argv[1]), print):\n    print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        handle = os.open(tmp_path / "run.lock", os.O_RDONLY)
        with pytest.raises(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(handle)
        holder.kill()
    with only_one(tmp_path, pytest.fail, wait_seconds=5.0):
        assert str(os.getpid()) in (tmp_path / "run.lock").read_text()


def test_a_lock_that_is_a_link_is_not_followed(tmp_path):
    (tmp_path / "precious").write_text("content")
    (tmp_path / "run.lock").symlink_to("precious")
    with pytest.raises(OSError, match="symbolic link"), only_one(tmp_path, pytest.fail):
        pass
    assert (tmp_path / "precious").read_text() == "content"


def test_what_killed_runs_left_goes_and_what_may_be_at_work_stays(tmp_path):
    old, young = [], []
    for folder, beginnings in LEFTOVERS.items():
        for beginning in beginnings:
            for when, kept in (("old", old), ("young", young)):
                path = tmp_path / folder / f"{beginning}{when}"
                path.mkdir(parents=True)
                (path / "half").write_text("x")
                if when == "old":
                    os.utime(path, (time.time() - 4000,) * 2)
                kept.append(path)
    other = tmp_path / ".other"
    other.write_text("not ours")
    os.utime(other, (0, 0))
    assert sorted(leftovers(tmp_path)) == sorted(old)
    assert sorted(leftovers(tmp_path, older_than_seconds=0.0)) == sorted([*old, *young])
    for path in old:
        remove(path)
    assert not any(path.exists() for path in old)
    assert all(path.exists() for path in [*young, other])


ENDING = """
import subprocess, sys, time
from pipeline.one_run import ending_on_signals
def work():
    print("at work", flush=True)
    time.sleep(60)
with ending_on_signals(grace_seconds=0.2):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    {meanwhile}
"""
OBEYS = """
    try: work()
    except KeyboardInterrupt: child.kill(); sys.exit(7)
"""
DOES_NOT = """
    while True:
        try: work()
        except BaseException: pass
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    ("meanwhile", "status"), [pytest.param(OBEYS, 7, id="obeys"), pytest.param(DOES_NOT, None, id="does not")]
)
def test_a_signal_ends_the_process_and_its_children(how, meanwhile, status):
    command = [sys.executable, "-c", ENDING.format(meanwhile=meanwhile)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "at work\n"
        process.send_signal(how)
        assert process.wait(timeout=10) == (128 + how if status is None else status)
        # The child holds the other end of this pipe for as long as it lives: that it can be read to its end is its end.
        assert "Error" not in process.communicate(timeout=10)[0]


def test_a_full_disk_is_a_sentence_and_a_bug_is_none():
    told = mendable(OSError(errno.ENOSPC, "No space left on device", "/x/warehouse"))
    assert told is not None
    assert (told.message, told.file) == ("No space left on device", "/x/warehouse")
    assert "make room" in (told.remedy or "")
    assert mendable(OSError(errno.EBADF, "Bad file descriptor")) is None
