"""Placing an order, against a minimal transaction of the ORM that writes the same rows."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F
from django.utils.timezone import now

from benchmarks.figures import Ratio, in_turns
from benchmarks.stock import well_stocked
from catalog.models import Stock, Variant
from catalog.models.stock import MovementReason, StockMovement
from checkout.carts import add
from checkout.models import Address, Cart, CartLine, Order, OrderLine
from checkout.operations.place_order import Wish, place_order
from checkout.pricing import quote, shipping_methods
from payments.models import AuditEntry, GatewayAccount, Operation, Payment, PaymentAttempt

ORDERS, ROUNDS, SHOPPERS = 60, 5, 50
PERSON = {
    "name": "Ada Example",
    "address": "1 Example Street",
    "city": "Berlin",
    "postal_code": "10115",
    "country": "DE",
}


def measure() -> Ratio:
    variant = well_stocked()
    return in_turns(
        "placing an order / the same rows by a minimal transaction",
        lambda: _timed([_placing(variant) for _ in range(ORDERS)]),
        lambda: _timed([_writing(variant) for _ in range(ORDERS)]),
        rounds=ROUNDS,
        goal=0.6,
    )


def fifty_shoppers() -> float:
    """Orders a second when fifty shoppers meet on one stock row."""
    variant = well_stocked()
    placings = [_placing(variant) for _ in range(SHOPPERS)]

    def run(place: Callable[[], object]) -> None:
        place()
        connection.close()

    started = time.perf_counter()
    with ThreadPoolExecutor(SHOPPERS) as pool:
        list(pool.map(run, placings))
    return SHOPPERS / (time.perf_counter() - started)


def _timed(placings: list[Callable[[], object]]) -> float:
    started = time.perf_counter()
    for place in placings:
        place()
    return len(placings) / (time.perf_counter() - started)


def _placing(variant: Variant) -> Callable[[], object]:
    """A cart and a wish, made before the clock runs."""
    cart = Cart.objects.create()
    add(cart, variant, 1)
    cart.refresh_from_db()
    method = shipping_methods()[0]
    seen = quote(cart, method)
    wish = Wish(
        checkout_id=cart.checkout_id,
        email="ada@example.com",
        shipping_method=method,
        fingerprint=seen.fingerprint,
        token="ctoken_benchmark",  # noqa: S106  it is never sent
        **PERSON,
    )
    return lambda: place_order(cart, wish)


def _writing(variant: Variant) -> Callable[[], object]:
    cart = Cart.objects.create()
    add(cart, variant, 1)
    account = GatewayAccount.objects.current()
    return lambda: _write(cart, variant, account)


def _write(cart: Cart, variant: Variant, account: GatewayAccount) -> None:
    """One order's rows, straight down, with nothing checked, priced or locked."""
    with transaction.atomic():
        payment = _write_payment(variant.price_amount, account)
        _write_order(variant, payment)
        _empty_and_reserve(cart, variant)


def _write_payment(amount: int, account: GatewayAccount) -> Payment:
    told = {"actor": "shopper", "origin": "checkout", "action": "requested", "before": {}, "after": {"status": "new"}}
    until = now() + timedelta(minutes=15)
    payment = Payment.objects.create(
        account=account,
        amount=amount,
        currency="EUR",
        capture_method="automatic",
        description="Order",
        status="processing",
        transition_cause="requested",
    )
    attempt = PaymentAttempt.objects.create(
        payment=payment,
        request_id=uuid.uuid4(),
        token="ctoken_benchmark",  # noqa: S106
        return_url="http://127.0.0.1/",
        status="created",
        transition_cause="requested",
    )
    common = {"payment": payment, "amount": amount, "currency": "EUR", "send_before": until, "next_check_at": until}
    Operation.objects.bulk_create(
        [
            Operation(kind="open", status="created", transition_cause="requested", **common),
            Operation(kind="sale", attempt=attempt, status="created", transition_cause="requested", **common),
        ]
    )
    AuditEntry.objects.bulk_create(
        AuditEntry(object_type=kind, object_id=payment.pk, payment=payment, **told)
        for kind in ("payment", "attempt", "operation", "operation")
    )
    return payment


def _write_order(variant: Variant, payment: Payment) -> None:
    amount = variant.price_amount
    order = Order.objects.create(
        checkout_id=uuid.uuid4(),
        email="ada@example.com",
        currency="EUR",
        subtotal_amount=amount,
        shipping_amount=0,
        total_amount=amount,
        shipping_name="Standard",
        payment=payment,
    )
    Address.objects.create(order=order, **PERSON)
    OrderLine.objects.create(
        order=order,
        variant=variant,
        name="A thing",
        sku=variant.sku,
        unit_amount=amount,
        quantity=1,
        total_amount=amount,
        currency="EUR",
    )


def _empty_and_reserve(cart: Cart, variant: Variant) -> None:
    """The cart is emptied, its stock reserved, and a job enqueued."""
    line = uuid.uuid4().hex
    CartLine.objects.filter(cart=cart).delete()
    Cart.objects.filter(pk=cart.pk).update(version=F("version") + 1)
    StockMovement.objects.create(
        line=line, reason=MovementReason.RESERVED, variant=variant, on_hand_change=0, reserved_change=1
    )
    Stock.objects.filter(variant=variant).update(reserved=F("reserved") + 1)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args)"
            " VALUES ('benchmark', 'benchmark.none', 0, '{}')"
        )
