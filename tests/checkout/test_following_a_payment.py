"""What becomes of an order, its stock and its shopper as the payment goes on."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest
from django.core import mail
from pytest_django.fixtures import Settings

from catalog.models import Stock, Variant
from checkout.models import Cart, Order, OrderEmail
from checkout.operations.emails import send_email, sweep_emails
from checkout.operations.remind import remind
from payments.gateways.base import Subject, SubjectKind
from payments.money import Money
from payments.operations.capturing import void
from payments.operations.looking import look_at, look_at_payment
from payments.operations.refunding import refund
from tests.catalog.factories import shelved
from tests.checkout.ordering import carried_order
from tests.checkout.shopper import Shopper, payment_of
from tests.payments.arrange import age, carry
from tests.payments.people import staff
from tests.payments.queued import jobs
from tests.payments.scripted import ScriptedGateway, lost, replays_an_error, unsent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("standard_shipping")]


CONFIRMING = "We are still confirming your payment; you will not be charged twice."


@pytest.fixture
def mug(gateway: ScriptedGateway) -> Variant:
    return shelved(3)


def status_of(order: Order) -> dict[str, str]:
    response = Shopper().client.get(f"/orders/{order.public_id}/status.json")
    assert (response.status_code, response["Cache-Control"]) == (200, "no-store")
    answer: dict[str, str] = json.loads(response.content)
    return answer


def page_of(order: Order) -> str:
    return Shopper().client.get(order.get_absolute_url()).content.decode()


def shelf(variant: Variant) -> tuple[int, int]:
    stock = Stock.objects.get(variant=variant)
    return stock.on_hand, stock.reserved


def test_a_paid_order_is_confirmed_its_stock_sold_and_one_receipt_written(mug: Variant) -> None:
    order = carried_order(mug)
    order.refresh_from_db()

    assert order.status == "confirmed"
    assert shelf(mug) == (2, 0)
    assert order.emails.get().kind == "receipt"
    assert status_of(order)["state"] == "paid"
    assert "<h1>Thank you" in page_of(order)


def test_before_a_worker_comes_the_order_is_pending(mug: Variant) -> None:
    shopper = Shopper()
    shopper.adds(mug)
    shopper.pays()

    assert status_of(Order.objects.get())["state"] == "pending"


def test_an_unknown_outcome_is_told_as_such_and_cannot_be_paid_again(mug: Variant, gateway: ScriptedGateway) -> None:
    gateway.script("confirm", lost())
    shopper = Shopper()
    order = shopper.buys(mug)

    assert status_of(order) == {"state": "confirming", "message": CONFIRMING}
    page = page_of(order)
    assert f'id="status-message">{CONFIRMING}</p>' in page
    assert '<p id="close-hint" >' in page

    url = f"/orders/{order.public_id}/pay"
    answer = shopper.client.post(url, {"request_id": uuid.uuid4(), "confirmation_token": "tok_ok"})

    assert (answer.status_code, answer["Location"]) == (303, order.get_absolute_url())
    assert payment_of(order).attempts.count() == 1


def test_whoever_left_an_unknown_outcome_gets_the_receipt_when_it_is_known(
    mug: Variant, gateway: ScriptedGateway
) -> None:
    gateway.script("confirm", lost())
    order = carried_order(mug)
    assert not order.emails.exists()

    carry(payment_of(order))

    assert [email.kind for email in order.emails.all()] == ["receipt"]
    assert gateway.successful_charges == 1


def test_whoever_left_an_unknown_outcome_is_told_when_nothing_was_charged(
    mug: Variant, gateway: ScriptedGateway
) -> None:
    gateway.script("confirm", replays_an_error())
    order = carried_order(mug)

    carry(payment_of(order))

    email = order.emails.get()
    send_email(email.pk)
    order.refresh_from_db()
    assert (order.status, email.kind, gateway.successful_charges) == ("cancelled", "ended", 0)
    assert "nothing was charged" in mail.outbox[-1].body
    assert order.get_absolute_url() in mail.outbox[-1].body


def test_a_page_that_is_only_pending_does_not_send_the_shopper_away(mug: Variant) -> None:
    shopper = Shopper()
    shopper.adds(mug)
    shopper.pays()

    assert '<p id="close-hint" hidden>' in page_of(Order.objects.get())


def test_a_declined_order_can_be_paid_with_another_card(mug: Variant, gateway: ScriptedGateway) -> None:
    shopper = Shopper()
    order = shopper.buys(mug, "tok_declined")
    assert status_of(order)["state"] == "declined"
    assert 'name="confirmation_token"' in page_of(order)
    assert shelf(mug) == (3, 1)

    wish = {"request_id": uuid.uuid4(), "confirmation_token": "tok_ok"}
    for _ in range(2):
        shopper.client.post(f"/orders/{order.public_id}/pay", wish)
    carry(payment_of(order))

    assert status_of(order)["state"] == "paid"
    assert gateway.successful_charges == 1
    assert payment_of(order).attempts.count() == 2


def test_why_a_bank_declined_is_never_told_by_its_code(mug: Variant) -> None:
    order = carried_order(mug, "tok_declined")

    assert "insufficient_funds" not in page_of(order) + json.dumps(status_of(order))


def test_the_client_secret_is_given_only_while_the_shopper_must_act(mug: Variant, gateway: ScriptedGateway) -> None:
    order = carried_order(mug, "tok_action")
    waiting = status_of(order)
    assert (waiting["state"], waiting["client_secret"]) == ("requires_action", "P-1-secret")
    assert "P-1-secret" not in page_of(order)

    gateway.complete_action("P-1")
    look_at_payment(payment_of(order))

    done = status_of(order)
    assert (done["state"], "client_secret" in done) == ("paid", False)


def test_the_banks_return_needs_no_cookie_and_drops_what_it_appends(mug: Variant) -> None:
    order = carried_order(mug, "tok_action")

    answer = Shopper().client.get(f"/orders/{order.public_id}/return?payment_intent_client_secret=x&redirect_status=ok")

    assert (answer.status_code, answer["Location"]) == (303, order.get_absolute_url())


def test_an_unknown_order_is_not_found(gateway: ScriptedGateway) -> None:
    for path in ("", "status.json", "return"):
        assert Shopper().client.get(f"/orders/{uuid.uuid4()}/{path}").status_code == 404


def test_the_order_page_is_kept_out_of_caches_and_search_engines(mug: Variant) -> None:
    answer = Shopper().client.get(carried_order(mug).get_absolute_url())

    assert "no-store" in answer["Cache-Control"]
    assert "noindex" in answer["X-Robots-Tag"]


def test_an_order_whose_payment_ends_frees_its_stock_and_can_be_started_again(
    mug: Variant, gateway: ScriptedGateway
) -> None:
    shopper = Shopper()
    order = shopper.buys(mug, "tok_action")
    gateway.expire("P-1")
    look_at_payment(payment_of(order))
    order.refresh_from_db()
    assert (order.status, shelf(mug)) == ("cancelled", (3, 0))
    assert status_of(order)["state"] == "expired"

    shopper.client.post(f"/orders/{order.public_id}/start-again")

    assert Cart.objects.get().lines.get().variant == mug


def test_money_that_comes_after_all_revives_the_order_while_there_is_stock(
    mug: Variant, gateway: ScriptedGateway
) -> None:
    order = carried_order(mug, "tok_action")
    gateway.expire("P-1")
    look_at_payment(payment_of(order))
    gateway._take_money(gateway.payments["P-1"])

    look_at_payment(payment_of(order))
    order.refresh_from_db()

    assert (order.status, shelf(mug)) == ("confirmed", (2, 0))
    assert order.emails.filter(kind="receipt").count() == 1


def test_money_that_comes_after_the_stock_is_gone_goes_to_staff(late: Order, last: Variant) -> None:
    assert (late.status, shelf(last)) == ("needs_attention", (0, 0))
    assert payment_of(late).status == "succeeded"


def test_a_void_of_an_authorized_order_puts_its_goods_back(
    mug: Variant, gateway: ScriptedGateway, settings: Settings
) -> None:
    settings.CAPTURE_METHOD = "manual"
    order = carried_order(mug)
    assert status_of(order)["state"] == "paid"
    assert shelf(mug) == (2, 0)

    void(payment_of(order), by=staff())
    carry(payment_of(order))
    order.refresh_from_db()

    assert (order.status, shelf(mug)) == ("cancelled", (3, 0))
    assert [email.kind for email in order.emails.all()] == ["receipt", "ended"]


@pytest.mark.parametrize(("amount", "state"), [(100, "partially_refunded"), (1720, "refunded")])
def test_a_refund_is_seen_by_the_shopper_and_told_by_mail(mug: Variant, amount: int, state: str) -> None:
    order = carried_order(mug)
    payment = payment_of(order)
    refund(payment, Money(amount, "EUR"), reason="", by=staff(), request_id=uuid.uuid4())
    carry(payment)

    assert status_of(order)["state"] == state
    assert "Refunds" in page_of(order)
    assert order.emails.filter(kind="refund").count() == 1


def test_a_shopper_who_was_charged_twice_is_told_that_the_second_charge_was_sent_back(
    mug: Variant, gateway: ScriptedGateway
) -> None:
    order = carried_order(mug)
    payment = payment_of(order)
    second = gateway.charge_again("P-1")
    look_at(payment.account, Subject(SubjectKind.PAYMENT, second), source="webhook")
    carry(payment)

    assert status_of(order)["state"] == "paid"
    assert "Refunds" not in page_of(order)
    email = order.emails.get(kind="surplus")
    send_email(email.pk)
    assert "charged a second time" in mail.outbox[-1].body
    assert "17.20" in mail.outbox[-1].body


def test_an_email_is_sent_once_however_often_its_job_runs(mug: Variant) -> None:
    order = carried_order(mug)
    email = order.emails.get()

    assert [send_email(email.pk), send_email(email.pk)] == [True, False]

    (message,) = mail.outbox
    assert message.to == ["ada@example.com"]
    assert order.number in message.subject
    assert "17.20" in message.body
    assert order.get_absolute_url() in message.body


def test_an_email_whose_job_was_lost_is_found(mug: Variant) -> None:
    order = carried_order(mug)
    before = len(jobs())
    assert sweep_emails() == 0
    OrderEmail.objects.update(next_try_at="2020-01-01T00:00Z")

    assert (sweep_emails(), sweep_emails()) == (1, 0)

    assert jobs()[before:] == [("checkout.send_email", {"email_id": order.emails.get().pk})]


@pytest.mark.parametrize(("token", "mails"), [("tok_action", 1), ("tok_declined", 1), ("tok_ok", 0)])
def test_whoever_leaves_before_the_end_gets_one_link_to_it(mug: Variant, token: str, mails: int) -> None:
    order = carried_order(mug, token)

    for _ in range(2):
        remind(order.pk)

    assert order.emails.filter(kind="finish").count() == mails


def test_a_payment_that_never_left_can_be_paid_again(mug: Variant, gateway: ScriptedGateway) -> None:
    gateway.script("open_payment", unsent())
    shopper = Shopper()
    shopper.adds(mug)
    shopper.pays()
    order = Order.objects.get()
    age(payment_of(order), timedelta(minutes=20))
    carry(payment_of(order))

    assert status_of(order)["state"] == "declined"
    assert "could not be reached, so nothing was charged" in page_of(order)
