"""Seals chain the audit entries under AUDIT_SEAL_KEY, which the database never sees.

A seal lists its entries with an HMAC of each; its own HMAC covers that list and the seal before it. Whoever owns the
database but not the key can change, remove or cut off rows, and cannot make the seals fit again. Each seal is also
logged, so that a chain cut off at its end is found against the log.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from collections.abc import Sequence

from django.conf import settings
from django.db import connection, transaction

from payments.models import AuditEntry, AuditSeal, PendingSeal
from payments.transactions import retried

logger = logging.getLogger(__name__)

BATCH = 2000
REMOVED = ""  # in place of the HMAC of an entry that somebody removed before it was sealed
_SEALING_LOCK = 0x7469_6C6C


def seal_pending() -> int:
    """Seal the entries that wait, in batches; returns how many were sealed. One sealer at a time."""
    sealed = 0
    while count := _seal_batch():
        sealed += count
    return sealed


@retried
@transaction.atomic
def _seal_batch() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SEALING_LOCK])
    waiting = list(PendingSeal.objects.order_by("entry_id").values_list("entry_id", flat=True)[:BATCH])
    if not waiting:
        return 0
    entries = AuditEntry.objects.in_bulk(waiting)
    macs = [entry_mac(entries[entry_id]) if entry_id in entries else REMOVED for entry_id in waiting]
    last = AuditSeal.objects.order_by("-number").first()
    number = last.number + 1 if last else 1
    mac = seal_mac(number, waiting, macs, last.mac if last else "")
    AuditSeal.objects.create(number=number, entry_ids=waiting, entry_macs=macs, mac=mac)
    PendingSeal.objects.filter(pk__in=waiting).delete()
    transaction.on_commit(lambda: logger.info("audit_sealed", extra={"seal": number, "mac": mac}))
    return len(waiting)


def entry_mac(entry: AuditEntry) -> str:
    """The HMAC of everything that an entry says, hexadecimal."""
    content = [
        entry.pk,
        entry.at.isoformat(),
        entry.actor,
        entry.origin,
        entry.action,
        entry.object_type,
        entry.object_id,
        entry.payment_id,
        entry.before,
        entry.after,
    ]
    return _mac(content)


def seal_mac(number: int, entry_ids: Sequence[int], entry_macs: Sequence[str], previous: str) -> str:
    """The HMAC of a seal over its list and the seal before it (empty for the first), hexadecimal."""
    return _mac([number, list(entry_ids), list(entry_macs), previous])


def _mac(content: list[object]) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    key: str = settings.AUDIT_SEAL_KEY
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()
