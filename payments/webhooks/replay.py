"""Find the webhooks that never came: read the gateway's own list of events into the inbox."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Min
from django.db.models.functions import Now

from payments.gateways.base import ListedEvent
from payments.gateways.settlement import Page, Unread
from payments.models import Discrepancy, GatewayAccount, WebhookEvent
from payments.operations.breaker import may_call, record
from payments.operations.clock import database_now
from payments.operations.served import served_accounts
from payments.states.discrepancies import open_discrepancy

logger = logging.getLogger(__name__)

OVERLAP = timedelta(minutes=10)  # an event may be listed a little after the moment that it names


def replay_events() -> int:
    """Put every listed event that never came into its account's inbox; returns how many had not come."""
    return sum(_replay(account) for account in served_accounts())


def _replay(account: GatewayAccount) -> int:
    """Read one account's list since it was last read to its end; a list that breaks off is read again next time."""
    started = database_now()
    since = (account.events_listed_until or _first_payment(account) or started) - OVERLAP
    found, after = 0, ""
    while may_call(account, database_now()):
        page = account.adapter.list_events(since, after)
        record(account, page)
        if not isinstance(page, Page):
            logger.warning("events_not_listed", extra={"account": str(account), "reason": page.reason})
            return found
        found += _keep(account, page.items)
        _tell_unread(account, page.unread)
        if not page.next:
            GatewayAccount.objects.filter(pk=account.pk).update(events_listed_until=started)
            break
        after = page.next
    return found


def _first_payment(account: GatewayAccount) -> datetime | None:
    """Before it, whatever was done with the account was not done here."""
    first: datetime | None = account.payments.aggregate(first=Min("created_at"))["first"]
    return first


def _keep(account: GatewayAccount, events: Sequence[ListedEvent]) -> int:
    """Store those that no webhook brought; a webhook that comes later is a no-op."""
    ids = [event.notice.event_id for event in events]
    known = set(WebhookEvent.objects.filter(account=account, event_id__in=ids).values_list("event_id", flat=True))
    missing = [event for event in events if event.notice.event_id not in known and event.notice.live == account.live]
    WebhookEvent.objects.bulk_create([_row(account, event) for event in missing], ignore_conflicts=True)
    if missing:
        logger.warning("webhooks_never_came", extra={"account": str(account), "events": len(missing)})
    return len(missing)


def _tell_unread(account: GatewayAccount, unread: Sequence[Unread]) -> None:
    """Put each event that makes no sense before staff, once. Open payments are asked about without it."""
    for event in unread:
        name, reason = event.gateway_id, event.reason
        logger.error("event_not_read", extra={"account": str(account), "event_id": name, "reason": reason})
        subject = f"event:{name}"[:100]
        if not Discrepancy.objects.filter(kind=Discrepancy.Kind.PARKED, subject=subject).exists():
            explanation = (
                f"{name} in the list of events of {account} cannot be read: {reason}. Look at it in the gateway's "
                "dashboard, and compare the payment that it is about."
            )
            open_discrepancy(Discrepancy.Kind.PARKED, subject, explanation, None)


def _row(account: GatewayAccount, event: ListedEvent) -> WebhookEvent:
    subject = event.notice.subject
    return WebhookEvent(
        account=account,
        event_id=event.notice.event_id,
        event_type=event.notice.event_type,
        body=event.body,
        replayed=True,
        subject_kind=subject.kind if subject else "",
        subject_id=subject.gateway_id if subject else "",
        gateway_time=event.notice.created,
        status=WebhookEvent.Status.RECEIVED if subject else WebhookEvent.Status.KEPT,
        next_try_at=Now() if subject else None,
    )
