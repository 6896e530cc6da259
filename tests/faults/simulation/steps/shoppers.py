"""Shoppers order, click twice, race for the last piece, try again, and prove who they are or do not."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.db.models import F

from catalog.models import Variant
from checkout.carts import add
from checkout.models import Cart, Order, ShippingMethod
from checkout.operations.place_order import Wish, place_order
from checkout.pricing import quote
from payments.models import Payment
from payments.operations.collect import try_again
from tests.faults.simulation import jobs
from tests.faults.simulation.steps.catalog import step
from tests.faults.simulation.world import FilledCart, World

TOKENS = ("ok", "ok", "ok", "declined", "refused", "action", "action", "processing")
RETURN_URL = "https://shop.example/return"


@step(10)
def order(world: World) -> None:
    place = prepared(world, world.rng.choice(world.variants), world.rng.choice(TOKENS))
    before = set(Order.objects.values_list("pk", flat=True))
    world.run(place)
    _check_jobs_of_new_orders(world, before)


@step(3)
def order_twice_at_once(world: World) -> None:
    place = prepared(world, world.rng.choice(world.variants), world.rng.choice(TOKENS))
    world.run(place, place)


@step(3)
def several_order_at_once(world: World) -> None:
    scarce = world.variants[0]
    world.run(*(prepared(world, scarce, world.rng.choice(TOKENS)) for _ in range(3)))


@step(3)
def the_cart_changes_while_paying(world: World) -> None:
    variant = world.variants[-1]
    cart = _filled_cart(world, variant)
    pay = _placing(world, cart, world.rng.choice(TOKENS))
    world.run(pay, _adding(world.carts[-1], cart, variant))


@step(1)
def the_price_changes_while_paying(world: World) -> None:
    variant = world.variants[-1]
    pay = prepared(world, variant, "ok")
    world.run(pay, lambda: Variant.objects.filter(pk=variant.pk).update(price_amount=F("price_amount") + 10))


@step(8)
def pay_again(world: World) -> None:
    """Mostly after a decline, as the page offers it; sometimes when there is nothing to pay any more."""
    declined = list(Payment.objects.filter(status=Payment.Status.REQUIRES_PAYMENT_METHOD).order_by("pk"))
    payment = world.rng.choice(declined) if declined and world.rng.random() < 0.8 else world.payment()
    if payment:
        world.run(_trying_again(world, payment))


@step(4)
def pay_again_after_a_decline(world: World) -> None:
    """The gateway's object still shows the decline while nobody knows what became of the next try."""
    world.run(prepared(world, world.variants[-1], "declined"))
    for job in jobs.waiting():
        jobs.take(job)
        world.run(job.run)
    payment = Payment.objects.order_by("pk").last()
    if payment and payment.status == Payment.Status.REQUIRES_PAYMENT_METHOD:
        world.run(_trying_again(world, payment))


@step(2)
def pay_again_in_two_tabs(world: World) -> None:
    if payment := world.payment():
        world.run(_trying_again(world, payment), _trying_again(world, payment))


def _check_jobs_of_new_orders(world: World, before: set[int]) -> None:
    """No row without its job, whatever died: looked at before any worker or sweep came by."""
    placed = Order.objects.exclude(pk__in=before).exclude(payment=None)
    enqueued = {job.arguments.get("operation_id") for job in jobs.waiting()}
    for order in placed:
        assert order.payment is not None
        if not enqueued & set(order.payment.operations.values_list("pk", flat=True)):
            world.violations.append(f"order {order.pk} was placed and no job was written with it")


def prepared(world: World, variant: Variant, token: str) -> Callable[[], object]:
    return _placing(world, _filled_cart(world, variant), token)


def _filled_cart(world: World, variant: Variant) -> Cart:
    cart = Cart.objects.create()
    world.carts.append(FilledCart(cart.pk))
    _adding(world.carts[-1], cart, variant)()
    cart.refresh_from_db()
    return cart


def _adding(filled: FilledCart, cart: Cart, variant: Variant) -> Callable[[], object]:
    def put_in() -> None:
        filled.tried += 1
        add(cart, variant, 1)
        filled.put_in += 1

    return put_in


def _placing(world: World, cart: Cart, kind: str) -> Callable[[], object]:
    """What the browser sends: the quote that it saw, and a token."""
    method = ShippingMethod.objects.filter(active=True).first()
    assert method is not None
    wish = Wish(
        checkout_id=cart.checkout_id,
        email=world.carts[-1].email,
        name="Ada Example",
        address="1 Example Street",
        city="Exampleton",
        postal_code="12345",
        country="DE",
        shipping_method=method,
        fingerprint=quote(cart, method).fingerprint,
        token=world.token(kind),
    )
    world.tell(f"  cart {cart.pk} pays with {wish.token}")
    return lambda: place_order(Cart.objects.get(pk=cart.pk), wish)


def _trying_again(world: World, payment: Payment) -> Callable[[], object]:
    token, request_id = world.token(world.rng.choice(TOKENS)), uuid.uuid4()
    world.tell(f"  payment {payment.pk} is tried again with {token}")
    return lambda: try_again(payment, token=token, request_id=request_id, return_url=RETURN_URL)
