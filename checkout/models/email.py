from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from checkout.models.order import Order


class OrderEmailQuerySet(models.QuerySet["OrderEmail"]):
    def sent(self) -> OrderEmailQuerySet:
        return self.exclude(sent_at=None)

    def waiting(self) -> OrderEmailQuerySet:
        """To be sent, now or by a later try."""
        return self.filter(sent_at=None, next_try_at__isnull=False)

    def given_up(self) -> OrderEmailQuerySet:
        """Not sent after many tries: a person decides."""
        return self.filter(sent_at=None, next_try_at=None)


class OrderEmail(models.Model):
    """An e-mail that a fact calls for: one row, and so one e-mail, for each order, kind and fact.

    Written in the transaction of the fact, sent by a job, which is enqueued again at `next_try_at`, null once it was
    sent or given up. A worker that dies between sending and noting it sends it a second time; nothing sends it a third.
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
    tries = models.PositiveIntegerField(_("failed tries"), db_default=0)
    next_try_at = models.DateTimeField(_("next try"), null=True, db_default=Now())
    last_error = models.CharField(_("last error"), max_length=300, blank=True, db_default="")

    objects = OrderEmailQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = _("e-mail")
        verbose_name_plural = _("e-mails")
        permissions = [("resend_orderemail", "Can send an e-mail again that was given up")]
        constraints = [models.UniqueConstraint(fields=["order", "kind", "fact"], name="checkout_orderemail_fact_once")]
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(sent_at__isnull=True), name="checkout_orderemail_unsent")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.order}"
