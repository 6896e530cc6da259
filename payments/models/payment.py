from __future__ import annotations

import uuid
from datetime import datetime
from functools import cache

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from payments.gateways.base import CaptureMethod
from payments.models.account import GatewayAccount
from payments.money import Money
from payments.statements import Select


class PaymentManager(models.Manager["Payment"]):
    def lock(self, payment_id: int) -> Payment:
        """Take the payment's row lock, the root of all locks on money; released at the end of the transaction."""
        return _locked("%s").get(payment_id)

    def lock_of(self, table: str, row_id: int) -> Payment:
        """The same for the payment of a row in another table, such as "payments_operation"."""
        return _locked(f"(SELECT payment_id FROM {table} WHERE id = %s)").get(row_id)


@cache
def _locked(payment_id: str) -> Select[Payment]:
    return Select(
        Payment,
        "FROM payments_payment payment JOIN payments_gatewayaccount account ON account.id = payment.account_id"
        f" WHERE payment.id = {payment_id} FOR UPDATE OF payment",
        related={"account": GatewayAccount},
    )


class Payment(models.Model):
    """Collect this money for this reference, once.

    Amounts are minor units of `currency`. The status is a projection of attempts, captures and the gateway's answers:
    only `payments.states` changes it. `refund_reserved_amount` is asked for and not yet given back;
    `refunded_amount` is given back; `disputed_amount` is what the gateway withdrew for disputes. By `excess_amount`
    more went back than was captured, which a discrepancy tells staff. `surplus_amount` was taken beyond `amount`, by
    a second success at the gateway; `surplus_reversed_amount` of it was given back, `surplus_disputed_amount` withdrawn
    for disputes, and by `surplus_excess_amount` both are more than the surplus.
    """

    class Status(models.TextChoices):
        REQUIRES_PAYMENT_METHOD = "requires_payment_method"
        REQUIRES_ACTION = "requires_action"
        PROCESSING = "processing"
        REQUIRES_CAPTURE = "requires_capture"
        PARTIALLY_CAPTURED = "partially_captured"
        SUCCEEDED = "succeeded"
        CANCELED = "canceled"
        FAILED = "failed"

    OPEN = (Status.REQUIRES_PAYMENT_METHOD, Status.REQUIRES_ACTION, Status.PROCESSING, Status.REQUIRES_CAPTURE)
    FINAL = (Status.PARTIALLY_CAPTURED, Status.SUCCEEDED, Status.CANCELED, Status.FAILED)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(GatewayAccount, on_delete=models.PROTECT, related_name="payments")
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    capture_method = models.CharField(max_length=9, choices=[(m.value, m.value) for m in CaptureMethod])
    description = models.CharField(max_length=200)
    gateway_id = models.CharField(max_length=255, blank=True, default="")
    last_charge_id = models.CharField(max_length=255, blank=True, default="")
    status = models.CharField(max_length=24, choices=Status)
    transition_cause = models.CharField(max_length=16, null=True, editable=False)
    proof = models.ForeignKey("Observation", null=True, on_delete=models.PROTECT, related_name="+")
    captured_amount = models.BigIntegerField(default=0)
    refund_reserved_amount = models.BigIntegerField(default=0)
    refunded_amount = models.BigIntegerField(default=0)
    disputed_amount = models.BigIntegerField(default=0)
    excess_amount = models.BigIntegerField(default=0)
    surplus_amount = models.BigIntegerField(default=0)
    surplus_reversed_amount = models.BigIntegerField(default=0)
    surplus_disputed_amount = models.BigIntegerField(default=0)
    surplus_excess_amount = models.BigIntegerField(default=0)
    state_answered_at = models.DateTimeField(null=True, help_text="when the newest applied answer came, database clock")
    next_check_at = models.DateTimeField(null=True)
    checks = models.IntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())

    objects = PaymentManager()

    class Meta:
        permissions = [
            ("refund_payment", "Can refund a payment"),
            ("capture_payment", "Can capture an authorized payment"),
            ("void_payment", "Can void a payment"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_payment_amount_positive"),
            models.CheckConstraint(condition=Q(currency__regex="^[A-Z]{3}$"), name="payments_payment_currency_is_iso"),
            models.CheckConstraint(
                condition=Q(
                    captured_amount__gte=0,
                    refund_reserved_amount__gte=0,
                    refunded_amount__gte=0,
                    disputed_amount__gte=0,
                    excess_amount__gte=0,
                    surplus_amount__gte=0,
                    surplus_reversed_amount__gte=0,
                    surplus_disputed_amount__gte=0,
                    surplus_excess_amount__gte=0,
                ),
                name="payments_payment_totals_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(captured_amount__lte=F("amount")), name="payments_payment_captured_within_amount"
            ),
            models.CheckConstraint(
                condition=Q(
                    captured_amount__gte=F("refund_reserved_amount")
                    + F("refunded_amount")
                    + F("disputed_amount")
                    - F("excess_amount")
                ),
                name="payments_payment_refunds_within_captured",
            ),
            models.CheckConstraint(
                condition=Q(
                    surplus_amount__gte=F("surplus_reversed_amount")
                    + F("surplus_disputed_amount")
                    - F("surplus_excess_amount")
                ),
                name="payments_payment_reversals_within_surplus",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["partially_captured", "succeeded", "canceled", "failed"])
                | Q(proof__isnull=False),
                name="payments_payment_final_has_proof",
            ),
            models.UniqueConstraint(
                fields=["account", "gateway_id"], condition=~Q(gateway_id=""), name="payments_payment_gateway_id_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_check_at"], condition=Q(next_check_at__isnull=False), name="payments_payment_due"
            ),
            models.Index(fields=["-created_at"], name="payments_payment_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.money} for {self.description} ({self.public_id})"

    @property
    def reference(self) -> str:
        """Our name for this payment at the gateway."""
        return str(self.public_id)

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def captured(self) -> Money:
        return Money(self.captured_amount, self.currency)

    @property
    def refunded(self) -> Money:
        return Money(self.refunded_amount, self.currency)

    @property
    def refund_reserved(self) -> Money:
        return Money(self.refund_reserved_amount, self.currency)

    @property
    def left(self) -> Money:
        """What was captured and neither given back, asked to be, nor withdrawn for a dispute; never negative.

        It is here; whether it can be refunded, `operations.refunding` says.
        """
        return Money(max(0, self.captured_amount - self.gone_amount), self.currency)

    @property
    def disputed(self) -> Money:
        return Money(self.disputed_amount, self.currency)

    @property
    def gone_amount(self) -> int:
        """Minor units that were captured and are given back, about to be, or withdrawn."""
        return self.refunded_amount + self.refund_reserved_amount + self.disputed_amount

    @property
    def surplus_gone_amount(self) -> int:
        """Minor units of the surplus that are given back or withdrawn."""
        return self.surplus_reversed_amount + self.surplus_disputed_amount

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    def knows_newer_than(self, asked_at: datetime) -> bool:
        """Whether an answer is applied that came after this question was asked: then its own answer may be older."""
        return self.state_answered_at is not None and asked_at < self.state_answered_at


class PaymentAttempt(models.Model):
    """One try of the shopper with one single-use token. At most one attempt of a payment is live."""

    class Status(models.TextChoices):
        CREATED = "created"
        SUBMITTED = "submitted"
        REQUIRES_ACTION = "requires_action"
        PROCESSING = "processing"
        AUTHORIZED = "authorized"
        SUCCEEDED = "succeeded"
        DECLINED = "declined"
        CANCELED = "canceled"
        EXPIRED = "expired"

    LIVE = (Status.CREATED, Status.SUBMITTED, Status.REQUIRES_ACTION, Status.PROCESSING)

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="attempts")
    request_id = models.UUIDField(help_text="the shopper's wish: the same wish twice is one attempt")
    token = models.CharField(max_length=255, help_text="single-use token of the hosted fields, no card data")
    return_url = models.URLField(max_length=500)
    charge_known_before = models.CharField(max_length=255, blank=True, default="")
    status = models.CharField(max_length=16, choices=Status)
    transition_cause = models.CharField(max_length=16, null=True, editable=False)
    proof = models.ForeignKey("Observation", null=True, on_delete=models.PROTECT, related_name="+")
    refusal_code = models.CharField(max_length=100, blank=True, default="")
    refusal_message = models.CharField(max_length=500, blank=True, default="")
    advice = models.CharField(max_length=20, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["payment", "request_id"], name="payments_attempt_request_once"),
            models.UniqueConstraint(
                fields=["payment"],
                condition=Q(status__in=["created", "submitted", "requires_action", "processing"]),
                name="payments_attempt_one_live",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["created", "submitted", "requires_action", "processing"])
                | Q(proof__isnull=False),
                name="payments_attempt_final_has_proof",
            ),
        ]

    def __str__(self) -> str:
        return f"attempt {self.pk} ({self.status})"

    @property
    def is_live(self) -> bool:
        return self.status in self.LIVE
