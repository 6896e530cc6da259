"""Put before staff what a comparison finds, for as long as it finds it; what a person decided stays decided."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction
from django.db.models.functions import Now

from payments.models import Discrepancy, GatewayAccount
from payments.states.discrepancies import open_discrepancy

logger = logging.getLogger(__name__)

KIND = Discrepancy.Kind.SETTLEMENT
GONE = "No longer there: looked for later, it was not found."


class Topic(StrEnum):
    """What is compared: the beginning of each subject. The first three come up while it is brought in and booked."""

    UNREAD_MOVEMENT = "unread"
    UNREAD_PAYOUT = "unread-payout"
    BOOKING = "booking"
    MOVEMENT = "movement"
    CLEARING = "clearing"
    LEDGER = "ledger"
    BALANCE = "balance"


@dataclass(frozen=True, slots=True)
class Difference:
    """`name` tells it from others of its topic. By `amount`, in minor units, the books differ: the same amount is the
    same difference, however it is explained.
    """

    topic: Topic
    name: str
    amount: int
    explanation: str


def put_before_staff(account: GatewayAccount, differences: Sequence[Difference], compared: Collection[Topic]) -> None:
    """Open what is new, tell what changed, and close what is no longer found among the topics that were compared."""
    found = {_subject_of(account, difference) for difference in differences}
    for difference in differences:
        _tell(_subject_of(account, difference), difference)
    for topic in compared:
        _close_others(f"{account.pk}:{topic}:", found)


def is_open(account: GatewayAccount, topic: Topic) -> bool:
    """Whether something of this topic waits for staff."""
    beginning = f"{account.pk}:{topic}:"
    return Discrepancy.objects.filter(kind=KIND, subject__startswith=beginning, resolved_at=None).exists()


def is_closed_by_a_person(account_id: int, topic: Topic, name: str, amount: int) -> bool:
    """Whether staff closed what they were told of this, by this amount: what closed itself has lost its amount."""
    told = Discrepancy.objects.filter(kind=KIND, subject=_subject(account_id, topic, name), amount=amount)
    return told.exclude(resolved_at=None).exists()


def _subject_of(account: GatewayAccount, difference: Difference) -> str:
    return _subject(account.pk, difference.topic, difference.name)


def _subject(account_id: int, topic: Topic, name: str) -> str:
    return f"{account_id}:{topic}:{name}"[:100]


def _tell(subject: str, difference: Difference) -> None:
    with transaction.atomic():
        rows = Discrepancy.objects.filter(kind=KIND, subject=subject)
        words = {"explanation": difference.explanation, "amount": difference.amount}
        if rows.filter(resolved_at=None).update(**words) or rows.filter(amount=difference.amount).exists():
            return
        rows.update(amount=None)  # what was decided about another amount says nothing about this one
        open_discrepancy(KIND, subject, difference.explanation, None, difference.amount)


def _close_others(beginning: str, found: Collection[str]) -> None:
    """A decision about what is gone ends too: should the same amount be missing again, it is news."""
    gone = Discrepancy.objects.filter(kind=KIND, subject__startswith=beginning).exclude(subject__in=found)
    closed = gone.filter(resolved_at=None).update(resolved_at=Now(), resolution=GONE, amount=None)
    gone.exclude(amount=None).update(amount=None)
    if closed:
        logger.info("differences_gone", extra={"subject": beginning, "count": closed})
