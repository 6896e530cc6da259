from __future__ import annotations

from django.conf import settings
from django.db import models

from payments.gateways.base import Gateway
from payments.gateways.registry import gateway_for


class GatewayAccountQuerySet(models.QuerySet["GatewayAccount"]):
    def current(self) -> GatewayAccount:
        """The account that new payments go to: the gateway named by PAYMENT_GATEWAY, in its adapter's mode."""
        code: str = settings.PAYMENT_GATEWAY
        mode = GatewayAccount.Mode.LIVE if gateway_for(code).live else GatewayAccount.Mode.TEST
        return self.get_or_create(gateway=code, mode=mode)[0]


class GatewayAccount(models.Model):
    """One account and mode at one gateway. Every row that names a gateway's object belongs to one.

    `failures` in a row and `paused_until` are the circuit breaker's (`payments.operations.breaker`). The gateway's
    event list was read up to `events_listed_until` (`payments.webhooks.replay`), what moved its balance up to
    `movements_listed_until` (`payments.operations.settlement`).
    """

    class Mode(models.TextChoices):
        LIVE = "live"
        TEST = "test"

    gateway = models.CharField(max_length=32)
    mode = models.CharField(max_length=4, choices=Mode)
    failures = models.IntegerField(default=0, db_default=0)
    paused_until = models.DateTimeField(null=True)
    events_listed_until = models.DateTimeField(null=True)
    movements_listed_until = models.DateTimeField(null=True)

    objects = GatewayAccountQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["gateway", "mode"], name="payments_account_once")]

    def __str__(self) -> str:
        return f"{self.gateway} ({self.mode})"

    @property
    def live(self) -> bool:
        return self.mode == self.Mode.LIVE

    @property
    def adapter(self) -> Gateway:
        return gateway_for(self.gateway)
