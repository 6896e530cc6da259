"""The gateway's own list of events, in which webhooks that never came are found."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from payments.gateways.base import CaptureMethod, ListedEvent, OpenPayment, Subject, SubjectKind, Succeeded
from payments.gateways.settlement import Page
from payments.gateways.stripe import events
from payments.gateways.stripe.adapter import StripeGateway
from payments.money import Money
from tests.payments.gateways.conftest import stripe_at
from tests.sandbox_process import SandboxProcess

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def gateway(sandbox: SandboxProcess) -> StripeGateway:
    return stripe_at(sandbox.url)


def opened(gateway: StripeGateway) -> str:
    reference = str(uuid.uuid4())
    request = OpenPayment(Money(4200, "EUR"), CaptureMethod.AUTOMATIC, reference, "Order TG-TEST")
    answer = gateway.open_payment(request, reference)
    assert isinstance(answer, Succeeded)
    return answer.seen.gateway_id


def listed(gateway: StripeGateway, since: datetime = LONG_AGO) -> list[ListedEvent]:
    found: list[ListedEvent] = []
    after = ""
    while True:
        page = gateway.list_events(since, after)
        assert isinstance(page, Page)
        found += page.items
        if not page.next:
            return found
        after = page.next


def test_what_happened_is_listed_with_its_object_and_its_whole_body(gateway: StripeGateway) -> None:
    gateway_id = opened(gateway)

    (created,) = [
        event for event in listed(gateway) if event.notice.subject == Subject(SubjectKind.PAYMENT, gateway_id)
    ]

    assert created.notice.event_type == "payment_intent.created"
    body = json.loads(created.body)
    assert (body["id"], body["data"]["object"]["id"]) == (created.notice.event_id, gateway_id)


def test_every_event_is_on_one_page(gateway: StripeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "PAGE", 2)
    ids = [opened(gateway) for _ in range(3)]

    found = [event.notice.event_id for event in listed(gateway)]
    subjects = {event.notice.subject.gateway_id for event in listed(gateway) if event.notice.subject}

    assert len(found) == len(set(found))
    assert set(ids) <= subjects


def test_what_happened_before_is_not_listed(gateway: StripeGateway) -> None:
    opened(gateway)

    assert listed(gateway, datetime.now(UTC) + timedelta(days=365)) == []
