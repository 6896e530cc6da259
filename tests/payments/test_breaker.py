"""A gateway that is down is left alone, and asked again by one caller before all the others come."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.test import Client

from payments.gateways.base import LONGEST_WAIT_S, Declined, Refusal, Unknown
from payments.models import GatewayAccount, Payment, WebhookEvent
from payments.operations.breaker import FAILURES_TO_PAUSE, may_call, record
from payments.operations.clock import database_now
from payments.operations.progress import client_secret
from payments.operations.sweeping import ask_about_open_payments, sweep_operations
from payments.webhooks.inbox import drain_inbox
from tests.payments.arrange import age, carried, carry, operation, placed
from tests.payments.scripted import ScriptedGateway, answers, lost, normal, unreachable

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


def test_a_gateway_that_says_when_to_come_back_is_left_alone_by_everybody_until_then(
    account: GatewayAccount, gateway: ScriptedGateway
) -> None:
    gateway.script("open_payment", answers(Unknown("429", retry_after_s=90)))
    first, second = placed(), placed()
    carry(first)
    before = database_now()

    carry(second)

    account.refresh_from_db()
    assert len(gateway.calls) == 1
    assert account.paused_until is not None
    assert timedelta(seconds=80) < account.paused_until - before <= timedelta(seconds=90)
    for payment in (first, second):
        check = operation(payment, "open").next_check_at
        assert check is not None and check - before > timedelta(seconds=80)


def test_what_a_gateway_asked_for_is_not_cut_short_by_calls_that_fail_meanwhile(account: GatewayAccount) -> None:
    record(account, Unknown("429", retry_after_s=90))
    asked_for = GatewayAccount.objects.get().paused_until

    fail(account)

    assert account.paused_until == asked_for


def test_what_a_gateway_asks_for_is_honoured_during_a_shorter_pause(account: GatewayAccount) -> None:
    fail(account, FAILURES_TO_PAUSE + 4)

    record(account, Unknown("429", retry_after_s=600))

    account.refresh_from_db()
    assert account.paused_until is not None
    assert account.paused_until - database_now() > timedelta(seconds=590)


def test_a_success_that_was_on_its_way_does_not_end_what_a_gateway_asked_for(account: GatewayAccount) -> None:
    fail(account, 1)
    record(GatewayAccount.objects.get(), Unknown("429", retry_after_s=600))

    record(account, Declined(Refusal("insufficient_funds", "the bank said no")))

    assert not may_call(GatewayAccount.objects.get(), database_now())


def test_a_gateway_cannot_send_us_away_for_days(account: GatewayAccount) -> None:
    record(account, Unknown("429", retry_after_s=10**9))

    paused_until = GatewayAccount.objects.get().paused_until
    assert paused_until is not None
    assert paused_until - database_now() <= timedelta(seconds=LONGEST_WAIT_S)


def test_what_waits_for_a_paused_gateway_is_neither_swept_nor_asked_nor_counted_as_tried(
    account: GatewayAccount, gateway: ScriptedGateway
) -> None:
    waits, acts = placed(), carried("tok_action")
    body, headers = gateway.webhook("P-1", event_id="e-1")
    Client().post("/payments/webhooks/scripted/", body, content_type="application/json", headers=headers)
    for payment in (waits, acts):
        age(payment, timedelta(minutes=3))
    fail(account)
    looks = len(gateway.looks)

    assert (sweep_operations(), ask_about_open_payments(), drain_inbox()) == (0, 0, 0)

    acts.refresh_from_db()
    assert (len(gateway.looks), acts.checks, WebhookEvent.objects.get().tries) == (looks, 0, 0)
    GatewayAccount.objects.update(paused_until=None)
    assert (sweep_operations(), ask_about_open_payments(), drain_inbox()) == (2, 1, 1)


def test_an_operation_that_is_too_late_to_send_is_swept_even_while_the_gateway_is_paused(
    account: GatewayAccount, gateway: ScriptedGateway
) -> None:
    payment = placed()
    fail(account)
    age(payment, timedelta(minutes=20))

    assert sweep_operations() == 2


def test_shoppers_pages_that_wait_for_a_slow_gateway_leave_the_other_threads_alone(gateway: ScriptedGateway) -> None:
    payment = carried("tok_action")
    asking, answer = threading.Barrier(3), threading.Event()

    def wait_for_an_answer() -> None:
        asking.wait(timeout=10)
        answer.wait(timeout=10)

    gateway.script("client_secret", normal(before=wait_for_an_answer), normal(before=wait_for_an_answer))
    told: list[str | None] = []
    pages = [threading.Thread(target=lambda: told.append(client_secret(payment))) for _ in range(2)]
    for page in pages:
        page.start()
    asking.wait(timeout=10)

    third = client_secret(payment)

    answer.set()
    for page in pages:
        page.join()
    assert (told, third) == (["P-1-secret", "P-1-secret"], None)


def test_orders_are_taken_and_recover_one_probe_first_when_the_gateway_comes_back(
    account: GatewayAccount, gateway: ScriptedGateway
) -> None:
    fail(account)
    payments = [placed() for _ in range(5)]
    for payment in payments:
        carry(payment)
    assert gateway.calls == []
    GatewayAccount.objects.update(paused_until=database_now() - timedelta(seconds=1))
    probes = []

    def while_the_probe_waits() -> None:
        for payment in payments[1:]:
            carry(payment)
        probes.append(len(gateway.calls))

    gateway.script("open_payment", normal(before=while_the_probe_waits))
    for payment in payments:
        carry(payment)

    assert probes == [1]
    assert {payment.status for payment in payments} == {"succeeded"}
    assert gateway.successful_charges == 5


def test_a_shopper_can_act_as_soon_as_the_pause_is_over(gateway: ScriptedGateway) -> None:
    payment = carried("tok_action")
    GatewayAccount.objects.update(paused_until=database_now() - timedelta(seconds=1))

    assert client_secret(Payment.objects.select_related("account").get(pk=payment.pk)) == "P-1-secret"


def test_a_shoppers_page_does_not_wait_for_a_paused_gateway(account: GatewayAccount, gateway: ScriptedGateway) -> None:
    payment = carried("tok_action")
    assert client_secret(payment) == "P-1-secret"
    fail(account)
    payment.account.refresh_from_db()

    assert client_secret(payment) is None
