"""Money: charged once, given back once for each wish, and our sums are the gateway's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from payments.gateways.base import PaymentState
from payments.models import AuditEntry, Dispute, Operation, Payment, Refund
from tests.faults.simulation.gateway.books import CHARGED_BACK, RETURNING, Intent
from tests.faults.simulation.world import World

Status = Payment.Status

_STATUSES: dict[PaymentState, tuple[str, ...]] = {
    PaymentState.REQUIRES_PAYMENT_METHOD: (Status.REQUIRES_PAYMENT_METHOD,),
    PaymentState.REQUIRES_ACTION: (Status.REQUIRES_ACTION,),
    PaymentState.PROCESSING: (Status.PROCESSING,),
    PaymentState.REQUIRES_CAPTURE: (Status.REQUIRES_CAPTURE,),
    PaymentState.SUCCEEDED: (Status.SUCCEEDED, Status.PARTIALLY_CAPTURED),
    PaymentState.CANCELED: (Status.CANCELED, Status.FAILED),
}


def intents_of(world: World, payment: Payment) -> list[Intent]:
    """The gateway's objects for this payment, but one that it charged beside ours."""
    intents = world.gateway.books.intents.values()
    return [intent for intent in intents if intent.reference == payment.reference and not intent.is_second]


def charged_once(world: World) -> Iterator[str]:
    for payment in Payment.objects.all():
        charges = sum(intent.successes for intent in intents_of(world, payment))
        if charges > 1:
            yield f"payment {payment.pk} was charged {charges} times"


def payments_are_what_the_gateway_says(world: World) -> Iterator[str]:
    for payment in Payment.objects.all():
        intents = intents_of(world, payment)
        captured = sum(intent.captured for intent in intents)
        if payment.captured_amount != captured:
            yield f"payment {payment.pk} says captured {payment.captured_amount}, the gateway {captured}"
        yield from _other_sums(world, payment)
        own = world.gateway.books.intents.get(payment.gateway_id)
        expected = _STATUSES[own.state] if own else (Status.REQUIRES_PAYMENT_METHOD, Status.FAILED)
        if payment.status not in expected:
            yield f"payment {payment.pk} is {payment.status}, the gateway's {own.id if own else 'none'} is {expected}"


def _other_sums(world: World, payment: Payment) -> Iterator[str]:
    books = world.gateway.books
    seconds = [i for i in books.intents.values() if i.reference == payment.reference and i.is_second]
    surplus = sum(intent.captured for intent in seconds)
    back = sum(r.money.amount for r in books.refunds.values() if r.intent in seconds and r.state in RETURNING)
    if (payment.surplus_amount, payment.surplus_reversed_amount) != (surplus, back):
        yield f"payment {payment.pk} has a surplus of {payment.surplus_amount}, the gateway {surplus}, gave back {back}"
    withdrawn = [claim for claim in books.claims.values() if claim.withdrawn]
    claimed = sum(c.withdrawn for c in withdrawn if c.intent.id == payment.gateway_id)
    of_surplus = sum(c.withdrawn for c in withdrawn if c.intent in seconds)
    if (payment.disputed_amount, payment.surplus_disputed_amount) != (claimed, of_surplus):
        yield f"payment {payment.pk} says disputed {payment.disputed_amount}, the gateway withdrew {claimed}"
        yield f"and of a surplus {payment.surplus_disputed_amount}, the gateway {of_surplus}"


def one_refund_for_each_wish(world: World) -> Iterator[str]:
    """One request one refund, two requests two; ours and the gateway's agree about each."""
    books = world.gateway.books
    for refund in Refund.objects.all():
        made = [r for r in books.refunds.values() if refund.gateway_id == r.id or r.reference == refund.reference]
        if len(made) > 1:
            yield f"refund {refund.pk} was made {len(made)} times"
        state = made[0].state.value if made else "none"
        if state != refund.status and not (state == "none" and refund.status in ("failed", "requested")):
            yield f"refund {refund.pk} is {refund.status}, at the gateway {state}"
        if made and made[0].money != refund.money:
            yield f"refund {refund.pk} is of {refund.money}, at the gateway of {made[0].money}"
    known = set(Refund.objects.values_list("gateway_id", flat=True))
    for made_id in books.refunds.keys() - known:
        yield f"the gateway's {made_id} is in no row of ours"
    recorded = set(Refund.objects.values_list("request_id", flat=True))
    for request_id in world.refund_wishes.keys() - recorded:
        yield f"the refund asked for as {request_id} was promised and is in no row"


def refunds_within_captures(world: World) -> Iterator[str]:
    for intent in world.gateway.books.intents.values():
        if world.gateway.books.given_back(intent) > intent.captured:
            yield f"the gateway gave back more of {intent.id} than it took"
    for payment in Payment.objects.all():
        refunds = list(payment.refunds.filter(surplus_gateway_id=""))
        given_back = sum(r.amount for r in refunds if r.status == Refund.Status.SUCCEEDED)
        reserved = sum(r.amount for r in refunds if r.status in Refund.RESERVING)
        if (payment.refunded_amount, payment.refund_reserved_amount) != (given_back, reserved):
            yield f"payment {payment.pk} counts its refunds wrongly"
        if given_back + reserved > payment.captured_amount:
            yield f"payment {payment.pk}: {given_back} refunded and {reserved} reserved of {payment.captured_amount}"


def no_refund_is_promised_in_vain(world: World) -> Iterator[str]:
    """Nobody asks for the refund of a charge that we know to be charged back: the gateway will refuse it."""
    for refund in Refund.objects.filter(refusal_code="charge_disputed", surplus_gateway_id=""):
        asked = AuditEntry.objects.filter(object_type="refund", object_id=refund.pk).earliest("pk")
        for dispute in Dispute.objects.filter(payment=refund.payment, surplus_gateway_id=""):
            told = AuditEntry.objects.filter(object_type="dispute", object_id=dispute.pk, pk__lt=asked.pk)
            known = told.filter(after__has_key="status").order_by("pk").last()
            if known and known.after["status"] in CHARGED_BACK:
                yield f"refund {refund.pk} was asked for when dispute {dispute.pk} was {known.after['status']}"


def nothing_charged_after_its_time(world: World) -> Iterator[str]:
    """Nobody is charged long after they left: no process that started after `send_before` sent a confirm.

    One that had looked in time may have been held up on its way.
    """
    started = world.gateway.confirmed_by
    for operation in Operation.objects.filter(idempotency_key__in=started):
        lateness = started[str(operation.idempotency_key)] - operation.send_before
        if lateness > timedelta(0):
            yield f"operation {operation.pk} was sent {lateness} too late"


def gateway_was_used_properly(world: World) -> Iterator[str]:
    yield from world.gateway.misuse
    yield from world.gateway.keys.misuse
    ours = {str(key) for key in Operation.objects.values_list("idempotency_key", flat=True)}
    for key in world.gateway.keys.first_request.keys() - ours:
        yield f"the gateway was sent the key {key}, which is no operation's"
