"""Keeps the programs of a local shop running: what dies is started again, and nothing is left behind."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from launch.service import Program, Service

Say = Callable[[str], None]

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 10.0
STEADY_S = 30.0
LEFTOVER_GRACE_S = 20.0


class Watched:
    """A program that is started again after each end, later each time unless it ran steadily."""

    def __init__(self, program: Program, longest_pause_s: float) -> None:
        self.program = program
        self.longest_pause_s = longest_pause_s
        self.pause_s = FIRST_PAUSE_S
        self.restart_at = 0.0
        self._start()

    def _start(self) -> None:
        self.service = Service(self.program)
        self.started_at = time.monotonic()
        self.down = False

    def tend(self, say: Say) -> bool:
        """Whether it was started anew."""
        if not self.down and self.service.exit_code is not None:
            self._plan_restart(say)
        if self.down and time.monotonic() >= self.restart_at:
            self._start()
            return True
        return False

    def _plan_restart(self, say: Say) -> None:
        now = time.monotonic()
        steady = now - self.started_at > STEADY_S
        self.pause_s = FIRST_PAUSE_S if steady else min(2 * self.pause_s, self.longest_pause_s)
        self.restart_at = now + self.pause_s
        self.down = True
        code = self.service.exit_code
        say(f"{self.program.name} ended ({code}); it starts again in {self.pause_s:.0f} s, see {self.program.log}")


class Supervisor:
    """Starts programs in order and stops them in reverse. `record` outlives even `kill -9` of this process."""

    def __init__(self, record: Path, say: Say, longest_pause_s: float = LONGEST_PAUSE_S) -> None:
        self._record = record
        self._longest_pause_s = longest_pause_s
        self._say = say
        self._watched: list[Watched] = []
        end_leftovers(record)

    def start(self, program: Program) -> Service:
        watched = Watched(program, self._longest_pause_s)
        self._watched.append(watched)
        self._write_record()
        return watched.service

    def service(self, name: str) -> Service:
        """What runs under this program's name now. Raises LookupError."""
        for watched in self._watched:
            if watched.program.name == name:
                return watched.service
        raise LookupError(f"no program is called {name!r}")

    def tend(self) -> None:
        """Start again what has died. To be called over and over."""
        started = [watched for watched in self._watched if watched.tend(self._say)]
        if started:
            self._write_record()

    def stop(self) -> None:
        while self._watched:
            self._watched.pop().service.stop()
        self._record.unlink(missing_ok=True)

    def _write_record(self) -> None:
        """A kill in the middle leaves the record of before, whole."""
        processes = [_identity(watched.service.pid) for watched in self._watched]
        beside = self._record.with_suffix(".new")
        beside.write_text(json.dumps([process for process in processes if process]))
        beside.replace(self._record)


def end_leftovers(record: Path) -> None:
    """End the programs that a supervisor killed by force left behind, known by process id and time of birth."""
    if not record.exists():
        return
    for pid, born in json.loads(record.read_text() or "[]"):
        if _identity(pid) == [pid, born]:
            _end_family(psutil.Process(pid))
    record.unlink()


def _end_family(process: psutil.Process) -> None:
    family = [process, *process.children(recursive=True)]
    for member in family:
        member.terminate()
    _, alive = psutil.wait_procs(family, timeout=LEFTOVER_GRACE_S)
    for member in alive:
        member.kill()


def _identity(pid: int) -> list[float] | None:
    try:
        return [pid, psutil.Process(pid).create_time()]
    except psutil.NoSuchProcess:
        return None
