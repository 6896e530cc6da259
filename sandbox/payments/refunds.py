"""Refunds (docs.stripe.com/api/refunds, docs.stripe.com/refunds)."""

from __future__ import annotations

from sandbox.documents import JSON, Charge, Refund
from sandbox.errors import Conflict, InvalidParameter, Missing, MissingReference
from sandbox.events import BY_ITSELF, Cause, emit
from sandbox.ids import new_id, random_text
from sandbox.instruments import lookup
from sandbox.instruments.behaviour import RefundFate
from sandbox.parameters import Params
from sandbox.payments import balance, currencies, validation
from sandbox.world import Sandbox

REFERRED_AFTER_S, SETTLES_AFTER_S = 1.0, 5.0
COUNTED = ("pending", "requires_action", "succeeded")


def create(sandbox: Sandbox, params: Params, cause: Cause) -> Refund:
    """Give money of a captured charge back, at most what was captured and not given back yet."""
    charge = _refundable(sandbox, params)
    amount = _amount(sandbox, charge, params)
    fate = lookup.behaviour(charge["sandbox"]["instrument"]).refund
    pends = fate is RefundFate.PENDS_THEN_SUCCEEDS
    refund = _refund(sandbox, charge, amount, params, "pending" if pends else "succeeded")
    if pends:
        refund["pending_reason"] = "processing"
    refund["balance_transaction"] = balance.of_refund(sandbox, charge, refund)["id"]
    sandbox.refunds.put(refund)
    emit(sandbox, "refund.created", refund, cause)
    _count(sandbox, charge, cause)
    if not pends and refund["destination_details"] is not None:
        sandbox.schedule.add("refer_to_refund", refund["id"], REFERRED_AFTER_S)
    if fate is not RefundFate.SUCCEEDS:
        sandbox.schedule.add("succeed_refund" if pends else "fail_refund", refund["id"], SETTLES_AFTER_S)
    return refund


def succeed(sandbox: Sandbox, refund_id: str) -> None:
    """A pending refund arrived."""
    refund = sandbox.refunds.get(refund_id)
    if refund is None or refund["status"] != "pending":
        return
    before = refund.copy()
    refund["status"] = "succeeded"
    refund.pop("pending_reason", None)
    if refund["destination_details"] is not None:
        refund["destination_details"] = _card_destination("available")
    sandbox.refunds.put(refund)
    _updated(sandbox, refund, before, BY_ITSELF)


def refer(sandbox: Sandbox, refund_id: str) -> None:
    """The acquirer's reference, by which the shopper's bank finds the refund, is known some time after it was made."""
    refund = sandbox.refunds.get(refund_id)
    if refund is None or refund["status"] != "succeeded":
        return
    before = refund.copy()
    refund["destination_details"] = _card_destination("available")
    sandbox.refunds.put(refund)
    _updated(sandbox, refund, before, BY_ITSELF)


def fail(sandbox: Sandbox, refund_id: str, reason: str = "expired_or_canceled_card") -> None:
    """The bank sent the money back: the refund fails even if it had succeeded, and the charge can be refunded again."""
    refund = sandbox.refunds.get(refund_id)
    if refund is None or refund["status"] not in COUNTED:
        return
    before = refund.copy()
    refund["status"] = "failed"
    refund.pop("pending_reason", None)
    refund["failure_reason"] = reason
    refund["failure_balance_transaction"] = balance.of_refund_failure(sandbox, refund)["id"]
    sandbox.refunds.put(refund)
    charge = sandbox.charges.get(refund["charge"])
    if charge is not None:
        _recount(sandbox, charge)
    _updated(sandbox, refund, before, BY_ITSELF)
    emit(sandbox, "refund.failed", refund, BY_ITSELF)


def update(sandbox: Sandbox, refund: Refund, params: Params, cause: Cause) -> Refund:
    """Only metadata can change."""
    before = refund.copy()
    if "metadata" in params:
        refund["metadata"] = validation.merged_metadata(refund["metadata"], params)
    sandbox.refunds.put(refund)
    if before != refund:
        _updated(sandbox, refund, before, cause)
    return refund


def refundable_amount(sandbox: Sandbox, charge: Charge) -> int:
    """What is captured and not given back, in minor units."""
    return charge["amount_captured"] - _given_back(sandbox, charge)


def _refundable(sandbox: Sandbox, params: Params) -> Charge:
    charge = _named_charge(sandbox, params)
    if charge["status"] == "failed":
        raise _nothing_to_refund(charge["payment_intent"])
    if charge["status"] == "pending":
        raise Conflict(f"Charge {charge['id']} has not succeeded and cannot be refunded.")
    if not charge["captured"]:
        raise Conflict(
            f"This uncaptured Charge was created by a PaymentIntent ({charge['payment_intent']}). You must cancel the "
            "PaymentIntent to reverse the authorization instead of refunding the Charge directly. For more "
            "information, see https://stripe.com/docs/payments/place-a-hold-on-a-payment-method"
        )
    if not all(dispute["is_charge_refundable"] for dispute in sandbox.disputes.of_charge(charge["id"])):
        raise Conflict(f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed")
    return charge


def _named_charge(sandbox: Sandbox, params: Params) -> Charge:
    charge_id, intent_id = params.text("charge"), params.text("payment_intent")
    if charge_id is None and intent_id is None:
        raise InvalidParameter(
            "One of the following params should be provided for this request: payment_intent or charge."
        )
    if charge_id is None and intent_id is not None:
        charge_id = _latest_charge(sandbox, intent_id)
    charge = sandbox.charges.get(charge_id or "")
    if charge is None:
        raise Missing("charge", charge_id or "", "id")
    if intent_id is not None and charge["payment_intent"] != intent_id:
        raise InvalidParameter(
            f"The charge {charge['id']} does not belong to the PaymentIntent {intent_id}.", param="charge"
        )
    return charge


def _latest_charge(sandbox: Sandbox, intent_id: str) -> str:
    intent = sandbox.payment_intents.get(intent_id)
    if intent is None:
        raise MissingReference("payment_intent", intent_id, "payment_intent")
    if intent["latest_charge"] is None or intent["status"] not in ("succeeded", "requires_capture", "processing"):
        raise _nothing_to_refund(intent_id)
    return intent["latest_charge"]


def _nothing_to_refund(intent_id: str) -> Conflict:
    return Conflict(f"This PaymentIntent ({intent_id}) does not have a successful charge to refund.")


def _amount(sandbox: Sandbox, charge: Charge, params: Params) -> int:
    left, amount, currency = refundable_amount(sandbox, charge), params.integer("amount"), charge["currency"]
    if amount is not None and amount < 1:
        raise InvalidParameter(
            "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param="amount"
        )
    if left == 0:
        raise Conflict(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if amount is None or amount <= left:
        return left if amount is None else amount
    untouched = left == charge["amount_captured"]
    than = "charge amount" if untouched else "unrefunded amount on charge"
    raise Conflict(
        f"Refund amount ({currencies.written(amount, currency)}) is greater than {than} "
        f"({currencies.written(left, currency)})",
        param="amount",
    )


def _refund(sandbox: Sandbox, charge: Charge, amount: int, params: Params, status: str) -> Refund:
    card = charge["payment_method_details"]["type"] == "card"
    return {
        "id": new_id("re_3" if card else "pyr_1"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": sandbox.clock.now(),
        "currency": charge["currency"],
        "customer": charge["customer"],
        "customer_account": None,
        "destination_details": _card_destination("pending") if card else None,
        "metadata": validation.merged_metadata({}, params),
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": params.text("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": status,
        "transfer_reversal": None,
    }


def _card_destination(reference_status: str) -> dict[str, JSON]:
    card: dict[str, JSON] = {
        "reference_status": reference_status,
        "reference_type": "acquirer_reference_number",
        "type": "refund",
    }
    if reference_status == "available":
        card["reference"] = str(int(random_text(10).encode().hex(), 16))[:23]
    return {"card": card, "type": "card"}


def _given_back(sandbox: Sandbox, charge: Charge) -> int:
    return sum(refund["amount"] for refund in sandbox.refunds.of_charge(charge["id"]) if refund["status"] in COUNTED)


def _count(sandbox: Sandbox, charge: Charge, cause: Cause) -> None:
    before = charge.copy()
    _recount(sandbox, charge)
    emit(sandbox, "charge.refunded", charge, cause, before)


def _recount(sandbox: Sandbox, charge: Charge) -> None:
    """What was released at capture was never taken, and so is no part of it."""
    charge["amount_refunded"] = _given_back(sandbox, charge)
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    sandbox.charges.put(charge)


def _updated(sandbox: Sandbox, refund: Refund, before: Refund, cause: Cause) -> None:
    emit(sandbox, "refund.updated", refund, cause, before)
    emit(sandbox, "charge.refund.updated", refund, cause, before)
