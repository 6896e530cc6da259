"""A running shop of real processes, and what a person with `kill -9` can do to it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import TypeVar

from launch.ports import free_ports
from launch.shop import WEB, Plan, Shop, running_shop
from launch.supervisor import Say
from tests.faults.processes.board import Board
from tests.faults.processes.books import Books
from tests.faults.processes.crash_points import CrashPoint
from tests.faults.processes.gateway import Gateway

BETWEEN_LOOKS_S = 0.05
PATIENCE_S = 60.0

T = TypeVar("T")


class NeverHappened(AssertionError):
    """What had to happen did not, in the time it was given."""


@dataclass(frozen=True)
class Town:
    shop: Shop
    board: Board
    gateway: Gateway
    books: Books

    def until(self, look: Callable[[], T | None], what: str, within_s: float = PATIENCE_S) -> T:
        """What `look` finds in the end; meanwhile whatever died is started again. Raises NeverHappened."""
        deadline = time.monotonic() + within_s
        while not (found := look()):
            if time.monotonic() > deadline:
                raise NeverHappened(f"not within {within_s:.0f} s: {what}")
            self.shop.supervisor.tend()
            time.sleep(BETWEEN_LOOKS_S)
        return found

    def until_reached(self, point: CrashPoint, within_s: float = PATIENCE_S) -> int:
        """The process that stands still at the armed point."""
        return self.until(lambda: self.board.reached(point), f"a call {point.name}", within_s)

    @contextmanager
    def killing(self, program: str, point: CrashPoint) -> Iterator[None]:
        """Kill the program as soon as it stands still at the armed point, while the body waits for its answer."""
        killer = Thread(target=self._kill_at, args=(program, point))
        killer.start()
        yield
        killer.join()

    def _kill_at(self, program: str, point: CrashPoint) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while self.board.reached(point) is None and time.monotonic() < deadline:
            time.sleep(BETWEEN_LOOKS_S)
        self.kill(program)

    def kill(self, program: str) -> None:
        """`kill -9` of a program and of all that it started, and wait until it is dead."""
        service = self.shop.supervisor.service(program)
        os.killpg(service.pid, signal.SIGKILL)
        service.wait()


@contextmanager
def running_town(state: Path, *, say: Say) -> Iterator[Town]:
    """Boot a shop with a PostgreSQL of its own, with crash points around its web and worker."""
    folder = state / "crash-points"
    worker = ("-m", "tests.faults.processes.worker", str(folder))
    plan = Plan(state, free_ports, "chaos.env", fresh=True, own_server=True, web=_web(folder), worker=worker)
    with running_shop(plan, say=say) as shop:
        gateway = Gateway(shop.sandbox_url, shop.environment["STRIPE_SECRET_KEY"])
        yield Town(shop, Board(folder), gateway, Books(shop.environment["DATABASE_DIRECT_URL"]))


def _web(folder: Path) -> tuple[str, ...]:
    *gunicorn, _ = WEB
    return (*gunicorn, "--env", f"CRASH_POINTS={folder}", "tests.faults.processes.wsgi")
