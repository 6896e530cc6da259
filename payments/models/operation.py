from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from payments.models.payment import Payment, PaymentAttempt
from payments.money import Money


class Operation(models.Model):
    """One write at the gateway. Its key and request never change and its row is never deleted.

    `lease` counts how often a worker took it up: only the newest holder may write its next step. `send_before` is the
    last moment at which it may be sent, or sent again. `fences` names the operation whose unknown outcome this void
    is to end; `expires`, that this void ends a payment that nobody paid in time. `repeat_is_vain`: the gateway replays
    a stored error for this key, or a dispute has withdrawn what this reversal was to give back.
    """

    class Kind(models.TextChoices):
        OPEN = "open"
        AUTHORIZE = "authorize"
        SALE = "sale"
        CAPTURE = "capture"
        VOID = "void"
        REFUND = "refund"
        REVERSE = "reverse"

    class Status(models.TextChoices):
        CREATED = "created"
        IN_FLIGHT = "in_flight"
        UNKNOWN = "unknown"
        SUCCEEDED = "succeeded"
        FAILED = "failed"

    UNSETTLED = (Status.CREATED, Status.IN_FLIGHT, Status.UNKNOWN)
    CONFIRMS = (Kind.AUTHORIZE, Kind.SALE)
    GIVES_BACK = (Kind.REFUND, Kind.REVERSE)

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="operations")
    attempt = models.ForeignKey(PaymentAttempt, null=True, on_delete=models.PROTECT, related_name="operations")
    refund = models.ForeignKey("Refund", null=True, on_delete=models.PROTECT, related_name="operations")
    fences = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="fenced_by")
    expires = models.BooleanField(default=False, db_default=False)
    kind = models.CharField(max_length=10, choices=Kind)
    request_id = models.UUIDField(null=True, help_text="a person's wish: the same wish twice is one operation")
    idempotency_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    send_before = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status)
    transition_cause = models.CharField(max_length=16, null=True, editable=False)
    proof = models.ForeignKey("Observation", null=True, on_delete=models.PROTECT, related_name="+")
    lease = models.IntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    repeat_is_vain = models.BooleanField(default=False)
    first_sent_at = models.DateTimeField(null=True)
    next_check_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["id"]
        permissions = [("decide_operation", "Can record what became of an operation")]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_operation_amount_positive"),
            models.CheckConstraint(
                condition=Q(status__in=["created", "in_flight", "unknown"]) | Q(proof__isnull=False),
                name="payments_operation_final_has_proof",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["authorize", "sale"], attempt__isnull=False)
                | Q(kind__in=["refund", "reverse"], refund__isnull=False)
                | Q(kind__in=["open", "capture", "void"]),
                name="payments_operation_names_its_wish",
            ),
            models.UniqueConstraint(
                fields=["attempt"],
                condition=Q(kind__in=["authorize", "sale"]),
                name="payments_operation_one_confirm_per_attempt",
            ),
            models.UniqueConstraint(fields=["payment", "request_id"], name="payments_operation_request_once"),
            models.UniqueConstraint(fields=["refund"], name="payments_operation_one_per_refund"),
            models.UniqueConstraint(
                fields=["payment"],
                condition=Q(kind="capture", status__in=["created", "in_flight", "unknown"]),
                name="payments_operation_one_capture_at_once",
            ),
            models.UniqueConstraint(
                fields=["payment"],
                condition=Q(kind="void", status__in=["created", "in_flight", "unknown"], repeat_is_vain=False),
                name="payments_operation_one_void_at_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_check_at"], condition=Q(next_check_at__isnull=False), name="payments_operation_due"
            ),
            models.Index(fields=["first_sent_at"], condition=Q(status="unknown"), name="payments_operation_unknown"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.money} ({self.status})"

    @classmethod
    def of(cls, payment: Payment, kind: str, money: Money, **columns: object) -> Operation:
        """An unsaved operation about this money of the payment."""
        return cls(payment=payment, kind=kind, amount=money.amount, currency=money.currency, **columns)

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def is_settled(self) -> bool:
        return self.status not in self.UNSETTLED

    @property
    def is_confirm(self) -> bool:
        return self.kind in self.CONFIRMS

    @property
    def gives_back(self) -> bool:
        return self.kind in self.GIVES_BACK

    def is_leased_at(self, now: datetime) -> bool:
        return self.leased_until is not None and self.leased_until > now
