from __future__ import annotations

from datetime import datetime
from functools import reduce
from operator import or_

from django.conf import settings
from django.db import models
from django.db.models import Q

from payments.gateways.base import Gateway
from payments.gateways.registry import configured, gateway_for


class KeysOfAnotherMode(LookupError):
    """The gateway's keys are live ones and the account a test account, or the other way round: it cannot be asked."""


def of_served_accounts(account: str) -> Q:
    """Rows whose account, at this path, is of the mode of the keys that we have for its gateway."""
    ours = (
        Q(**{f"{account}__gateway": code, f"{account}__mode": _mode(gateway)}) for code, gateway in configured().items()
    )
    return reduce(or_, ours, Q(pk__in=[]))


def _mode(gateway: Gateway) -> GatewayAccount.Mode:
    return GatewayAccount.Mode.LIVE if gateway.live else GatewayAccount.Mode.TEST


class GatewayAccountQuerySet(models.QuerySet["GatewayAccount"]):
    def current(self) -> GatewayAccount:
        """The account that new payments go to: the gateway named by PAYMENT_GATEWAY, in its adapter's mode."""
        code: str = settings.PAYMENT_GATEWAY
        return self.get_or_create(gateway=code, mode=_mode(gateway_for(code)))[0]


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

    def is_paused_at(self, now: datetime) -> bool:
        return self.paused_until is not None and self.paused_until > now

    @property
    def is_served(self) -> bool:
        """Whether we have keys for it. Test and live accounts of one gateway have rows, and only one has keys."""
        gateway = configured().get(self.gateway)
        return gateway is not None and gateway.live == self.live

    @property
    def adapter(self) -> Gateway:
        """What asks and tells the gateway. Raises KeysOfAnotherMode, since another account would answer."""
        gateway = gateway_for(self.gateway)
        if gateway.live != self.live:
            raise KeysOfAnotherMode(f"the keys are of another mode than {self}")
        return gateway
