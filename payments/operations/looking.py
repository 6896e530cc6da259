"""Ask the gateway about one of its objects, keep what it shows, and apply it."""

from __future__ import annotations

import uuid
from datetime import datetime

from payments.gateways.base import Found, Lookup, PaymentSeen, Seen, Subject, SubjectKind
from payments.models import Dispute, GatewayAccount, Observation, Payment, Refund
from payments.operations.breaker import PAUSED, may_call, record
from payments.operations.clock import database_now
from payments.statements import insert_rows
from payments.states.apply import apply_or_park
from payments.transactions import retried

Source = Observation.Source


class NotOurs(LookupError):
    """The gateway's object belongs to no payment of ours, or to none that is written yet."""


def look_at(account: GatewayAccount, subject: Subject, *, source: str) -> Lookup | Observation:
    """Fetch the subject once, store what is seen as an observation and apply it.

    Returns the observation, or the answer that showed nothing. Raises NotOurs. An observation that could not be
    applied is kept and tried again by the sweep.
    """
    asked_at = database_now()
    if not may_call(account, asked_at):
        return PAUSED
    lookup = account.adapter.fetch(subject)
    record(account, lookup)
    if not isinstance(lookup, Found):
        return lookup
    payment = payment_of(account, lookup.seen)
    observation = store(payment, lookup.seen, source=source, asked_at=asked_at)
    apply_or_park(observation.pk)
    return observation


def store(payment: Payment, seen: Seen, *, source: str, asked_at: datetime) -> Observation:
    """Commit what was seen, before anything is made of it."""
    observation = Observation.of(seen, payment=payment, source=source, asked_at=asked_at)
    keep(observation)
    return observation


@retried
def keep(observation: Observation) -> None:
    """Commit a fact by itself. Kept twice, where the first commit's answer was lost, it is still applied once."""
    observation.pk = None
    insert_rows([observation])


def payment_of(account: GatewayAccount, seen: Seen) -> Payment:
    """The payment that a gateway's object belongs to: by its id, else by our reference in it. Raises NotOurs."""
    gateway_id = seen.gateway_id if isinstance(seen, PaymentSeen) else seen.payment_gateway_id
    if not gateway_id:
        raise NotOurs(f"{seen.gateway_id} is of no payment object, so it was made by another system")
    payments = account.payments.select_related("account")
    if known := payments.filter(gateway_id=gateway_id).first():
        return known
    if reversed_ := account.refunds.filter(surplus_gateway_id=gateway_id).first():
        return payments.get(pk=reversed_.payment_id)
    reference = seen.reference if isinstance(seen, PaymentSeen) else ""
    public_id = as_uuid(reference)
    if public_id and (named := payments.filter(public_id=public_id).first()):
        return named
    raise NotOurs(f"{gateway_id} carries the reference {reference!r}, which is none of ours")


def as_uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def look_at_payment(payment: Payment) -> Lookup | Observation:
    """Ask about one of our payments. Raises NotOurs."""
    return look_at(payment.account, Subject(SubjectKind.PAYMENT, payment.gateway_id), source=Source.QUERY)


def look_at_dispute(dispute: Dispute) -> Lookup | Observation:
    """Ask about one of the disputes that we know. Raises NotOurs."""
    return look_at(dispute.account, Subject(SubjectKind.DISPUTE, dispute.gateway_id), source=Source.QUERY)


def look_at_refund(refund: Refund) -> Lookup | Observation:
    """Ask about one of our refunds. Raises NotOurs."""
    return look_at(refund.account, Subject(SubjectKind.REFUND, refund.gateway_id), source=Source.QUERY)
