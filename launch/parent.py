"""The `make` that started a long command, and whether it still wants the command to go on."""

from __future__ import annotations

import os
import signal
from pathlib import Path

INTERRUPT = 1 << (signal.SIGINT - 1)


class Parent:
    """The process that started this one.

    Ctrl-C in a terminal reaches make and us alike. A SIGINT sent to make alone does not: make then drops its handler of
    SIGINT and waits for us without a word (GNU make, commands.c, fatal_error_signal). On Linux that can be seen.
    """

    def __init__(self) -> None:
        self._pid = os.getppid()
        self._caught_interrupts = _catches_interrupts(self._pid)

    def wants_us(self) -> bool:
        """False once it is gone, or waits for our end."""
        if os.getppid() != self._pid:
            return False
        return not self._caught_interrupts or _catches_interrupts(self._pid)


def _catches_interrupts(pid: int) -> bool:
    """Whether the process has a handler of SIGINT, as proc_pid_status(5) has it; False where there is no /proc."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return False
    return any(line.startswith("SigCgt:") and bool(int(line.split()[1], 16) & INTERRUPT) for line in lines)
