"""A process that stands still for as long as a block runs."""

from __future__ import annotations

import signal

import psutil


class Paused:
    """`with Paused(pid): ...` stops the process with all its children, and lets them run on afterwards."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)

    def __enter__(self) -> None:
        self._signal(signal.SIGSTOP)

    def __exit__(self, *error: object) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        for process in [self._process, *self._process.children(recursive=True)]:
            process.send_signal(number)
