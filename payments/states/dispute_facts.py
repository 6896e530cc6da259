"""Apply a look at a dispute: what the shopper's bank claims, and what the gateway holds back for it."""

from __future__ import annotations

from django.db.models.functions import Now

from payments.gateways.base import DisputeSeen, DisputeState
from payments.ledger.posting import post_dispute, post_dispute_reinstated
from payments.models import Discrepancy, Dispute
from payments.money import Money
from payments.states.discrepancies import close_discrepancy, open_discrepancy
from payments.states.disputed_refunds import stop_refunds
from payments.states.fact import Fact
from payments.states.owed import tell_owed
from payments.states.schedule import check_interval
from payments.states.table import NEW, Cause
from payments.states.transition import insert, move


def apply_dispute_state(fact: Fact, seen: DisputeSeen) -> None:
    """Bring our row to what was seen, and book what was withdrawn or given back."""
    dispute = fact.payment.disputes.filter(gateway_id=seen.gateway_id).first()
    if dispute is None:
        _record(fact, seen)
    elif fact.observation.asked_at < dispute.state_answered_at:
        _ask_again(dispute)
    else:
        _update(fact, dispute, seen)


def _record(fact: Fact, seen: DisputeSeen) -> None:
    of_surplus = seen.payment_gateway_id != fact.payment.gateway_id  # what fits all the same is a second object's
    dispute = Dispute(
        payment=fact.payment,
        account=fact.payment.account,
        gateway_id=seen.gateway_id,
        surplus_gateway_id=seen.payment_gateway_id if of_surplus else "",
        **_columns(fact, seen),
    )
    insert(
        dispute,
        seen.state.value,
        Cause.OBSERVED,
        fact.journal,
        reason=dispute.reason,
        of_surplus=dispute.surplus_gateway_id or None,
    )
    _count(fact, dispute, before=0)
    _tell_staff(fact, dispute)
    fact.changed_disputes.append((dispute, NEW))


def _update(fact: Fact, dispute: Dispute, seen: DisputeSeen) -> None:
    status_before, withdrawn_before = dispute.status, dispute.withdrawn_amount
    columns = _columns(fact, seen)
    if seen.state.value != dispute.status:
        move(dispute, seen.state.value, Cause.OBSERVED, fact.journal, **columns)
    else:
        _keep(fact, dispute, columns, seen.money)
    _count(fact, dispute, before=withdrawn_before)
    if dispute.status != status_before or dispute.withdrawn_amount != withdrawn_before:
        fact.changed_disputes.append((dispute, status_before))
    _tell_staff(fact, dispute)


def _keep(fact: Fact, dispute: Dispute, columns: dict[str, object], money: Money) -> None:
    """Write what changed beside the status; the audit trail is told an amount that changed."""
    if dispute.money != money:
        fact.journal.note(
            Cause.OBSERVED.value,
            "dispute",
            dispute.pk,
            before={"amount": dispute.amount},
            after={"amount": money.amount, "currency": money.currency, "proof": fact.observation.pk},
        )
    Dispute.objects.filter(pk=dispute.pk).update(**columns)
    for name, value in columns.items():
        setattr(dispute, name, value)


def _columns(fact: Fact, seen: DisputeSeen) -> dict[str, object]:
    waits = seen.state.value in Dispute.OPEN or (seen.withdrawn and seen.state == DisputeState.WON)
    return {
        "amount": seen.money.amount,
        "currency": seen.money.currency,
        "withdrawn_amount": seen.withdrawn.amount,
        "reason": seen.reason,
        "evidence_due_at": seen.evidence_due_at,
        "proof": fact.observation,
        "state_answered_at": fact.observation.answered_at,
        "next_check_at": Now() + check_interval(8) if waits else None,
    }


def _ask_again(dispute: Dispute) -> None:
    """Of an ended one too: what was not applied may have been newer than what was."""
    Dispute.objects.filter(pk=dispute.pk).update(next_check_at=Now())


def _count(fact: Fact, dispute: Dispute, *, before: int) -> None:
    """Book the difference between what the gateway holds back now and what we knew that it did."""
    now = dispute.withdrawn_amount
    if now == before:
        return
    moved = Money(abs(now - before), dispute.currency)
    of_surplus = bool(dispute.surplus_gateway_id)
    post = post_dispute if now > before else post_dispute_reinstated
    post(fact.payment, moved, fact.observation, fact.journal, of_surplus=of_surplus)
    if of_surplus:
        fact.change(surplus_disputed_amount=fact.payment.surplus_disputed_amount + now - before)
    else:
        fact.change(disputed_amount=fact.payment.disputed_amount + now - before)
    if now > before:
        stop_refunds(fact, dispute)
    if of_surplus:
        tell_owed(fact)


def _tell_staff(fact: Fact, dispute: Dispute) -> None:
    subject = f"dispute:{dispute.gateway_id}"
    if dispute.status in Dispute.NEEDS_ANSWER:
        due = dispute.evidence_due_at
        until = f"Evidence is due by {due:%Y-%m-%d %H:%M} UTC. " if due else ""
        open_discrepancy(
            Discrepancy.Kind.DISPUTED,
            subject,
            f"The shopper's bank claims {dispute.money} back ({dispute.reason}). {until}"
            "Answer it in the gateway's dashboard, or accept it there.",
            fact.payment,
        )
    else:
        close_discrepancy(Discrepancy.Kind.DISPUTED, subject, f"The dispute is now {dispute.get_status_display()}.")
