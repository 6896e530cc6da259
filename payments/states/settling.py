"""Settle operations: by their own answer, or by what an observation proves about them."""

from __future__ import annotations

from payments.gateways.base import DisputeSeen, PaymentSeen, PaymentState, Refusal
from payments.models import Discrepancy, Observation, Operation, PaymentAttempt, Refund
from payments.states.discrepancies import close_discrepancy, open_discrepancy, stuck_subject
from payments.states.fact import Fact
from payments.states.owed import tell_failed
from payments.states.proof import proven_outcome
from payments.states.table import Cause
from payments.states.transition import move
from payments.states.uncaptured import tell_not_captured

Status = Operation.Status
Verdict = Observation.Verdict

_STAGES = (Verdict.REQUIRES_ACTION, Verdict.PROCESSING)
_REFUSED = (Verdict.DECLINED, Verdict.NOT_SENT)


def settle_operations(fact: Fact) -> None:
    """A write's own answer always settles it; whatever else is unsettled is settled by what this observation shows."""
    if fact.own is not None:
        _settle_own(fact, fact.own)
    for operation in fact.unsettled:
        if not operation.is_settled and (outcome := proven_outcome(operation, fact.observation)):
            settle(fact, operation, outcome)


def _settle_own(fact: Fact, operation: Operation) -> None:
    outcome = Status.FAILED if fact.observation.verdict in _REFUSED else Status.SUCCEEDED
    if operation.status == Status.FAILED and outcome == Status.SUCCEEDED and not _was_only_a_stage(fact, operation):
        open_discrepancy(
            Discrepancy.Kind.CONTRADICTION,
            f"operation:{operation.pk}",
            f"{operation.kind} was proven failed by observation {operation.proof_id}, "
            f"then its own answer {fact.observation.pk} said that it was done. Compare both at the gateway.",
            fact.payment,
        )
    elif operation.is_settled:
        return
    settle(fact, operation, outcome)


def _was_only_a_stage(fact: Fact, operation: Operation) -> bool:
    """Whether this answer was only a stage, such as 3-D Secure or a hold, and a later look proved how it ended."""
    proof, answer = operation.proof, fact.observation
    held = operation.is_confirm and not answer.captured_amount
    return proof is not None and (held or answer.verdict in _STAGES) and answer.asked_at < proof.asked_at


def settle(fact: Fact, operation: Operation, outcome: Status) -> None:
    """End the operation with this fact as its proof, and whatever ends with it."""
    cause = Cause.NOT_SENT if fact.is_not_sent else Cause.OBSERVED
    may_be_told = operation.status == Status.UNKNOWN or bool(operation.last_error)
    move(operation, outcome, cause, fact.journal, proof=fact.observation, leased_until=None, next_check_at=None)
    if may_be_told:
        close_discrepancy(Discrepancy.Kind.STUCK, stuck_subject(operation), f"Proven {outcome} after all.")
    if outcome == Status.FAILED:
        _after_failure(fact, operation, cause)
    elif operation.kind == Operation.Kind.OPEN:
        fact.change(gateway_id=fact.observation.gateway_id)


def _after_failure(fact: Fact, operation: Operation, cause: Cause) -> None:
    if operation.kind == Operation.Kind.OPEN:
        _drop_waiting_confirm(fact)
    elif operation.is_confirm and operation.attempt is not None:
        _end_attempt(fact, operation.attempt, cause)
    elif operation.gives_back and operation.refund is not None:
        fail_refund(fact, operation.refund, cause)
    elif operation.kind == Operation.Kind.CAPTURE:
        tell_not_captured(fact, operation)


def _drop_waiting_confirm(fact: Fact) -> None:
    """Without a payment object there is nothing to confirm."""
    for waiting in fact.unsettled:
        if waiting.is_confirm and waiting.status == Status.CREATED:
            settle(fact, waiting, Status.FAILED)


def _end_attempt(fact: Fact, attempt: PaymentAttempt, cause: Cause) -> None:
    """End the attempt whose confirm failed, unless the object itself shows what became of it."""
    seen = fact.observation.seen
    if not attempt.is_live:
        return
    if isinstance(seen, PaymentSeen) and seen.state != PaymentState.REQUIRES_PAYMENT_METHOD:
        return
    if cause == Cause.NOT_SENT:
        move(attempt, PaymentAttempt.Status.CANCELED, cause, fact.journal, proof=fact.observation)
    else:
        decline_attempt(fact, attempt)


def decline_attempt(fact: Fact, attempt: PaymentAttempt) -> None:
    refusal = fact.observation.refusal or Refusal("declined", "the gateway gave no reason", "try_again")
    move(
        attempt,
        PaymentAttempt.Status.DECLINED,
        Cause.OBSERVED,
        fact.journal,
        proof=fact.observation,
        refusal_code=refusal.code,
        refusal_message=refusal.message,
        advice=refusal.advice,
    )


def fail_refund(fact: Fact, refund: Refund, cause: Cause) -> None:
    """The gateway refused the refund, or never got it: its amount is refundable again."""
    before = refund.status
    if before not in Refund.RESERVING:
        return
    refusal = fact.observation.refusal or _why_not_sent(fact)
    move(
        refund,
        Refund.Status.FAILED,
        cause,
        fact.journal,
        proof=fact.observation,
        next_check_at=None,
        refusal_code=refusal.code,
        refusal_message=refusal.message,
    )
    if not refund.surplus_gateway_id:
        fact.change(refund_reserved_amount=fact.payment.refund_reserved_amount - refund.amount)
    tell_failed(fact, refund)
    fact.changed_refunds.append((refund, before))


def _why_not_sent(fact: Fact) -> Refusal:
    if isinstance(fact.observation.seen, DisputeSeen):
        return Refusal("disputed", "the shopper's bank has withdrawn the money already")
    return Refusal("not_sent", "the gateway could not be reached in time")
