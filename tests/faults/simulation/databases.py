"""Databases of the simulation's own on the server of DATABASE_URL: one is built, the others are copies."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg


@contextmanager
def databases(count: int) -> Iterator[Sequence[str]]:
    """`count` databases with the shop in them, dropped at the end."""
    stem = f"chaos_{uuid.uuid4().hex[:8]}"
    names = [f"{stem}_{number}" for number in range(count)]
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(f"CREATE DATABASE {names[0]}")
        try:
            subprocess.run([sys.executable, "-m", "tests.faults.simulation.build", names[0]], check=True)
            for name in names[1:]:
                server.execute(f"CREATE DATABASE {name} TEMPLATE {names[0]}")
            yield names
        finally:
            for name in names:
                server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
