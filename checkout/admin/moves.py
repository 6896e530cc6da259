"""What staff may do with an order: each has a page that says what happens, or why it cannot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext_lazy as _

from checkout.models import Order
from checkout.operations import attend

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Status = Order.Status


class Perform(Protocol):
    """The operation behind a move. Raises NotPossible."""

    def __call__(self, order: Order, *, by: AbstractBaseUser) -> None: ...


@dataclass(frozen=True, slots=True)
class Move:
    """`name` is in its address, `permission` guards it, and orders in a status of `before` are offered it.

    `obstacle` says why it cannot be done, empty if it can; `remark`, what else staff must know, empty if nothing.
    """

    name: str
    permission: str
    before: tuple[Order.Status, ...]
    after: Order.Status
    title: StrOrPromise
    button: StrOrPromise
    warning: StrOrPromise
    obstacle: Callable[[Order], str]
    remark: Callable[[Order], str]
    perform: Perform

    @property
    def url_name(self) -> str:
        return f"admin:checkout_order_{self.name}"


def _nothing(order: Order) -> str:
    return ""


KEEP = Move(
    name="keep",
    permission="checkout.keep_order",
    before=(Status.NEEDS_ATTENTION,),
    after=Status.CONFIRMED,
    title=_("Keep the order"),
    button=_("Reserve and sell the stock"),
    warning=_("The goods are taken from the shelf for this order, and it is confirmed."),
    obstacle=attend.obstacle_to_keeping,
    remark=_nothing,
    perform=attend.keep,
)
CANCEL = Move(
    name="cancel",
    permission="checkout.cancel_order",
    before=(Status.CONFIRMED, Status.NEEDS_ATTENTION),
    after=Status.CANCELLED,
    title=_("Cancel the order"),
    button=_("Cancel the order"),
    warning=_("This pays nothing back. Goods that it holds are free again."),
    obstacle=attend.obstacle_to_cancelling,
    remark=attend.remark_on_cancelling,
    perform=attend.cancel,
)
FULFIL = Move(
    name="fulfil",
    permission="checkout.fulfil_order",
    before=(Status.CONFIRMED,),
    after=Status.FULFILLED,
    title=_("Mark as fulfilled"),
    button=_("Mark as fulfilled"),
    warning=_("This says that the goods were sent. It cannot be undone."),
    obstacle=attend.obstacle_to_fulfilling,
    remark=_nothing,
    perform=attend.fulfil,
)
MOVES = (KEEP, CANCEL, FULFIL)
