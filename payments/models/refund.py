from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from payments.models.account import GatewayAccount
from payments.models.payment import Payment
from payments.money import Money


class Refund(models.Model):
    """Give money of a payment back. `request_id` is the wish: the same request twice is one refund.

    A refund that succeeded may fail later (the shopper's bank sends it back); then its amount is refundable again.
    `surplus_gateway_id` names the gateway's object whose money beyond the payment's amount this refund reverses: such
    a refund counts against the payment's surplus, and not against what was captured.
    """

    class Status(models.TextChoices):
        REQUESTED = "requested"
        PENDING = "pending"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        CANCELED = "canceled"

    class Source(models.TextChoices):
        STAFF = "staff"
        API = "api"
        EXTERNAL = "external", "made in the gateway's dashboard"
        SURPLUS = "surplus", "reverses a second success"

    RESERVING = (Status.REQUESTED, Status.PENDING)

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    account = models.ForeignKey(GatewayAccount, on_delete=models.PROTECT, related_name="refunds")
    request_id = models.UUIDField()
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=200, blank=True, default="")
    source = models.CharField(max_length=8, choices=Source)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    surplus_gateway_id = models.CharField(max_length=255, blank=True, default="")
    gateway_id = models.CharField(max_length=255, blank=True, default="")
    status = models.CharField(max_length=9, choices=Status)
    transition_cause = models.CharField(max_length=16, null=True, editable=False)
    proof = models.ForeignKey("Observation", null=True, on_delete=models.PROTECT, related_name="+")
    refusal_code = models.CharField(max_length=100, blank=True, default="")
    refusal_message = models.CharField(max_length=500, blank=True, default="")
    state_answered_at = models.DateTimeField(null=True)
    next_check_at = models.DateTimeField(null=True)
    checks = models.IntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_refund_amount_positive"),
            models.UniqueConstraint(fields=["payment", "request_id"], name="payments_refund_request_once"),
            models.UniqueConstraint(
                fields=["account", "gateway_id"], condition=~Q(gateway_id=""), name="payments_refund_gateway_id_once"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["requested", "pending"]) | Q(proof__isnull=False),
                name="payments_refund_final_has_proof",
            ),
            models.CheckConstraint(
                condition=Q(Q(source="surplus"), ~Q(surplus_gateway_id=""))
                | Q(~Q(source="surplus"), surplus_gateway_id=""),
                name="payments_refund_surplus_is_named",
            ),
            models.CheckConstraint(
                condition=~Q(source="staff") | Q(requested_by__isnull=False), name="payments_refund_staff_is_named"
            ),
        ]
        indexes = [
            models.Index(fields=["next_check_at"], condition=Q(next_check_at__isnull=False), name="payments_refund_due")
        ]

    def __str__(self) -> str:
        return f"refund of {self.money} ({self.status})"

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def charged_as(self) -> str:
        """The gateway's id of the payment object whose money goes back."""
        return self.surplus_gateway_id or self.payment.gateway_id

    @property
    def reference(self) -> str:
        """Our name for this refund at the gateway."""
        return str(self.request_id)
