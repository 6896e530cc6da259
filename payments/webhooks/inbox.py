"""Drain the inbox: an event is a hint; what counts is the object's current state at the gateway."""

from __future__ import annotations

import logging
from collections import defaultdict
from datetime import timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from payments.gateways.base import Found, Lookup, Missing, Subject, SubjectKind
from payments.models import Discrepancy, GatewayAccount, Observation, WebhookEvent
from payments.operations.looking import NotOurs, look_at
from payments.states.discrepancies import open_discrepancy
from payments.states.schedule import check_interval
from payments.transactions import retried

logger = logging.getLogger(__name__)

Status = WebhookEvent.Status
Key = tuple[int, str, str]

BATCH = 500
CLAIMED_FOR = timedelta(seconds=60)
MOST_TRIES = 12  # over about two hours


def drain_inbox() -> int:
    """Process every event whose time has come, one look-up for each gateway object; returns how many events."""
    drained = 0
    while events := _claim():
        for key, group in _by_object(events).items():
            _process(key, group)
        drained += len(events)
    return drained


@retried
def _claim() -> list[WebhookEvent]:
    """Take a batch for a minute; whoever dies with it leaves it to the next drain."""
    with transaction.atomic():
        due = WebhookEvent.objects.filter(next_try_at__lte=Now()).select_for_update(skip_locked=True)
        events = list(due.order_by("next_try_at").defer("body")[:BATCH])
        taken = WebhookEvent.objects.filter(pk__in=[event.pk for event in events])
        taken.update(next_try_at=Now() + CLAIMED_FOR, tries=F("tries") + 1)
    return events


def _by_object(events: list[WebhookEvent]) -> dict[Key, list[WebhookEvent]]:
    groups: dict[Key, list[WebhookEvent]] = defaultdict(list)
    for event in events:
        groups[event.account_id, event.subject_kind, event.subject_id].append(event)
    return groups


def _process(key: Key, events: list[WebhookEvent]) -> None:
    account_id, kind, subject_id = key
    account = GatewayAccount.objects.get(pk=account_id)
    try:
        answer = look_at(account, Subject(SubjectKind(kind), subject_id), source=Observation.Source.WEBHOOK)
    except NotOurs as error:
        _leave_unmatched(events, str(error))
        return
    except Exception as error:  # the job's outermost edge: one bad object must not keep the others waiting
        logger.exception("webhook_event_failed", extra={"subject": subject_id})
        _try_again_or_park(events, f"{type(error).__name__}: {error}")
        return
    if isinstance(answer, Observation):
        _after_looking(events, answer)
    elif isinstance(answer, Missing):
        _leave_unmatched(events, answer.reason)
    else:
        _try_later(events, _reason(answer))


def _reason(answer: Lookup) -> str:
    return "found" if isinstance(answer, Found) else answer.reason


def _after_looking(events: list[WebhookEvent], observation: Observation) -> None:
    """An event is processed once what was seen of its object is applied, and not before."""
    observation.refresh_from_db(fields=["applied_at", "apply_error"])
    if observation.applied_at is None:
        _try_again_or_park(events, observation.apply_error)
        return
    _rows(events).update(status=Status.PROCESSED, processed_at=Now(), next_try_at=None, last_error="")


def _leave_unmatched(events: list[WebhookEvent], reason: str) -> None:
    """The row may still be on its way, so look again; in the end somebody must say whose it is."""
    if not _park(events, Discrepancy.Kind.UNMATCHED, reason):
        _try_later(events, reason, status=Status.UNMATCHED)


def _try_again_or_park(events: list[WebhookEvent], reason: str) -> None:
    if not _park(events, Discrepancy.Kind.PARKED, reason):
        _try_later(events, reason)


def _park(events: list[WebhookEvent], kind: Discrepancy.Kind, reason: str) -> bool:
    """After enough tries, leave the events to staff, who see them with the reason. False while there are tries left."""
    if _tries(events) < MOST_TRIES:
        return False
    _rows(events).update(status=Status.PARKED, next_try_at=None, last_error=reason[:500])
    ids = ", ".join(event.event_id for event in events[:5])
    explanation = f"{reason} ({ids}). Mend the cause, then have the events run again from their list."
    open_discrepancy(kind, f"{events[0].subject_kind}:{events[0].subject_id}"[:100], explanation, None)
    return True


def _try_later(events: list[WebhookEvent], reason: str, status: Status = Status.RECEIVED) -> None:
    """A gateway that cannot be asked is asked for ever, ever more rarely."""
    interval = check_interval(_tries(events) - 5)
    _rows(events).update(status=status, next_try_at=Now() + interval, last_error=reason[:500])


def _tries(events: list[WebhookEvent]) -> int:
    """How often the most tried of them was tried, this time included."""
    return max(event.tries for event in events) + 1


def _rows(events: list[WebhookEvent]) -> QuerySet[WebhookEvent]:
    return WebhookEvent.objects.filter(pk__in=[event.pk for event in events])
