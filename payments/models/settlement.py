from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from payments.gateways.settlement import MovementKind
from payments.models.account import GatewayAccount
from payments.models.payment import Payment
from payments.money import Money


class BalanceTransaction(models.Model):
    """One movement of our balance at the gateway, as the gateway tells it. Its facts never change.

    Amounts are minor units of `currency`, the settlement currency; `amount` is gross and signed, `net` is `amount`
    less `fee`. It is booked once the row that it belongs to is known: `payment` is None for a payout.
    """

    account = models.ForeignKey(GatewayAccount, on_delete=models.PROTECT, related_name="balance_transactions")
    gateway_id = models.CharField(max_length=255)
    kind = models.CharField(max_length=24, choices=[(kind.value, kind.value) for kind in MovementKind])
    category = models.CharField(max_length=100)
    source_id = models.CharField(max_length=255, blank=True, default="")
    amount = models.BigIntegerField()
    fee = models.BigIntegerField()
    net = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    exchange_rate = models.DecimalField(max_digits=24, decimal_places=12, null=True)
    created_at = models.DateTimeField()
    available_at = models.DateTimeField()
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="balance_transactions")
    booked_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "gateway_id"], name="payments_balancetransaction_once"),
            models.CheckConstraint(
                condition=Q(net=F("amount") - F("fee")), name="payments_balancetransaction_net_is_gross_less_fee"
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(booked_at__isnull=True), name="payments_balancetx_unbooked"),
            models.Index(fields=["account", "-created_at"], name="payments_balancetx_newest"),
            models.Index(fields=["source_id"], condition=Q(kind="charge_failure"), name="payments_balancetx_refused"),
        ]

    def __str__(self) -> str:
        return f"{self.category} {self.gateway_id} of {self.money}"

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)


class Payout(models.Model):
    """Money on its way from the gateway to the merchant's bank; the status is the gateway's word."""

    account = models.ForeignKey(GatewayAccount, on_delete=models.PROTECT, related_name="payouts")
    gateway_id = models.CharField(max_length=255)
    status = models.CharField(max_length=32)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    arrival_on = models.DateField()
    created_at = models.DateTimeField()
    failure = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["account", "gateway_id"], name="payments_payout_once")]

    def __str__(self) -> str:
        return f"payout {self.gateway_id} of {self.money} ({self.status})"

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)
