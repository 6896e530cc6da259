"""What staff see and do of orders in the admin, and what tests ask of it."""

from __future__ import annotations

import html
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from catalog.models import Variant
from checkout.models import Order
from payments.gateways.base import DisputeState, Subject, SubjectKind
from payments.models import Discrepancy, Payment
from payments.money import Money
from payments.operations.looking import look_at
from payments.operations.refunding import refund
from tests.checkout.shopper import payment_of
from tests.payments.arrange import carry
from tests.payments.people import staff
from tests.payments.scripted import ScriptedGateway

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response  # what django-stubs calls a test's answer

CLERK = ("keep_order", "cancel_order", "fulfil_order")
TOTAL = 1720  # the mug and its shipping


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


def refund_fails(order: Order, gateway: ScriptedGateway) -> None:
    """The only refund that was made fails after all, and we hear of it."""
    (refund_id,) = gateway.refunds
    gateway.settle(refund_id, succeeded=False)
    look_at(payment_of(order).account, Subject(SubjectKind.REFUND, refund_id), source="webhook")


def disputed(order: Order, gateway: ScriptedGateway, state: DisputeState, *, withdrawn: bool) -> None:
    """The shopper's bank claims all of the order's money back; the dispute stands like this now, and we hear of it."""
    dispute = next(iter(gateway.disputes), None) or gateway.dispute("P-1", Money(TOTAL, "EUR"))
    held = Money(TOTAL if withdrawn else 0, "EUR")
    gateway.disputes[dispute] = replace(gateway.disputes[dispute], state=state, withdrawn=held)
    look_at(payment_of(order).account, Subject(SubjectKind.DISPUTE, dispute), source="webhook")


def claimed_in_part(order: Order, gateway: ScriptedGateway) -> str:
    """The shopper's bank claims 5.00 of the order's 17.20, and we hear of it; the dispute's id."""
    dispute = gateway.dispute("P-1", Money(500, "EUR"))
    look_at(payment_of(order).account, Subject(SubjectKind.DISPUTE, dispute), source="webhook")
    return dispute


def lost_in_part(order: Order, gateway: ScriptedGateway) -> str:
    """The same, and the bank decides for the shopper."""
    dispute = claimed_in_part(order, gateway)
    gateway.close_dispute(dispute, DisputeState.LOST)
    look_at(payment_of(order).account, Subject(SubjectKind.DISPUTE, dispute), source="webhook")
    return dispute


def trouble(order: Order) -> Discrepancy:
    return Discrepancy.objects.filter(kind=Discrepancy.Kind.ORDER, payment=order.payment).latest("pk")
