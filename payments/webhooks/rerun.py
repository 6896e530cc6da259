"""Have events run again that were parked: staff mended the cause."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from payments import queue
from payments.audit.journal import Actor, Journal
from payments.models import WebhookEvent
from payments.transactions import retried

Status = WebhookEvent.Status


@retried
def run_again(events: QuerySet[WebhookEvent], *, by: AbstractBaseUser, origin: str = "admin") -> int:
    """Give the events new tries and wake the drain; returns how many. What concerns nothing of ours stays kept."""
    with transaction.atomic():
        rows = list(events.exclude(status=Status.KEPT).select_for_update().defer("body"))
        journal = Journal(Actor.user(by.pk, origin), None)
        for event in rows:
            journal.note("rerun", "webhook", event.pk, before={"status": event.status}, after={"status": "received"})
        WebhookEvent.objects.filter(pk__in=[event.pk for event in rows]).update(
            status=Status.RECEIVED, tries=0, failures=0, observation=None, next_try_at=Now(), last_error=""
        )
        journal.write()
        queue.defer_once("payments.drain_inbox", queue=queue.ASKING)
    return len(rows)
