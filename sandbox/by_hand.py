"""What a person or a test makes the banks do: each is one transaction, and its events go out at once.

All raise `InvalidOrder` where there is no such object, or its state does not allow it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sandbox.documents import Dispute, PaymentIntent, Payout, Refund
from sandbox.instruments.behaviour import DisputeCase
from sandbox.orders import InvalidOrder
from sandbox.payments import debits, disputes, payouts, refunds
from sandbox.world import Sandbox

REASONS = (
    "bank_cannot_process", "check_returned", "credit_not_processed", "customer_initiated", "debit_not_authorized",
    "duplicate", "fraudulent", "general", "incorrect_account_details", "insufficient_funds", "noncompliant",
    "product_not_received", "product_unacceptable", "subscription_canceled", "unrecognized",
)  # fmt: skip


@contextmanager
def _at_once(sandbox: Sandbox) -> Iterator[None]:
    with sandbox.store.transaction():
        yield
    sandbox.deliveries.wake()


def open_dispute(sandbox: Sandbox, charge_id: str, amount: int | None, case: DisputeCase) -> Dispute:
    """The cardholder's bank disputes a charge, in part if `amount` (minor units) is given."""
    if case.reason not in REASONS:
        raise InvalidOrder(f"`reason` is one of {', '.join(REASONS)}.")
    with _at_once(sandbox):
        charge = sandbox.charges.get(charge_id)
        if charge is None or charge["status"] != "succeeded" or not charge["captured"]:
            raise InvalidOrder(f"There is no captured charge {charge_id}.")
        most = charge["amount_captured"]
        if amount is not None and not 0 < amount <= most:
            raise InvalidOrder(f"`amount` is from 1 to {most}, what was captured.")
        return disputes.open_dispute(sandbox, charge, case, most if amount is None else amount)


def win_dispute(sandbox: Sandbox, dispute_id: str) -> Dispute:
    """The bank decides for the shop."""
    return _decide(sandbox, dispute_id, disputes.win)


def lose_dispute(sandbox: Sandbox, dispute_id: str) -> Dispute:
    """The bank decides for the cardholder."""
    return _decide(sandbox, dispute_id, disputes.lose)


def escalate_dispute(sandbox: Sandbox, dispute_id: str) -> Dispute:
    """The bank makes a chargeback of its inquiry."""
    return _decide(sandbox, dispute_id, disputes.escalate, disputes.INQUIRIES)


def pay_out(sandbox: Sandbox) -> list[Payout]:
    """Pay out all that is available."""
    with _at_once(sandbox):
        return payouts.pay_out(sandbox)


def arrive(sandbox: Sandbox, payout_id: str) -> Payout:
    """A payout reaches the bank account before its day."""
    with _at_once(sandbox):
        payout = _payout(sandbox, payout_id, ("in_transit",))
        payouts.reconcile(sandbox, payout["id"])
        payouts.arrive(sandbox, payout["id"])
    return sandbox.payouts.get(payout_id) or payout


def fail_payout(sandbox: Sandbox, payout_id: str) -> Payout:
    """The bank account sends a payout back."""
    with _at_once(sandbox):
        return payouts.fail(sandbox, _payout(sandbox, payout_id, ("in_transit", "paid")))


def succeed_refund(sandbox: Sandbox, refund_id: str) -> Refund:
    """The shopper's bank takes a refund that pends; nothing happens to one that does not."""
    return _turn(sandbox, refund_id, refunds.succeed)


def fail_refund(sandbox: Sandbox, refund_id: str) -> Refund:
    """The shopper's bank sends a refund back; nothing happens to one that has failed."""
    return _turn(sandbox, refund_id, refunds.fail)


def _turn(sandbox: Sandbox, refund_id: str, turn: Callable[[Sandbox, str], None]) -> Refund:
    with _at_once(sandbox):
        turn(sandbox, refund_id)
        refund = sandbox.refunds.get(refund_id)
    if refund is None:
        raise InvalidOrder(f"There is no refund {refund_id}.")
    return refund


def settle_debit(sandbox: Sandbox, intent_id: str) -> PaymentIntent:
    """The shopper's bank pays a debit, whatever its test account would have done."""
    return _answer_debit(sandbox, intent_id, debits.settle)


def fail_debit(sandbox: Sandbox, intent_id: str) -> PaymentIntent:
    """The shopper's bank refuses a debit, for want of money unless its test account has a reason of its own."""
    return _answer_debit(sandbox, intent_id, debits.fail)


def _answer_debit(
    sandbox: Sandbox, intent_id: str, answer: Callable[[Sandbox, PaymentIntent], PaymentIntent]
) -> PaymentIntent:
    with _at_once(sandbox):
        intent = sandbox.payment_intents.get(intent_id)
        if intent is None:
            raise InvalidOrder(f"There is no PaymentIntent {intent_id}.")
        _check_status(intent_id, intent["status"], ("processing",))
        return answer(sandbox, intent)


def _decide(
    sandbox: Sandbox,
    dispute_id: str,
    decision: Callable[[Sandbox, Dispute], Dispute],
    statuses: tuple[str, ...] = disputes.OPEN,
) -> Dispute:
    with _at_once(sandbox):
        dispute = sandbox.disputes.get(dispute_id)
        if dispute is None:
            raise InvalidOrder(f"There is no dispute {dispute_id}.")
        _check_status(dispute_id, dispute["status"], statuses)
        return decision(sandbox, dispute)


def _payout(sandbox: Sandbox, payout_id: str, statuses: tuple[str, ...]) -> Payout:
    payout = sandbox.payouts.get(payout_id)
    if payout is None:
        raise InvalidOrder(f"There is no payout {payout_id}.")
    _check_status(payout_id, payout["status"], statuses)
    return payout


def _check_status(object_id: str, status: str, statuses: tuple[str, ...]) -> None:
    if status not in statuses:
        raise InvalidOrder(f"{object_id} is {status}; this needs {' or '.join(statuses)}.")
