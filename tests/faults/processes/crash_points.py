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


class Victim(StrEnum):
    PROCESS = "the process that stands there"
    PROGRAM = "that process with its master"
    DATABASE = "PostgreSQL"


@dataclass(frozen=True, slots=True)
class CrashPoint:
    """`function` is `module:name` or `module:Class.name`; a process of `role` stops before or after its call."""

    name: str
    role: Role
    when: When
    function: str
    victim: Victim = Victim.PROCESS

    @property
    def slug(self) -> str:
        return self.name.replace(" ", "-").replace(",", "").replace(":", "")


def _worker(name: str, when: When, function: str, victim: Victim = Victim.PROCESS) -> CrashPoint:
    return CrashPoint(f"worker: {name}", Role.WORKER, when, function, victim)


def _web(name: str, when: When, function: str, victim: Victim = Victim.PROCESS) -> CrashPoint:
    return CrashPoint(f"web: {name}", Role.WEB, when, function, victim)


B, A = When.BEFORE, When.AFTER

BEFORE_THE_CALL = _worker("before the call", B, "payments.operations.calls:send")
ANSWER_STORED = _worker("answer stored, not applied", A, "payments.operations.submit:_store_answer")
ORDER_COMMITTED = _web("order committed, not answered", A, "checkout.views.checkout:place_order", Victim.PROGRAM)
ATTEMPT_COMMITTED = _web("another try committed, not answered", A, "checkout.views.order:try_again")
REFUND_COMMITTED = _web("refund committed, not answered", A, "payments.admin.wishes:refund")
ANSWER_LOST = _worker("answer lost, not put down", B, "payments.operations.submit:put_down")
PUT_DOWN = _worker("put down as unknown", A, "payments.operations.submit:put_down")
BEFORE_ASKING = _worker("before asking", B, "payments.operations.calls:look")
ASKED = _worker("asked, answer not stored", A, "payments.operations.calls:look")
GOING_ON = _worker("asked, before going on", B, "payments.operations.submit:go_on")
FENCED = _worker("fence written", A, "payments.operations.submit:_end_by")

CARRYING = (
    _worker("lease taken, not committed", A, "payments.operations.lease:_claim"),
    _worker("lease committed", A, "payments.operations.submit:take_lease"),
    BEFORE_THE_CALL,
    _worker("answer in hand, not stored", A, "payments.operations.calls:send"),
    ANSWER_STORED,
    _worker("applied, not committed", A, "payments.states.apply:_mark_applied"),
    _worker("next operation leased, not committed", A, "payments.operations.submit:_next_to_send"),
)
DOUBTING = (ANSWER_LOST, PUT_DOWN, BEFORE_ASKING, ASKED, GOING_ON, FENCED)
DRAINING = (
    _worker("events claimed", A, "payments.webhooks.inbox:_claim"),
    _worker("object fetched, not stored", B, "payments.operations.looking:store"),
    _worker("object stored, not applied", A, "payments.operations.looking:store"),
    _worker("object applied, event not marked", B, "payments.webhooks.inbox:_after_looking"),
    _worker("event marked", A, "payments.webhooks.inbox:_after_looking"),
)
PERIODIC = (
    _worker("sweep enqueued, not committed", A, "payments.queue:submit"),
    _worker("sweep committed", A, "payments.operations.sweeping:sweep_operations"),
    _worker("seal written, not committed", A, "payments.audit.sealing:seal_mac"),
    _worker("seal committed", A, "payments.tasks:seal_pending"),
)
MAILING = (
    _worker("e-mail written, not sent", A, "checkout.operations.emails:_message"),
    _worker("e-mail sent, not marked", A, "django.core.mail.message:EmailMessage.send"),
    _worker("reminder begun", B, "checkout.tasks:remind_shopper"),
)
SERVING = (
    _web("order inserted", A, "checkout.operations.place_order:_insert_order"),
    _web("order whole, not committed", A, "checkout.operations.place_order:reserve"),
    ORDER_COMMITTED,
    ATTEMPT_COMMITTED,
    REFUND_COMMITTED,
    _web("webhook not stored", B, "payments.webhooks.intake:_store"),
    _web("webhook stored, not answered", A, "payments.webhooks.intake:_store", Victim.PROGRAM),
)
LOSING_THE_DATABASE = (
    _worker("database lost inside the lease", A, "payments.operations.lease:_hold", Victim.DATABASE),
    _worker("database lost with the answer in hand", B, "payments.operations.submit:_store_answer", Victim.DATABASE),
    _worker("database lost while applying", B, "payments.states.apply:_mark_applied", Victim.DATABASE),
    _worker("database lost with events claimed", B, "payments.webhooks.inbox:_process", Victim.DATABASE),
    _web("database lost inside the order", B, "checkout.operations.place_order:reserve", Victim.DATABASE),
    _web("database lost after the order", A, "checkout.views.checkout:place_order", Victim.DATABASE),
)

POINTS = (*CARRYING, *DOUBTING, *DRAINING, *PERIODIC, *MAILING, *SERVING, *LOSING_THE_DATABASE)
