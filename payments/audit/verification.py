"""Prove the audit trail: recompute every seal, and hold each row against what the trail says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db.models.functions import Now

from payments.audit.rows import verify_rows
from payments.audit.sealing import entry_mac, seal_mac
from payments.audit.snapshot import stream
from payments.models import AuditEntry, AuditSeal, PendingSeal

SEALED_WITHIN = timedelta(minutes=1)

_SEALS_AT_ONCE = 50

_UNANNOUNCED = """
SELECT id FROM payments_auditentry
EXCEPT SELECT unnest(entry_ids) FROM payments_auditseal
EXCEPT SELECT entry_id FROM payments_pendingseal
ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A seal as it was logged when it was made: what stands outside the database's reach."""

    number: int
    mac: str


def verify_audit(anchor: Anchor | None = None) -> Iterator[str]:
    """Name each audit entry and seal that was changed, removed or cut off, then each row that is not as they tell.

    Nothing is yielded when all is whole.
    Given an `anchor` from the log, also a chain that was cut off before it or written anew.
    """
    yield from _verify_chain(anchor)
    yield from _verify_unsealed()
    yield from verify_rows()


def _verify_chain(anchor: Anchor | None) -> Iterator[str]:
    previous_number, previous_mac = 0, ""
    for seal in _seals():
        if seal.number != previous_number + 1:
            yield f"seals {previous_number + 1} to {seal.number - 1} are missing"
        elif seal.mac != seal_mac(seal.number, seal.entry_ids, seal.entry_macs, previous_mac):
            yield f"seal {seal.number} was changed, or the one before it"
        if anchor and seal.number == anchor.number and seal.mac != anchor.mac:
            yield f"seal {seal.number} is not the one that was logged"
        yield from _verify_entries(seal)
        previous_number, previous_mac = seal.number, seal.mac
    if anchor and previous_number < anchor.number:
        yield f"seals {previous_number + 1} to {anchor.number} are cut off"


def _seals() -> Iterator[AuditSeal]:
    """All of them, in order, a few at a time: each may list thousands of entries."""
    seals = AuditSeal.objects.order_by("number")
    page = list(seals[:_SEALS_AT_ONCE])
    while page:
        yield from page
        page = list(seals.filter(number__gt=page[-1].number)[:_SEALS_AT_ONCE])


def _verify_entries(seal: AuditSeal) -> Iterator[str]:
    entries = AuditEntry.objects.in_bulk(seal.entry_ids)
    for entry_id, mac in zip(seal.entry_ids, seal.entry_macs, strict=False):
        if entry_id not in entries:
            yield f"entry {entry_id} of seal {seal.number} is missing"
        elif entry_mac(entries[entry_id]) != mac:
            yield f"entry {entry_id} of seal {seal.number} was changed"


def _verify_unsealed() -> Iterator[str]:
    """Entries that no seal covers: those that wait too long, and those that nobody announced for sealing."""
    for entry_id in PendingSeal.objects.filter(written_at__lt=Now() - SEALED_WITHIN).values_list("pk", flat=True):
        yield f"entry {entry_id} waits for its seal for more than a minute: is a worker running?"
    for (unannounced,) in stream(_UNANNOUNCED):
        yield f"entry {unannounced} is in no seal: it was added past the trigger, or its seal is cut off"
