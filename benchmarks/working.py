"""Workers, through the sandbox, against a bare loop of the same calls at the same concurrency."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import requests
from django.conf import settings
from django.db import transaction

from benchmarks.figures import Ratio, in_turns
from benchmarks.paused import Paused
from launch.gateway_books import GatewayBooks
from launch.service import Service
from launch.shop import Shop
from payments.gateways.stripe.client import connect
from payments.models import Payment
from payments.money import Money
from payments.operations.collect import collect

PAYMENTS, ROUNDS = 120, 4
LATENCY_S, CALLS_FOR_EACH = 0.3, 2
PRICE = Money(4200, "EUR")
RETURN_URL = "http://127.0.0.1/return"
PATIENCE_S = 180.0
JOBS_AT_ONCE: int = settings.WORKER_LANES["money"]
ONE = f"one worker of {JOBS_AT_ONCE} jobs at once"
TWO = f"two workers for nothing but money, {JOBS_AT_ONCE // 2} jobs at once each"


@contextmanager
def two_workers(shop: Shop) -> Iterator[Paused]:
    """Two processes that have as many threads together as one worker, since Python keeps a process to one core."""
    each = ("manage.py", "procrastinate", "worker", "--queues", "money", "--concurrency", str(JOBS_AT_ONCE // 2))
    two = [Service(shop.program(f"worker {number}", *each)) for number in (2, 3)]
    try:
        yield Paused(*(worker.pid for worker in two))
    finally:
        for worker in two:
            worker.stop()


def measure(shop: Shop, workers: Paused, who: str) -> Ratio:
    """Payments a second by these workers, webhooks kept away: they are measured by themselves."""
    with Faults(shop, {"on": "webhooks", "do": "lose", "times": 100_000}):
        return in_turns(
            f"{who}, payments through the sandbox / a bare loop of the same calls, {JOBS_AT_ONCE} at once",
            lambda: _by_workers(shop, workers),
            lambda: _by_a_bare_loop(shop),
            rounds=ROUNDS,
            goal=0.6,
        )


def measure_with_latency(shop: Shop, workers: Paused, who: str) -> Ratio:
    """The same with a slow gateway, against what the concurrency allows if nothing else took any time."""
    slow = {"on": "payment_intents.*", "when": "after", "hold_s": LATENCY_S, "times": 100_000}
    allowed = JOBS_AT_ONCE / (LATENCY_S * CALLS_FOR_EACH)
    with Faults(shop, {"on": "webhooks", "do": "lose", "times": 100_000}, slow):
        return in_turns(
            f"{who}, {LATENCY_S * 1000:.0f} ms of gateway latency / what {JOBS_AT_ONCE} jobs at once allow",
            lambda: _by_workers(shop, workers),
            lambda: allowed,
            rounds=2,
            goal=0.9,
        )


class Faults:
    """Faults of the sandbox for as long as the block runs."""

    def __init__(self, shop: Shop, *faults: dict[str, object]) -> None:
        self._url, self._orders = f"{shop.sandbox_url}_control/faults", faults

    def __enter__(self) -> None:
        for order in self._orders:
            requests.post(self._url, json=order, timeout=10).raise_for_status()

    def __exit__(self, *error: object) -> None:
        requests.delete(self._url, timeout=10).raise_for_status()


def _by_workers(shop: Shop, workers: Paused) -> float:
    """Queue all while the workers stand still, then let them run until all are paid."""
    tokens = _tokens(shop)
    with workers:
        ids = [_queued(token) for token in tokens]
    started = time.perf_counter()
    deadline = started + PATIENCE_S
    while (done := Payment.objects.filter(pk__in=ids, status="succeeded").count()) < len(ids):
        if time.perf_counter() > deadline:
            raise TimeoutError(f"{done} of {len(ids)} payments are paid")
        time.sleep(0.1)  # asking costs the processors that are measured
    return len(ids) / (time.perf_counter() - started)


def _queued(token: str) -> int:
    with transaction.atomic():
        request = uuid.uuid4()
        payment = collect(PRICE, token=token, request_id=request, description="Benchmark", return_url=RETURN_URL)
    return payment.pk


def _by_a_bare_loop(shop: Shop) -> float:
    client = connect(shop.environment["STRIPE_SECRET_KEY"], shop.sandbox_url)
    tokens = _tokens(shop)

    def pay(token: str) -> None:
        intent = client.v1.payment_intents.create(
            {
                "amount": PRICE.amount,
                "currency": "eur",
                "capture_method": "automatic_async",
                "allowed_payment_method_types": ["card"],
            },
            {"idempotency_key": str(uuid.uuid4())},
        )
        confirmed = client.v1.payment_intents.confirm(
            intent.id,
            {"confirmation_token": token, "return_url": RETURN_URL, "use_stripe_sdk": True},
            {"idempotency_key": str(uuid.uuid4())},
        )
        if confirmed.status != "succeeded":
            raise RuntimeError(f"{confirmed.id} is {confirmed.status}")

    started = time.perf_counter()
    with ThreadPoolExecutor(JOBS_AT_ONCE) as pool:
        list(pool.map(pay, tokens))
    return len(tokens) / (time.perf_counter() - started)


def _tokens(shop: Shop) -> list[str]:
    books = GatewayBooks(shop.sandbox_url, shop.environment["STRIPE_SECRET_KEY"])
    return [books.card_token("pm_card_visa") for _ in range(PAYMENTS)]
