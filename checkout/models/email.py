from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from checkout.models.order import Order


class OrderEmail(models.Model):
    """An e-mail that a fact calls for: one row, and so one e-mail, for each order, kind and fact.

    Written in the transaction of the fact, sent by a job. A worker that dies between sending and noting it sends it a
    second time; nothing sends it a third.
    """

    class Kind(models.TextChoices):
        RECEIPT = "receipt"
        FINISH = "finish", "a link to finish the payment"
        REFUND = "refund"
        SURPLUS = "surplus", "a second charge was given back"
        ENDED = "ended", "nothing was charged and nothing comes"

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="emails")
    kind = models.CharField(max_length=10, choices=Kind)
    fact = models.CharField(max_length=60, blank=True, default="", help_text="which refund, for one")
    written_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["order", "kind", "fact"], name="checkout_orderemail_fact_once")]
        indexes = [
            models.Index(
                fields=["written_at"], condition=models.Q(sent_at__isnull=True), name="checkout_orderemail_unsent"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.order}"
