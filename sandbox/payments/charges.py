"""Charges: one per attempt that reached the card network (docs.stripe.com/api/charges/object)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.documents import JSON, Charge, PaymentIntent, PaymentMethod
from sandbox.events import Cause, emit
from sandbox.ids import new_id, random_text
from sandbox.instruments import declines, lookup
from sandbox.instruments.behaviour import Behaviour, Decline
from sandbox.payments import balance, disputes
from sandbox.payments.intents import captured_by_hand
from sandbox.world import Sandbox

AUTHORIZATION_LIFETIME_S = 7 * 24 * 3600
SETTLES_AFTER_S = 1.0
STATEMENT = "TILLGATE SANDBOX"


@dataclass(frozen=True)
class Attempt:
    """What is charged: the intent, with which method, and how it was authenticated."""

    sandbox: Sandbox
    intent: PaymentIntent
    method: PaymentMethod
    cause: Cause
    authentication: dict[str, JSON] | None = None

    @property
    def behaviour(self) -> Behaviour:
        return lookup.behaviour(self.method["sandbox"]["instrument"])


def authorize(attempt: Attempt) -> Charge:
    """A charge that the issuer accepted, captured at once unless the intent says manual."""
    charge = _charge(attempt)
    manual = captured_by_hand(attempt.intent, attempt.method["type"])
    charge["status"], charge["paid"], charge["captured"] = "succeeded", True, not manual
    charge["outcome"] = _outcome(attempt.behaviour, None)
    charge["amount_captured"] = 0 if manual else charge["amount"]
    sandbox = attempt.sandbox
    if manual:
        sandbox.schedule.add("expire_authorization", attempt.intent["id"], AUTHORIZATION_LIFETIME_S)
    elif attempt.intent["capture_method"] == "automatic":
        charge["balance_transaction"] = settled(sandbox, charge)
    else:
        sandbox.schedule.add("settle_charge", charge["id"], SETTLES_AFTER_S)
    sandbox.charges.put(charge)
    emit(sandbox, "charge.succeeded", charge, attempt.cause)
    if not manual:
        disputes.expect(sandbox, charge)
    return charge


def order(attempt: Attempt) -> Charge:
    """A charge that waits for the shopper's bank. Its balance transaction is there at once, and pends with it."""
    charge = _charge(attempt)
    charge["captured"], charge["amount_captured"] = True, charge["amount"]
    charge["outcome"] = _outcome(attempt.behaviour, None)
    charge["balance_transaction"] = balance.of_debit(attempt.sandbox, charge)["id"]
    attempt.sandbox.charges.put(charge)
    emit(attempt.sandbox, "charge.pending", charge, attempt.cause)
    return charge


def refuse(attempt: Attempt, decline: Decline) -> Charge:
    """A charge that the issuer, or risk control before it, refused."""
    charge = _charge(attempt)
    charge["status"], charge["failure_code"], charge["failure_message"] = "failed", decline.code, decline.message
    charge["outcome"] = _outcome(attempt.behaviour, decline)
    charge["receipt_url"] = None
    charge["payment_method_details"] = _refused_details(charge, decline)
    if decline.blocked_by_risk:
        charge["fraud_details"] = {"stripe_report": "fraudulent"}
    attempt.sandbox.charges.put(charge)
    emit(attempt.sandbox, "charge.failed", charge, attempt.cause)
    return charge


def settled(sandbox: Sandbox, charge: Charge) -> str:
    """Book the captured money and give the balance transaction's id."""
    behaviour = lookup.behaviour(charge["sandbox"]["instrument"])
    return balance.of_charge(sandbox, charge, behaviour.funds_available_at_once)["id"]


def describe(charge: Charge, intent: PaymentIntent) -> None:
    """What stands on the statement, which a capture may still change."""
    charge["statement_descriptor_suffix"] = intent["statement_descriptor_suffix"]
    charge["calculated_statement_descriptor"] = _statement(intent)


def _charge(attempt: Attempt) -> Charge:
    _check(attempt)
    intent, method = attempt.intent, attempt.method
    return {
        "id": new_id("ch_3" if method["type"] == "card" else "py_3"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": intent["application_fee_amount"],
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": _statement(intent) if method["type"] == "card" else None,
        "captured": False,
        "created": attempt.sandbox.clock.now(),
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "on_behalf_of": intent["on_behalf_of"],
        "outcome": None,
        "paid": False,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": _details(attempt),
        "presentment_details": None,
        "radar_options": {},
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": f"{attempt.sandbox.origin}/receipts/{random_text(24)}",
        "refunded": False,
        "review": None,
        "shipping": intent["shipping"],
        "source": None,
        "source_transfer": None,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "pending",
        "transfer_data": intent["transfer_data"],
        "transfer_group": intent["transfer_group"],
        "sandbox": {"instrument": method["sandbox"]["instrument"]},
    }


def _statement(intent: PaymentIntent) -> str:
    suffix = intent["statement_descriptor_suffix"]
    return f"TILLGATE* {suffix}"[:22] if suffix else STATEMENT


def _outcome(behaviour: Behaviour, decline: Decline | None) -> dict[str, JSON]:
    outcome: dict[str, JSON] = {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "approved_by_network",
        "reason": None,
        "risk_level": behaviour.risk_level,
        "risk_score": behaviour.risk_score,
        "seller_message": "Payment complete.",
        "type": "authorized",
    }
    if decline is None:
        return outcome
    if decline.blocked_by_risk:
        blocked: dict[str, JSON] = {
            "network_status": "not_sent_to_network",
            "reason": "highest_risk_level",
            "risk_level": "highest",
            "rule": "block_if_high_risk",
            "seller_message": "Stripe blocked this payment as too risky.",
            "type": "blocked",
        }
        return {**outcome, **blocked}
    declined: dict[str, JSON] = {
        "advice_code": decline.advice or None,
        "network_decline_code": decline.network_decline_code or None,
        "network_status": "declined_by_network",
        "reason": decline.decline_code,
        "seller_message": _seller_message(decline),
        "type": "issuer_declined",
    }
    return {**outcome, **declined}


def _seller_message(decline: Decline) -> str:
    if decline.decline_code == declines.GENERIC.decline_code:
        return "The bank did not return any further details with this decline."
    return f"The bank returned the decline code `{decline.decline_code}`."


def _refused_details(charge: Charge, decline: Decline) -> dict[str, JSON]:
    """A refused card authorized nothing, and of one that was blocked no network knows."""
    details = charge["payment_method_details"]
    card = details.get("card")
    if not isinstance(card, dict):
        return details
    shown = {name: value for name, value in card.items() if name != "capture_before"}
    unknown = ("authorization_code", "network_transaction_id") if decline.blocked_by_risk else ()
    return {**details, "card": {**shown, **dict.fromkeys(("amount_authorized", *unknown))}}


def _details(attempt: Attempt) -> dict[str, JSON]:
    method = attempt.method
    kind = method["type"]
    if kind == "card":
        return {"card": _card_details(attempt), "type": "card"}
    account = method.get("us_bank_account") or method.get("sepa_debit") or {}
    details = {**lookup.charged_account(kind, account), "mandate": new_id("mandate_1")}
    if kind == "us_bank_account":
        details["payment_reference"] = None
    return {kind: details, "type": kind}


def _card_details(attempt: Attempt) -> dict[str, JSON]:
    card, intent = attempt.method.get("card") or {}, attempt.intent
    details: dict[str, JSON] = {
        "amount_authorized": intent["amount"],
        "authorization_code": random_text(6).upper(),
        "brand": card["brand"],
        "checks": card["checks"],
        "country": card["country"],
        "exp_month": card["exp_month"],
        "exp_year": card["exp_year"],
        "extended_authorization": {"status": "disabled"},
        "fingerprint": card["fingerprint"],
        "funding": card["funding"],
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "last4": card["last4"],
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": card["brand"],
        "network_token": {"used": False},
        "network_transaction_id": str(int(random_text(8).encode().hex(), 16))[:15],
        "overcapture": {"maximum_amount_capturable": intent["amount"], "status": "unavailable"},
        "regulated_status": "unregulated",
        "three_d_secure": attempt.authentication,
        "wallet": None,
    }
    if captured_by_hand(intent, "card"):
        details["capture_before"] = attempt.sandbox.clock.now() + AUTHORIZATION_LIFETIME_S
    return details


def _check(attempt: Attempt) -> None:
    """The bank checks what was given with a card, and the card shows from now on how that went."""
    card, behaviour = attempt.method.get("card"), attempt.behaviour
    given = card.get("checks") if card else None
    if card is None or not isinstance(given, Mapping):
        return
    answers = {
        "address_line1_check": behaviour.address_line1_check,
        "address_postal_code_check": behaviour.address_postal_code_check,
        "cvc_check": behaviour.cvc_check,
    }
    checks: dict[str, JSON] = {name: answers[name] if given[name] else None for name in answers}
    attempt.method["card"] = {**card, "checks": checks}
    attempt.sandbox.payment_methods.put(attempt.method)
