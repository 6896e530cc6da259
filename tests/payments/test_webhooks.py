"""Webhooks: verified, stored once, drained by looking at the object itself."""

from __future__ import annotations

import json
import threading

import pytest
from django.db import connection
from django.test import Client

from payments.gateways.base import Unknown
from payments.ledger.verification import verify_ledger
from payments.models import Discrepancy, Payment, WebhookEvent
from payments.webhooks.inbox import UNMATCHED_TRIES, drain_inbox
from tests.payments.arrange import carried
from tests.payments.queued import jobs
from tests.payments.scripted import SIGNATURE, ScriptedGateway, answers

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/payments/webhooks/scripted/"


def deliver(gateway: ScriptedGateway, subject: str, event_id: str = "e-1", kind: str = "payment") -> int:
    body, headers = gateway.webhook(subject, event_id=event_id, kind=kind)
    return Client().post(URL, body, content_type="application/json", headers=headers).status_code


@pytest.fixture
def waiting(gateway: ScriptedGateway) -> Payment:
    """The shopper has acted; the gateway knows it, we do not."""
    payment = carried("tok_action")
    gateway.complete_action("P-1")
    return payment


def test_an_event_is_stored_and_wakes_one_drain(waiting: Payment, gateway: ScriptedGateway) -> None:
    assert deliver(gateway, "P-1", "e-1") == 200
    assert deliver(gateway, "P-1", "e-2") == 200

    assert [name for name, _ in jobs()].count("payments.drain_inbox") == 1
    assert set(WebhookEvent.objects.values_list("status", flat=True)) == {"received"}


def test_a_drained_event_brings_the_payment_to_the_objects_current_state(
    waiting: Payment, gateway: ScriptedGateway
) -> None:
    deliver(gateway, "P-1")

    drain_inbox()
    waiting.refresh_from_db()

    assert waiting.status == "succeeded"
    assert WebhookEvent.objects.get().status == "processed"
    assert list(verify_ledger()) == []


def test_an_event_that_comes_twice_is_stored_once(waiting: Payment, gateway: ScriptedGateway) -> None:
    assert [deliver(gateway, "P-1"), deliver(gateway, "P-1")] == [200, 200]

    assert WebhookEvent.objects.count() == 1


def test_fifty_identical_deliveries_at_once_are_one_event(waiting: Payment, gateway: ScriptedGateway) -> None:
    barrier, answered = threading.Barrier(50), []

    def deliver_it() -> None:
        barrier.wait()
        answered.append(deliver(gateway, "P-1"))
        connection.close()

    threads = [threading.Thread(target=deliver_it) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    drain_inbox()

    assert answered == [200] * 50
    assert WebhookEvent.objects.count() == 1
    assert waiting.observations.filter(source="webhook").count() == 1


def test_a_storm_of_events_for_one_payment_costs_one_look(waiting: Payment, gateway: ScriptedGateway) -> None:
    for number in range(40):
        deliver(gateway, "P-1", f"e-{number}")
    looks = len(gateway.looks)

    assert drain_inbox() == 40

    assert len(gateway.looks) == looks + 1


@pytest.mark.parametrize("signature", ["", "0" * 64])
def test_a_wrong_signature_is_refused_and_nothing_is_stored(
    waiting: Payment, gateway: ScriptedGateway, signature: str
) -> None:
    body, _ = gateway.webhook("P-1", event_id="e-1")

    response = Client().post(URL, body, content_type="application/json", headers={SIGNATURE: signature})

    assert response.status_code == 400
    assert b"signature" in response.content
    assert not WebhookEvent.objects.exists()


def test_a_body_that_was_changed_on_its_way_is_refused(waiting: Payment, gateway: ScriptedGateway) -> None:
    body, headers = gateway.webhook("P-1", event_id="e-1")
    changed = json.dumps({**json.loads(body), "object": "P-2"}).encode()

    assert Client().post(URL, changed, content_type="application/json", headers=headers).status_code == 400


def test_a_body_larger_than_any_event_is_refused_unread(gateway: ScriptedGateway) -> None:
    response = Client().post(URL, b"x" * (600 * 1024), content_type="application/json")

    assert response.status_code == 413


def test_only_post_is_taken_and_only_for_a_gateway_that_exists(gateway: ScriptedGateway) -> None:
    assert Client().get(URL).status_code == 405
    assert Client().post("/payments/webhooks/nobody/", b"{}", content_type="application/json").status_code == 404


def test_the_first_event_of_an_account_that_has_no_row_yet_is_stored(gateway: ScriptedGateway) -> None:
    assert deliver(gateway, "P-1") == 200

    assert WebhookEvent.objects.get().account.gateway == "scripted"


def test_an_event_of_a_type_that_concerns_nothing_of_ours_is_kept(gateway: ScriptedGateway) -> None:
    assert deliver(gateway, "B-1", kind="balance") == 200

    assert WebhookEvent.objects.get().status == "kept"
    assert jobs() == []


def test_an_event_before_our_row_exists_waits_and_is_never_dropped(gateway: ScriptedGateway) -> None:
    deliver(gateway, "P-1")
    drain_inbox()
    assert WebhookEvent.objects.get().status == "unmatched"

    payment = carried("tok_action")
    gateway.complete_action("P-1")
    WebhookEvent.objects.update(next_try_at="2020-01-01T00:00Z")
    drain_inbox()
    payment.refresh_from_db()

    assert payment.status == "succeeded"
    assert WebhookEvent.objects.get().status == "processed"


def test_an_event_about_somebody_elses_object_ends_before_staff(gateway: ScriptedGateway) -> None:
    carried("tok_ok")
    Payment.objects.get()
    gateway.payments["P-9"] = gateway.payments["P-1"]
    deliver(gateway, "P-404")

    for _ in range(UNMATCHED_TRIES):
        WebhookEvent.objects.update(next_try_at="2020-01-01T00:00Z")
        drain_inbox()

    event = WebhookEvent.objects.get()
    assert (event.status, event.next_try_at) == ("unmatched", None)
    assert Discrepancy.objects.get().kind == Discrepancy.Kind.UNMATCHED


def test_an_event_whose_object_cannot_be_asked_about_is_tried_again(waiting: Payment, gateway: ScriptedGateway) -> None:
    gateway.script("fetch", answers(Unknown("timed out")))
    deliver(gateway, "P-1")

    drain_inbox()
    event = WebhookEvent.objects.get()
    assert (event.status, event.last_error) == ("received", "timed out")

    WebhookEvent.objects.update(next_try_at="2020-01-01T00:00Z")
    drain_inbox()
    waiting.refresh_from_db()

    assert waiting.status == "succeeded"


def test_a_failed_authentication_ends_the_attempt(gateway: ScriptedGateway) -> None:
    payment = carried("tok_action")
    gateway.complete_action("P-1", passed=False)
    deliver(gateway, "P-1")

    drain_inbox()
    payment.refresh_from_db()

    assert (payment.status, payment.attempts.get().refusal_code) == ("requires_payment_method", "authentication_failed")
