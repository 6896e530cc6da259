"""What is written to the log, and what never is."""

from __future__ import annotations

import json
import logging
import sys

import pytest
from django.test import Client

from config.logging import EventFormatter, PlainFormatter, request_id
from config.redaction import redact


def record(event: str, **fields: object) -> logging.LogRecord:
    return logging.makeLogRecord({"name": "payments", "levelname": "INFO", "msg": event, **fields})


def test_an_event_is_one_json_object_with_its_fields() -> None:
    written = json.loads(EventFormatter().format(record("payment_declined", payment="p1", code="card_declined")))
    assert written.pop("time")
    assert written == {
        "level": "INFO",
        "logger": "payments",
        "event": "payment_declined",
        "payment": "p1",
        "code": "card_declined",
    }


def test_an_event_of_a_request_carries_the_requests_id() -> None:
    token = request_id.set("abc")
    try:
        assert json.loads(EventFormatter().format(record("anything")))["request_id"] == "abc"
    finally:
        request_id.reset(token)


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        ("paid with 4242424242424242", "4242424242424242"),
        ("paid with 4000 0027 6000 3184", "3184"),
        ("378282246310005", "378282246310005"),
        ("key sk_live_abcDEF123", "abcDEF123"),
        ("key rk_test_abcDEF123", "abcDEF123"),
        ("signed whsec_abc/DEF+123=", "DEF"),
        ("pi_3Nabc_secret_XYZ", "XYZ"),
        ("token ctoken_1Nabc", "1Nabc"),
        ("postgresql://shop:hunter2@db/shop", "hunter2"),
    ],
)
def test_a_secret_is_not_written(secret: str, shown: str) -> None:
    for formatter in (EventFormatter(), PlainFormatter()):
        assert shown not in formatter.format(record("event", detail=secret))
        assert shown not in formatter.format(record(secret))


def test_a_secret_in_a_traceback_is_not_written() -> None:
    try:
        raise ValueError("sk_live_abcDEF123")
    except ValueError:
        failed = record("job_failed", exc_info=sys.exc_info())
    written = EventFormatter().format(failed)
    assert "abcDEF123" not in written
    assert "ValueError" in written


@pytest.mark.parametrize("harmless", ["pi_3NabcDEF", "1763974000123457", "order 4242", "2026-11-24T09:00:00.123456"])
def test_what_is_no_secret_stays_readable(harmless: str) -> None:
    assert redact(harmless) == harmless


def test_each_answer_names_its_request() -> None:
    first, second = (Client().get("/livez", headers={"X-Request-ID": "mine"}) for _ in range(2))
    assert len({first["X-Request-ID"], second["X-Request-ID"], "mine"}) == 3
