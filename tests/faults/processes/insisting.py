"""People are patient: where the shop or the gateway does not answer they try the same again, as by a reload."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import psycopg
import requests

from launch.visitor import UnexpectedAnswer

T = TypeVar("T")

PATIENCE_S = 240.0
BETWEEN_TRIES_S = 0.5
UNANSWERED = (requests.RequestException, UnexpectedAnswer, psycopg.OperationalError)


class GaveUp(Exception):
    """A person waited for minutes, and the shop never came to an end with what they wished."""


def insist(act: Callable[[], T], what: str) -> T:
    """What `act` returns once it is answered. Raises GaveUp."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return act()
        except UNANSWERED as trouble:
            if time.monotonic() > deadline:
                raise GaveUp(f"could not {what}: {trouble}") from trouble
            time.sleep(BETWEEN_TRIES_S)
