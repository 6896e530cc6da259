"""Disputes: a cardholder's bank takes money back, or asks first (docs.stripe.com/disputes, /api/disputes)."""

from __future__ import annotations

from sandbox.documents import JSON, Charge, Dispute
from sandbox.events import BY_ITSELF, Cause, emit
from sandbox.ids import new_id
from sandbox.instruments import lookup
from sandbox.instruments.behaviour import DisputeCase
from sandbox.payments import balance, refunds
from sandbox.payments.dispute_evidence import ESCALATING, LOSING, NO_EVIDENCE, WINNING
from sandbox.render import public
from sandbox.world import Sandbox

DAY_S = 24 * 3600
OPENS_AFTER_S = 0.5
DAYS_TO_RESPOND = 8
"""The card networks give from 7 to 21 days; the last one counts to its end, in UTC."""
INQUIRY_LIFETIME_S = 120 * DAY_S
"""An inquiry that its bank has not escalated by then is over (docs.stripe.com/disputes/how-disputes-work)."""
UNDER_REVIEW = ("under_review", "warning_under_review")
INQUIRIES = ("warning_needs_response", "warning_under_review")
OPEN = ("needs_response", "under_review", *INQUIRIES)


def expect(sandbox: Sandbox, charge: Charge) -> None:
    """If the test instrument disputes its charges, let that happen shortly after the money was taken."""
    if _case(charge) is not None:
        sandbox.schedule.add("open_dispute", charge["id"], OPENS_AFTER_S)


def open_expected(sandbox: Sandbox, charge_id: str) -> None:
    """What `expect` announced."""
    charge = sandbox.charges.get(charge_id)
    case = _case(charge) if charge is not None else None
    if charge is not None and case is not None:
        open_dispute(sandbox, charge, case, charge["amount_captured"])


def open_dispute(sandbox: Sandbox, charge: Charge, case: DisputeCase, amount: int) -> Dispute:
    """The bank disputes `amount` (minor units) of a captured charge: a chargeback takes it at once, an inquiry asks."""
    charge["disputed"] = True
    sandbox.charges.put(charge)
    dispute = _dispute(sandbox, charge, case, amount)
    if not case.inquiry:
        _withdraw(sandbox, dispute)
    sandbox.disputes.put(dispute)
    emit(sandbox, "charge.dispute.created", dispute, BY_ITSELF)
    if not case.inquiry:
        _tell_of_withdrawal(sandbox, dispute)
    if case.final:
        return _close(sandbox, dispute, "lost", BY_ITSELF)
    _schedule_end(sandbox, dispute)
    return dispute


def win(sandbox: Sandbox, dispute: Dispute) -> Dispute:
    """The bank decided for the shop: the money comes back, and the charge can be refunded again."""
    if dispute["status"] in INQUIRIES:
        return _close(sandbox, dispute, "warning_closed", BY_ITSELF)
    before = dispute.copy()
    dispute["balance_transactions"] = [
        *dispute["balance_transactions"],
        public(balance.of_dispute_reversal(sandbox, dispute)),
    ]
    dispute["is_charge_refundable"] = True
    dispute["status"] = "won"
    sandbox.disputes.put(dispute)
    emit(sandbox, "charge.dispute.funds_reinstated", dispute, BY_ITSELF, before)
    emit(sandbox, "charge.dispute.closed", dispute, BY_ITSELF, before)
    return dispute


def lose(sandbox: Sandbox, dispute: Dispute, cause: Cause = BY_ITSELF) -> Dispute:
    """The bank decided for the cardholder, or the shop gave in; an inquiry ends without a chargeback."""
    inquiry = dispute["status"] in INQUIRIES
    return _close(sandbox, dispute, "warning_closed" if inquiry else "lost", cause)


def escalate(sandbox: Sandbox, dispute: Dispute) -> Dispute:
    """An inquiry becomes a chargeback: now the money is taken."""
    before = dispute.copy()
    dispute["status"], dispute["is_charge_refundable"] = "needs_response", False
    details = dispute["payment_method_details"]
    card = details.get("card") if details else None
    if isinstance(card, dict):
        dispute["payment_method_details"] = {"card": {**card, "case_type": "chargeback"}, "type": "card"}
    dispute["evidence_details"] = {**dispute["evidence_details"], "due_by": _due_by(sandbox)}
    _withdraw(sandbox, dispute)
    sandbox.disputes.put(dispute)
    emit(sandbox, "charge.dispute.updated", dispute, BY_ITSELF, before)
    _tell_of_withdrawal(sandbox, dispute)
    _schedule_end(sandbox, dispute)
    return dispute


def decide(sandbox: Sandbox, dispute_id: str) -> None:
    """What the evidence's documented test text makes the bank decide."""
    dispute = sandbox.disputes.get(dispute_id)
    if dispute is None or dispute["status"] not in UNDER_REVIEW:
        return
    text = dispute["evidence"]["uncategorized_text"]
    if text == WINNING:
        win(sandbox, dispute)
    elif text == LOSING:
        lose(sandbox, dispute)
    elif text == ESCALATING and dispute["status"] in INQUIRIES:
        escalate(sandbox, dispute)


def expire(sandbox: Sandbox, dispute_id: str) -> None:
    """Nobody answered in time: a chargeback is lost. An inquiry whose time is over is closed, answered or not."""
    dispute = sandbox.disputes.get(dispute_id)
    if dispute is None:
        return
    inquiry_over = dispute["created"] + INQUIRY_LIFETIME_S <= sandbox.clock.now()
    if dispute["status"] == "needs_response" or (dispute["status"] in INQUIRIES and inquiry_over):
        lose(sandbox, dispute)


def _case(charge: Charge) -> DisputeCase | None:
    """How the instrument disputes a charge. 3-D Secure protects from fraud claims, not from others."""
    case = lookup.behaviour(charge["sandbox"]["instrument"]).dispute
    card = charge["payment_method_details"].get("card")
    authenticated = isinstance(card, dict) and card.get("three_d_secure") is not None
    return None if case is not None and case.reason == "fraudulent" and authenticated else case


def _withdraw(sandbox: Sandbox, dispute: Dispute) -> None:
    """Take the money, and stop what is still on its way to the shopper: the bank has given it already."""
    dispute["balance_transactions"] = [public(balance.of_dispute(sandbox, dispute))]
    for refund in sandbox.refunds.of_charge(dispute["charge"]):
        if refund["status"] == "pending":
            refunds.fail(sandbox, refund["id"], "charge_for_pending_refund_disputed")


def _tell_of_withdrawal(sandbox: Sandbox, dispute: Dispute) -> None:
    emit(sandbox, "charge.dispute.funds_withdrawn", dispute, BY_ITSELF)


def _close(sandbox: Sandbox, dispute: Dispute, status: str, cause: Cause) -> Dispute:
    before = dispute.copy()
    dispute["status"] = status
    sandbox.disputes.put(dispute)
    emit(sandbox, "charge.dispute.closed", dispute, cause, before)
    return dispute


def _schedule_end(sandbox: Sandbox, dispute: Dispute) -> None:
    inquiry, due_by = dispute["status"] in INQUIRIES, dispute["evidence_details"]["due_by"] or 0
    after_s = INQUIRY_LIFETIME_S if inquiry else due_by - sandbox.clock.now()
    sandbox.schedule.add("expire_dispute", dispute["id"], after_s)


def _due_by(sandbox: Sandbox) -> int:
    day_after = sandbox.clock.now() // DAY_S + DAYS_TO_RESPOND + 1
    return day_after * DAY_S - 1


def _dispute(sandbox: Sandbox, charge: Charge, case: DisputeCase, amount: int) -> Dispute:
    return {
        "id": new_id("du_1"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": sandbox.clock.now(),
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": NO_EVIDENCE,
        "evidence_details": {
            "due_by": None if case.final else _due_by(sandbox),
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "intended_submission_method": None,
        "is_charge_refundable": case.inquiry,
        "livemode": False,
        "metadata": {},
        "network_reason_code": case.network_reason_code or None,
        "payment_intent": charge["payment_intent"],
        "payment_method_details": _card_details(charge, case),
        "reason": case.reason,
        "status": "warning_needs_response" if case.inquiry else "needs_response",
    }


def _card_details(charge: Charge, case: DisputeCase) -> dict[str, JSON] | None:
    card = charge["payment_method_details"].get("card")
    if not isinstance(card, dict):
        return None
    shown: dict[str, JSON] = {
        "brand": card["brand"],
        "case_type": "inquiry" if case.inquiry else "chargeback",
        "network": card["network"],
        "network_reason_code": case.network_reason_code or None,
    }
    return {"card": shown, "type": "card"}
