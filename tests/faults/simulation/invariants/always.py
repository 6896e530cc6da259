"""What must hold at every moment, not only when all has come to rest."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef

from payments.models import Observation, Operation, Payment, PaymentAttempt, WebhookEvent
from tests.faults.simulation.world import World


def promised_within_captured(world: World) -> Iterator[str]:
    """What is given back, promised or withdrawn is never more than what was taken, but by an excess told to staff."""
    gone = F("refunded_amount") + F("refund_reserved_amount") + F("disputed_amount")
    for payment in Payment.objects.filter(captured_amount__lt=gone - F("excess_amount")):
        yield f"payment {payment.pk} promised {payment.gone_amount} of {payment.captured_amount}"


def processed_events_were_looked_at(world: World) -> Iterator[str]:
    """No event is processed before a look at its object, made after it came, is applied."""
    looks = Observation.objects.filter(gateway_id=OuterRef("subject_id"), asked_at__gte=OuterRef("received_at"))
    processed = WebhookEvent.objects.filter(status=WebhookEvent.Status.PROCESSED)
    for event in processed.exclude(Exists(looks.exclude(applied_at=None))).defer("body"):
        yield f"{event.event_id} is processed, and nobody looked at {event.subject_id} since it came"


def nothing_that_arrived_is_closed_as_not_sent(world: World) -> Iterator[str]:
    """Age and time-outs decide nothing: what the gateway got ends by what the gateway shows."""
    closed = Operation.objects.filter(proof__verdict=Observation.Verdict.NOT_SENT)
    for operation in closed.filter(idempotency_key__in=world.gateway.keys.first_request):
        yield f"operation {operation.pk} ({operation.kind}) is closed as not sent, and the gateway had got it"


def declined_attempts_were_tried(world: World) -> Iterator[str]:
    """The decline of an attempt is its own: the gateway had tried its token, and not only that of one before."""
    books = world.gateway.books
    outside = [intent.id for intent in books.intents.values() if intent.used_outside]
    declined = PaymentAttempt.objects.filter(status=PaymentAttempt.Status.DECLINED)
    for attempt in declined.exclude(token__in=books.used_tokens).exclude(payment__gateway_id__in=outside):
        yield f"attempt {attempt.pk} is declined, and the gateway never tried it"
