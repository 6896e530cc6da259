"""Processes that stand still for as long as a block runs."""

from __future__ import annotations

import signal

import psutil


class Paused:
    """`with Paused(pid): ...` stops the processes with all their children, and lets them run on afterwards."""

    def __init__(self, *pids: int) -> None:
        self._processes = [psutil.Process(pid) for pid in pids]

    def __enter__(self) -> None:
        self._signal(signal.SIGSTOP)

    def __exit__(self, *error: object) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        for process in self._processes:
            for one in [process, *process.children(recursive=True)]:
                one.send_signal(number)
