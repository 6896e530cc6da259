"""Which object is fetched for which event. Other types are kept, and concern nothing that we keep a row for.

Source: docs.stripe.com/api/events/types.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import stripe

from payments.gateways.base import InvalidWebhook, ListedEvent, NotListed, Subject, SubjectKind, WebhookNotice
from payments.gateways.settlement import Page
from payments.gateways.stripe.settlement import PAGE, answered_list, page_of

TOLERANCE_S = 300
SIGNATURE_HEADER = "Stripe-Signature"
LONGEST_ID = 255  # docs.stripe.com/upgrades: object ids are never longer
LONGEST_TYPE = 100

Body = Mapping[str, object]


def _itself(kind: SubjectKind) -> Callable[[Body], Subject | None]:
    return lambda shown: _subject(kind, shown.get("id"))


def _payment_of_charge(charge: Body) -> Subject | None:
    return _subject(SubjectKind.PAYMENT, charge.get("payment_intent"))


def _subject(kind: SubjectKind, gateway_id: object) -> Subject | None:
    return Subject(kind, _name(gateway_id, LONGEST_ID)) if isinstance(gateway_id, str) else None


def _name(shown: object, longest: int) -> str:
    """An id or a type, as Stripe makes them: short and plain. Raises ValueError."""
    if not isinstance(shown, str) or not 0 < len(shown) <= longest or not (shown.isascii() and shown.isprintable()):
        raise ValueError(f"no name of at most {longest} plain characters: {shown!r:.60}")
    return shown


def _is_live(shown: object) -> bool:
    """Raises ValueError for anything but true or false: a mode is not guessed."""
    if not isinstance(shown, bool):
        raise ValueError(f"livemode is neither true nor false: {shown!r:.60}")
    return shown


SUBJECTS: Mapping[str, Callable[[Body], Subject | None]] = {
    "payment_intent.amount_capturable_updated": _itself(SubjectKind.PAYMENT),
    "payment_intent.canceled": _itself(SubjectKind.PAYMENT),
    "payment_intent.created": _itself(SubjectKind.PAYMENT),
    "payment_intent.partially_funded": _itself(SubjectKind.PAYMENT),
    "payment_intent.payment_failed": _itself(SubjectKind.PAYMENT),
    "payment_intent.processing": _itself(SubjectKind.PAYMENT),
    "payment_intent.requires_action": _itself(SubjectKind.PAYMENT),
    "payment_intent.succeeded": _itself(SubjectKind.PAYMENT),
    "charge.captured": _payment_of_charge,
    "charge.expired": _payment_of_charge,
    "charge.failed": _payment_of_charge,
    "charge.pending": _payment_of_charge,
    "charge.succeeded": _payment_of_charge,
    "refund.created": _itself(SubjectKind.REFUND),
    "refund.failed": _itself(SubjectKind.REFUND),
    "refund.updated": _itself(SubjectKind.REFUND),
    "charge.refund.updated": _itself(SubjectKind.REFUND),
    "charge.dispute.closed": _itself(SubjectKind.DISPUTE),
    "charge.dispute.created": _itself(SubjectKind.DISPUTE),
    "charge.dispute.funds_reinstated": _itself(SubjectKind.DISPUTE),
    "charge.dispute.funds_withdrawn": _itself(SubjectKind.DISPUTE),
    "charge.dispute.updated": _itself(SubjectKind.DISPUTE),
}


def verify(body: bytes, header: str, secrets: tuple[str, ...]) -> None:
    """Check the signature under each secret that is valid now. Raises InvalidWebhook."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise InvalidWebhook("the body is not UTF-8") from None
    if not header.isascii():  # which the SDK cannot compare
        raise InvalidWebhook("the signature is not ASCII")
    refusal = "no webhook secret is configured"
    for secret in secrets:
        try:
            stripe.WebhookSignature.verify_header(text, header, secret, TOLERANCE_S)
        except stripe.SignatureVerificationError as error:
            refusal = str(error.user_message)
        else:
            return
    raise InvalidWebhook(refusal)


def list_events(client: stripe.StripeClient, since: datetime, after: str) -> Page[ListedEvent] | NotListed:
    """Newest first, of the last thirty days (docs.stripe.com/api/events/list)."""

    def ask() -> Page[ListedEvent]:
        params: stripe.params.EventListParams = {"created": {"gte": int(since.timestamp())}, "limit": PAGE}
        if after:
            params["starting_after"] = after
        return page_of(client.v1.events.list(params), _listed_event)

    return answered_list(ask)


def _listed_event(shown: stripe.Event) -> ListedEvent:
    body = json.dumps(shown.to_dict(for_json=True)).encode()  # the SDK reads decimal strings as Decimal
    return ListedEvent(read(body), body)


def read(body: bytes) -> WebhookNotice:
    """Read a verified event; only what is the same in all API versions. Raises InvalidWebhook."""
    try:
        event = json.loads(body)
        find_subject = SUBJECTS.get(event["type"])
        return WebhookNotice(
            event_id=_name(event["id"], LONGEST_ID),
            event_type=_name(event["type"], LONGEST_TYPE),
            live=_is_live(event["livemode"]),
            created=datetime.fromtimestamp(event["created"], UTC),
            subject=find_subject(event["data"]["object"]) if find_subject else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError, RecursionError) as error:
        raise InvalidWebhook(f"the body is no event: {type(error).__name__} {error}") from None
