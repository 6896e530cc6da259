"""A circuit breaker that all workers share: a gateway that is down is not asked by everybody, all the time.

It stands in the account's row, which every call has read anyway. After five failures in a row the account is paused;
when the pause is over one caller probes, the others wait for its result. Pauses double up to a minute. A gateway that
says itself for how long to stay away is left alone by everybody for so long, at once.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.db.models.functions import Greatest, Now

from payments.gateways.base import LONGEST_WAIT_S, Answer, DefinitelyNotSent, ListedEvent, Lookup, Unknown
from payments.gateways.settlement import BalanceSeen, BalanceTransactionSeen, Page, PayoutSeen
from payments.models import GatewayAccount
from payments.models.account import of_served_accounts

Listed = Page[BalanceTransactionSeen] | Page[PayoutSeen] | Page[ListedEvent]
Reply = Answer | Lookup | Listed | BalanceSeen

PAUSED = DefinitelyNotSent("the gateway is paused")

FAILURES_TO_PAUSE = 5
PAUSE_FIRST_S, PAUSE_MOST_S = 5.0, 60.0
PROBE_FOR = timedelta(seconds=30)
SPREAD_S = 20.0


def may_call(account: GatewayAccount, now: datetime) -> bool:
    """Whether the gateway may be called now; of those who ask when a pause is over, one is told so.

    Never with the keys of the account's other mode.
    """
    if not account.is_served:
        return False
    if account.paused_until is None:
        return True
    if account.is_paused_at(now):
        return False
    paused = GatewayAccount.objects.filter(pk=account.pk, paused_until=account.paused_until)
    if not paused.update(paused_until=now + PROBE_FOR):
        return False
    account.paused_until = now + PROBE_FOR
    return True


def record(account: GatewayAccount, answer: Reply) -> None:
    """Learn from an answer: anything that proves the gateway to be there ends the pause that the caller knew of."""
    if isinstance(answer, (Unknown, DefinitelyNotSent)) and answer.retry_after_s:
        _leave_alone(account, min(answer.retry_after_s, LONGEST_WAIT_S))
    elif _is_failure(answer):
        _count_failure(account)
    elif account.failures or account.paused_until:
        known = GatewayAccount.objects.filter(pk=account.pk, paused_until=account.paused_until)
        known.update(failures=0, paused_until=None)
        account.failures, account.paused_until = 0, None


def resume_after(account: GatewayAccount, now: datetime) -> timedelta:
    """How long a waiting job stays away: until the pause is over, spread so that they do not all come at once."""
    left = (account.paused_until - now).total_seconds() if account.paused_until else 0.0
    return timedelta(seconds=max(left, 0.0) + random.uniform(0.5, SPREAD_S))


def asked_for_now(account: str) -> Q:
    """Rows whose account, at this path, has its keys here and is not paused.

    Skips none for long for a pause: each ends, and then all are due. What has no keys stays as it is until it has.
    """
    not_paused = Q(**{f"{account}__paused_until": None}) | Q(**{f"{account}__paused_until__lte": Now()})
    return of_served_accounts(account) & not_paused


def _is_failure(answer: Reply) -> bool:
    if isinstance(answer, Unknown):
        return not answer.replayed
    return isinstance(answer, DefinitelyNotSent)


def _count_failure(account: GatewayAccount) -> None:
    rows = GatewayAccount.objects.filter(pk=account.pk)
    rows.update(failures=F("failures") + 1)
    failures = rows.values_list("failures", flat=True).get()
    if failures >= FAILURES_TO_PAUSE:
        pause = min(PAUSE_FIRST_S * 2 ** min(failures - FAILURES_TO_PAUSE, 10), PAUSE_MOST_S)
        _pause(account, random.uniform(pause / 2, pause))


def _leave_alone(account: GatewayAccount, seconds: float) -> None:
    """For as long as the gateway asked for, however short a pause is going on."""
    until = Greatest("paused_until", Now() + timedelta(seconds=seconds))  # PostgreSQL's leaves NULL out
    GatewayAccount.objects.filter(pk=account.pk).update(paused_until=until)


def _pause(account: GatewayAccount, seconds: float) -> None:
    """Takes the place of a probe's pause, and leaves one that goes on for longer than any probe."""
    ends_soon = Q(paused_until=None) | Q(paused_until__lte=Now() + PROBE_FOR)
    GatewayAccount.objects.filter(ends_soon, pk=account.pk).update(paused_until=Now() + timedelta(seconds=seconds))
