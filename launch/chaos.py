"""`make chaos`: everything that can go wrong, over and over, then the question whether every cent is where it belongs.

The parts are programs of their own. Each ends with a line `<part>: N schedules, K kills, V violations`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from launch.postgres import EmbeddedPostgres, folders_beside
from launch.service import Service
from launch.shop import ROOT

PARTS = ("simulation", "processes")
_TOTALS = re.compile(r"^\w+: (\d+) schedules, (\d+) kills, (\d+) violations$")


@dataclass(frozen=True)
class Totals:
    """What a part did, and how often it found a promise broken; a part that fell over counts as one violation."""

    schedules: int = 0
    kills: int = 0
    violations: int = 0

    def __add__(self, other: Totals) -> Totals:
        return Totals(self.schedules + other.schedules, self.kills + other.kills, self.violations + other.violations)

    def __str__(self) -> str:
        return f"{self.schedules} schedules, {self.kills} kills, {self.violations} violations"


def chaos() -> int:
    """Run every part that is there; 0 when no promise was broken.

    SEED and SCHEDULES are the simulation's: with SEED only that part runs, so that one schedule can be replayed.
    """
    totals = Totals()
    with server() as url:
        for part in _wanted_parts():
            totals += _run_part(part, url)
    print(f"chaos: {totals}", flush=True)
    return 1 if totals.violations else 0


def chaos_sabotage() -> int:
    """Break the code in many ways, each in a copy of the tree; 0 when the simulation notices every one."""
    with server() as url:
        return subprocess.run([sys.executable, "-m", "tests.faults.sabotage"], cwd=ROOT, env=_with(url)).returncode


@contextmanager
def server() -> Iterator[str]:
    """The address of a PostgreSQL whose databases may be created and dropped: DATABASE_URL's, else one for this run."""
    if given := os.environ.get("DATABASE_URL"):
        yield given
        return
    state = Path(tempfile.mkdtemp(prefix="tillgate-chaos-"))
    embedded = EmbeddedPostgres(folders_beside(state), log=state / "postgresql.log", fleeting=True)
    service = Service(embedded.program())
    try:
        embedded.wait_until_ready(service)
        yield embedded.folders.url("postgres")
    finally:
        service.stop()
        shutil.rmtree(embedded.folders.data.parent, ignore_errors=True)
        shutil.rmtree(state, ignore_errors=True)


def _wanted_parts() -> list[str]:
    if "SEED" in os.environ:
        return ["simulation"]
    return [part for part in PARTS if (ROOT / "tests" / "faults" / part / "__main__.py").exists()]


def _run_part(part: str, url: str) -> Totals:
    """Show what the part says as it says it, and read its last line."""
    command = [sys.executable, "-m", f"tests.faults.{part}"]
    last = ""
    with subprocess.Popen(command, cwd=ROOT, env=_with(url), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                last = line.strip() or last
                print(line, end="", flush=True)
        except BaseException:
            process.terminate()
            print(process.stdout.read(), end="", flush=True)  # what it had done so far
            raise
    told = _TOTALS.match(last)
    if told is None:
        print(f"{part}: ended with exit code {process.returncode} before it told its totals", flush=True)
        return Totals(violations=1)
    return Totals(*map(int, told.groups()))


def _with(url: str) -> dict[str, str]:
    return {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONUNBUFFERED": "1"}
