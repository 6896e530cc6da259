"""What a local shop starts is kept running, and nothing of it is left behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg
import pytest

import launch.supervisor
from launch.postgres import EmbeddedPostgres, folders_beside
from launch.service import Program, ProgramFailed, Service, run
from launch.supervisor import Supervisor

SLEEPER = ("-c", "import time; print('up', flush=True); time.sleep(600)")
STUBBORN = ("-c", "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(600)")

# A supervisor in a process of its own, to be killed by force; it says the child's process id.
SUPERVISOR_PROCESS = """
import sys, time
from pathlib import Path
from launch.service import Program
from launch.supervisor import Supervisor
folder = Path(sys.argv[1])
child = Supervisor(folder / "processes.json", print).start(
    Program("sleeper", (sys.executable, "-c", sys.argv[2]), folder / "log"))
print(child.pid, flush=True)
time.sleep(600)
"""


def program(folder: Path, *argv: str, grace_s: float = 10) -> Program:
    return Program("sleeper", (sys.executable, *argv), folder / "log", grace_s=grace_s)


def until(happened: Callable[[], bool], *, within_s: float = 20) -> None:
    deadline = time.monotonic() + within_s
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_up(folder: Path) -> bool:
    return "up" in (folder / "log").read_text()


def test_what_dies_is_started_again_and_said(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(tmp_path / "processes.json", said.append)
    first = supervisor.start(program(tmp_path, *SLEEPER))
    os.kill(first.pid, signal.SIGKILL)
    (tmp_path / "log").write_text("")

    def again() -> bool:
        supervisor.tend()
        return is_up(tmp_path)

    until(again)
    supervisor.stop()
    assert "sleeper ended (-9)" in said[0]


def test_stop_leaves_nothing_even_of_what_will_not_stop(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path / "processes.json", print)
    service = supervisor.start(program(tmp_path, *STUBBORN, grace_s=0.2))
    until(lambda: is_up(tmp_path))
    supervisor.stop()
    assert not psutil.pid_exists(service.pid)
    assert not (tmp_path / "processes.json").exists()


def test_the_next_start_ends_what_a_killed_supervisor_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The child ignores the signal that its parent's death sends, so that only the record can find it."""
    monkeypatch.setattr(launch.supervisor, "LEFTOVER_GRACE_S", 0.2)
    command = [sys.executable, "-c", SUPERVISOR_PROCESS, str(tmp_path), STUBBORN[1]]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout is not None
        child = int(killed.stdout.readline())
        until(lambda: is_up(tmp_path))
        killed.kill()
    assert psutil.pid_exists(child)
    Supervisor(tmp_path / "processes.json", print)
    until(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE)


def test_a_record_that_was_cut_off_in_its_writing_leaves_the_one_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = tmp_path / "processes.json"
    supervisor = Supervisor(record, print)
    first = supervisor.start(program(tmp_path, *SLEEPER))
    write = Path.write_text

    def write_half(path: Path, text: str) -> int:
        write(path, text[: len(text) // 2])
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Path, "write_text", write_half)
        supervisor.start(program(tmp_path, *SLEEPER))
    try:
        Supervisor(record, print)
        assert first.exit_code is not None
    finally:
        supervisor.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
def test_children_end_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SUPERVISOR_PROCESS, str(tmp_path), SLEEPER[1]]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout is not None
        child = psutil.Process(int(killed.stdout.readline()))
        until(lambda: is_up(tmp_path))
        killed.kill()
    until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


def test_a_program_that_fails_says_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(ProgramFailed, match=r"exit code 3:\s+no such shop"):
        run(program(tmp_path, "-c", "import sys; print('no such shop'); sys.exit(3)"))


def test_the_embedded_database_comes_back_with_its_rows_after_kill_9(tmp_path: Path) -> None:
    server = EmbeddedPostgres(folders_beside(tmp_path), log=tmp_path / "log")
    url = server.folders.url("postgres")
    crashed = Service(server.program())
    server.wait_until_ready(crashed)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    os.killpg(crashed.pid, signal.SIGKILL)
    crashed.wait()
    second = Service(server.program())
    try:
        server.wait_until_ready(second)
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    finally:
        second.stop()
        shutil.rmtree(server.folders.data.parent)
