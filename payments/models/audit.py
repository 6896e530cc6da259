from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from payments.models.payment import Payment


class AuditEntry(models.Model):
    """Who did what to which object, when and from where, with what changed. Append-only; no personal data in clear.

    `actor` and `origin` are pointers ("user:7", "request:9f3c..."): what they point to can be erased.
    """

    at = models.DateTimeField(db_default=Now())
    actor = models.CharField(max_length=100)
    origin = models.CharField(max_length=100, blank=True, default="")
    action = models.CharField(max_length=32)
    object_type = models.CharField(max_length=20)
    object_id = models.BigIntegerField()
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="audit_entries")
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.object_type} {self.object_id}"


class PendingSeal(models.Model):
    """An audit entry that no seal covers yet; a trigger writes it with the entry, sealing removes it."""

    entry_id = models.BigIntegerField(primary_key=True)
    written_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"entry {self.entry_id} waits for its seal"


class AuditSeal(models.Model):
    """A batch of audit entries, with an HMAC of each, under one that also covers the seal before it. Append-only."""

    number = models.BigIntegerField(primary_key=True)
    entry_ids = ArrayField(models.BigIntegerField())
    entry_macs = ArrayField(models.CharField(max_length=64))
    mac = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"seal {self.number}"
