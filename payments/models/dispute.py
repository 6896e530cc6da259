from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from payments.gateways.base import DisputeState
from payments.models.account import GatewayAccount
from payments.models.payment import Payment
from payments.money import Money


class Dispute(models.Model):
    """The shopper's bank claims money of a payment back. The status is the gateway's.

    `amount` is what is claimed, `withdrawn_amount` what the gateway holds back from us for it, in minor units of the
    payment's currency. An inquiry (the `warning_` statuses) takes no money. `surplus_gateway_id` names the gateway's
    object whose money beyond the payment's amount is claimed: such a dispute counts against the surplus, not against
    what was captured.

    A charge of which the bank has taken money is not refunded while the dispute is undecided, nor once it is lost,
    however small the part of it was: `is_charge_refundable` in docs.stripe.com/api/disputes/object.
    """

    class Status(models.TextChoices):
        WARNING_NEEDS_RESPONSE = DisputeState.WARNING_NEEDS_RESPONSE.value, "inquiry, needs a response"
        WARNING_UNDER_REVIEW = DisputeState.WARNING_UNDER_REVIEW.value, "inquiry, under review"
        WARNING_CLOSED = DisputeState.WARNING_CLOSED.value, "inquiry closed"
        NEEDS_RESPONSE = DisputeState.NEEDS_RESPONSE.value
        UNDER_REVIEW = DisputeState.UNDER_REVIEW.value
        WON = DisputeState.WON.value
        LOST = DisputeState.LOST.value
        PREVENTED = DisputeState.PREVENTED.value

    OPEN = (Status.WARNING_NEEDS_RESPONSE, Status.WARNING_UNDER_REVIEW, Status.NEEDS_RESPONSE, Status.UNDER_REVIEW)
    NEEDS_ANSWER = (Status.WARNING_NEEDS_RESPONSE, Status.NEEDS_RESPONSE)
    UNDECIDED = (Status.NEEDS_RESPONSE, Status.UNDER_REVIEW)
    BLOCKS_REFUNDS = (*UNDECIDED, Status.LOST)

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="disputes")
    account = models.ForeignKey(GatewayAccount, on_delete=models.PROTECT, related_name="disputes")
    gateway_id = models.CharField(max_length=255)
    surplus_gateway_id = models.CharField(max_length=255, blank=True, default="")
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    withdrawn_amount = models.BigIntegerField(default=0)
    reason = models.CharField(max_length=100, blank=True, default="")
    evidence_due_at = models.DateTimeField(null=True)
    status = models.CharField(max_length=24, choices=Status)
    transition_cause = models.CharField(max_length=16, null=True, editable=False)
    proof = models.ForeignKey("Observation", on_delete=models.PROTECT, related_name="+")
    state_answered_at = models.DateTimeField()
    next_check_at = models.DateTimeField(null=True)
    checks = models.IntegerField(default=0)
    opened_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_dispute_amount_positive"),
            models.UniqueConstraint(fields=["account", "gateway_id"], name="payments_dispute_gateway_id_once"),
        ]
        indexes = [
            models.Index(
                fields=["next_check_at"], condition=Q(next_check_at__isnull=False), name="payments_dispute_due"
            )
        ]

    def __str__(self) -> str:
        return f"dispute of {self.money} ({self.status})"

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def withdrawn(self) -> Money:
        return Money(self.withdrawn_amount, self.currency)
