"""A whole shop on this machine: database, sandbox, web and worker, in one state folder."""

from __future__ import annotations

import fcntl
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from launch import readiness
from launch.environment import process_environment, shop_environment
from launch.ports import Ports
from launch.postgres import EmbeddedPostgres, folders_beside
from launch.service import Program, run
from launch.supervisor import Say, Supervisor

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "tillgate"
WEBHOOK_PATH = "/payments/webhooks/stripe/"
STOP_WORKER_S = 10.0  # a local worker may be killed in the middle of a job: the next one takes it up


class AlreadyRunning(Exception):
    """Another process has this state folder's shop open."""


@dataclass(frozen=True)
class Shop:
    """A running shop. `environment` is what each of its processes sees."""

    environment: dict[str, str]
    ports: Ports
    supervisor: Supervisor
    state: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports.shop}/"

    @property
    def sandbox_url(self) -> str:
        return f"http://localhost:{self.ports.sandbox}/"

    def manage(self, name: str, *arguments: str) -> None:
        """Run a management command. Raises ProgramFailed."""
        run(self.program(name, "manage.py", *arguments))

    def program(self, name: str, *argv: str, grace_s: float = 10.0) -> Program:
        log = self.state / "log" / f"{name.replace(' ', '-')}.log"
        return Program(name, (sys.executable, *argv), log, self.environment, folder=ROOT, grace_s=grace_s)


@contextmanager
def running_shop(state: Path, *, ports: Ports, environment_file: str, say: Say) -> Iterator[Shop]:
    """Boot everything, yield when it can be used, and stop all of it at the end.

    Raises AlreadyRunning, PostgresUnavailable, ProgramFailed or NotReady.
    """
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _held(state / "lock"):
        supervisor = Supervisor(state / "processes.json", say)
        try:
            say("starting the database")
            database_url = os.environ.get("DATABASE_URL") or _embedded_database(state, supervisor)
            settings = shop_environment(
                state / environment_file, ports=ports, database_url=database_url, mail=state / "mail"
            )
            shop = Shop(_shop_processes_see(settings, ports, state), ports, supervisor, state)
            _prepare(shop, say)
            _start(shop, say)
            yield shop
        finally:
            supervisor.stop()


@contextmanager
def _held(lock: Path) -> Iterator[None]:
    """The system frees the lock when its holder ends, however it ends."""
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(f"this clone's shop is already running in {lock.parent}: stop it first") from None
        yield


def _embedded_database(state: Path, supervisor: Supervisor) -> str:
    server = EmbeddedPostgres(folders_beside(state), log=state / "log" / "postgresql.log")
    server.wait_until_ready(supervisor.start(server.program()))
    return server.ensure_database(DATABASE)


def _shop_processes_see(settings: dict[str, str], ports: Ports, state: Path) -> dict[str, str]:
    return process_environment(settings) | {
        "PORT": str(ports.shop),
        "SANDBOX_PORT": str(ports.sandbox),
        "SANDBOX_STATE": str(state / "sandbox"),
        "SANDBOX_WEBHOOK_URL": settings["SITE_URL"] + WEBHOOK_PATH,
    }


def _prepare(shop: Shop, say: Say) -> None:
    say("migrating the database")
    shop.manage("migrate", "migrate", "--no-input")
    say("loading the sample catalog")
    shop.manage("catalog", "load_sample_catalog")
    shop.manage("staff user", "create_staff_user")
    shop.manage("static files", "collectstatic", "--no-input")


def _start(shop: Shop, say: Say) -> None:
    say("starting the gateway's sandbox, the web server and the worker")
    started_at = time.time()
    sandbox = shop.supervisor.start(shop.program("sandbox", "-m", "sandbox"))
    web = shop.supervisor.start(
        shop.program("web", "-m", "gunicorn", "--config", "config/gunicorn.conf.py", "config.wsgi")
    )
    worker = shop.supervisor.start(
        shop.program("worker", "manage.py", "procrastinate", "worker", grace_s=STOP_WORKER_S)
    )
    readiness.wait_for_page(shop.sandbox_url + "endive/stripe.js", sandbox)
    readiness.wait_for_page(shop.url + "readyz", web)
    readiness.wait_for_page(shop.url, web)
    readiness.wait_for_worker(shop.environment["DATABASE_DIRECT_URL"], started_at, worker)
