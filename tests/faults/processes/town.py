"""A running shop of real processes, and what a person with `kill -9` can do to it."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from types import MappingProxyType
from typing import TypeVar

import psutil

from launch.ports import free_ports
from launch.postgres import folders_beside
from launch.readiness import has_worker
from launch.service import Service
from launch.shop import WEB, WORKER, Plan, Shop, running_shop
from launch.supervisor import Say
from tests.faults.processes.board import Board
from tests.faults.processes.books import Books
from tests.faults.processes.gateway import Gateway
from tests.faults.processes.point import CrashPoint, Victim

BETWEEN_LOOKS_S = 0.05
PATIENCE_S = 60.0
LONGEST_PAUSE_S = 1.0
ENVIRONMENT = "chaos.env"

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

    def strike(self, point: CrashPoint, process: int) -> None:
        """`kill -9` of whom the point is about; where that is somebody else, the process that stood there goes on."""
        match point.victim:
            case Victim.PROCESS:
                os.kill(process, signal.SIGKILL)
            case Victim.PROGRAM:
                os.killpg(os.getpgid(process), signal.SIGKILL)
            case Victim.DATABASE:
                self.kill("PostgreSQL")
                self.board.let_go(point)
                self.until(self.books.can_be_read, "the database is back")
                return
            case Victim.SESSION:
                os.kill(self.until(self.books.a_session, "somebody has a session"), signal.SIGKILL)
                self.board.let_go(point)
                self.until(self.books.can_be_read, "the database is back")
                return
            case Victim.GATEWAY_AT_WORK:
                self.board.let_go(point)
                self.until(lambda: not self.gateway.will_hold_back(), "the gateway holds an answer back")
                self.kill("sandbox")
                self.until(self.gateway.answers, "the gateway is back")
                return
            case Victim.GATEWAY:
                self.kill("sandbox")
                self.board.let_go(point)
                self.until(self.gateway.answers, "the gateway is back")
                return
        self.until(lambda: _is_dead(process), f"process {process} is dead")
        self.board.let_go(point)

    def live_on(self) -> None:
        """Until somebody did something again, which the audit trail tells. Raises NeverHappened."""
        before = self.until(self._deeds, "the database is there")
        self.until(lambda: (self._deeds() or 0) > before, "somebody does something again")

    def _deeds(self) -> int | None:
        return self.books.deeds() if self.books.can_be_read() else None

    @contextmanager
    def killing(self, program: str, point: CrashPoint) -> Iterator[None]:
        """Kill the program as soon as it stands still at the armed point, while the body waits for its answer."""
        killer = Thread(target=self._kill_at, args=(program, point))
        killer.start()
        yield
        killer.join()

    def _kill_at(self, program: str, point: CrashPoint) -> None:
        self.until_reached(point)
        self.kill(program)

    def ask_to_stop(self, program: str) -> None:
        """SIGTERM, as a deployment sends it; whoever is being served still gets an answer."""
        os.kill(self.shop.supervisor.service(program).pid, signal.SIGTERM)

    def ready_worker(self) -> Service | None:
        """The worker, once it takes jobs."""
        worker = self.shop.supervisor.service("worker")
        started_at = psutil.Process(worker.pid).create_time() if worker.exit_code is None else None
        if started_at is None or not self.books.can_be_read():
            return None
        return worker if has_worker(self.books.url, started_at) else None

    def processes_under(self, program: str) -> int:
        """How many processes this one has started that still run."""
        return len(psutil.Process(self.shop.supervisor.service(program).pid).children())

    def kill(self, program: str) -> None:
        """`kill -9` of a program and of all that it started, and wait until it is dead."""
        service = self.shop.supervisor.service(program)
        os.killpg(service.pid, signal.SIGKILL)
        service.wait()


@contextmanager
def running_town(
    state: Path,
    *,
    say: Say,
    wrapped: bool = True,
    short: bool = False,
    workers: int = 1,
    settings: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Town]:
    """Boot a shop on a PostgreSQL of its own, `wrapped` with crash points around its web and its workers.

    `short` shortens the waits of wrapped workers (see clocks.py); `settings` are the shop's own.
    """
    _write_settings(state / ENVIRONMENT, settings)
    folder = state / "crash-points"
    plan = Plan(
        state,
        free_ports,
        ENVIRONMENT,
        fresh=True,
        own_server=True,
        web=_web(folder) if wrapped else WEB,
        worker=_worker(folder, short) if wrapped else WORKER,
        longest_pause_s=LONGEST_PAUSE_S,
    )
    with running_shop(plan, say=say) as shop:
        for number in range(2, workers + 1):
            shop.supervisor.start(shop.program(f"worker {number}", *plan.worker))
        gateway = Gateway(shop.sandbox_url, shop.environment["STRIPE_SECRET_KEY"])
        yield Town(shop, Board(folder), gateway, Books(shop.environment["DATABASE_DIRECT_URL"]))


def forget(state: Path, *towns: str) -> None:
    """Remove the folders of these towns, their databases too, which may lie elsewhere, and then `state`."""
    for town in towns:
        shutil.rmtree(folders_beside(state / town).data.parent, ignore_errors=True)
    shutil.rmtree(state, ignore_errors=True)


def _write_settings(file: Path, settings: Mapping[str, str]) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))


def _web(folder: Path) -> tuple[str, ...]:
    *gunicorn, _ = WEB
    return (*gunicorn, "--env", f"CRASH_POINTS={folder}", "tests.faults.processes.wsgi")


def _worker(folder: Path, short: bool) -> tuple[str, ...]:
    return ("-m", "tests.faults.processes.worker", str(folder), *(["short"] if short else []))


def _is_dead(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True
