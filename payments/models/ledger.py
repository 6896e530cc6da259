from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from payments.models.observation import Observation
from payments.models.payment import Payment
from payments.models.settlement import BalanceTransaction
from payments.money import Money


class LedgerTransaction(models.Model):
    """One movement of money, proven by an observation or by a movement of our balance at the gateway.

    Its entries sum to zero in each currency. Append-only. A payout belongs to no payment.
    """

    class Kind(models.TextChoices):
        CAPTURE = "capture"
        REFUND = "refund"
        REFUND_FAILED = "refund_failed"
        DISPUTE_WITHDRAWN = "dispute_withdrawn"
        DISPUTE_REINSTATED = "dispute_reinstated"
        SURPLUS = "surplus"
        SURPLUS_REVERSED = "surplus_reversed"
        REVERSAL_FAILED = "reversal_failed"
        SETTLEMENT = "settlement"

    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="ledger_transactions")
    observation = models.ForeignKey(
        Observation, null=True, on_delete=models.PROTECT, related_name="ledger_transactions"
    )
    balance_transaction = models.OneToOneField(
        BalanceTransaction, null=True, on_delete=models.PROTECT, related_name="ledger_transaction"
    )
    kind = models.CharField(max_length=20, choices=Kind)
    booked_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["observation", "kind"], name="payments_ledger_fact_booked_once"),
            models.CheckConstraint(
                condition=Q(kind="settlement", balance_transaction__isnull=False, observation__isnull=True)
                | Q(~Q(kind="settlement"), balance_transaction__isnull=True)
                & Q(observation__isnull=False, payment__isnull=False),
                name="payments_ledger_has_its_proof",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class LedgerEntry(models.Model):
    """A signed amount on an account: debits are positive, credits negative, in minor units. Append-only."""

    class Account(models.TextChoices):
        RECEIVABLE = "receivable", "owed by the shopper"
        CLEARING = "clearing", "taken by the gateway, not yet settled"
        REFUNDS = "refunds", "given back to shoppers"
        DISPUTES = "disputes", "withdrawn for disputes"
        SURPLUS = "surplus", "taken twice, owed to the shopper"
        SETTLEMENT = "settlement", "our balance at the gateway"
        FEES = "fees", "paid to the gateway"
        CONVERSION = "conversion", "changed into the settlement currency"
        PAYOUTS = "payouts", "sent to our bank"
        OTHER = "other", "moved by the gateway for no payment of ours"

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
