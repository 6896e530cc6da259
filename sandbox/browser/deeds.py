"""What the page's buttons do: a deed of the banks for one object, and the section that shows what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox import by_hand
from sandbox.instruments.behaviour import DisputeCase
from sandbox.world import Sandbox


@dataclass(frozen=True)
class Deed:
    """`act` is told the object's id; it raises `InvalidOrder` where the object's state does not allow it."""

    section: str
    act: Callable[[Sandbox, str], object]


def _dispute(sandbox: Sandbox, charge_id: str) -> object:
    return by_hand.open_dispute(sandbox, charge_id, None, DisputeCase("fraudulent"))


def _pay_out(sandbox: Sandbox, _: str) -> object:
    return by_hand.pay_out(sandbox)


DEEDS: Mapping[str, Deed] = {
    "/payments/settle": Deed("Payments", by_hand.settle_debit),
    "/payments/fail": Deed("Payments", by_hand.fail_debit),
    "/payments/dispute": Deed("Disputes", _dispute),
    "/refunds/fail": Deed("Refunds", by_hand.fail_refund),
    "/disputes/win": Deed("Disputes", by_hand.win_dispute),
    "/disputes/lose": Deed("Disputes", by_hand.lose_dispute),
    "/disputes/escalate": Deed("Disputes", by_hand.escalate_dispute),
    "/payouts/make": Deed("Payouts", _pay_out),
    "/payouts/pay": Deed("Payouts", by_hand.arrive),
    "/payouts/fail": Deed("Payouts", by_hand.fail_payout),
}
