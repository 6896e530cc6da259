"""What the adapter makes of everything that can come back over a wire, from a real server on a real socket."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import stripe
from urllib3.connection import HTTPSConnection

from payments.gateways.base import (
    Answer,
    CancelPayment,
    ConfirmPayment,
    Declined,
    DefinitelyNotSent,
    Processing,
    RefundPayment,
    Succeeded,
    Unknown,
)
from payments.gateways.stripe import client as client_module
from payments.gateways.stripe.adapter import StripeGateway
from payments.gateways.stripe.client import connect, tls_context
from payments.money import Money
from tests.payments.gateways.conftest import stripe_at

Reply = Callable[[socket.socket], None]

INTENT = {
    "id": "pi_1",
    "object": "payment_intent",
    "amount": 4200,
    "amount_received": 0,
    "amount_capturable": 0,
    "currency": "eur",
    "status": "requires_payment_method",
    "livemode": False,
    "metadata": {"reference": "r-1"},
    "latest_charge": None,
    "last_payment_error": None,
}


def http(status: int, document: object, *headers: str) -> Reply:
    body = document.encode() if isinstance(document, str) else json.dumps(document).encode()

    def reply(connection: socket.socket) -> None:
        lines = [f"HTTP/1.1 {status} X", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers]
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)

    return reply


def error(kind: str, code: str = "", **more: object) -> dict[str, object]:
    return {"error": {"type": kind, "code": code or None, "message": f"{kind} {code}", **more}}


def hang_up(connection: socket.socket) -> None:
    connection.close()


def half_an_answer(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{")
    connection.close()


@contextmanager
def served(reply: Reply) -> Iterator[StripeGateway]:
    """A server that answers one request with `reply`, whatever was asked."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                reply(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        yield stripe_at(f"http://127.0.0.1:{server.getsockname()[1]}")
        thread.join()


def confirmed(reply: Reply) -> Answer:
    with served(reply) as gateway:
        return gateway.confirm(ConfirmPayment("pi_1", "ctoken_1", "http://127.0.0.1/r"), "key")


DATE = "Date: Wed, 25 Nov 2026 10:00:00 GMT"


def too_many(*headers: str) -> Reply:
    return http(429, error("invalid_request_error", "rate_limit"), *headers)


@pytest.mark.parametrize(
    ("reply", "replayed", "retry_after_s"),
    [
        (http(500, error("api_error")), False, None),
        (http(500, error("api_error"), "Idempotent-Replayed: true"), True, None),
        (http(502, "<html>bad gateway</html>"), False, None),
        (http(503, ""), False, None),
        (http(409, error("invalid_request_error", "idempotency_key_in_use")), False, None),
        (http(429, error("invalid_request_error", "rate_limit"), "Retry-After: 7"), False, 7.0),
        (too_many("Retry-After: 0"), False, 0.0),
        (too_many("Retry-After: 86400"), False, 600.0),
        (too_many("Retry-After: 1.5"), False, None),
        (too_many("Retry-After: -7"), False, None),
        (too_many("Retry-After: soon"), False, None),
        (too_many("Retry-After: Wed, 25 Nov 2026 10:00:30 GMT", DATE), False, 30.0),
        (too_many("Retry-After: Wednesday, 25-Nov-26 10:00:30 GMT", DATE), False, 30.0),
        (too_many("Retry-After: Wed Nov 25 10:00:30 2026", DATE), False, 30.0),
        (too_many("Retry-After: Wed, 25 Nov 2026 09:00:00 GMT", DATE), False, 0.0),
        (too_many("Retry-After: Fri, 25 Nov 2126 10:00:00 GMT"), False, 600.0),
        (http(429, error("invalid_request_error", "lock_timeout")), False, None),
        (http(400, error("invalid_request_error", "lock_timeout")), False, None),
        (http(400, error("idempotency_error")), False, None),
        (hang_up, False, None),
        (half_an_answer, False, None),
        (http(200, "not json"), False, None),
        (http(200, {"id": "pi_1", "object": "payment_intent"}), False, None),
        (http(200, {**INTENT, "status": "a_status_of_the_future"}), False, None),
        (http(200, {**INTENT, "amount": "4200"}), False, None),
        (http(200, INTENT), False, None),
        (http(402, "no body that can be read"), False, None),
    ],
)
def test_whatever_proves_nothing_is_unknown(reply: Reply, replayed: bool, retry_after_s: float | None) -> None:
    answer = confirmed(reply)

    assert isinstance(answer, Unknown), answer
    assert (answer.replayed, answer.retry_after_s) == (replayed, retry_after_s)
    assert answer.reason


def test_a_card_error_is_a_decline_with_the_most_specific_code_and_the_object() -> None:
    intent = {**INTENT, "latest_charge": "ch_1"}
    answer = confirmed(
        http(402, error("card_error", "card_declined", decline_code="insufficient_funds", payment_intent=intent))
    )

    assert isinstance(answer, Declined)
    assert answer.refusal.code == "insufficient_funds"
    assert answer.seen is not None
    assert answer.seen.gateway_id == "pi_1"


@pytest.mark.parametrize("code", ["lost_card", "stolen_card", "fraudulent", "pickup_card", "merchant_blacklist"])
def test_what_points_at_fraud_gets_the_advice_of_an_ordinary_refusal(code: str) -> None:
    answer = confirmed(http(402, error("card_error", "card_declined", decline_code=code)))

    assert isinstance(answer, Declined)
    assert answer.refusal.advice == "another_card"


@pytest.mark.parametrize(
    ("code", "advice"),
    [("incorrect_cvc", "check_details"), ("processing_error", "try_again"), ("do_not_honor", "contact_bank")],
)
def test_other_declines_come_with_advice_of_their_own(code: str, advice: str) -> None:
    answer = confirmed(http(402, error("card_error", code)))

    assert isinstance(answer, Declined)
    assert answer.refusal.advice == advice


def test_an_invalid_request_is_refused_for_good() -> None:
    answer = confirmed(http(400, error("invalid_request_error", "parameter_missing")))

    assert isinstance(answer, Declined)
    assert answer.refusal.code == "parameter_missing"


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_turned_away_was_never_heard(status: int) -> None:
    answer = confirmed(http(status, error("invalid_request_error")))

    assert isinstance(answer, DefinitelyNotSent)


def test_a_gateway_that_is_not_there_was_never_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    answer = stripe_at(f"http://127.0.0.1:{port}").cancel(CancelPayment("pi_1"), "key")

    assert isinstance(answer, DefinitelyNotSent)


def test_a_name_that_cannot_be_resolved_was_never_reached() -> None:
    gateway = StripeGateway(connect("sk_test_x", "https://nowhere.invalid"), False, "pk", "js", ())

    assert isinstance(gateway.cancel(CancelPayment("pi_1"), "key"), DefinitelyNotSent)


def test_an_answer_that_does_not_come_in_time_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "READ_TIMEOUT_S", 0.2)
    released = threading.Event()
    answer: list[Answer] = []

    def hold(connection: socket.socket) -> None:
        released.wait(5)

    with served(hold) as gateway:
        answer.append(gateway.cancel(CancelPayment("pi_1"), "key"))
        released.set()

    assert isinstance(answer[0], Unknown)
    assert "timed out" in answer[0].reason.lower()


def test_a_broken_question_is_unknown_too() -> None:
    with served(hang_up) as gateway:
        assert isinstance(gateway.retrieve_payment("pi_1"), Unknown)


def test_a_processing_payment_and_a_pending_refund_are_answered_later() -> None:
    refund = {
        "id": "re_1",
        "object": "refund",
        "amount": 100,
        "currency": "eur",
        "status": "pending",
        "payment_intent": "pi_1",
        "metadata": {},
    }
    assert isinstance(confirmed(http(200, {**INTENT, "status": "processing"})), Processing)
    with served(http(200, refund)) as gateway:
        assert isinstance(gateway.refund(RefundPayment("pi_1", Money(100, "EUR"), "r-1"), "key"), Processing)


def test_a_success_without_the_error_of_the_attempt_before_it() -> None:
    answer = confirmed(http(200, {**INTENT, "status": "succeeded", "amount_received": 4200, "latest_charge": "ch_2"}))

    assert isinstance(answer, Succeeded)


def test_one_write_is_one_request_with_its_key_version_and_no_telemetry() -> None:
    requests: list[str] = []

    def keep(connection: socket.socket) -> None:
        http(500, error("api_error"))(connection)

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(1)

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    return
                with connection:
                    requests.append(connection.recv(65536).decode())
                    keep(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        stripe_at(f"http://127.0.0.1:{server.getsockname()[1]}").cancel(CancelPayment("pi_1"), "the-key")
        thread.join()

    (request,) = requests
    assert "Idempotency-Key: the-key" in request
    assert "Stripe-Version: 2026-10-28.endive" in request
    assert "Telemetry" not in request
    assert not stripe.enable_telemetry


def test_tls_older_than_1_2_is_not_spoken() -> None:
    context = tls_context()

    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname


def test_the_connections_use_that_context() -> None:
    adapter = client_module.ModernTLS()
    pool = adapter.poolmanager.connection_from_url("https://api.stripe.com")
    connection = pool._new_conn()

    assert isinstance(connection, HTTPSConnection)
    assert connection.ssl_context is not None
    assert connection.ssl_context.minimum_version == ssl.TLSVersion.TLSv1_2


def test_plain_http_is_for_the_loopback_only() -> None:
    with pytest.raises(ValueError, match="https"):
        connect("sk_test_x", "http://api.example.com")
