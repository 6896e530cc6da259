"""Webhooks: verified, stored once, drained by looking at the object itself."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings

from payments.gateways import registry
from payments.gateways.base import ListedEvent, Unknown
from payments.gateways.settlement import Page, Unread
from payments.gateways.stripe.events import SIGNATURE_HEADER
from payments.ledger.verification import verify_ledger
from payments.models import AuditEntry, Discrepancy, GatewayAccount, Observation, Payment, WebhookEvent
from payments.money import Money
from payments.operations.clock import database_now
from payments.operations.looking import look_at_payment
from payments.signals import payment_changed
from payments.states.apply import apply_or_park
from payments.tasks import sweep
from payments.webhooks.inbox import MOST_FAILURES, drain_inbox, is_waiting
from payments.webhooks.replay import replay_events
from tests.payments.arrange import carried, placed, retry
from tests.payments.people import staff, superuser
from tests.payments.queued import jobs
from tests.payments.scripted import SIGNATURE, ScriptedGateway, answers, normal

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/payments/webhooks/scripted/"


def deliver(gateway: ScriptedGateway, subject: str, event_id: str = "e-1", kind: str = "payment") -> int:
    body, headers = gateway.webhook(subject, event_id=event_id, kind=kind)
    return Client().post(URL, body, content_type="application/json", headers=headers).status_code


def drain_until_given_up() -> None:
    for _ in range(MOST_FAILURES):
        WebhookEvent.objects.filter(next_try_at__isnull=False).update(next_try_at="2020-01-01T00:00Z")
        drain_inbox()


@contextmanager
def a_broken_receiver() -> Iterator[None]:
    """Somebody else's code that fails whenever a payment changes."""

    def fail(**kwargs: object) -> None:
        raise RuntimeError("the stock system is away")

    payment_changed.connect(fail)
    try:
        yield
    finally:
        payment_changed.disconnect(fail)


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
    deliver(gateway, "P-1")
    first = WebhookEvent.objects.get()
    WebhookEvent.objects.bulk_create(
        WebhookEvent(
            account=first.account,
            event_id=f"{first.event_id}-{number}",
            event_type=first.event_type,
            body=first.body,
            subject_kind=first.subject_kind,
            subject_id=first.subject_id,
            gateway_time=first.gateway_time,
        )
        for number in range(499)
    )
    looks = len(gateway.looks)

    assert drain_inbox() == 500

    assert len(gateway.looks) == looks + 1


def test_events_that_are_lost_doubled_reordered_and_days_late_lead_to_the_same_end(gateway: ScriptedGateway) -> None:
    """Fail A, succeed B, refund B: whatever is heard of it, in whatever order."""
    ends = set()
    for told in itertools.permutations(["failed A", "succeeded B", "succeeded B", "refunded B"], 3):
        payment = carried("tok_action")
        charged = payment.gateway_id
        gateway.complete_action(charged, passed=False)
        look_at_payment(payment)
        retry(payment, "tok_action")
        gateway.complete_action(charged)
        refund_id = gateway.refund_outside(charged, Money(700, "EUR"))
        for number, event in enumerate(told):
            kind, subject = ("refund", refund_id) if event == "refunded B" else ("payment", charged)
            deliver(gateway, subject, f"{charged}-{number}", kind)
            drain_inbox()
        deliver(gateway, charged, f"{charged}-late")
        deliver(gateway, refund_id, f"{charged}-later", "refund")
        WebhookEvent.objects.update(gateway_time="2026-01-01T00:00Z")  # days ago: time decides nothing
        drain_inbox()
        payment.refresh_from_db()
        ends.add((payment.status, payment.captured_amount, payment.refunded_amount))

    assert ends == {("succeeded", 4200, 700)}
    assert list(verify_ledger()) == []


def test_a_wake_up_that_was_lost_is_made_up_for_by_the_sweep(waiting: Payment, gateway: ScriptedGateway) -> None:
    deliver(gateway, "P-1")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")

    sweep(timestamp=0)
    assert jobs() == [("payments.drain_inbox", {})]

    drain_inbox()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    sweep(timestamp=10)
    assert jobs() == []


def test_two_drains_at_once_look_at_each_object_once(gateway: ScriptedGateway) -> None:
    for number in range(6):
        carried("tok_action")
        deliver(gateway, f"P-{number + 1}", f"e-{number}")
        deliver(gateway, f"P-{number + 1}", f"f-{number}")
    del gateway.looks[:]
    drained: list[int] = []

    def drain() -> None:
        drained.append(drain_inbox())
        connection.close()

    other = threading.Thread(target=drain)
    gateway.script("fetch", normal(before=other.start))  # the other begins while this one waits for an answer
    drain()
    other.join()

    assert sum(drained) == 12
    assert sorted(gateway.looks) == [f"P-{number + 1}" for number in range(6)]


@pytest.mark.parametrize("signature", ["", "0" * 64])
def test_a_wrong_signature_is_refused_and_nothing_is_stored(
    waiting: Payment, gateway: ScriptedGateway, signature: str
) -> None:
    body, _ = gateway.webhook("P-1", event_id="e-1")

    response = Client().post(URL, body, content_type="application/json", headers={SIGNATURE: signature})

    assert response.status_code == 400
    assert b"signature" in response.content
    assert not WebhookEvent.objects.exists()


def test_a_signature_that_is_no_signature_at_all_is_refused(settings: Settings) -> None:
    """Anybody can send one, and the SDK raises TypeError for it."""
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_of_a_test"]
    registry.forget()
    signature = {SIGNATURE_HEADER: "t=1,v1=\xe9"}

    response = Client().post("/payments/webhooks/stripe/", b"{}", content_type="application/json", headers=signature)

    registry.forget()
    assert (response.status_code, b"ASCII" in response.content) == (400, True)


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

    drain_until_given_up()

    event = WebhookEvent.objects.get()
    assert (event.status, event.next_try_at) == ("parked", None)
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


# --- Processed means applied


def test_an_event_is_not_processed_before_its_effect_is_committed(waiting: Payment, gateway: ScriptedGateway) -> None:
    deliver(gateway, "P-1")

    with a_broken_receiver():
        drain_inbox()

    event = WebhookEvent.objects.get()
    waiting.refresh_from_db()
    assert (event.status, event.processed_at, waiting.status) == ("received", None, "requires_action")
    assert "the stock system is away" in event.last_error


def test_an_event_whose_effect_failed_is_processed_when_the_cause_is_mended(
    waiting: Payment, gateway: ScriptedGateway
) -> None:
    deliver(gateway, "P-1")
    with a_broken_receiver():
        drain_inbox()

    WebhookEvent.objects.update(next_try_at="2020-01-01T00:00Z")
    drain_inbox()

    waiting.refresh_from_db()
    assert (WebhookEvent.objects.get().status, waiting.status) == ("processed", "succeeded")
    assert list(verify_ledger()) == []


def test_an_event_that_keeps_failing_is_parked_before_staff_with_the_reason(
    waiting: Payment, gateway: ScriptedGateway
) -> None:
    deliver(gateway, "P-1")

    with a_broken_receiver():
        drain_until_given_up()

    event = WebhookEvent.objects.get()
    assert (event.status, event.next_try_at) == ("parked", None)
    told = Discrepancy.objects.get(kind=Discrepancy.Kind.PARKED)
    assert "the stock system is away" in told.explanation and "e-1" in told.explanation


def test_what_fails_for_one_payment_again_and_again_is_told_once_and_closes_when_all_is_applied(
    waiting: Payment, gateway: ScriptedGateway
) -> None:
    deliver(gateway, "P-1")
    with a_broken_receiver():
        drain_until_given_up()
    told = Discrepancy.objects.get(kind=Discrepancy.Kind.NOT_APPLIED)
    waits = Observation.objects.filter(applied_at=None)
    assert (waits.count(), told.resolved_at) == (MOST_FAILURES, None)

    while waits.count() > 1:
        apply_or_park(waits.values_list("pk", flat=True)[0])
    told.refresh_from_db()
    assert told.resolved_at is None

    apply_or_park(waits.get().pk)
    told.refresh_from_db()
    assert told.resolved_at is not None


def test_a_gateway_that_is_away_for_days_parks_nothing(waiting: Payment, gateway: ScriptedGateway) -> None:
    gateway.script("fetch", *[answers(Unknown("timed out"))] * 3 * MOST_FAILURES)
    deliver(gateway, "P-1")

    for _ in range(2):
        drain_until_given_up()

    assert WebhookEvent.objects.get().status == "received"


def test_an_event_that_waited_for_its_gateway_is_not_given_up_at_the_first_failure_after_that(
    waiting: Payment, gateway: ScriptedGateway
) -> None:
    gateway.script("fetch", *[answers(Unknown("timed out"))] * MOST_FAILURES)
    deliver(gateway, "P-1")
    for _ in range(MOST_FAILURES):
        WebhookEvent.objects.update(next_try_at="2020-01-01T00:00Z")
        drain_inbox()
        GatewayAccount.objects.update(failures=0, paused_until=None)

    with a_broken_receiver():
        WebhookEvent.objects.update(next_try_at="2020-01-01T00:00Z")
        drain_inbox()

    event = WebhookEvent.objects.get()
    assert (event.status, event.failures) == ("received", 1)
    assert event.next_try_at is not None and event.next_try_at < database_now() + timedelta(minutes=1)


def test_an_event_that_was_given_up_is_processed_once_the_sweep_applied_what_was_seen(
    waiting: Payment, gateway: ScriptedGateway
) -> None:
    deliver(gateway, "P-1")
    with a_broken_receiver():
        drain_until_given_up()
    Observation.objects.filter(applied_at=None).update(next_try_at="2020-01-01T00:00Z")
    assert not is_waiting()

    sweep(timestamp=0)
    assert jobs().count(("payments.drain_inbox", {})) == 1
    drain_inbox()

    assert WebhookEvent.objects.get().status == "processed"
    assert not Discrepancy.objects.filter(resolved_at=None).exists()
    assert not is_waiting()


def test_an_event_that_was_given_up_is_processed_with_the_next_one_about_its_object(
    waiting: Payment, gateway: ScriptedGateway
) -> None:
    deliver(gateway, "P-1", "e-1")
    with a_broken_receiver():
        drain_until_given_up()
    Observation.objects.update(next_try_at=None)

    deliver(gateway, "P-1", "e-2")
    drain_inbox()

    assert set(WebhookEvent.objects.values_list("status", flat=True)) == {"processed"}


def test_one_object_that_always_fails_keeps_no_other_waiting(gateway: ScriptedGateway) -> None:
    bad, good = carried("tok_action"), carried("tok_action")
    for gateway_id in (bad.gateway_id, good.gateway_id):
        gateway.complete_action(gateway_id)
        deliver(gateway, gateway_id, f"e-{gateway_id}")

    def fail(payment: Payment, **kwargs: object) -> None:
        if payment.pk == bad.pk:
            raise RuntimeError("cannot be")

    payment_changed.connect(fail)
    try:
        drain_inbox()
    finally:
        payment_changed.disconnect(fail)

    good.refresh_from_db()
    assert good.status == "succeeded"


# --- Webhooks that never came


def lost_webhook(gateway: ScriptedGateway, subject: str, event_id: str, kind: str = "payment") -> None:
    """Something happened at the gateway, and nobody was told."""
    gateway.webhook(subject, event_id=event_id, kind=kind)


def test_a_webhook_that_never_came_is_found_in_the_gateways_list(waiting: Payment, gateway: ScriptedGateway) -> None:
    lost_webhook(gateway, "P-1", "e-1")

    assert replay_events() == 1
    drain_inbox()

    waiting.refresh_from_db()
    event = WebhookEvent.objects.get()
    assert (waiting.status, event.status, event.replayed) == ("succeeded", "processed", True)


def test_what_came_by_webhook_is_not_replayed_and_what_was_replayed_may_come_late(
    waiting: Payment, gateway: ScriptedGateway
) -> None:
    for number in range(5):
        lost_webhook(gateway, "P-1", f"e-{number}")
    deliver(gateway, "P-1", "e-3")

    assert replay_events() == 4
    assert replay_events() == 0
    assert deliver(gateway, "P-1", "e-1") == 200
    assert WebhookEvent.objects.count() == 5


def test_the_first_reading_of_a_list_begins_with_our_first_payment(gateway: ScriptedGateway) -> None:
    """What another system did with the account before is nobody's concern here."""
    lost_webhook(gateway, "P-foreign", "e-foreign")
    foreign = gateway.events.pop()
    long_ago = replace(foreign.notice, created=database_now() - timedelta(days=3))
    gateway.events.append(replace(foreign, notice=long_ago))
    assert replay_events() == 0

    GatewayAccount.objects.update(events_listed_until=None)
    placed()

    assert replay_events() == 0


def test_a_list_is_read_again_from_where_it_was_last_read_to_its_end(
    waiting: Payment, gateway: ScriptedGateway
) -> None:
    lost_webhook(gateway, "P-1", "e-1")
    GatewayAccount.objects.update(paused_until="2999-01-01T00:00Z")
    assert replay_events() == 0
    assert GatewayAccount.objects.get().events_listed_until is None

    GatewayAccount.objects.update(paused_until=None)
    assert replay_events() == 1
    assert GatewayAccount.objects.get().events_listed_until is not None


def test_a_listed_event_that_concerns_nothing_of_ours_is_kept(waiting: Payment, gateway: ScriptedGateway) -> None:
    lost_webhook(gateway, "B-1", "e-1", kind="balance")

    assert replay_events() == 1
    assert WebhookEvent.objects.get().status == "kept"


def test_an_event_that_cannot_be_read_is_told_once_and_the_list_goes_on(
    waiting: Payment, gateway: ScriptedGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost_webhook(gateway, "P-1", "e-1")
    (event,) = gateway.events
    unread: Page[ListedEvent] = Page((), "e-2", (Unread("e-2", "it has no time"),))
    monkeypatch.setattr(gateway, "list_events", lambda since, after: Page((event,)) if after else unread)

    assert [replay_events(), replay_events()] == [1, 0]

    told = Discrepancy.objects.get()
    assert "e-2" in told.explanation and "it has no time" in told.explanation
    assert GatewayAccount.objects.get().events_listed_until is not None

    Discrepancy.objects.update(resolved_at=database_now(), resolution="It was about a price.")
    replay_events()
    assert not Discrepancy.objects.filter(resolved_at=None).exists()


# --- Staff have parked events run again


def test_staff_have_a_parked_event_run_again_from_the_list(waiting: Payment, gateway: ScriptedGateway) -> None:
    deliver(gateway, "P-1")
    with a_broken_receiver():
        drain_until_given_up()
    event = WebhookEvent.objects.get()
    browser = Client()
    browser.force_login(superuser())

    page = browser.get("/admin/payments/webhookevent/?status__exact=parked")
    wish = {"action": "run_again", "_selected_action": [event.pk]}
    asked = browser.post("/admin/payments/webhookevent/", wish)
    assert drain_inbox() == 0
    browser.post("/admin/payments/webhookevent/", wish | {"confirmed": "Run again"})
    drain_inbox()

    event.refresh_from_db()
    waiting.refresh_from_db()
    assert b"the stock system is away" in page.content
    assert b"the stock system is away" in asked.content
    assert (event.status, waiting.status) == ("processed", "succeeded")
    assert AuditEntry.objects.filter(action="rerun", object_id=event.pk, actor__startswith="user:").count() == 1
    assert not Discrepancy.objects.filter(resolved_at=None, kind="parked").exists()


def test_running_again_is_for_those_who_may(waiting: Payment, gateway: ScriptedGateway) -> None:
    deliver(gateway, "P-1")
    drain_inbox()
    browser = Client()
    browser.force_login(staff("view_webhookevent"))

    page = browser.get("/admin/payments/webhookevent/")
    browser.post(
        "/admin/payments/webhookevent/",
        {"action": "run_again", "_selected_action": [WebhookEvent.objects.get().pk], "confirmed": "yes"},
    )

    assert b"Run the selected events again" not in page.content
    assert WebhookEvent.objects.get().status == "processed"
