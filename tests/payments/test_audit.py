"""The audit trail: every transition is told, and whatever is changed behind it is found and named."""

from __future__ import annotations

import uuid

import pytest
from django.test import override_settings

from payments.audit.sealing import entry_mac, seal_mac, seal_pending
from payments.audit.verification import Anchor, verify_audit
from payments.ledger.verification import verify_ledger
from payments.models import AuditEntry, AuditSeal, LedgerEntry, Payment, PendingSeal
from payments.money import Money
from payments.operations.refunding import refund
from tests.payments.arrange import carried, carry
from tests.payments.owner import as_owner
from tests.payments.people import staff
from tests.payments.scripted import ScriptedGateway

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paid(gateway: ScriptedGateway) -> Payment:
    payment = carried()
    seal_pending()
    return payment


def found() -> list[str]:
    return list(verify_audit())


def test_every_transition_of_a_payment_is_told_with_who_and_why(paid: Payment) -> None:
    told = [
        (entry.actor, entry.object_type, entry.action, entry.after.get("status"))
        for entry in paid.audit_entries.exclude(object_type="ledger")
    ]

    assert told[:4] == [
        ("shopper", "payment", "requested", "processing"),
        ("shopper", "attempt", "requested", "created"),
        ("shopper", "operation", "requested", "created"),
        ("shopper", "operation", "requested", "created"),
    ]
    assert ("response", "payment", "observed", "succeeded") in told
    assert ("system", "attempt", "leased", "submitted") in told


def test_a_staff_refund_is_told_with_the_person_as_a_pointer(paid: Payment) -> None:
    by = staff()
    refund(paid, Money(100, "EUR"), reason="", by=by, request_id=uuid.uuid4())

    entry = paid.audit_entries.get(object_type="refund")
    assert (entry.actor, entry.origin) == (f"user:{by.pk}", "admin")


def test_a_whole_trail_is_found_whole(paid: Payment) -> None:
    assert found() == []
    assert not PendingSeal.objects.exists()


def test_a_changed_entry_is_named(paid: Payment) -> None:
    entry = paid.audit_entries.first()
    assert entry
    as_owner("UPDATE payments_auditentry SET actor = 'nobody' WHERE id = %s", entry.pk)

    assert f"entry {entry.pk} of seal 1 was changed" in found()


def test_a_removed_entry_is_named(paid: Payment) -> None:
    entry = paid.audit_entries.first()
    assert entry
    as_owner("DELETE FROM payments_auditentry WHERE id = %s", entry.pk)

    assert f"entry {entry.pk} of seal 1 is missing" in found()


def test_an_entry_removed_before_it_was_sealed_is_named_and_hides_no_other(gateway: ScriptedGateway) -> None:
    payment = carried()
    first, last = payment.audit_entries.earliest("pk").pk, payment.audit_entries.latest("pk").pk
    as_owner("DELETE FROM payments_auditentry WHERE id = %s", first)
    seal_pending()
    as_owner("UPDATE payments_auditentry SET actor = 'nobody' WHERE id = %s", last)

    assert [told.replace("of seal 1 ", "") for told in found() if "entry" in told] == [
        f"entry {first} is missing",
        f"entry {last} was changed",
    ]


def test_an_entry_added_past_the_trigger_is_named(paid: Payment) -> None:
    as_owner(
        "INSERT INTO payments_auditentry (actor, origin, action, object_type, object_id, before, after)"
        " VALUES ('x', '', 'x', 'x', 1, '{}', '{}')"
    )
    added = AuditEntry.objects.latest("pk")

    assert [line for line in found() if line.startswith(f"entry {added.pk} is in no seal")]


@pytest.fixture
def two_seals(paid: Payment) -> Payment:
    refund(paid, Money(100, "EUR"), reason="", by=staff(), request_id=uuid.uuid4())
    carry(paid)
    seal_pending()
    assert AuditSeal.objects.count() == 2
    return paid


def test_a_seal_made_anew_without_the_key_does_not_fit(two_seals: Payment) -> None:
    with override_settings(AUDIT_SEAL_KEY="a guess"):
        seal = AuditSeal.objects.get(number=1)
        macs = [entry_mac(entry) for entry in AuditEntry.objects.filter(pk__in=seal.entry_ids).order_by("pk")]
        mac = seal_mac(1, seal.entry_ids, macs, "")
        as_owner("UPDATE payments_auditseal SET entry_macs = %s, mac = %s WHERE number = 1", macs, mac)

    assert "seal 1 was changed, or the one before it" in found()


def test_a_missing_seal_is_named(two_seals: Payment) -> None:
    as_owner("DELETE FROM payments_auditseal WHERE number = 1")

    assert "seals 1 to 1 are missing" in found()


def test_a_trail_cut_off_at_its_end_is_found_by_the_statuses_and_by_the_log(two_seals: Payment) -> None:
    last = AuditSeal.objects.get(number=2)
    anchor = Anchor(last.number, last.mac)
    as_owner("DELETE FROM payments_auditentry WHERE id = ANY(%s)", last.entry_ids)
    as_owner("DELETE FROM payments_auditseal WHERE number = 2")

    assert [line for line in found() if line.startswith("refund ") and line.endswith("the audit trail says nothing")]
    assert "seals 2 to 2 are cut off" in list(verify_audit(anchor))


def test_a_chain_written_anew_is_not_the_one_that_was_logged(two_seals: Payment) -> None:
    assert "seal 2 is not the one that was logged" in list(verify_audit(Anchor(2, "0" * 64)))


def test_a_status_changed_behind_the_trail_is_named(paid: Payment) -> None:
    as_owner("UPDATE payments_payment SET status = 'failed' WHERE id = %s", paid.pk)

    assert found() == [f"payment {paid.pk} is failed, the audit trail says succeeded"]


def test_an_entry_that_waits_too_long_for_its_seal_is_told(paid: Payment) -> None:
    refund(paid, Money(100, "EUR"), reason="", by=staff(), request_id=uuid.uuid4())
    as_owner("UPDATE payments_pendingseal SET written_at = now() - interval '2 minutes'")

    assert [line for line in found() if "waits for its seal" in line]


@pytest.mark.parametrize(
    ("tampering", "told"),
    [
        ("UPDATE payments_ledgerentry SET amount = amount + 1 WHERE account = 'clearing'", "sums to 1 EUR"),
        ("UPDATE payments_ledgerentry SET amount = amount * 2", "payment {id} says captured 4200"),
        ("DELETE FROM payments_ledgerentry", "is told by the audit trail, but is not booked"),
        ("UPDATE payments_ledgerentry SET currency = 'USD'", "was booked, but the audit trail does not tell it"),
        ("UPDATE payments_payment SET captured_amount = 1", "payment {id} says captured 1"),
    ],
)
def test_what_is_changed_in_the_ledger_behind_our_back_is_named(paid: Payment, tampering: str, told: str) -> None:
    assert list(verify_ledger()) == []
    as_owner(tampering)

    assert [line for line in verify_ledger() if told.format(id=paid.pk) in line]
    assert LedgerEntry.objects.count() in (0, 2)
