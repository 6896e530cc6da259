"""Drain the inbox: an event is a hint; what counts is the object's current state at the gateway."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Min, Q, QuerySet
from django.db.models.functions import Now

from payments.gateways.base import Found, Lookup, Missing, Subject, SubjectKind
from payments.models import Discrepancy, GatewayAccount, Observation, WebhookEvent
from payments.operations.breaker import PAUSED, asked_for_now
from payments.operations.looking import NotOurs, look_at
from payments.states.discrepancies import close_discrepancy, open_discrepancy
from payments.states.schedule import check_interval
from payments.transactions import retried

logger = logging.getLogger(__name__)

Status = WebhookEvent.Status
MOST_OBJECTS = 50
CLAIMED_FOR = timedelta(seconds=60)  # longer than any look at an object
MOST_FAILURES = 12  # over about two hours


@dataclass(frozen=True, slots=True)
class Key:
    """The gateway's object that events are about."""

    account_id: int
    kind: str
    gateway_id: str


def drain_inbox() -> int:
    """Process every event whose time has come, one look-up for each gateway object; returns how many events.

    Events of a gateway that is paused wait for its pause to end.
    """
    _settle_parked()
    drained = progress = 0
    while keys := _objects():
        for key in keys:
            events = _claim(key)
            if events:
                _process(key, events)
            progress += len(events)
        if progress == drained:  # what is left is in another drain's hands
            break
        drained = progress
    return drained


def is_waiting() -> bool:
    """Whether there is an event whose time has come, or one that was given up and whose effect has come since."""
    return _due().exists() or _applied_since().exists()


def _settle_parked() -> None:
    """An event that was given up is processed too once the sweep applied what was seen of its object."""
    for event in _applied_since():
        _mark_processed([event])


def _applied_since() -> QuerySet[WebhookEvent]:
    return WebhookEvent.objects.filter(status=Status.PARKED, observation__applied_at__isnull=False).defer("body")


def _due() -> QuerySet[WebhookEvent]:
    return WebhookEvent.objects.filter(asked_for_now("account"), next_try_at__lte=Now())


def _objects() -> list[Key]:
    """Those with events to process, the longest waiting first."""
    waiting = _due().order_by().values_list("account_id", "subject_kind", "subject_id")
    return [Key(*row[:3]) for row in waiting.annotate(first=Min("next_try_at")).order_by("first")[:MOST_OBJECTS]]


@retried
def _claim(key: Key) -> list[WebhookEvent]:
    """Take all the object's events for a minute, just before it is looked at; of several drains one gets them.

    Whoever dies with them leaves them to the next drain.
    """
    with transaction.atomic():
        mine = _due().filter(account_id=key.account_id, subject_kind=key.kind, subject_id=key.gateway_id)
        locked = mine.select_for_update(skip_locked=True, of=("self",)).order_by("pk")
        events = list(locked.defer("body"))
        _rows(events).update(next_try_at=Now() + CLAIMED_FOR, tries=F("tries") + 1)
    return events


def _process(key: Key, events: list[WebhookEvent]) -> None:
    account = GatewayAccount.objects.get(pk=key.account_id)
    try:
        answer = look_at(account, Subject(SubjectKind(key.kind), key.gateway_id), source=Observation.Source.WEBHOOK)
    except NotOurs as error:
        _leave_unmatched(events, str(error))
        return
    except Exception as error:  # the job's outermost edge: one bad object must not keep the others waiting
        logger.exception("webhook_event_failed", extra={"subject": key.gateway_id})
        _try_again_or_park(events, f"{type(error).__name__}: {error}")
        return
    if isinstance(answer, Observation):
        _after_looking(events, answer)
    elif answer is PAUSED:
        _rows(events).update(tries=F("tries") - 1, next_try_at=Now())
    elif isinstance(answer, Missing):
        _leave_unmatched(events, answer.reason)
    else:  # a gateway that cannot be asked is asked for ever, ever more rarely
        _try_later(events, _reason(answer), max(event.tries for event in events) + 1)


def _reason(answer: Lookup) -> str:
    return "found" if isinstance(answer, Found) else answer.reason


def _after_looking(events: list[WebhookEvent], observation: Observation) -> None:
    """An event is processed once what was seen of its object is applied, and not before."""
    observation.refresh_from_db(fields=["applied_at", "apply_error"])
    if observation.applied_at is not None:
        _mark_processed(events)
        return
    _rows(events).update(observation=observation)
    _try_again_or_park(events, observation.apply_error)


def _mark_processed(events: list[WebhookEvent]) -> None:
    """These, and those about the same object that were given up earlier: what is applied is newer than all of them."""
    about = events[0]
    parked = Q(status=Status.PARKED, account=about.account_id, subject_id=about.subject_id)
    given_up = WebhookEvent.objects.filter(parked, subject_kind=about.subject_kind)
    for rows in (_rows(events), given_up):
        rows.update(status=Status.PROCESSED, processed_at=Now(), next_try_at=None, last_error="")
    for kind in (Discrepancy.Kind.PARKED, Discrepancy.Kind.UNMATCHED):
        close_discrepancy(kind, _subject(events), "Processed by a later try.")


def _subject(events: list[WebhookEvent]) -> str:
    """What staff are told about these events under."""
    return f"{events[0].subject_kind}:{events[0].subject_id}"[:100]


def _leave_unmatched(events: list[WebhookEvent], reason: str) -> None:
    """The row may still be on its way, so look again; in the end somebody must say whose it is."""
    _count_failure(events, reason, Discrepancy.Kind.UNMATCHED, Status.UNMATCHED)


def _try_again_or_park(events: list[WebhookEvent], reason: str) -> None:
    _count_failure(events, reason, Discrepancy.Kind.PARKED, Status.RECEIVED)


def _count_failure(events: list[WebhookEvent], reason: str, kind: Discrepancy.Kind, status: Status) -> None:
    """Try again ever more rarely; after enough failures, leave the events to staff, who see them with the reason."""
    failures = max(event.failures for event in events) + 1
    _rows(events).update(failures=F("failures") + 1)
    if failures < MOST_FAILURES:
        _try_later(events, reason, failures, status)
        return
    _rows(events).update(status=Status.PARKED, next_try_at=None, last_error=reason[:500])
    ids = ", ".join(event.event_id for event in events[:5])
    explanation = f"{reason} ({ids}). Mend the cause, then have the events run again from their list."
    open_discrepancy(kind, _subject(events), explanation, None)


def _try_later(events: list[WebhookEvent], reason: str, tries: int, status: Status = Status.RECEIVED) -> None:
    _rows(events).update(status=status, next_try_at=Now() + check_interval(tries - 5), last_error=reason[:500])


def _rows(events: list[WebhookEvent]) -> QuerySet[WebhookEvent]:
    return WebhookEvent.objects.filter(pk__in=[event.pk for event in events])
