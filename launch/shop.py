"""A whole shop on this machine: database, sandbox, web and worker, in one state folder."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from launch import readiness
from launch.databases import drop_database, ensure_database, ensure_reachable, fresh_database
from launch.environment import process_environment, shop_environment
from launch.ports import Ports
from launch.postgres import EmbeddedPostgres, folders_beside
from launch.service import Program, run
from launch.supervisor import LONGEST_PAUSE_S, Say, Supervisor

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "tillgate"
WEBHOOK_PATH = "/payments/webhooks/stripe/"
WEB = ("-m", "gunicorn", "--config", "config/gunicorn.conf.py", "config.wsgi")
WORKER = ("manage.py", "procrastinate", "worker")
STOP_WORKER_S = 10.0  # a local worker may be killed in the middle of a job: the next one takes it up


class AlreadyRunning(Exception):
    """Another process has this state folder's shop open."""


@dataclass(frozen=True)
class Plan:
    """What to boot. `fresh` is a shop that begins empty, in a database of its own, deaf to the real environment.

    `own_server` leaves the PostgreSQL of DATABASE_URL alone. `web` and `worker` are Python's arguments. What dies again
    and again is started after `longest_pause_s` at the latest.
    """

    state: Path
    choose_ports: Callable[[], Ports]
    environment_file: str
    fresh: bool = False
    own_server: bool = False
    web: Sequence[str] = WEB
    worker: Sequence[str] = WORKER
    longest_pause_s: float = LONGEST_PAUSE_S


@dataclass(frozen=True)
class Shop:
    """A running shop. `environment` is what each of its processes sees."""

    plan: Plan
    ports: Ports
    environment: dict[str, str]
    supervisor: Supervisor

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
        log = self.plan.state / "log" / f"{name.replace(' ', '-')}.log"
        return Program(name, (sys.executable, *argv), log, self.environment, folder=ROOT, grace_s=grace_s)


@contextmanager
def running_shop(plan: Plan, *, say: Say) -> Iterator[Shop]:
    """Boot everything, yield when it can be used, and stop all of it at the end.

    Raises PortTaken, AlreadyRunning, PostgresUnavailable, DatabaseUnavailable, ProgramFailed or NotReady.
    """
    plan.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _held(plan):
        supervisor = Supervisor(plan.state / "processes.json", say, plan.longest_pause_s)
        try:
            ports = plan.choose_ports()  # after the supervisor has ended what a killed one left on them
            if plan.fresh:
                _forget(plan)
            say("starting the database")
            shop = Shop(plan, ports, _environment(plan, ports, _database(plan, supervisor)), supervisor)
            _prepare(shop, say)
            _start(shop, say)
            yield shop
        finally:
            supervisor.stop()
            _tidy(plan)


@contextmanager
def _held(plan: Plan) -> Iterator[None]:
    """Nobody else boots this state folder. The system frees the lock when its holder ends, however it ends."""
    with (plan.state / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            plan.choose_ports()  # that a port is taken says more, when it is
            raise AlreadyRunning(f"a shop is already running in {plan.state}: stop it first") from None
        yield


def _forget(plan: Plan) -> None:
    for name in ("sandbox", "mail", "log"):
        shutil.rmtree(plan.state / name, ignore_errors=True)


def _database(plan: Plan, supervisor: Supervisor) -> str:
    """The URL of the shop's database, on the PostgreSQL that was named or on our own. Raises DatabaseUnavailable."""
    named = _named_server(plan)
    if plan.fresh:
        return fresh_database(named or _embedded_server(plan, supervisor), _own_database(plan))
    if named:
        ensure_reachable(named)
        return os.environ["DATABASE_URL"]
    return ensure_database(_embedded_server(plan, supervisor), DATABASE)


def _named_server(plan: Plan) -> str | None:
    """The PostgreSQL of the real environment, past a pooler where there is one."""
    url = None if plan.own_server else os.environ.get("DATABASE_URL")
    return (os.environ.get("DATABASE_DIRECT_URL") or url) if url else None


def _own_database(plan: Plan) -> str:
    """No other clone's, on a server that several share."""
    return f"{DATABASE}_smoke_{hashlib.sha256(str(plan.state).encode()).hexdigest()[:8]}"


def _tidy(plan: Plan) -> None:
    """Leave nothing on somebody's server."""
    if plan.fresh and (named := _named_server(plan)):
        drop_database(named, _own_database(plan))


def _embedded_server(plan: Plan, supervisor: Supervisor) -> str:
    server = EmbeddedPostgres(folders_beside(plan.state), log=plan.state / "log" / "postgresql.log")
    server.wait_until_ready(supervisor.start(server.program()))
    return server.folders.url("postgres")


def _environment(plan: Plan, ports: Ports, database_url: str) -> dict[str, str]:
    settings = shop_environment(
        plan.state / plan.environment_file,
        ports=ports,
        database_url=database_url,
        mail=plan.state / "mail",
        alone=plan.fresh,
    )
    return process_environment(settings) | {
        "PORT": str(ports.shop),
        "SANDBOX_PORT": str(ports.sandbox),
        "SANDBOX_STATE": str(plan.state / "sandbox"),
        "SANDBOX_WEBHOOK_URL": settings["SITE_URL"] + WEBHOOK_PATH,
    }


def _prepare(shop: Shop, say: Say) -> None:
    say("migrating the database")
    shop.manage("migrate", "migrate", "--no-input")
    say("loading the sample catalog")
    shop.manage("catalog", "load_sample_catalog")
    shop.manage("staff user", "create_staff_user")
    _collect_static_files(shop)


def _collect_static_files(shop: Shop) -> None:
    """All shops of a clone share one folder of them: filled at once, or anew, it lacks files that another one reads."""
    with (ROOT / "manage.py").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not _static_files_are_fresh():
            shop.manage("static files", "collectstatic", "--no-input")


def _static_files_are_fresh() -> bool:
    """Whether they were collected after the last change of ours, and of the installed packages."""
    collected = ROOT / "staticfiles" / "staticfiles.json"
    sources = [ROOT / "static", *(ROOT / "static").rglob("*"), Path(sys.prefix) / "installed"]
    changed = max(source.stat().st_mtime for source in sources if source.exists())
    return collected.exists() and collected.stat().st_mtime > changed


def _start(shop: Shop, say: Say) -> None:
    say("starting the gateway's sandbox, the web server and the worker")
    started_at = time.time()
    sandbox = shop.supervisor.start(shop.program("sandbox", "-m", "sandbox"))
    web = shop.supervisor.start(shop.program("web", *shop.plan.web))
    worker = shop.supervisor.start(shop.program("worker", *shop.plan.worker, grace_s=STOP_WORKER_S))
    readiness.wait_for_page(shop.sandbox_url + "endive/stripe.js", sandbox)
    readiness.wait_for_page(shop.url + "readyz", web)
    readiness.wait_for_page(shop.url, web)
    readiness.wait_for_worker(shop.environment["DATABASE_DIRECT_URL"], started_at, worker)
