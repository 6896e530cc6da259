"""What takes too long is put before staff, and nothing is decided by its age."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import connection, transaction

from payments.audit.sealing import seal_pending
from payments.gateways.base import DefinitelyNotSent
from payments.models import Discrepancy, Observation, Payment
from payments.money import Money
from payments.operations import alerts
from payments.operations.alerts import (
    alert_about_unapplied,
    alert_about_unknown,
    alert_about_unsealed,
    alert_about_unsent,
)
from payments.operations.refunding import refund
from payments.operations.sweeping import sweep_observations
from payments.signals import payment_changed
from tests.payments.arrange import age, carried, carry, operation
from tests.payments.people import staff
from tests.payments.scripted import ScriptedGateway, answers, lost

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def unknown(gateway: ScriptedGateway) -> Payment:
    """A charge whose answer was lost."""
    gateway.script("confirm", lost())
    return carried("tok_ok")


def test_an_outcome_that_stays_unknown_is_put_before_staff_once(unknown: Payment) -> None:
    assert alert_about_unknown() == 0
    age(unknown, timedelta(minutes=11))

    assert [alert_about_unknown(), alert_about_unknown()] == [1, 1]

    told = Discrepancy.objects.get()
    assert (told.kind, told.payment, told.resolved_at) == (Discrepancy.Kind.STUCK, unknown, None)
    assert "sale 42.00 EUR" in told.explanation


def test_of_many_unknown_outcomes_each_is_told(gateway: ScriptedGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "BATCH", 2)
    gateway.script("confirm", *[lost()] * 5)
    for _ in range(5):
        age(carried("tok_ok"), timedelta(minutes=11))

    assert [alert_about_unknown() for _ in range(3)] == [5, 5, 5]

    assert Discrepancy.objects.filter(kind=Discrepancy.Kind.STUCK).count() == 5


def test_of_many_facts_that_are_not_applied_each_payments_are_told(
    gateway: ScriptedGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerts, "BATCH", 2)
    for _ in range(3):
        payment = carried()
        payment.observations.update(applied_at=None, apply_tries=1)
        age(payment, timedelta(minutes=11))
    assert Observation.objects.filter(applied_at=None).count() == 6

    for _ in range(3):
        alert_about_unapplied()

    assert Discrepancy.objects.filter(kind=Discrepancy.Kind.NOT_APPLIED).count() == 3


def test_a_fact_that_is_not_applied_for_long_is_put_before_staff_whatever_the_reason(gateway: ScriptedGateway) -> None:
    def collide(**kwargs: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$")

    payment_changed.connect(collide)
    payment = carried()
    payment_changed.disconnect(collide)
    assert alert_about_unapplied() == 0
    age(payment, timedelta(minutes=11))

    assert [alert_about_unapplied(), alert_about_unapplied()] == [1, 1]
    assert "40P01" in Discrepancy.objects.get(kind=Discrepancy.Kind.NOT_APPLIED).explanation

    sweep_observations()

    assert not Discrepancy.objects.filter(resolved_at=None).exists()


def test_the_alert_decides_nothing_and_closes_itself_when_the_outcome_is_proven(unknown: Payment) -> None:
    age(unknown, timedelta(minutes=11))
    alert_about_unknown()
    unknown.refresh_from_db()
    assert (unknown.status, operation(unknown, "sale").status) == ("processing", "unknown")

    carry(unknown)

    assert unknown.status == "succeeded"
    told = Discrepancy.objects.get()
    assert told.resolved_at is not None and "succeeded" in told.resolution


def test_a_refund_that_cannot_leave_is_put_before_staff_until_it_left(gateway: ScriptedGateway) -> None:
    payment = carried()
    gateway.script("refund", answers(DefinitelyNotSent("the API key was revoked")))
    refund(payment, Money(500, "EUR"), reason="", by=staff(), request_id=uuid.uuid4())
    carry(payment)
    assert alert_about_unsent() == 0
    age(payment, timedelta(minutes=11))

    assert [alert_about_unsent(), alert_about_unsent()] == [1, 1]
    told = Discrepancy.objects.get()
    assert (told.kind, told.payment) == (Discrepancy.Kind.STUCK, payment)
    assert "the API key was revoked" in told.explanation
    assert "unknown" not in str(told)

    carry(payment)

    assert operation(payment, "refund").status == "succeeded"
    told.refresh_from_db()
    assert told.resolved_at is not None
    assert alert_about_unsent() == 0


def test_audit_entries_without_a_seal_are_put_before_staff_until_they_are_sealed(gateway: ScriptedGateway) -> None:
    carried("tok_ok")
    assert not alert_about_unsealed()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE payments_pendingseal SET written_at = written_at - interval '2 minutes'")

    assert alert_about_unsealed()
    assert Discrepancy.objects.get(resolved_at=None).subject == "audit:unsealed"

    seal_pending()
    assert not alert_about_unsealed()
    assert not Discrepancy.objects.filter(resolved_at=None).exists()
