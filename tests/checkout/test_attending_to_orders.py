"""Staff move on orders whose money came after their goods were gone, and mark orders as fulfilled."""

from __future__ import annotations

import html
import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.db.models.functions import Now
from django.http import HttpResponse
from django.test import Client
from django.utils.formats import date_format
from pytest_django.fixtures import Settings

from catalog.models import StockMovement, Variant
from checkout.models import Order
from checkout.operations.attend import NotPossible, keep
from payments.admin import confirming
from payments.audit.sealing import seal_pending
from payments.audit.verification import verify_audit
from payments.gateways.base import DisputeState, Subject, SubjectKind
from payments.models import AuditEntry, Discrepancy, Payment
from payments.money import Money
from payments.operations.looking import look_at, look_at_payment
from payments.operations.refunding import refund
from tests.catalog.factories import receive, shelved
from tests.checkout.shopper import Shopper, payment_of
from tests.payments.arrange import carry
from tests.payments.people import staff
from tests.payments.scripted import ScriptedGateway

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response  # what django-stubs calls a test's answer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("standard_shipping")]

CLERK = ("keep_order", "cancel_order", "fulfil_order")
TOTAL = 1720  # the mug and its shipping


@pytest.fixture
def last(gateway: ScriptedGateway) -> Variant:
    """A mug of which there is one."""
    return shelved(1)


@pytest.fixture
def late(last: Variant, gateway: ScriptedGateway) -> Order:
    """An order whose money came after it was given up and its only mug was sold to another."""
    order = Shopper().buys(last, "tok_action")
    gateway.expire("P-1")
    look_at_payment(payment_of(order))
    Shopper().buys(last)
    gateway._take_money(gateway.payments["P-1"])
    look_at_payment(payment_of(order))
    return now(order, "needs_attention")


def now(order: Order, status: str) -> Order:
    order.refresh_from_db()
    assert order.status == status
    return order


def desk(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def page_of(order: Order, move: str = "change", *permissions: str) -> str:
    response = desk(staff(*(permissions or CLERK))).get(f"/admin/checkout/order/{order.pk}/{move}/")
    assert response.status_code == 200
    return html.unescape(response.content.decode())


def confirm(order: Order, move: str, user: User | None = None) -> HttpResponse:
    response = desk(user or staff(*CLERK)).post(f"/admin/checkout/order/{order.pk}/{move}/", {"confirmed": "yes"})
    assert isinstance(response, HttpResponse)
    return response


def told(response: HttpResponse | Response) -> str:
    return html.unescape(response.content.decode())


def shelf(variant: Variant) -> tuple[int, int]:
    variant.refresh_from_db()
    return variant.stock.on_hand, variant.stock.reserved


def give_back(payment: Payment, amount: int = TOTAL) -> None:
    refund(payment, Money(amount, "EUR"), reason="", by=staff(), request_id=uuid.uuid4())
    carry(payment)


def disputed(order: Order, gateway: ScriptedGateway, state: DisputeState, *, withdrawn: bool) -> None:
    """The shopper's bank claims all of the order's money back; the dispute stands like this now, and we hear of it."""
    dispute = next(iter(gateway.disputes), None) or gateway.dispute("P-1", Money(TOTAL, "EUR"))
    held = Money(TOTAL if withdrawn else 0, "EUR")
    gateway.disputes[dispute] = replace(gateway.disputes[dispute], state=state, withdrawn=held)
    look_at(payment_of(order).account, Subject(SubjectKind.DISPUTE, dispute), source="webhook")


def trouble(order: Order) -> Discrepancy:
    return Discrepancy.objects.filter(kind=Discrepancy.Kind.ORDER, payment=order.payment).latest("pk")


# --- Keep


def test_an_order_is_kept_as_soon_as_there_is_stock(late: Order, last: Variant) -> None:
    receive(last, 3)
    clerk = staff(*CLERK)
    assert "Reserve and sell the stock" in page_of(late, "keep")

    response = confirm(late, "keep", clerk)

    assert response.status_code == 302
    now(late, "confirmed")
    assert shelf(last) == (2, 0)
    assert "Kept" in trouble(late).resolution
    entry = AuditEntry.objects.get(action="kept")
    assert (entry.actor, entry.object_type, entry.object_id) == (f"user:{clerk.pk}", "order", late.pk)
    assert (entry.before, entry.after) == ({"status": "needs_attention"}, {"status": "confirmed"})
    assert entry.payment == late.payment
    seal_pending()
    assert list(verify_audit()) == []


def test_without_stock_the_page_says_what_is_missing_and_nothing_happens(late: Order, last: Variant) -> None:
    missing = f"({last.sku}): 1 wanted, 0 free"
    assert missing in page_of(late, "keep")
    assert "Reserve and sell the stock" not in page_of(late, "keep")

    assert missing in told(confirm(late, "keep"))

    now(late, "needs_attention")
    assert shelf(last) == (0, 0)
    assert not AuditEntry.objects.filter(object_type="order").exists()
    assert trouble(late).resolved_at is None


def test_a_double_click_keeps_it_once(late: Order, last: Variant) -> None:
    receive(last, 3)

    assert [confirm(late, "keep").status_code for _ in range(2)] == [302, 302]

    assert shelf(last) == (2, 0)
    assert AuditEntry.objects.filter(action="kept").count() == 1


def test_two_people_who_keep_it_at_the_same_moment_sell_its_goods_once(late: Order, last: Variant) -> None:
    receive(last, 3)
    clerk = staff(*CLERK)

    def try_it(as_seen: Order) -> bool:
        try:
            keep(as_seen, by=clerk)
            return True
        except NotPossible:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as people:
        kept = list(people.map(try_it, [Order.objects.get(pk=late.pk) for _ in range(4)]))

    assert sum(kept) == 1
    assert shelf(last) == (2, 0)


def test_an_order_whose_money_went_back_is_not_kept(late: Order, last: Variant) -> None:
    receive(last, 1)
    give_back(payment_of(late))

    assert "Nothing of its payment is left" in told(confirm(late, "keep"))
    now(late, "needs_attention")


# --- Cancel


def test_an_order_is_cancelled_once_its_money_went_back_completely(late: Order, last: Variant) -> None:
    give_back(payment_of(late))

    response = confirm(late, "cancel")

    assert response.status_code == 302
    now(late, "cancelled")
    assert "Cancelled" in trouble(late).resolution
    assert AuditEntry.objects.filter(action="cancelled", object_id=late.pk, payment=late.payment).exists()
    assert shelf(last) == (0, 0)
    assert [email.kind for email in late.emails.all()] == ["ended", "receipt", "refund"]


def test_an_order_whose_money_is_here_is_not_cancelled_and_the_page_links_to_its_payment(late: Order) -> None:
    page = page_of(late, "cancel")

    assert "17.20 EUR of its payment is still here. Refund it first." in page
    assert f"/admin/payments/payment/{payment_of(late).pk}/change/" in page
    assert "still here" in told(confirm(late, "cancel"))
    now(late, "needs_attention")


def test_after_a_partial_refund_the_page_names_what_is_left(late: Order) -> None:
    give_back(payment_of(late), 1000)

    assert "7.20 EUR of its payment is still here" in told(confirm(late, "cancel"))


def test_a_refund_that_has_not_arrived_is_waited_for(late: Order, gateway: ScriptedGateway) -> None:
    refund(payment_of(late), Money(TOTAL, "EUR"), reason="", by=staff(), request_id=uuid.uuid4())

    assert "17.20 EUR is on its way back" in told(confirm(late, "cancel"))
    now(late, "needs_attention")


def test_a_disputed_order_waits_for_the_dispute_to_end(late: Order, gateway: ScriptedGateway) -> None:
    dispute = gateway.dispute("P-1", Money(TOTAL, "EUR"))
    subject = Subject(SubjectKind.DISPUTE, dispute)
    look_at(payment_of(late).account, subject, source="webhook")
    assert "disputes its payment" in told(confirm(late, "cancel"))

    gateway.close_dispute(dispute, DisputeState.LOST)
    look_at(payment_of(late).account, subject, source="webhook")
    confirm(late, "cancel")

    now(late, "cancelled")


def test_a_refund_that_fails_after_all_puts_the_cancelled_order_before_staff_again(
    late: Order, gateway: ScriptedGateway
) -> None:
    give_back(payment_of(late))
    confirm(late, "cancel")
    (refund_id,) = gateway.refunds
    gateway.settle(refund_id, succeeded=False)

    look_at(payment_of(late).account, Subject(SubjectKind.REFUND, refund_id), source="webhook")

    now(late, "needs_attention")
    assert "its money is here again" in trouble(late).explanation
    assert trouble(late).resolved_at is None


def test_a_lost_dispute_that_is_won_after_all_puts_the_cancelled_order_before_staff_again(
    late: Order, gateway: ScriptedGateway
) -> None:
    dispute = gateway.dispute("P-1", Money(TOTAL, "EUR"))
    for state in (DisputeState.LOST, DisputeState.WON):
        gateway.close_dispute(dispute, state)
        look_at(payment_of(late).account, Subject(SubjectKind.DISPUTE, dispute), source="webhook")
        confirm(late, "cancel")

    now(late, "needs_attention")
    assert "its dispute ended otherwise" in trouble(late).explanation


def test_a_paid_order_is_cancelled_once_refunded_and_its_goods_are_on_the_shelf_again(
    gateway: ScriptedGateway,
) -> None:
    mug = shelved(3)
    order = now(Shopper().buys(mug), "confirmed")
    assert "17.20 EUR of its payment is still here. Refund it first." in told(confirm(order, "cancel"))
    give_back(payment_of(order))
    clerk = staff(*CLERK)

    assert [confirm(order, "cancel", clerk).status_code for _ in range(2)] == [302, 302]

    now(order, "cancelled")
    assert shelf(mug) == (3, 0)
    returned = StockMovement.objects.get(variant=mug, reason="returned")
    assert (returned.on_hand_change, returned.actor) == (1, f"user:{clerk.pk}")
    assert "refunded" in told(Client().get(order.get_absolute_url() + "status.json"))


def test_a_fulfilled_order_is_not_cancelled(gateway: ScriptedGateway) -> None:
    mug = shelved(3)
    order = now(Shopper().buys(mug), "confirmed")
    confirm(order, "fulfil")
    give_back(payment_of(order))

    assert "Its status is fulfilled" in told(confirm(order, "cancel"))
    assert shelf(mug) == (2, 0)


def test_an_order_that_is_only_authorized_is_voided_and_not_cancelled(
    gateway: ScriptedGateway, settings: Settings
) -> None:
    settings.CAPTURE_METHOD = "manual"
    order = now(Shopper().buys(shelved(1)), "confirmed")

    assert "only authorized. Void it first." in told(confirm(order, "cancel"))
    now(order, "confirmed")


def test_an_order_that_comes_and_goes_again_moves_its_goods_each_time(gateway: ScriptedGateway) -> None:
    """Refunded and cancelled; then the refund fails, the order is kept after all, refunded again and cancelled."""
    mug = shelved(3)
    order = now(Shopper().buys(mug), "confirmed")
    give_back(payment_of(order))
    confirm(order, "cancel")
    (first_refund,) = gateway.refunds
    gateway.settle(first_refund, succeeded=False)
    look_at(payment_of(order).account, Subject(SubjectKind.REFUND, first_refund), source="webhook")
    now(order, "needs_attention")
    assert shelf(mug) == (3, 0)

    confirm(order, "keep")
    assert shelf(mug) == (2, 0)
    give_back(payment_of(order))
    confirm(order, "cancel")

    now(order, "cancelled")
    assert shelf(mug) == (3, 0)


@pytest.mark.parametrize("before_cancelling", [(DisputeState.LOST,), (DisputeState.LOST, DisputeState.WON)])
def test_money_that_a_dispute_gives_back_after_its_end_puts_the_cancelled_order_before_staff_again(
    gateway: ScriptedGateway, before_cancelling: tuple[DisputeState, ...]
) -> None:
    order = Shopper().buys(shelved(1))
    first, *later = before_cancelling
    disputed(order, gateway, first, withdrawn=True)
    confirm(order, "cancel")
    now(order, "cancelled")
    for state in later:
        disputed(order, gateway, state, withdrawn=True)

    disputed(order, gateway, before_cancelling[-1], withdrawn=False)

    now(order, "needs_attention")


def test_a_dispute_that_is_won_is_waited_for_until_its_money_is_here(gateway: ScriptedGateway) -> None:
    order = Shopper().buys(shelved(1))
    disputed(order, gateway, DisputeState.WON, withdrawn=True)

    assert "disputes its payment" in told(confirm(order, "cancel"))
    assert payment_of(order).disputes.get().next_check_at is not None
    disputed(order, gateway, DisputeState.WON, withdrawn=False)
    assert "17.20 EUR of its payment is still here" in told(confirm(order, "cancel"))


def test_a_dispute_of_a_second_charge_keeps_no_refunded_order_from_being_cancelled(gateway: ScriptedGateway) -> None:
    order = Shopper().buys(shelved(1))
    payment = payment_of(order)
    second = gateway.charge_again("P-1")
    look_at(payment.account, Subject(SubjectKind.PAYMENT, second), source="webhook")
    dispute = gateway.dispute(second, Money(TOTAL, "EUR"))
    look_at(payment.account, Subject(SubjectKind.DISPUTE, dispute), source="webhook")
    refund(payment, Money(TOTAL, "EUR"), reason="", by=staff(), request_id=uuid.uuid4())
    while payment.operations.filter(kind="refund", status="created").exists():
        carry(payment)

    confirm(order, "cancel")

    now(order, "cancelled")


# --- Fulfil


def test_a_confirmed_order_is_marked_as_fulfilled_once(gateway: ScriptedGateway) -> None:
    order = now(Shopper().buys(shelved(1)), "confirmed")

    assert [confirm(order, "fulfil").status_code for _ in range(2)] == [302, 302]

    now(order, "fulfilled")
    assert AuditEntry.objects.filter(action="fulfilled", object_id=order.pk).count() == 1


def test_an_order_that_is_only_authorized_is_not_fulfilled(gateway: ScriptedGateway, settings: Settings) -> None:
    settings.CAPTURE_METHOD = "manual"
    order = now(Shopper().buys(shelved(1)), "confirmed")

    assert "only authorized. Capture it first." in told(confirm(order, "fulfil"))
    now(order, "confirmed")


def test_an_order_whose_money_the_bank_holds_is_not_fulfilled(gateway: ScriptedGateway) -> None:
    order = Shopper().buys(shelved(1))
    disputed(order, gateway, DisputeState.UNDER_REVIEW, withdrawn=True)

    assert "held for a dispute" in told(confirm(order, "fulfil"))
    now(order, "confirmed")


def test_an_order_that_was_refunded_is_not_fulfilled(gateway: ScriptedGateway) -> None:
    order = now(Shopper().buys(shelved(1)), "confirmed")
    give_back(payment_of(order))

    assert "Its money went back" in told(confirm(order, "fulfil"))


def test_several_orders_are_marked_from_the_list_after_a_page_that_says_which(
    late: Order, gateway: ScriptedGateway
) -> None:
    paid = Shopper().buys(shelved(1))
    browser = desk(staff(*CLERK))
    chosen = {"action": "mark_as_fulfilled", "_selected_action": [str(late.pk), str(paid.pk)]}

    asked = told(browser.post("/admin/checkout/order/", chosen))
    assert "Is marked as fulfilled." in asked
    assert "Its status is needs attention; only a confirmed order is fulfilled." in asked
    now(paid, "confirmed")

    answer = browser.post("/admin/checkout/order/", {**chosen, "confirmed": "Mark as fulfilled"}, follow=True)

    now(paid, "fulfilled")
    now(late, "needs_attention")
    assert "1 order is fulfilled." in told(answer)
    assert f"{late.number}: Its status is needs attention" in told(answer)


def test_more_orders_than_a_page_can_list_are_not_marked_at_once(
    gateway: ScriptedGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirming, "MOST_AT_ONCE", 1)
    orders = [Shopper().buys(shelved(1)) for _ in range(2)]
    chosen = {"action": "mark_as_fulfilled", "_selected_action": [str(order.pk) for order in orders]}

    answer = desk(staff(*CLERK)).post("/admin/checkout/order/", {**chosen, "confirmed": "yes"}, follow=True)

    assert "Select at most 1 at once" in told(answer)
    assert {now(order, "confirmed").status for order in orders} == {"confirmed"}


def test_desk_and_order_page_say_in_which_time_zone_it_was_placed(gateway: ScriptedGateway) -> None:
    order = Shopper().buys(shelved(1))
    placed = date_format(order.placed_at, "N j, Y, P") + " UTC"

    assert placed in page_of(order)
    assert placed in told(Client().get(order.get_absolute_url()))
    assert "UTC UTC" not in told(Client().get(order.get_absolute_url()))


# --- The first page


def test_an_order_that_needs_attention_is_counted_even_when_its_discrepancy_was_closed_by_hand(late: Order) -> None:
    trouble(late)
    Discrepancy.objects.update(resolved_at=Now(), resolution="Looked at")

    page = told(desk(staff()).get("/admin/"))
    (address,) = re.findall(r'<a href="([^"]+)">Orders that need attention</a>', page)
    listed = told(desk(staff()).get(address))

    assert late.number in listed
    assert "1 order" in listed


# --- Who may


@pytest.mark.parametrize("move", ["keep", "cancel"])
def test_without_the_permission_there_is_neither_link_nor_page(late: Order, last: Variant, move: str) -> None:
    receive(last, 1)
    others = [code for code in CLERK if not code.startswith(move)]

    assert f"/{move}/" not in page_of(late, "change", *others)
    browser = desk(staff(*others))
    assert browser.get(f"/admin/checkout/order/{late.pk}/{move}/").status_code == 403
    assert confirm(late, move, staff(*others)).status_code == 403
    now(late, "needs_attention")


@pytest.mark.parametrize("move", ["keep", "cancel", "fulfil"])
def test_whoever_may_not_see_orders_does_not_move_them(late: Order, move: str) -> None:
    clerk = staff(*CLERK)
    clerk.user_permissions.remove(Permission.objects.get(codename="view_order"))

    browser = desk(User.objects.get(pk=clerk.pk))

    assert browser.get(f"/admin/checkout/order/{late.pk}/{move}/").status_code == 403


def test_fulfilling_is_a_permission_of_its_own(gateway: ScriptedGateway) -> None:
    order = now(Shopper().buys(shelved(1)), "confirmed")

    assert confirm(order, "fulfil", staff("keep_order")).status_code == 403
    listed = told(desk(staff("keep_order")).get("/admin/checkout/order/"))
    assert "mark_as_fulfilled" not in listed


def test_an_orders_page_links_to_what_its_status_allows(late: Order, gateway: ScriptedGateway) -> None:
    paid = Shopper().buys(shelved(1))

    waiting, confirmed = page_of(late), page_of(paid)

    assert [f"/{move}/" in waiting for move in ("keep", "cancel", "fulfil")] == [True, True, False]
    assert [f"/{move}/" in confirmed for move in ("keep", "cancel", "fulfil")] == [False, True, True]
