"""Every line at which a process is killed, in one table.

A point lies before or after one call of one function, named as the module that calls it knows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    WEB = "web"
    WORKER = "worker"


class When(StrEnum):
    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class CrashPoint:
    """`function` is `module:name` or `module:Class.name`; the process of `role` stops before or after its call."""

    name: str
    role: Role
    when: When
    function: str

    @property
    def slug(self) -> str:
        return self.name.replace(" ", "-").replace(",", "")


def _worker(name: str, when: When, function: str) -> CrashPoint:
    return CrashPoint(name, Role.WORKER, when, function)


def _web(name: str, when: When, function: str) -> CrashPoint:
    return CrashPoint(name, Role.WEB, when, function)


BEFORE_THE_CALL = _worker("before the call", When.BEFORE, "payments.operations.calls:send")
ANSWER_STORED = _worker("answer stored, not applied", When.AFTER, "payments.operations.submit:_store_answer")
ORDER_COMMITTED = _web("order committed, not answered", When.AFTER, "checkout.views.checkout:place_order")

POINTS = (BEFORE_THE_CALL, ANSWER_STORED, ORDER_COMMITTED)
