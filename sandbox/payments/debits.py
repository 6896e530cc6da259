"""Delayed debits: the shopper's bank answers some time after the confirmation.

Sources: docs.stripe.com/payments/payment-methods#customer-actions (delayed notification: `processing` first),
docs.stripe.com/payments/sepa-debit and docs.stripe.com/reports/balance-transaction-types (`payment`,
`payment_failure_refund`).
"""

from __future__ import annotations

from sandbox.documents import Charge, PaymentIntent
from sandbox.events import BY_ITSELF, emit
from sandbox.instruments.behaviour import Decline
from sandbox.payments import balance, disputes, outcome
from sandbox.payments.charges import Attempt
from sandbox.payments.failures import decline_error
from sandbox.world import Sandbox

NO_MONEY = Decline("insufficient_funds", "", "The customer's account has insufficient funds to cover this payment.")


def answer(sandbox: Sandbox, intent_id: str) -> None:
    """The bank's answer, as the test account has it."""
    intent = sandbox.payment_intents.get(intent_id)
    if intent is None or intent["status"] != "processing":
        return
    attempt, _ = _waiting(sandbox, intent)
    if attempt.behaviour.decline is None:
        settle(sandbox, intent)
    else:
        fail(sandbox, intent)


def settle(sandbox: Sandbox, intent: PaymentIntent) -> PaymentIntent:
    """The bank pays: the intent has succeeded, and its money can be paid out in some days."""
    attempt, charge = _waiting(sandbox, intent)
    charge["status"], charge["paid"] = "succeeded", True
    sandbox.charges.put(charge)
    transaction = sandbox.balance_transactions.get(charge["balance_transaction"] or "")
    if transaction is not None:
        balance.release_later(sandbox, transaction)
        sandbox.balance_transactions.put(transaction)
    emit(sandbox, "charge.succeeded", charge, BY_ITSELF)
    disputes.expect(sandbox, charge)
    return outcome.accepted(attempt, charge)


def fail(sandbox: Sandbox, intent: PaymentIntent) -> PaymentIntent:
    """The bank refuses: the intent waits for another method, and what pended in the balance is taken out again."""
    attempt, charge = _waiting(sandbox, intent)
    decline = attempt.behaviour.decline or NO_MONEY
    charge["status"], charge["captured"], charge["amount_captured"] = "failed", False, 0
    charge["failure_code"], charge["failure_message"] = decline.code, decline.message
    pending = sandbox.balance_transactions.get(charge["balance_transaction"] or "")
    if pending is not None:
        charge["failure_balance_transaction"] = balance.of_debit_failure(sandbox, charge, pending)["id"]
        balance.release_funds(sandbox, pending["id"])
    sandbox.charges.put(charge)
    emit(sandbox, "charge.failed", charge, BY_ITSELF)
    outcome.failed(attempt, decline_error(decline, charge["id"], attempt.method))
    return intent


def _waiting(sandbox: Sandbox, intent: PaymentIntent) -> tuple[Attempt, Charge]:
    """The attempt that waits for the bank, and its charge; an intent in processing has both."""
    method = sandbox.payment_methods.get(intent["payment_method"] or "")
    charge = sandbox.charges.get(intent["latest_charge"] or "")
    if method is None or charge is None:
        raise LookupError(f"{intent['id']} is in processing without a method or a charge")
    return Attempt(sandbox, intent, method, BY_ITSELF), charge
