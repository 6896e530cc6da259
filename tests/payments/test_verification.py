"""What the proofs say of the audit trail: they only read, and sealing goes on only where it fits."""

from __future__ import annotations

import uuid
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import InternalError
from django.test import override_settings

from payments.audit.sealing import seal_pending
from payments.audit.snapshot import snapshot
from payments.audit.verification import verify_audit
from payments.models import AuditSeal, Discrepancy, Payment, PendingSeal
from payments.money import Money
from payments.operations.alerts import alert_about_unsealed
from payments.operations.refunding import refund
from tests.payments.arrange import carried
from tests.payments.owner import as_owner
from tests.payments.people import staff
from tests.payments.scripted import ScriptedGateway

pytestmark = pytest.mark.django_db(transaction=True)

ANOTHER_KEY = "the key of another shell, 32 characters"


@pytest.fixture
def waiting(gateway: ScriptedGateway) -> Payment:
    """A payment whose trail is sealed but for the newest entries, which wait."""
    payment = carried()
    seal_pending()
    refund(payment, Money(100, "EUR"), reason="", by=staff(), request_id=uuid.uuid4())
    return payment


def test_the_proving_command_seals_nothing(waiting: Payment) -> None:
    out = StringIO()
    call_command("verify_audit", stdout=out)

    assert AuditSeal.objects.count() == 1
    assert f"newest seal 1:{AuditSeal.objects.get().mac}" in out.getvalue()


@pytest.mark.parametrize("anchor", ["0:" + 64 * "0", "1:deadbeef", "1:", "one:" + 64 * "0", ""])
def test_an_anchor_that_can_be_no_seal_is_refused(gateway: ScriptedGateway, anchor: str) -> None:
    with pytest.raises(CommandError, match="--anchor is a seal's number"):
        call_command("verify_audit", anchor=anchor)


def test_proving_under_another_key_leaves_the_trail_whole(waiting: Payment) -> None:
    with override_settings(AUDIT_SEAL_KEY=ANOTHER_KEY), pytest.raises(CommandError):
        call_command("verify_audit", stderr=StringIO())
    seal_pending()

    assert list(verify_audit()) == []


def test_sealing_under_another_key_is_refused_and_goes_on_under_the_right_one(waiting: Payment) -> None:
    with override_settings(AUDIT_SEAL_KEY=ANOTHER_KEY):
        assert seal_pending() == 0
    assert PendingSeal.objects.exists()

    assert seal_pending() > 0
    assert list(verify_audit()) == []


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE payments_auditseal SET mac = repeat('0', 64) WHERE number = 2",
        "UPDATE payments_auditseal SET entry_ids = entry_ids[2:] WHERE number = 2",
        "DELETE FROM payments_auditseal WHERE number = 1",
    ],
)
def test_nothing_is_sealed_after_a_seal_that_does_not_fit(waiting: Payment, tampering: str) -> None:
    seal_pending()
    refund(waiting, Money(100, "EUR"), reason="", by=staff(), request_id=uuid.uuid4())
    as_owner(tampering)

    assert seal_pending() == 0
    assert AuditSeal.objects.latest("number").number == 2


def test_staff_read_why_sealing_does_not_go_on(waiting: Payment) -> None:
    as_owner("UPDATE payments_pendingseal SET written_at = now() - interval '2 minutes'")
    with override_settings(AUDIT_SEAL_KEY=ANOTHER_KEY):
        seal_pending()
        assert alert_about_unsealed()

    told = Discrepancy.objects.get(resolved_at=None)
    assert (told.subject, "does not fit AUDIT_SEAL_KEY" in told.explanation) == ("audit:unsealed", True)


def test_a_currency_that_there_is_not_is_named(waiting: Payment) -> None:
    as_owner("UPDATE payments_ledgerentry SET currency = 'zzz'")
    told = StringIO()

    with pytest.raises(CommandError, match="differences in the ledger"):
        call_command("verify_ledger", stderr=told, stdout=StringIO())
    assert "4200 zzz was booked, but the audit trail does not tell it" in told.getvalue()


def test_a_proof_cannot_write(waiting: Payment) -> None:
    with pytest.raises(InternalError, match="read-only transaction"), snapshot():
        seal_pending()
