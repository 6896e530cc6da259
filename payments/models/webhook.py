from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from payments.models.account import GatewayAccount
from payments.models.observation import Observation


class WebhookEvent(models.Model):
    """A verified notice from the gateway, byte for byte. A hint to look, never a fact about money by itself.

    `processed`: what was seen of its object is applied. `unmatched`: it names an object that none of our rows has yet.
    `kept`: its type concerns nothing that we keep. `parked`: it failed too often, as `last_error` says; staff may have
    it run again. `tries` counts all looks at its object, `failures` those that the gateway answered and that led to
    nothing all the same; `observation` is what the last of these showed and could not be applied. A webhook that never
    came is found in the gateway's list of events (`replayed`), its body then being the listed event.
    """

    class Status(models.TextChoices):
        RECEIVED = "received"
        PROCESSED = "processed"
        UNMATCHED = "unmatched"
        KEPT = "kept"
        PARKED = "parked", "given up, waits for staff"

    WAITING = (Status.RECEIVED, Status.UNMATCHED)

    account = models.ForeignKey(GatewayAccount, on_delete=models.PROTECT, related_name="webhook_events")
    event_id = models.CharField(max_length=255)
    event_type = models.CharField(max_length=100)
    body = models.BinaryField()
    replayed = models.BooleanField(default=False, db_default=False)
    subject_kind = models.CharField(max_length=8, blank=True, default="")
    subject_id = models.CharField(max_length=255, blank=True, default="")
    gateway_time = models.DateTimeField()
    status = models.CharField(max_length=9, choices=Status, default=Status.RECEIVED)
    tries = models.IntegerField(default=0)
    failures = models.IntegerField(default=0, db_default=0)
    observation = models.ForeignKey(
        Observation, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False, editable=False
    )
    next_try_at = models.DateTimeField(null=True, db_default=Now())
    last_error = models.CharField(max_length=500, blank=True, default="")
    received_at = models.DateTimeField(db_default=Now())
    processed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        permissions = [("rerun_webhookevent", "Can have a webhook event run again")]
        constraints = [models.UniqueConstraint(fields=["account", "event_id"], name="payments_webhookevent_once")]
        indexes = [
            models.Index(
                fields=["next_try_at"], condition=Q(next_try_at__isnull=False), name="payments_webhookevent_due"
            ),
            models.Index(
                fields=["account", "subject_id"], condition=Q(status="parked"), name="payments_webhookevent_parked"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} {self.event_id} ({self.status})"
