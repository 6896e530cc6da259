"""What a transaction does that PostgreSQL ended for another's sake, or whose connection broke: it runs again."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator
from functools import wraps
from typing import ParamSpec, TypeVar

import psycopg
from django.db import InterfaceError, connection
from psycopg_pool import PoolTimeout

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

MOST_RUNS = 5
FIRST_PAUSE_S = 0.02

# postgresql.org/docs/current/errcodes-appendix.html: serialization failure, deadlock, shutdowns, not yet started.
_PASSING = ("40001", "40P01", "57P01", "57P02", "57P03")
_CONNECTION_LOST = "08"


def retried(work: Callable[P, T]) -> Callable[P, T]:
    """Run `work` again when its transaction failed by no fault of its own: up to five times in about a second.

    For functions that open their own transaction and do nothing twice: where a connection is lost, the commit may have
    arrived. Inside a transaction of the caller's nothing is repeated; that one fails as a whole.
    """

    @wraps(work)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        for runs in range(1, MOST_RUNS):
            try:
                return work(*args, **kwargs)
            except Exception as error:
                if connection.in_atomic_block or not is_passing(error):
                    raise
                logger.warning("transaction_run_again", extra={"work": work.__qualname__, "reason": str(error)[:200]})
            connection.close_if_unusable_or_obsolete()
            longest = FIRST_PAUSE_S * 4 ** (runs - 1)
            time.sleep(random.uniform(longest / 2, longest))
        return work(*args, **kwargs)

    return run


def is_passing(error: BaseException) -> bool:
    """Whether the same transaction may well succeed now: a deadlock, a serialization failure, a lost connection.

    A pool without a free connection is not: to wait for it again would only hold one more thread.
    """
    return any(_is_passing(cause) for cause in _causes(error))


def _is_passing(error: BaseException) -> bool:
    if isinstance(error, (InterfaceError, psycopg.InterfaceError)):
        return True
    if not isinstance(error, psycopg.OperationalError) or isinstance(error, PoolTimeout):
        return False
    return error.sqlstate is None or error.sqlstate in _PASSING or error.sqlstate.startswith(_CONNECTION_LOST)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
