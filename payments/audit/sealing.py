"""Seals chain the audit entries under AUDIT_SEAL_KEY, which the database never sees.

A seal lists its entries with an HMAC of each; its own HMAC covers that list and the seal before it. Whoever owns the
database but not the key can change, remove or cut off rows, and cannot make the seals fit again. Each seal is also
logged, so that a chain cut off at its end is found against the log.

Nothing is appended to a seal that does not fit: one seal under another key would break the chain for good.
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
    """Seal the entries that wait, in batches; returns how many were sealed. One sealer at a time.

    Seals nothing where the newest seal does not fit (`newest_seal_fits`).
    """
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
    last = AuditSeal.objects.order_by("-number").first()
    if last and not _fits(last):
        logger.error("audit_seal_refused", extra={"seal": last.number, "waiting": len(waiting)})
        return 0
    seal = _append(waiting, last)
    PendingSeal.objects.filter(pk__in=waiting).delete()
    transaction.on_commit(lambda: logger.info("audit_sealed", extra={"seal": seal.number, "mac": seal.mac}))
    return len(waiting)


def newest_seal_fits() -> bool:
    """Whether sealing can go on: False where AUDIT_SEAL_KEY is not the newest seal's, or that seal was changed."""
    last = AuditSeal.objects.order_by("-number").first()
    return last is None or _fits(last)


def _fits(seal: AuditSeal) -> bool:
    """Whether the seal is what this key makes of its list and the seal before it, which must be there."""
    before = AuditSeal.objects.filter(number=seal.number - 1).values_list("mac", flat=True).first()
    if before is None and seal.number > 1:
        return False
    return seal.mac == seal_mac(seal.number, seal.entry_ids, seal.entry_macs, before or "")


def _append(entry_ids: Sequence[int], last: AuditSeal | None) -> AuditSeal:
    entries = AuditEntry.objects.in_bulk(entry_ids)
    macs = [entry_mac(entries[entry_id]) if entry_id in entries else REMOVED for entry_id in entry_ids]
    number = last.number + 1 if last else 1
    mac = seal_mac(number, entry_ids, macs, last.mac if last else "")
    return AuditSeal.objects.create(number=number, entry_ids=entry_ids, entry_macs=macs, mac=mac)


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
