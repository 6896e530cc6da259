from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from payments.gateways.base import (
    DisputeSeen,
    DisputeState,
    PaymentSeen,
    PaymentState,
    RefundSeen,
    RefundState,
    Refusal,
    Seen,
    SubjectKind,
)
from payments.models.operation import Operation
from payments.models.payment import Payment
from payments.money import Money


class Observation(models.Model):
    """A normalized fact about money, committed before it is applied and kept for ever.

    `asked_at` and `answered_at` are the database's clock just before the question and just after the answer.
    `verdict` says what a write's own answer means for its operation; it is empty on an answer to a question.
    `payment_gateway_id` is set on a refund and on a dispute; `withdrawn_amount`, `reason` and `evidence_due_at` on a
    dispute;
    `recorded_by` on what a person found out.
    A row that is not applied stays, with its error, until it is.
    """

    class Source(models.TextChoices):
        RESPONSE = "response"
        WEBHOOK = "webhook"
        QUERY = "query"
        LOCAL = "local", "our own record that nothing was sent"
        PERSON = "person", "what somebody found out and recorded"

    class Verdict(models.TextChoices):
        SUCCEEDED = "succeeded"
        REQUIRES_ACTION = "requires_action"
        PROCESSING = "processing"
        DECLINED = "declined"
        NOT_SENT = "not_sent"
        EXPIRED = "expired", "given up unpaid, with nothing at the gateway"

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="observations")
    operation = models.ForeignKey(Operation, null=True, on_delete=models.PROTECT, related_name="observations")
    source = models.CharField(max_length=8, choices=Source)
    verdict = models.CharField(max_length=16, choices=Verdict, blank=True, default="")
    subject_kind = models.CharField(max_length=8, blank=True, default="")
    gateway_id = models.CharField(max_length=255, blank=True, default="")
    payment_gateway_id = models.CharField(max_length=255, blank=True, default="")
    state = models.CharField(max_length=32, blank=True, default="")
    amount = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True, default="")
    captured_amount = models.BigIntegerField(null=True)
    capturable_amount = models.BigIntegerField(null=True)
    live = models.BooleanField(null=True)
    reference = models.CharField(max_length=255, blank=True, default="")
    charge_id = models.CharField(max_length=255, blank=True, default="")
    withdrawn_amount = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=100, blank=True, default="")
    evidence_due_at = models.DateTimeField(null=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    refusal_code = models.CharField(max_length=100, blank=True, default="")
    refusal_message = models.CharField(max_length=500, blank=True, default="")
    advice = models.CharField(max_length=20, blank=True, default="")
    gateway_time = models.DateTimeField(null=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(db_default=Now())
    applied_at = models.DateTimeField(null=True)
    apply_tries = models.IntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, db_default=Now())
    apply_error = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(source="person", recorded_by__isnull=False)
                | Q(~Q(source="person"), recorded_by__isnull=True),
                name="payments_observation_person_is_named",
            )
        ]
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(applied_at__isnull=True), name="payments_observation_due"),
            models.Index(fields=["charge_id"], condition=~Q(charge_id=""), name="payments_observation_of_charge"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.verdict or self.state} {self.gateway_id}"

    @classmethod
    def of(
        cls,
        seen: Seen | None,
        *,
        payment: Payment,
        source: str,
        asked_at: datetime,
        operation: Operation | None = None,
        verdict: str = "",
        refusal: Refusal | None = None,
    ) -> Observation:
        """An unsaved row for what was `seen`; `refusal` of a write's own answer wins over the object's last error."""
        row = cls(payment=payment, operation=operation, source=source, verdict=verdict, asked_at=asked_at)
        if seen is not None:
            row._take(seen)
        shown = seen.refusal if isinstance(seen, (PaymentSeen, RefundSeen)) else None
        if refusal := refusal or shown:
            row.refusal_code, row.refusal_message = refusal.code[:100], refusal.message[:500]
            row.advice = refusal.advice
        return row

    def _take(self, seen: Seen) -> None:
        self.gateway_id, self.state = seen.gateway_id, seen.state.value
        self.amount, self.currency = seen.money.amount, seen.money.currency
        self.live, self.gateway_time = seen.live, seen.gateway_time
        match seen:
            case PaymentSeen():
                self.subject_kind, self.reference = SubjectKind.PAYMENT, seen.reference
                self.captured_amount, self.capturable_amount = seen.captured.amount, seen.capturable.amount
                self.charge_id = seen.charge_id
            case RefundSeen():
                self.subject_kind, self.reference = SubjectKind.REFUND, seen.reference
                self.payment_gateway_id = seen.payment_gateway_id
            case DisputeSeen():
                self.subject_kind, self.payment_gateway_id = SubjectKind.DISPUTE, seen.payment_gateway_id
                self.withdrawn_amount, self.reason = seen.withdrawn.amount, seen.reason[:100]
                self.evidence_due_at = seen.evidence_due_at

    @property
    def refusal(self) -> Refusal | None:
        return Refusal(self.refusal_code, self.refusal_message, self.advice) if self.refusal_code else None

    @property
    def money(self) -> Money:
        return Money(self.amount or 0, self.currency)

    @property
    def seen(self) -> Seen | None:
        """What was seen, as the port's value; None for an answer that showed no object."""
        match self.subject_kind:
            case SubjectKind.PAYMENT:
                return self._payment_seen()
            case SubjectKind.REFUND:
                return self._refund_seen()
            case SubjectKind.DISPUTE:
                return self._dispute_seen()
        return None

    def _payment_seen(self) -> PaymentSeen:
        return PaymentSeen(
            gateway_id=self.gateway_id,
            state=PaymentState(self.state),
            money=self.money,
            captured=Money(self.captured_amount or 0, self.currency),
            capturable=Money(self.capturable_amount or 0, self.currency),
            live=bool(self.live),
            reference=self.reference,
            charge_id=self.charge_id,
            refusal=self.refusal,
            gateway_time=self.gateway_time,
        )

    def _refund_seen(self) -> RefundSeen:
        return RefundSeen(
            gateway_id=self.gateway_id,
            payment_gateway_id=self.payment_gateway_id,
            state=RefundState(self.state),
            money=self.money,
            live=bool(self.live),
            reference=self.reference,
            refusal=self.refusal,
            gateway_time=self.gateway_time,
        )

    def _dispute_seen(self) -> DisputeSeen:
        return DisputeSeen(
            gateway_id=self.gateway_id,
            payment_gateway_id=self.payment_gateway_id,
            state=DisputeState(self.state),
            money=self.money,
            withdrawn=Money(self.withdrawn_amount or 0, self.currency),
            live=bool(self.live),
            reason=self.reason,
            evidence_due_at=self.evidence_due_at,
            gateway_time=self.gateway_time,
        )
