"""An embedded PostgreSQL that listens on a Unix socket only."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg

from launch.postgres_programs import PostgresUnavailable, Programs, find_programs, system_folder
from launch.service import Program, Service, run

SUPERUSER = "postgres"
START_S = 60.0
LONGEST_SOCKET_FOLDER = 80  # sun_path holds 104 bytes or more, and the socket's own name takes 15 of them

# A crash of the machine may lose the database of a test, and nothing else.
FLEETING = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")


@dataclass(frozen=True)
class PostgresFolders:
    data: Path
    sockets: Path

    def url(self, database: str) -> str:
        return f"postgresql://{SUPERUSER}@/{database}?host={quote(str(self.sockets), safe='/')}"


def folders_beside(state: Path) -> PostgresFolders:
    """Folders for the database of this `state` folder; as root they lie elsewhere, which a note in `state` says."""
    if os.geteuid() != 0:
        return PostgresFolders(state / "postgresql", _socket_folder(state))
    home = system_folder() / hashlib.sha256(str(state).encode()).hexdigest()[:12]
    home.mkdir(mode=0o755, exist_ok=True)
    (state / "postgresql.where").write_text(f"{home}\n")
    return PostgresFolders(home / "data", home / "sockets")


def _socket_folder(state: Path) -> Path:
    folder = state / "sockets"
    if len(str(folder)) <= LONGEST_SOCKET_FOLDER:
        return folder
    digest = hashlib.sha256(str(state).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"tillgate-{os.geteuid()}-{digest}"


class EmbeddedPostgres:
    def __init__(self, folders: PostgresFolders, *, log: Path, fleeting: bool = False) -> None:
        self.folders = folders
        self._log = log
        self._fleeting = fleeting
        self._programs: Programs = find_programs()

    def program(self) -> Program:
        """The server, ready to be started on a data folder that exists and that no other server uses."""
        self._ensure_data()
        self._own(self.folders.sockets)
        self._end_former_server()
        options = ["listen_addresses=", "timezone=UTC", "log_timezone=UTC", "max_connections=150"]
        options += FLEETING if self._fleeting else ()
        settings = [word for option in options for word in ("-c", option)]
        folders = ["-D", str(self.folders.data), "-k", str(self.folders.sockets)]
        server = self._program("PostgreSQL", "postgres", *folders, *settings)
        return replace(server, stop_signal=signal.SIGINT, grace_s=20)  # SIGINT: stop fast, closing all sessions

    def wait_until_ready(self, service: Service) -> None:
        """Raises PostgresUnavailable when the server ends or does not answer in time."""
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and service.exit_code is None:
            try:
                psycopg.connect(self.folders.url("postgres"), connect_timeout=5).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise PostgresUnavailable(f"PostgreSQL does not start:\n{service.last_lines()}")

    def _ensure_data(self) -> None:
        """initdb in a folder beside it, so that one that was interrupted is never taken for whole."""
        if (self.folders.data / "PG_VERSION").exists():
            return
        unfinished = self.folders.data.with_name("data.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        self._own(unfinished)
        options = ["--auth=trust", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8", "--no-sync"]
        run(self._program("initdb", "initdb", "-D", str(unfinished), "-U", SUPERUSER, *options))
        unfinished.rename(self.folders.data)

    def _own(self, folder: Path) -> None:
        """Only the server's user may enter: whoever reaches the socket is the superuser."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._programs.user:
            shutil.chown(folder, self._programs.user)
        elif folder.stat().st_uid != os.geteuid():
            raise PostgresUnavailable(f"{folder} belongs to another user: remove it, or set TMPDIR")
        folder.chmod(0o700)

    def _end_former_server(self) -> None:
        """A server that outlived its launcher is stopped; a lock file whose process is another program's goes."""
        lock = self.folders.data / "postmaster.pid"
        if not lock.exists():
            return
        try:
            former = psutil.Process(int(lock.read_text().splitlines()[0]))
            ours = str(self.folders.data) in former.cmdline()
        except (psutil.NoSuchProcess, psutil.AccessDenied, ValueError, IndexError):
            ours = False
        if ours:
            former.send_signal(signal.SIGINT)
            former.wait(START_S)
        lock.unlink(missing_ok=True)

    def _program(self, name: str, program: str, *arguments: str) -> Program:
        return Program(
            name=name,
            argv=[self._programs.path(program), *arguments],
            log=self._log,
            environment={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
            folder=Path("/"),
            user=self._programs.user,
        )
