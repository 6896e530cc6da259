from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from payments.models.payment import Payment


class Discrepancy(models.Model):
    """Something about money that a person must look at. Open until somebody resolves it and says how.

    `subject` names what it is about ("operation:12"), so that the same trouble opens one row, not one a minute.
    `amount` is by how much two books differ, in minor units, for as long as they do; of a resolved row it says that
    the resolution still speaks for this difference.
    """

    class Kind(models.TextChoices):
        MISMATCH = "mismatch", "the gateway's object is not what we asked for"
        NOT_APPLIED = "not_applied", "an observation could not be applied"
        STUCK = "stuck", "something comes to no end"
        CONTRADICTION = "contradiction", "two proofs disagree"
        DISPUTED = "disputed", "a dispute waits for our answer"
        CAPTURE = "capture", "a capture failed"
        REFUND = "refund", "a refund failed"
        EXCESS = "excess", "more went back than was captured"
        SURPLUS = "surplus", "a shopper was charged twice"
        SETTLEMENT = "settlement", "the ledger is not what the gateway settled"
        UNMATCHED = "unmatched", "an event about an object that is not ours"
        ORDER = "order", "money is here for an order that cannot be fulfilled"
        PARKED = "parked", "an event could not be processed"

    kind = models.CharField(max_length=16, choices=Kind)
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="discrepancies")
    subject = models.CharField(max_length=100)
    explanation = models.TextField()
    amount = models.BigIntegerField(null=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    opened_at = models.DateTimeField(db_default=Now())
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolution = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["-opened_at"]
        verbose_name_plural = "discrepancies"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(resolved_at__isnull=True), name="payments_discrepancy_open_once"
            ),
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=True) | ~Q(resolution=""), name="payments_discrepancy_resolution_told"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.subject}"
