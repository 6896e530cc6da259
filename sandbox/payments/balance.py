"""What settles of a payment: balance transactions with fees, conversion and the day the money is available.

Sources: docs.stripe.com/api/balance_transactions/object, docs.stripe.com/reports/balance-transaction-types,
docs.stripe.com/reports/reporting-categories.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from sandbox.documents import JSON, BalanceTransaction, Charge, Dispute, Payout, Refund
from sandbox.ids import new_id
from sandbox.payments.currencies import convert, exchange_rate, exponent
from sandbox.world import Sandbox

DAY_S = 24 * 3600
AVAILABLE_AFTER_DAYS = 2
DEFAULT_SETTLEMENT = "eur"
CARD_FEES = {"eur": (Decimal("0.015"), 25), "usd": (Decimal("0.029"), 30)}
"""Settlement currency: share of the amount, and a fixed part in minor units. No other currency is settled."""
SEPA_FEE = 35
ACH_SHARE, ACH_MOST = Decimal("0.008"), 500
DISPUTE_FEES = {"eur": 2000, "usd": 1500}
"""Settlement currency: what a chargeback costs, in minor units, whoever wins it."""


def settlement_currency(currency: str) -> str:
    """The currency in which a charge is paid out: its own where the account has a bank account for it."""
    return currency if currency in CARD_FEES else DEFAULT_SETTLEMENT


def of_charge(sandbox: Sandbox, charge: Charge, available_at_once: bool) -> BalanceTransaction:
    """The money of a captured charge, less the fee."""
    transaction = _of_charge(sandbox, charge, "charge")
    if not available_at_once:
        release_later(sandbox, transaction)
    return sandbox.balance_transactions.put(transaction)


def of_debit(sandbox: Sandbox, charge: Charge) -> BalanceTransaction:
    """The money that a bank was asked for: it pends until the bank has answered, and for some days after that."""
    transaction = _of_charge(sandbox, charge, "payment")
    transaction["status"] = "pending"
    transaction["available_on"] = _released_on(sandbox)
    return sandbox.balance_transactions.put(transaction)


def of_debit_failure(sandbox: Sandbox, charge: Charge, pending: BalanceTransaction) -> BalanceTransaction:
    """The bank refused: the same money with its fee the other way round."""
    transaction = _transaction(
        sandbox,
        -charge["amount"],
        charge["currency"],
        charge["id"],
        "payment_failure_refund",
        f"Payment failure refund for {charge['id']}",
        "charge_failure",
    )
    transaction["fee"] = -pending["fee"]
    transaction["fee_details"] = [_fee_detail(-pending["fee"], pending["currency"], "Stripe processing fee refund")]
    transaction["net"] += pending["fee"]
    return sandbox.balance_transactions.put(transaction)


def release_later(sandbox: Sandbox, transaction: BalanceTransaction) -> None:
    """The money can be paid out in some days; the transaction is for the caller to store."""
    transaction["available_on"] = _released_on(sandbox)
    transaction["status"] = "pending"
    sandbox.schedule.add("release_funds", transaction["id"], transaction["available_on"] - sandbox.clock.now())


def _released_on(sandbox: Sandbox) -> int:
    """Days begin at midnight, UTC."""
    return (sandbox.clock.now() // DAY_S + AVAILABLE_AFTER_DAYS) * DAY_S


def release_funds(sandbox: Sandbox, transaction_id: str) -> None:
    """The day has come: what was pending can be paid out."""
    transaction = sandbox.balance_transactions.get(transaction_id)
    if transaction is not None:
        transaction["status"] = "available"
        sandbox.balance_transactions.put(transaction)


def of_refund(sandbox: Sandbox, charge: Charge, refund: Refund) -> BalanceTransaction:
    """The money that a refund takes back. Stripe keeps the fee of the charge, and tells what that was for."""
    debit = refund["id"].startswith("pyr_")
    paid_for = f" ({charge['description']})" if charge["description"] else ""
    transaction = _transaction(
        sandbox,
        -refund["amount"],
        refund["currency"],
        refund["id"],
        "payment_refund" if debit else "refund",
        f"REFUND FOR {'PAYMENT' if debit else 'CHARGE'}{paid_for}",
        "refund",
    )
    return sandbox.balance_transactions.put(transaction)


def of_refund_failure(sandbox: Sandbox, refund: Refund) -> BalanceTransaction:
    """The money of a refund that came back."""
    transaction = _transaction(
        sandbox, refund["amount"], refund["currency"], refund["id"], "refund_failure", "REFUND FAILURE"
    )
    return sandbox.balance_transactions.put(transaction)


def of_dispute(sandbox: Sandbox, dispute: Dispute) -> BalanceTransaction:
    """The money that a chargeback takes, with its fee on top."""
    transaction = _transaction(
        sandbox,
        -dispute["amount"],
        dispute["currency"],
        dispute["id"],
        "adjustment",
        f"Chargeback withdrawal for {dispute['charge']}",
        "dispute",
    )
    fee = DISPUTE_FEES[transaction["currency"]]
    transaction["fee"] = fee
    transaction["fee_details"] = [_fee_detail(fee, transaction["currency"], "Dispute fee")]
    transaction["net"] -= fee
    return sandbox.balance_transactions.put(transaction)


def of_dispute_reversal(sandbox: Sandbox, dispute: Dispute) -> BalanceTransaction:
    """The money that comes back with a dispute won. The fee does not."""
    transaction = _transaction(
        sandbox,
        dispute["amount"],
        dispute["currency"],
        dispute["id"],
        "adjustment",
        f"Chargeback reversal for {dispute['charge']}",
        "dispute_reversal",
    )
    return sandbox.balance_transactions.put(transaction)


def of_payout(sandbox: Sandbox, payout: Payout) -> BalanceTransaction:
    """The money that leaves for the bank account."""
    transaction = _transaction(sandbox, -payout["amount"], payout["currency"], payout["id"], "payout", "STRIPE PAYOUT")
    transaction["sandbox"] = {"payout": payout["id"]}
    return sandbox.balance_transactions.put(transaction)


def of_payout_failure(sandbox: Sandbox, payout: Payout) -> BalanceTransaction:
    """The money that the bank sent back; the next payout takes it along."""
    transaction = _transaction(
        sandbox,
        payout["amount"],
        payout["currency"],
        payout["id"],
        "payout_failure",
        f"REFUND FOR PAYOUT ({payout['description']})",
        "payout_reversal",
    )
    return sandbox.balance_transactions.put(transaction)


def _of_charge(sandbox: Sandbox, charge: Charge, type_: str) -> BalanceTransaction:
    amount, currency = charge["amount_captured"], charge["currency"]
    transaction = _transaction(sandbox, amount, currency, charge["id"], type_, charge["description"], "charge")
    fee = _fee(str(charge["payment_method_details"]["type"]), transaction["amount"], transaction["currency"])
    transaction["fee"] = fee
    transaction["fee_details"] = [_fee_detail(fee, transaction["currency"], "Stripe processing fees")]
    transaction["net"] -= fee
    return transaction


def _transaction(
    sandbox: Sandbox,
    amount: int,
    currency: str,
    source: str,
    type_: str,
    description: str | None,
    reporting_category: str = "",
) -> BalanceTransaction:
    settled_in = settlement_currency(currency)
    converted = amount if settled_in == currency else convert(amount, currency, settled_in)
    now = sandbox.clock.now()
    return {
        "id": new_id("txn_3"),
        "object": "balance_transaction",
        "amount": converted,
        "available_on": now,
        "balance_type": "payments",
        "created": now,
        "currency": settled_in,
        "description": description,
        "exchange_rate": None if settled_in == currency else shown_rate(currency, settled_in),
        "fee": 0,
        "fee_details": [],
        "net": converted,
        "reporting_category": reporting_category or type_,
        "source": source,
        "status": "available",
        "type": type_,
    }


def shown_rate(currency: str, into: str) -> float:
    """The rate between minor units, as Stripe shows it: amount times rate is the settled amount."""
    rate = exchange_rate(currency, into).scaleb(exponent(into) - exponent(currency))
    return float(rate.quantize(Decimal("0.000001")))


def _fee(method_type: str, amount: int, currency: str) -> int:
    if method_type == "sepa_debit":
        return SEPA_FEE
    if method_type == "us_bank_account":
        return min(_rounded(amount * ACH_SHARE), ACH_MOST)
    share, fixed = CARD_FEES[currency]
    return _rounded(amount * share) + fixed


def _rounded(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def _fee_detail(amount: int, currency: str, description: str) -> dict[str, JSON]:
    return {
        "amount": amount,
        "application": None,
        "currency": currency,
        "description": description,
        "type": "stripe_fee",
    }
