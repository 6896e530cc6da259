"""Payouts: what is available goes to the bank account, per settlement currency.

Sources: docs.stripe.com/payouts, docs.stripe.com/payouts/reconciliation, docs.stripe.com/api/payouts/object.
"""

from __future__ import annotations

from sandbox.collection import Page
from sandbox.documents import JSON, BalanceTransaction, Payout
from sandbox.events import BY_ITSELF, emit
from sandbox.ids import new_id, random_text
from sandbox.payments import balance
from sandbox.world import Sandbox

DAY_S = 24 * 3600
RECONCILED_AFTER_S = 2.0
BANK_ACCOUNTS = {"eur": "ba_1TillgateSandboxEUR", "usd": "ba_1TillgateSandboxUSD"}
"""One for each settlement currency."""
ALL = 1_000_000
_UNPAID = ("json_extract(body, '$.status') = 'available'", "json_extract(body, '$.sandbox.payout') IS NULL")


def pay_out(sandbox: Sandbox) -> list[Payout]:
    """One automatic payout for every currency with money available, as the account's schedule would make it."""
    due: dict[str, list[BalanceTransaction]] = {}
    for transaction in sandbox.balance_transactions.find(Page(_UNPAID, limit=ALL, oldest_first=True)):
        due.setdefault(transaction["currency"], []).append(transaction)
    amounts = {currency: sum(one["net"] for one in transactions) for currency, transactions in due.items()}
    return [_pay(sandbox, currency, amount, due[currency]) for currency, amount in amounts.items() if amount > 0]


def arrive(sandbox: Sandbox, payout_id: str) -> None:
    """The bank has the money."""
    payout = sandbox.payouts.get(payout_id)
    if payout is None or payout["status"] != "in_transit":
        return
    before = payout.copy()
    payout["status"] = "paid"
    payout["trace_id"] = {"status": "supported", "value": random_text(12).upper()}
    sandbox.payouts.put(payout)
    emit(sandbox, "payout.updated", payout, BY_ITSELF, before)
    emit(sandbox, "payout.paid", payout, BY_ITSELF)


def fail(sandbox: Sandbox, payout: Payout) -> Payout:
    """The bank sends the money back, even some time after it had seemed to be paid."""
    before = payout.copy()
    payout["status"] = "failed"
    payout["failure_code"] = "account_closed"
    payout["failure_message"] = "The bank account has been closed"
    payout["failure_balance_transaction"] = balance.of_payout_failure(sandbox, payout)["id"]
    sandbox.payouts.put(payout)
    emit(sandbox, "payout.updated", payout, BY_ITSELF, before)
    emit(sandbox, "payout.failed", payout, BY_ITSELF)
    return payout


def reconcile(sandbox: Sandbox, payout_id: str) -> None:
    """From now on the list of balance transactions can be asked for what the payout paid out."""
    payout = sandbox.payouts.get(payout_id)
    if payout is None or payout["reconciliation_status"] == "completed":
        return
    before = payout.copy()
    payout["reconciliation_status"] = "completed"
    sandbox.payouts.put(payout)
    emit(sandbox, "payout.updated", payout, BY_ITSELF, before)
    emit(sandbox, "payout.reconciliation_completed", payout, BY_ITSELF)


def bank_account(account_id: str) -> dict[str, JSON] | None:
    """The account behind an id (docs.stripe.com/api/external_accounts), as far as a payout's destination shows it."""
    currency = next((currency for currency, known in BANK_ACCOUNTS.items() if known == account_id), None)
    if currency is None:
        return None
    return {
        "id": account_id,
        "object": "bank_account",
        "account_holder_name": None,
        "account_holder_type": None,
        "account_type": None,
        "available_payout_methods": ["standard"],
        "bank_name": "STRIPE TEST BANK",
        "country": "DE",
        "currency": currency,
        "default_for_currency": True,
        "fingerprint": "TillgateSandbox" + currency.upper(),
        "last4": "3000",
        "metadata": {},
        "routing_number": "37040044",
        "status": "verified",
    }


def _pay(sandbox: Sandbox, currency: str, amount: int, transactions: list[BalanceTransaction]) -> Payout:
    payout = _payout(sandbox, currency, amount)
    payout["balance_transaction"] = balance.of_payout(sandbox, payout)["id"]
    for transaction in transactions:
        transaction["sandbox"] = {"payout": payout["id"]}
        sandbox.balance_transactions.put(transaction)
    sandbox.payouts.put(payout)
    emit(sandbox, "payout.created", payout, BY_ITSELF)
    sandbox.schedule.add("reconcile_payout", payout["id"], RECONCILED_AFTER_S)
    sandbox.schedule.add("pay_payout", payout["id"], payout["arrival_date"] - sandbox.clock.now())
    return payout


def _payout(sandbox: Sandbox, currency: str, amount: int) -> Payout:
    now = sandbox.clock.now()
    return {
        "id": new_id("po_1"),
        "object": "payout",
        "amount": amount,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": (now // DAY_S + 1) * DAY_S,
        "automatic": True,
        "balance_transaction": None,
        "created": now,
        "currency": currency,
        "description": "STRIPE PAYOUT",
        "destination": BANK_ACCOUNTS[currency],
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": {},
        "method": "standard",
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "in_progress",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": None,
        "status": "in_transit",
        "trace_id": {"status": "pending", "value": None},
        "type": "bank_account",
    }
