"""Apply a look at the gateway's refund object, ours or one made outside."""

from __future__ import annotations

import uuid

from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from payments.gateways.base import RefundSeen, RefundState
from payments.ledger.posting import post_refund, post_refund_failure, post_reversal, post_reversal_failure
from payments.models import Discrepancy, Refund
from payments.states.discrepancies import open_discrepancy
from payments.states.fact import Fact
from payments.states.owed import close_failed, tell_failed
from payments.states.schedule import check_interval
from payments.states.table import NEW, Cause
from payments.states.transition import insert, move

Status = Refund.Status

_NOTHING = (Status.FAILED, Status.CANCELED)
_STATUS_IN_STATE = {
    RefundState.PENDING: Status.PENDING,
    RefundState.SUCCEEDED: Status.SUCCEEDED,
    RefundState.FAILED: Status.FAILED,
    RefundState.CANCELED: Status.CANCELED,
}


def apply_refund_state(fact: Fact, seen: RefundSeen) -> None:
    """Bring our refund to what was seen; a refund that nobody here asked for becomes a row of its own."""
    refund = _find(fact, seen)
    if refund is None:
        _record_external(fact, seen)
    elif refund.money != seen.money:
        open_discrepancy(
            Discrepancy.Kind.MISMATCH,
            f"refund:{refund.pk}",
            f"asked to refund {refund.money}, the gateway's {seen.gateway_id} is for {seen.money}.",
            fact.payment,
        )
    elif refund.state_answered_at is not None and fact.observation.asked_at < refund.state_answered_at:
        _ask_again(refund)
    else:
        _update(fact, refund, seen)


def _find(fact: Fact, seen: RefundSeen) -> Refund | None:
    if fact.own is not None and fact.own.refund is not None:
        return fact.own.refund
    refunds = fact.payment.refunds
    known = refunds.filter(gateway_id=seen.gateway_id).first()
    if known or not seen.reference:
        return known
    try:
        return refunds.filter(request_id=uuid.UUID(seen.reference), gateway_id="").first()
    except ValueError:
        return None  # another system's reference: the refund was made outside


def _record_external(fact: Fact, seen: RefundSeen) -> None:
    of_surplus = seen.payment_gateway_id != fact.payment.gateway_id  # what fits all the same is a second object's
    refund = Refund(
        payment=fact.payment,
        account=fact.payment.account,
        request_id=uuid.uuid4(),
        amount=seen.money.amount,
        currency=seen.money.currency,
        source=Refund.Source.SURPLUS if of_surplus else Refund.Source.EXTERNAL,
        surplus_gateway_id=seen.payment_gateway_id if of_surplus else "",
        gateway_id=seen.gateway_id,
        proof=fact.observation,
        state_answered_at=fact.observation.answered_at,
        next_check_at=_next_check(seen, checks=0),
    )
    status = _STATUS_IN_STATE[seen.state]
    insert(refund, status, Cause.OBSERVED, fact.journal, source=refund.source)
    _count(fact, refund, NEW)
    fact.changed_refunds.append((refund, NEW))


def _ask_again(refund: Refund) -> None:
    """Of an ended one too: what was not applied may have been newer than what was."""
    Refund.objects.filter(pk=refund.pk).update(next_check_at=Now())


def _update(fact: Fact, refund: Refund, seen: RefundSeen) -> None:
    before, after = refund.status, _STATUS_IN_STATE[seen.state]
    columns: dict[str, object] = {
        "gateway_id": seen.gateway_id,
        "state_answered_at": fact.observation.answered_at,
        "next_check_at": _next_check(seen, refund.checks),
    }
    if after == before:
        Refund.objects.filter(pk=refund.pk).update(**columns)
        return
    if refusal := seen.refusal:
        columns |= {"refusal_code": refusal.code, "refusal_message": refusal.message}
    if after != Status.PENDING:
        columns["proof"] = fact.observation
    move(refund, after, Cause.OBSERVED, fact.journal, **columns)
    _count(fact, refund, before)
    _tell_staff(fact, refund, before)
    fact.changed_refunds.append((refund, before))


def _tell_staff(fact: Fact, refund: Refund, before: str) -> None:
    """Of a refund that comes to nothing, be it canceled in the dashboard, or that comes to something after all."""
    came_to_nothing = refund.status in _NOTHING
    if came_to_nothing and before not in _NOTHING:
        tell_failed(fact, refund)
    elif before in _NOTHING and not came_to_nothing:
        close_failed(refund)


def _next_check(seen: RefundSeen, checks: int) -> Combinable | None:
    return Now() + check_interval(checks) if seen.state == RefundState.PENDING else None


def _count(fact: Fact, refund: Refund, before: str) -> None:
    """Carry a refund's amount between the payment's totals, and book it where money moved."""
    if refund.surplus_gateway_id:
        _count_reversal(fact, refund, before)
        return
    reserved = (refund.status in Refund.RESERVING) - (before in Refund.RESERVING)
    given_back = (refund.status == Status.SUCCEEDED) - (before == Status.SUCCEEDED)
    if reserved:
        fact.change(refund_reserved_amount=fact.payment.refund_reserved_amount + reserved * refund.amount)
    if given_back:
        fact.change(refunded_amount=fact.payment.refunded_amount + given_back * refund.amount)
        post = post_refund if given_back > 0 else post_refund_failure
        post(fact.payment, refund.money, fact.observation, fact.journal)


def _count_reversal(fact: Fact, refund: Refund, before: str) -> None:
    """The same for the reversal of a surplus, which reserves nothing of what was captured."""
    given_back = (refund.status == Status.SUCCEEDED) - (before == Status.SUCCEEDED)
    if given_back:
        fact.change(surplus_reversed_amount=fact.payment.surplus_reversed_amount + given_back * refund.amount)
        post = post_reversal if given_back > 0 else post_reversal_failure
        post(fact.payment, refund.money, fact.observation, fact.journal)
