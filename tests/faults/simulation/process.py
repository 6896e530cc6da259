"""A process that may die between any two statements, at a commit, or while it talks to the gateway.

Dying is a `Crash` that nothing in the code can catch; from then on the process reaches neither database nor gateway,
and its connection is closed, as the kernel would.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, connections

Pause = Callable[[str], None]


class Crash(BaseException):
    """The process is gone."""


@dataclass
class Process:
    """`dies_at` is the boundary at which it dies, None for never; `pause` lets a scheduler stop it at each."""

    started: datetime
    dies_at: int | None = None
    pause: Pause | None = None
    passed: int = 0
    dead: bool = False

    def cross(self, place: str) -> None:
        """Pass a boundary of which everything before is done and nothing after."""
        if self.dead:
            raise Crash(place)
        if self.pause is not None:
            self.pause(place)
        self.passed += 1
        if self.dies_at is not None and self.passed >= self.dies_at:
            self.dead = True
            raise Crash(place)


class _Current(threading.local):
    process: Process | None = None


_current = _Current()


def current() -> Process | None:
    return _current.process


def boundary(place: str) -> None:
    """Mark a point at which the running process may die or be overtaken; the simulation's own code is in none."""
    if _current.process is not None:
        _current.process.cross(place)


def live(process: Process, call: Callable[[], object]) -> None:
    """Run `call` as this process. Raises what it raises, but a crash."""
    _current.process = process
    try:
        call()
    except Crash:
        pass
    finally:
        _current.process = None
        if process.dead:
            _disconnect()


def _disconnect() -> None:
    connection.close()
    del connections["default"]
