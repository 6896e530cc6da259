"""Several processes at once, one step at a time: a seed decides who goes on at each boundary.

A process that waits for another's lock in the database is seen to wait (pg_blocking_pids), and goes on when it has the
lock. So a schedule runs the same each time, though its processes are real sessions.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random

from django.db import connection

from tests.faults.simulation.process import Process, live

QUIET_WITHIN_S = 0.002
STUCK_AFTER_S = 20.0
STRIDES = (1, 1, 2, 3, 5, 8, 13, 1000)

_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="process")


class Stuck(Exception):
    """No process goes on: a lock that nobody gives back."""


@dataclass
class Actor:
    call: Callable[[], object]
    process: Process
    backend: int = 0
    waiting: bool = False
    done: bool = False
    stride: int = 0
    result: Future[None] = field(default_factory=Future)


class Interleaving:
    """`meanwhile` is called whenever nobody runs: time may pass, a webhook may come."""

    def __init__(self, rng: Random, meanwhile: Callable[[], None]) -> None:
        self._rng = rng
        self._meanwhile = meanwhile
        self._turn = threading.Condition()
        self._running: Actor | None = None

    def play(self, calls: Sequence[tuple[Callable[[], object], Process]]) -> list[BaseException | None]:
        """Run all calls to their ends; returns what each raised."""
        actors = [Actor(call, process) for call, process in calls]
        for actor in actors:
            self._enter(actor)
        while not all(actor.done for actor in actors):
            self._meanwhile()
            self._let_one_go_on(actors)
        return [actor.result.exception() for actor in actors]

    def _enter(self, actor: Actor) -> None:
        actor.process.pause = lambda place: self._pause(actor, place)
        actor.result = _threads.submit(self._live, actor)
        self._settle(actor)

    def _live(self, actor: Actor) -> None:
        try:
            connection.ensure_connection()
            actor.backend = connection.connection.info.backend_pid
            self._pause(actor, "the start")
            live(actor.process, actor.call)
        finally:
            with self._turn:
                actor.done = True
                self._turn.notify_all()

    def _pause(self, actor: Actor, place: str) -> None:
        actor.stride -= 1
        far_away = place in ("the call leaves", "the question leaves", "the answer is on its way")
        if actor is self._running and actor.stride > 0 and not far_away:
            return
        with self._turn:
            actor.waiting = True
            self._turn.notify_all()
            self._turn.wait_for(lambda: not actor.waiting)

    def _let_one_go_on(self, actors: Sequence[Actor]) -> None:
        ready = [actor for actor in actors if actor.waiting]
        if not ready:
            self._await_anyone(actors)
            return
        actor = self._rng.choice(ready)
        actor.stride = self._rng.choice(STRIDES)
        with self._turn:
            self._running = actor
            actor.waiting = False
            self._turn.notify_all()
        self._settle(actor)
        for other in actors:
            self._settle(other)

    def _settle(self, actor: Actor) -> None:
        """Wait until the actor stands at a boundary, is done, or waits for a lock."""
        while True:
            with self._turn:
                if self._turn.wait_for(lambda: actor.waiting or actor.done, QUIET_WITHIN_S):
                    return
            if actor.backend and _is_blocked(actor.backend):
                return

    def _await_anyone(self, actors: Sequence[Actor]) -> None:
        """All wait for locks: PostgreSQL ends a deadlock by itself."""
        with self._turn:
            if not self._turn.wait_for(lambda: any(a.waiting or a.done for a in actors), STUCK_AFTER_S):
                raise Stuck("every process waits for a lock")


def _is_blocked(backend: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [backend])
        return bool(cursor.fetchone()[0])
