"""Evidence: what a shop answers to a dispute, and what its documented test texts cause.

Sources: docs.stripe.com/api/disputes/update (`submit`, what is staged and what is sent) and
docs.stripe.com/testing#evidence (`winning_evidence` and the like).
"""

from __future__ import annotations

from sandbox.documents import JSON, Dispute
from sandbox.errors import Conflict, InvalidParameter
from sandbox.events import Cause, emit
from sandbox.parameters import Params
from sandbox.payments import validation
from sandbox.world import Sandbox

DECIDED_AFTER_S = 5.0
MAXIMUM_FIELD, MAXIMUM_TOTAL = 20_000, 150_000
TEXTS = (
    "access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure",
    "cancellation_rebuttal", "customer_communication", "customer_email_address", "customer_name",
    "customer_purchase_ip", "customer_signature", "duplicate_charge_documentation", "duplicate_charge_explanation",
    "duplicate_charge_id", "product_description", "receipt", "refund_policy", "refund_policy_disclosure",
    "refund_refusal_explanation", "service_date", "service_documentation", "shipping_address", "shipping_carrier",
    "shipping_date", "shipping_documentation", "shipping_tracking_number", "uncategorized_file", "uncategorized_text",
)  # fmt: skip
NO_EVIDENCE: dict[str, JSON] = {**dict.fromkeys(TEXTS), "appeal": None, "enhanced_evidence": {}}
CLOSED = ("won", "lost", "warning_closed", "prevented")
WINNING, LOSING, ESCALATING = TEST_TEXTS = ("winning_evidence", "losing_evidence", "escalate_inquiry_evidence")


def update(sandbox: Sandbox, dispute: Dispute, params: Params, cause: Cause) -> Dispute:
    """Write metadata and evidence; unless `submit` is false, all evidence there is goes to the bank at once."""
    ensure_open(dispute)
    before = _copy(dispute)
    sent = params.section("evidence")
    if sent is not None:
        _stage(dispute, sent)
    if "metadata" in params:
        dispute["metadata"] = validation.merged_metadata(dispute["metadata"], params)
    if "intended_submission_method" in params:
        dispute["intended_submission_method"] = params.text("intended_submission_method")
    if params.flag("submit", default=True) and dispute["evidence_details"]["has_evidence"]:
        _submit(sandbox, dispute)
    sandbox.disputes.put(dispute)
    if dispute != before:
        emit(sandbox, "charge.dispute.updated", dispute, cause, before)
    return dispute


def ensure_open(dispute: Dispute) -> None:
    """Raise if the dispute is decided."""
    if dispute["status"] in CLOSED:
        raise Conflict("This dispute is already closed")


def _stage(dispute: Dispute, sent: Params) -> None:
    texts: dict[str, JSON] = {name: sent.text(name) for name in TEXTS if name in sent}
    evidence = {**dispute["evidence"], **texts}
    lengths = {name: len(str(value)) for name, value in evidence.items() if isinstance(value, str)}
    for name, length in lengths.items():
        if length > MAXIMUM_FIELD:
            raise InvalidParameter(
                f"Evidence can be up to {MAXIMUM_FIELD} characters a field; this one has {length}.",
                param=f"evidence[{name}]",
            )
    if sum(lengths.values()) > MAXIMUM_TOTAL:
        raise InvalidParameter(f"Evidence can be up to {MAXIMUM_TOTAL} characters in all.", param="evidence")
    dispute["evidence"] = evidence
    dispute["evidence_details"]["has_evidence"] = bool(lengths)


def _submit(sandbox: Sandbox, dispute: Dispute) -> None:
    details = dispute["evidence_details"]
    details["submission_count"] += 1
    details["submission_method"] = "manual"
    details["past_due"] = details["due_by"] is not None and details["due_by"] < sandbox.clock.now()
    inquiry = dispute["status"].startswith("warning")
    dispute["status"] = "warning_under_review" if inquiry else "under_review"
    if dispute["evidence"]["uncategorized_text"] in TEST_TEXTS:
        sandbox.schedule.add("decide_dispute", dispute["id"], DECIDED_AFTER_S)


def _copy(dispute: Dispute) -> Dispute:
    """The dispute before a change, its nested details included."""
    before = dispute.copy()
    before["evidence_details"] = dispute["evidence_details"].copy()
    return before
