"""When a started program can be used."""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus

import psycopg
import requests

from launch.service import Service

PATIENCE_S = 60.0
BETWEEN_TRIES_S = 0.1
ANSWER_WITHIN_S = 10.0


class NotReady(Exception):
    """A program ended, or took too long, before it could be used."""


def wait_for_page(url: str, service: Service) -> None:
    """Until `url` answers 200. Raises NotReady."""
    _wait_until(lambda: _answers(url), service, what=url)


def wait_for_worker(database_url: str, since: float, service: Service) -> None:
    """Until a worker that was born after `since` (seconds since 1970) takes jobs. Raises NotReady."""
    _wait_until(lambda: has_worker(database_url, since), service, what="the worker")


def _wait_until(ready: Callable[[], bool], service: Service, *, what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not ready():
        if service.exit_code is not None or time.monotonic() > deadline:
            raise NotReady(f"{what} does not answer; the end of {service.program.log}:\n{service.last_lines()}")
        time.sleep(BETWEEN_TRIES_S)


def _answers(url: str) -> bool:
    with requests.Session() as session:
        session.trust_env = False  # a proxy for the world outside does not know this machine
        try:
            return session.get(url, timeout=ANSWER_WITHIN_S).status_code == HTTPStatus.OK
        except (requests.ConnectionError, requests.Timeout):
            return False


def has_worker(database_url: str, since: float) -> bool:
    """Whether a worker that was born after `since` (seconds since 1970) takes jobs."""
    alive = "SELECT EXISTS (SELECT FROM procrastinate_workers WHERE last_heartbeat >= to_timestamp(%s))"
    with psycopg.connect(database_url) as connection:
        row = connection.execute(alive, [since]).fetchone()
    return bool(row and row[0])
