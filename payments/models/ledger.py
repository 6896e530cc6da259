from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from payments.models.observation import Observation
from payments.models.payment import Payment
from payments.money import Money


class LedgerTransaction(models.Model):
    """One movement of money, proven by an observation. Its entries sum to zero in each currency. Append-only."""

    class Kind(models.TextChoices):
        CAPTURE = "capture"
        REFUND = "refund"
        REFUND_FAILED = "refund_failed"

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="ledger_transactions")
    observation = models.ForeignKey(Observation, on_delete=models.PROTECT, related_name="ledger_transactions")
    kind = models.CharField(max_length=16, choices=Kind)
    booked_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["observation", "kind"], name="payments_ledger_fact_booked_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class LedgerEntry(models.Model):
    """A signed amount on an account: debits are positive, credits negative, in minor units. Append-only."""

    class Account(models.TextChoices):
        RECEIVABLE = "receivable", "owed by the shopper"
        CLEARING = "clearing", "held by the gateway"
        REFUNDS = "refunds", "given back to shoppers"

    transaction = models.ForeignKey(LedgerTransaction, on_delete=models.PROTECT, related_name="entries")
    account = models.CharField(max_length=16, choices=Account)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="payments_ledgerentry_amount_not_zero"),
            models.UniqueConstraint(
                fields=["transaction", "account", "currency"], name="payments_ledgerentry_account_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.money}"

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)
