"""A gateway that is down is left alone, and asked again by one caller before all the others come."""

from __future__ import annotations

from datetime import timedelta

import pytest

from payments.gateways.base import Declined, Refusal, Unknown
from payments.models import GatewayAccount
from payments.operations.breaker import FAILURES_TO_PAUSE, may_call, record
from payments.operations.clock import database_now
from payments.operations.progress import client_secret
from tests.payments.arrange import age, carried, carry, operation, placed
from tests.payments.scripted import ScriptedGateway, lost, unreachable

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def account(gateway: ScriptedGateway) -> GatewayAccount:
    return GatewayAccount.objects.current()


def fail(account: GatewayAccount, times: int = FAILURES_TO_PAUSE) -> None:
    for _ in range(times):
        record(account, Unknown("timed out"))
    account.refresh_from_db()


def test_a_few_failures_do_not_pause_and_a_success_forgets_them(account: GatewayAccount) -> None:
    fail(account, FAILURES_TO_PAUSE - 1)
    assert may_call(account, database_now())

    record(account, Declined(Refusal("insufficient_funds", "the bank said no")))
    account.refresh_from_db()

    assert account.failures == 0


def test_failures_in_a_row_pause_the_gateway_for_every_worker(account: GatewayAccount) -> None:
    fail(account)

    assert account.paused_until is not None
    assert not may_call(account, database_now())


def test_after_the_pause_one_caller_probes_and_the_others_wait(account: GatewayAccount) -> None:
    fail(account)
    GatewayAccount.objects.update(paused_until=database_now() - timedelta(seconds=1))
    account.refresh_from_db()

    told = [may_call(account, database_now()) for _ in range(5)]

    assert told == [True, False, False, False, False]


def test_a_probe_that_succeeds_opens_the_way_and_one_that_fails_pauses_longer(account: GatewayAccount) -> None:
    fail(account)
    first = account.paused_until
    fail(account, 3)
    assert first and account.paused_until and account.paused_until > first

    record(account, Declined(Refusal("insufficient_funds", "the bank said no")))
    opened = GatewayAccount.objects.get(pk=account.pk)

    assert (opened.failures, opened.paused_until) == (0, None)


def test_while_paused_nothing_is_sent_and_the_operation_waits_as_it_was(
    account: GatewayAccount, gateway: ScriptedGateway
) -> None:
    payment = placed()
    fail(account)

    carry(payment)

    opening = operation(payment, "open")
    assert gateway.calls == []
    assert (opening.status, opening.lease) == ("created", 0)
    assert opening.next_check_at is not None
    assert account.paused_until is not None
    assert opening.next_check_at > account.paused_until


def test_while_paused_an_order_that_waits_too_long_is_still_closed_as_not_sent(
    account: GatewayAccount, gateway: ScriptedGateway
) -> None:
    payment = placed()
    fail(account)
    age(payment, timedelta(minutes=20))

    carry(payment)

    assert payment.status == "requires_payment_method"


def test_a_gateway_that_goes_down_is_paused_by_the_operations_themselves(gateway: ScriptedGateway) -> None:
    gateway.script("open_payment", *[unreachable()] * 3, *[lost()] * 20)
    for _ in range(FAILURES_TO_PAUSE + 3):
        carried()

    assert len(gateway.calls) == FAILURES_TO_PAUSE
    assert GatewayAccount.objects.current().paused_until is not None


def test_a_shoppers_page_does_not_wait_for_a_paused_gateway(account: GatewayAccount, gateway: ScriptedGateway) -> None:
    payment = carried("tok_action")
    assert client_secret(payment) == "P-1-secret"
    fail(account)
    payment.account.refresh_from_db()

    assert client_secret(payment) is None
