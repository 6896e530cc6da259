"""One child process: started, watched, stopped, and never left behind."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
LINES_SHOWN = 30


@dataclass(frozen=True)
class Program:
    """How a child is run: its name for messages, its arguments, and how to ask it to stop."""

    name: str
    argv: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    folder: Path | None = None
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    grace_s: float = 10.0


class Service:
    """A running program, in a session of its own so that Ctrl-C reaches only us, who stop it in its turn."""

    def __init__(self, program: Program) -> None:
        self.program = program
        program.log.parent.mkdir(parents=True, exist_ok=True)
        with program.log.open("ab") as log:
            self._process = subprocess.Popen(
                program.argv,
                env=dict(program.environment),
                cwd=program.folder,
                user=program.user,
                group=_group_of(program.user),
                extra_groups=[] if program.user else None,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_stop_when_parent_dies(program.stop_signal),
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; a negative number names the signal that ended it."""
        return self._process.poll()

    def wait(self) -> int:
        return self._process.wait()

    def stop(self) -> None:
        """Ask it to stop, and end it and what it started when it has not done so in its time of grace."""
        if self.exit_code is not None:
            return
        self._process.send_signal(self.program.stop_signal)
        try:
            self._process.wait(self.program.grace_s)
        except subprocess.TimeoutExpired:
            os.killpg(self.pid, signal.SIGKILL)
            self._process.wait()

    def last_lines(self) -> str:
        """The end of its log, to show why it failed."""
        return "\n".join(self.program.log.read_text(errors="replace").splitlines()[-LINES_SHOWN:])


class ProgramFailed(Exception):
    """A program that must succeed ended with another exit code than 0."""


def run(program: Program) -> None:
    """Run `program` to its end. Raises ProgramFailed with the end of its output."""
    service = Service(program)
    try:
        code = service.wait()
    finally:
        service.stop()
    if code:
        raise ProgramFailed(f"{program.name} ended with exit code {code}:\n{service.last_lines()}")


def _group_of(user: str | None) -> int | None:
    if user is None:
        return None
    import pwd

    return pwd.getpwnam(user).pw_gid


def _stop_when_parent_dies(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """On Linux even `kill -9` of this process ends its children (prctl(2), PR_SET_PDEATHSIG)."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl  # looked up before the fork

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, stop_signal)

    return ask
