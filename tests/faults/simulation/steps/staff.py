"""Staff refund, capture and void: alone, twice, and against each other."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from payments.models import Payment
from payments.money import Money
from payments.operations.capturing import capture, void
from payments.operations.refunding import refund
from tests.faults.simulation.steps.catalog import step
from tests.faults.simulation.world import World


@step(7)
def refund_some(world: World) -> None:
    if payment := world.payment():
        world.run(_refunding(world, payment, uuid.uuid4()))


@step(3)
def refund_twice_at_once(world: World) -> None:
    """Two wishes that may be more together than what is left."""
    if payment := world.payment():
        world.run(_refunding(world, payment, uuid.uuid4()), _refunding(world, payment, uuid.uuid4()))


@step(2)
def the_same_refund_twice_at_once(world: World) -> None:
    if payment := world.payment():
        wish = _refunding(world, payment, uuid.uuid4())
        world.run(wish, wish)


@step(4)
def capture_some(world: World) -> None:
    if payment := world.payment():
        world.run(_capturing(world, payment))


@step(2)
def void_it(world: World) -> None:
    if payment := world.payment():
        world.run(_voiding(world, payment))


@step(1)
def the_same_capture_twice_at_once(world: World) -> None:
    if payment := world.payment():
        wish = _capturing(world, payment)
        world.run(wish, wish)


@step(2)
def capture_against_void(world: World) -> None:
    if payment := world.payment():
        world.run(_capturing(world, payment), _voiding(world, payment))


def _refunding(world: World, payment: Payment, request_id: uuid.UUID) -> Callable[[], object]:
    most = max(payment.amount, 1)
    amount = world.rng.choice([most, most // 2 + 1, 500, world.rng.randint(1, most)])
    reason = world.rng.choice(["pend", "", ""])
    world.tell(f"  refund {amount} of payment {payment.pk} {reason}")
    money = Money(amount, payment.currency)

    def wish() -> None:
        made = refund(payment, money, reason=reason, by=world.staff, request_id=request_id)
        world.refund_wishes[request_id] = made.amount

    return wish


def _capturing(world: World, payment: Payment) -> Callable[[], object]:
    amount = world.rng.choice([payment.amount, payment.amount, payment.amount // 2])
    world.tell(f"  capture {amount} of payment {payment.pk}")
    request_id = uuid.uuid4()
    return lambda: capture(payment, Money(amount, payment.currency), by=world.staff, request_id=request_id)


def _voiding(world: World, payment: Payment) -> Callable[[], object]:
    world.tell(f"  void payment {payment.pk}")
    request_id = uuid.uuid4()
    return lambda: void(payment, by=world.staff, request_id=request_id)
