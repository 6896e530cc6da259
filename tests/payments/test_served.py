"""A gateway's test and live account each have a row, and we have the keys of one: they never speak for the other."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.test import Client

from payments.gateways.settlement import MovementKind
from payments.ledger.verification import account_sums
from payments.models import Discrepancy, GatewayAccount, Operation, Payment, WebhookEvent
from payments.models.account import KeysOfAnotherMode
from payments.money import Money
from payments.operations.comparison import compare_all
from payments.operations.deciding import NotDecidable, record_done
from payments.operations.progress import client_secret
from payments.operations.refunding import refund
from payments.operations.settlement import settle_all
from payments.operations.submit import submit
from payments.operations.sweeping import ask_about_open_payments, sweep_operations
from payments.webhooks.inbox import drain_inbox
from payments.webhooks.replay import replay_events
from tests.payments.arrange import age, carried, carry, operation
from tests.payments.people import staff
from tests.payments.scripted import ScriptedGateway, lost, unsent

pytestmark = pytest.mark.django_db(transaction=True)


def eur(amount: int) -> Money:
    return Money(amount, "EUR")


def go_live(gateway: ScriptedGateway) -> None:
    """The shop gets its live keys; the row of the test account stays."""
    gateway.live = True
    GatewayAccount.objects.current()


def back_to_test(gateway: ScriptedGateway) -> None:
    gateway.live = False


@pytest.fixture
def acting(gateway: ScriptedGateway) -> Payment:
    """A payment of the test account that waits for its shopper, at a shop that has live keys by now."""
    payment = carried("tok_action")
    age(payment, timedelta(days=1))
    go_live(gateway)
    payment.refresh_from_db()
    del gateway.looks[:]
    return payment


def test_what_one_account_settled_is_booked_once(gateway: ScriptedGateway) -> None:
    paid = carried("tok_ok")
    gateway.settle_movement(MovementKind.CHARGE, paid.last_charge_id, eur(4200), fee=88)
    settle_all()
    go_live(gateway)
    gateway.settle_movement(MovementKind.PAYOUT, "PO-1", eur(-5000))

    settle_all()

    sums = {account: amount for _, account, amount in account_sums()}
    assert (sums["settlement"], sums["payouts"]) == (4112 - 5000, 5000)


def test_only_the_account_whose_keys_we_have_is_compared(gateway: ScriptedGateway) -> None:
    carried("tok_ok")
    go_live(gateway)

    assert len(compare_all()) == 1


def test_only_the_list_of_the_account_whose_keys_we_have_is_read(gateway: ScriptedGateway) -> None:
    carried("tok_ok")
    go_live(gateway)

    replay_events()

    read = GatewayAccount.objects.exclude(events_listed_until=None)
    assert [account.mode for account in read] == [GatewayAccount.Mode.LIVE]


def test_an_open_payment_of_the_other_mode_is_not_asked_about_and_stays_as_it_is(
    acting: Payment, gateway: ScriptedGateway
) -> None:
    assert ask_about_open_payments() == 0

    acting.refresh_from_db()
    assert (acting.status, gateway.looks) == ("requires_action", [])
    assert not Discrepancy.objects.exists()

    back_to_test(gateway)
    assert ask_about_open_payments() == 1


def test_an_outcome_of_the_other_mode_stays_unknown_and_is_not_asked_for(gateway: ScriptedGateway) -> None:
    gateway.script("confirm", lost())
    payment = carried("tok_ok")
    age(payment, timedelta(days=1))
    go_live(gateway)
    del gateway.looks[:], gateway.calls[:]

    assert sweep_operations() == 0
    carry(payment)

    assert (operation(payment, "sale").status, gateway.looks, gateway.calls) == ("unknown", [], [])

    back_to_test(gateway)
    carry(payment)
    assert payment.status == "succeeded"


def test_a_write_for_the_other_mode_is_not_sent_and_closed_when_it_is_too_late(gateway: ScriptedGateway) -> None:
    paid = carried("tok_ok")
    go_live(gateway)
    wish = refund(paid, eur(1200), reason="", by=staff(), request_id=uuid.uuid4())
    submit(wish.operations.get().pk)
    assert operation(paid, "refund").status == "created"

    age(paid, timedelta(days=3))
    carry(paid)

    wish.refresh_from_db()
    assert (wish.status, paid.left, gateway.refunds) == ("failed", eur(4200), {})


def test_events_of_the_other_mode_wait_for_its_keys(acting: Payment, gateway: ScriptedGateway) -> None:
    back_to_test(gateway)
    body, headers = gateway.webhook("P-1", event_id="e-1")
    Client().post("/payments/webhooks/scripted/", body, content_type="application/json", headers=headers)
    go_live(gateway)

    assert drain_inbox() == 0

    event = WebhookEvent.objects.get()
    assert (event.status, event.tries, gateway.looks) == ("received", 0, [])

    back_to_test(gateway)
    assert drain_inbox() == 1


def test_a_shopper_gets_no_secret_of_the_other_modes_object(acting: Payment) -> None:
    assert client_secret(acting) is None


def test_what_a_person_found_is_not_fetched_with_the_other_modes_keys(gateway: ScriptedGateway) -> None:
    paid = carried("tok_ok")
    gateway.script("refund", unsent())
    refund(paid, eur(1200), reason="", by=staff(), request_id=uuid.uuid4())
    carry(paid)
    go_live(gateway)

    with pytest.raises(NotDecidable, match="keys are of another mode"):
        record_done(Operation.objects.get(kind="refund"), "R-1", note="found", by=staff())


def test_no_adapter_is_given_for_an_account_without_its_keys(acting: Payment) -> None:
    with pytest.raises(KeysOfAnotherMode, match=r"scripted \(test\)"):
        _ = acting.account.adapter
