"""The pages on which staff refund, capture or void a payment: what is left, an amount, one confirmation."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext_lazy as _

from payments.admin.forms import CaptureForm, RefundForm, WishForm
from payments.models import Operation, Payment, Refund
from payments.money import Money
from payments.operations.capturing import NotCapturable, NotVoidable, capture, is_capturable, is_voidable, void
from payments.operations.refunding import NotRefundable, obstacle_to_refunding, refund

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Fact = tuple["StrOrPromise", object]


class Refused(Exception):
    """The wish cannot be done; the message says why and what could be."""


class Wish(ABC):
    """One thing that staff may do with a payment. `name` is in its address, `permission` guards it."""

    name: str
    permission: str
    title: StrOrPromise
    button: StrOrPromise
    warning: StrOrPromise

    @property
    def url_name(self) -> str:
        return f"admin:payments_payment_{self.name}"

    @abstractmethod
    def obstacle(self, payment: Payment) -> StrOrPromise:
        """Why it cannot be done now; empty if it can."""

    def is_offered(self, payment: Payment) -> bool:
        """Whether the payment's page leads to it."""
        return not self.obstacle(payment)

    @abstractmethod
    def facts(self, payment: Payment) -> Sequence[Fact]:
        """What staff must know before they confirm: (label, value)."""

    @abstractmethod
    def form(self, payment: Payment, data: object) -> WishForm:
        """The form, filled with `data` if there is any."""

    @abstractmethod
    def perform(self, payment: Payment, form: WishForm, by: AbstractBaseUser) -> StrOrPromise:
        """Do it, once for each page shown; what to tell staff then. Raises Refused."""


class RefundWish(Wish):
    name, permission = "refund", "payments.refund_payment"
    title, button = _("Refund"), _("Refund")
    warning = _("The money goes back to the card that paid. This cannot be undone.")

    def obstacle(self, payment: Payment) -> StrOrPromise:
        return obstacle_to_refunding(payment)

    def is_offered(self, payment: Payment) -> bool:
        """Also where its page can only say why what is left is not refunded."""
        return bool(payment.left)

    def facts(self, payment: Payment) -> Sequence[Fact]:
        disputed = [(_("Withdrawn for disputes"), payment.disputed)] if payment.disputed else []
        return [
            (_("Captured"), payment.captured),
            (_("Refunded"), payment.refunded),
            (_("Refunds on their way"), payment.refund_reserved),
            *disputed,
            (_("Left"), payment.left),
        ]

    def form(self, payment: Payment, data: object) -> WishForm:
        return RefundForm(payment, data)

    def perform(self, payment: Payment, form: WishForm, by: AbstractBaseUser) -> StrOrPromise:
        sent = form.cleaned_data
        try:
            wish = refund(payment, sent["amount"], reason=sent["reason"], by=by, request_id=sent["request_id"])
        except NotRefundable as refusal:
            raise Refused(str(refusal)) from refusal
        _ensure_stands(wish)
        _ensure_asked_for(sent["amount"], wish.money)
        return _("The refund of %(money)s is on its way.") % {"money": wish.money}


class CaptureWish(Wish):
    name, permission = "capture", "payments.capture_payment"
    title, button = _("Capture"), _("Capture")
    warning = _("The money is taken from the shopper, and what you leave is released. This can be done once.")

    def obstacle(self, payment: Payment) -> StrOrPromise:
        return "" if is_capturable(payment) else _("This payment holds no authorization that could be captured now.")

    def facts(self, payment: Payment) -> Sequence[Fact]:
        return [(_("Authorized"), payment.money)]

    def form(self, payment: Payment, data: object) -> WishForm:
        return CaptureForm(payment, data)

    def perform(self, payment: Payment, form: WishForm, by: AbstractBaseUser) -> StrOrPromise:
        money = form.cleaned_data["amount"]
        try:
            operation = capture(payment, money, by=by, request_id=form.cleaned_data["request_id"])
        except NotCapturable as refusal:
            raise Refused(str(refusal)) from refusal
        _ensure_stands(operation)
        _ensure_asked_for(money, operation.money)
        return _("The capture of %(money)s is on its way.") % {"money": money}


class VoidWish(Wish):
    name, permission = "void", "payments.void_payment"
    title, button = _("Void"), _("Void this payment")
    warning = _("Nothing can be charged with this payment afterwards, and its order is cancelled.")

    def obstacle(self, payment: Payment) -> StrOrPromise:
        return "" if is_voidable(payment) else _("There is nothing to void.")

    def facts(self, payment: Payment) -> Sequence[Fact]:
        return [(_("Amount"), payment.money), (_("Status"), payment.get_status_display())]

    def form(self, payment: Payment, data: object) -> WishForm:
        return WishForm(payment, data)

    def perform(self, payment: Payment, form: WishForm, by: AbstractBaseUser) -> StrOrPromise:
        try:
            operation = void(payment, by=by, request_id=form.cleaned_data["request_id"])
        except NotVoidable as refusal:
            raise Refused(str(refusal)) from refusal
        _ensure_stands(operation)
        return _("The payment is being voided.")


def _ensure_stands(asked: Refund | Operation) -> None:
    """A page that is sent once more asks for nothing more, so what failed is not done by it. Raises Refused."""
    if asked.status in (Refund.Status.FAILED, Refund.Status.CANCELED, Operation.Status.FAILED):
        raise Refused(_("What this page asked for came to nothing. Open it anew to ask again."))


def _ensure_asked_for(wished: Money, asked: Money) -> None:
    """Nor is another amount that was written on it since. Raises Refused."""
    if wished != asked:
        told = _("This page has asked for %(asked)s already, and asks for nothing more. Open it anew for %(wished)s.")
        raise Refused(told % {"asked": asked, "wished": wished})


WISHES: Sequence[Wish] = (RefundWish(), CaptureWish(), VoidWish())
