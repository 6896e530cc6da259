"""The control API's part for the banks: disputes, payouts, debits, refunds (docs/sandbox.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sandbox import by_hand
from sandbox.instruments.behaviour import DisputeCase
from sandbox.messages import Request, Response
from sandbox.orders import InvalidOrder, read_order, refusing
from sandbox.render import public
from sandbox.routing import Handler, Router
from sandbox.world import Sandbox

Deed = Callable[[Sandbox, str], Mapping[str, object]]
DEEDS: Mapping[str, Deed] = {
    "/_control/disputes/{id}/win": by_hand.win_dispute,
    "/_control/disputes/{id}/lose": by_hand.lose_dispute,
    "/_control/disputes/{id}/escalate": by_hand.escalate_dispute,
    "/_control/payment_intents/{id}/settle": by_hand.settle_debit,
    "/_control/payment_intents/{id}/fail": by_hand.fail_debit,
    "/_control/refunds/{id}/succeed": by_hand.succeed_refund,
    "/_control/refunds/{id}/fail": by_hand.fail_refund,
    "/_control/payouts/{id}/pay": by_hand.arrive,
    "/_control/payouts/{id}/fail": by_hand.fail_payout,
}


def register(router: Router, sandbox: Sandbox) -> None:
    """Add the addresses to the router; called once at the start."""
    for path, deed in DEEDS.items():
        router.post(path, refusing(_doing(sandbox, deed)))
    router.post("/_control/disputes", refusing(lambda request: _open_dispute(sandbox, request)))
    router.post("/_control/payouts", refusing(lambda request: _pay_out(sandbox)))


def _doing(sandbox: Sandbox, deed: Deed) -> Handler:
    return lambda request: Response.json(200, public(deed(sandbox, request.path_parameters["id"])))


def _open_dispute(sandbox: Sandbox, request: Request) -> Response:
    order = read_order(request)
    charge, amount, reason = order.get("charge"), order.get("amount"), order.get("reason", "fraudulent")
    inquiry = order.get("inquiry", False)
    if not isinstance(charge, str) or not isinstance(reason, str) or not isinstance(inquiry, bool):
        raise InvalidOrder('Send {"charge": its id, "amount"?: minor units, "reason"?: a reason, "inquiry"?: true}.')
    if amount is not None and (isinstance(amount, bool) or not isinstance(amount, int)):
        raise InvalidOrder("`amount` is a whole number of minor units.")
    case = DisputeCase(reason, inquiry=inquiry)
    return Response.json(200, public(by_hand.open_dispute(sandbox, charge, amount, case)))


def _pay_out(sandbox: Sandbox) -> Response:
    return Response.json(200, {"data": [public(payout) for payout in by_hand.pay_out(sandbox)]})
