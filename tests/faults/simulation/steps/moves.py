"""Staff move orders on: keep, cancel, fulfil, alone, twice, against each other and against what moves the money."""

from __future__ import annotations

import uuid

from checkout.models import Order
from checkout.operations import attend
from payments.gateways.base import DisputeState, PaymentState, RefundState
from payments.models import Dispute, Payment
from payments.money import Money
from payments.operations.capturing import capture, is_capturable
from payments.operations.refunding import refund
from tests.faults.simulation import jobs
from tests.faults.simulation.steps.catalog import step
from tests.faults.simulation.steps.gateway import delivery
from tests.faults.simulation.steps.shoppers import prepared
from tests.faults.simulation.world import Call, World

Status = Order.Status

MOVES = {"keep": attend.keep, "cancel": attend.cancel, "fulfil": attend.fulfil}


@step(3)
def an_order_is_fulfilled(world: World) -> None:
    if order := _paid_order(world):
        world.run(_moving(world, order, "fulfil"))


@step(2)
def an_order_is_cancelled(world: World) -> None:
    if order := _order(world, Status.CONFIRMED, Status.NEEDS_ATTENTION):
        world.run(_moving(world, order, "cancel"))


@step(2)
def an_order_is_kept(world: World) -> None:
    if order := _order(world, Status.NEEDS_ATTENTION):
        world.run(_moving(world, order, "keep"))


@step(4)
def an_order_is_refunded_and_cancelled(world: World) -> None:
    """What staff do with an order that will not be sent."""
    if order := _paid_order(world):
        _refund_and_cancel(world, order)


@step(3)
def a_refund_of_a_cancelled_order_comes_back(world: World) -> None:
    """Staff keep the order then, or refund it once more."""
    books = world.gateway.books
    order = _order(world, Status.CANCELLED)
    payment = order.payment if order else None
    made = [r for r in books.refunds.values() if payment and r.intent.id == payment.gateway_id]
    returned = next((refund for refund in made if refund.state == RefundState.SUCCEEDED), None)
    if order and returned:
        world.tell(f"  {returned.id}")
        books.settle_refund(returned, RefundState.FAILED)
        _hear_the_newest(world)
        if world.rng.random() < 0.5:
            world.run(_moving(world, order, "keep"))
        else:
            _refund_and_cancel(world, order)


@step(4)
def a_part_is_lost_and_the_order_cancelled(world: World) -> None:
    """The bank takes a part for good before anything was sent; the rest cannot be refunded."""
    order = _paid_order(world)
    intent = world.gateway.books.intents.get(order.payment.gateway_id) if order and order.payment else None
    if order and intent and intent.state == PaymentState.SUCCEEDED:
        part = Money(world.rng.randint(1, intent.captured), intent.money.currency)
        world.tell(f"  {part} of {intent.id}")
        claim = world.gateway.books.dispute(intent, part, DisputeState.NEEDS_RESPONSE)
        world.gateway.books.settle_claim(claim, DisputeState.LOST)
        _hear_the_newest(world)
        world.run(_moving(world, order, "cancel"))


@step(3)
def a_refunded_part_comes_back_of_a_lost_dispute(world: World) -> None:
    """The bank takes all although a part was refunded, and gives that part back: lost in part, says the gateway."""
    books = world.gateway.books
    order = _paid_order(world)
    if order and order.payment:
        part = Money(world.rng.randint(1, order.payment.amount), order.payment.currency)
        world.run(_refunding(world, order.payment, part), may_crash=False)
        _do_jobs(world)
        intent = books.intents.get(order.payment.gateway_id)
        if intent and (returned := books.given_back(intent)):
            world.tell(f"  all of {intent.id} is taken, {returned} come back")
            claim = books.dispute(intent, Money(intent.captured, intent.money.currency), DisputeState.NEEDS_RESPONSE)
            _hear_the_newest(world)
            books.settle_claim(claim, DisputeState.LOST, returned=returned)
            _hear_the_newest(world)
            world.run(_moving(world, order, world.rng.choice(["cancel", "fulfil"])))


@step(3)
def two_moves_at_once(world: World) -> None:
    """The same twice, or one against another."""
    if order := _paid_order(world):
        world.run(*(_moving(world, order, world.rng.choice(list(MOVES))) for _ in range(2)))


@step(3)
def a_move_against_a_refund(world: World) -> None:
    order = _paid_order(world)
    if order and order.payment:
        move = _moving(world, order, world.rng.choice(list(MOVES)))
        world.run(_refunding_what_is_left(world, order.payment), move)


@step(3)
def a_move_against_a_job(world: World) -> None:
    """What the job does may bring the order's money, or take it away."""
    order = _order(world, Status.CONFIRMED, Status.NEEDS_ATTENTION)
    waiting = jobs.waiting()
    if order and waiting:
        job = world.rng.choice(waiting)
        jobs.take(job)
        world.tell(f"  {job}")
        world.run(job.run, _moving(world, order, world.rng.choice(list(MOVES))))


@step(2)
def what_a_dispute_left_is_refunded(world: World) -> None:
    """Staff try, against news of that dispute that may come at the same time."""
    lost = list(Dispute.objects.filter(status=Dispute.Status.LOST).order_by("pk").select_related("payment"))
    if lost:
        dispute = world.rng.choice(lost)
        calls = [_refunding_what_is_left(world, dispute.payment)]
        news = [event for event in world.gateway.books.events if event.subject.gateway_id == dispute.gateway_id]
        if news and world.rng.random() < 0.5:
            calls.append(delivery(world, news[-1]))
        world.run(*calls)


def _paid_order(world: World) -> Order | None:
    """One that is confirmed; where there is none, another is ordered first, which may come to nothing."""
    if not Order.objects.filter(status=Status.CONFIRMED).exists():
        world.run(prepared(world, world.rng.choice(world.variants), "ok"), may_crash=False)
        _do_jobs(world)
    order = _order(world, Status.CONFIRMED)
    if order and order.payment and is_capturable(order.payment) and world.rng.random() < 0.7:
        _capture(world, order.payment)
    return order


def _capture(world: World, payment: Payment) -> None:
    world.tell(f"  capture payment {payment.pk}")
    request_id = uuid.uuid4()
    world.run(lambda: capture(payment, payment.money, by=world.staff, request_id=request_id), may_crash=False)
    _do_jobs(world)


def _order(world: World, *statuses: Order.Status) -> Order | None:
    """One that the move is made for; now and then another, of which it is refused."""
    orders = world.orders()
    fitting = [order for order in orders if order.status in statuses]
    chosen = orders if world.rng.random() < 0.1 else fitting
    return world.rng.choice(chosen) if chosen else None


def _moving(world: World, order: Order, move: str) -> Call:
    world.tell(f"  {move} order {order.pk}, which was {order.status}")

    def perform() -> None:
        MOVES[move](order, by=world.staff)
        world.tell(f"  done: {move}")

    return perform


def _refund_and_cancel(world: World, order: Order) -> None:
    if order.payment:
        world.run(_refunding_what_is_left(world, order.payment), may_crash=False)
        _do_jobs(world)
        world.run(_moving(world, order, "cancel"))


def _refunding_what_is_left(world: World, payment: Payment) -> Call:
    return _refunding(world, payment, Payment.objects.get(pk=payment.pk).left or payment.money)


def _refunding(world: World, payment: Payment, money: Money) -> Call:
    world.tell(f"  refund {money} of payment {payment.pk}")
    request_id = uuid.uuid4()

    def wish() -> None:
        made = refund(payment, money, reason="", by=world.staff, request_id=request_id)
        world.refund_wishes[request_id] = made.amount

    return wish


def _hear_the_newest(world: World) -> None:
    world.run(delivery(world, world.gateway.books.events[-1]), may_crash=False)
    _do_jobs(world)


def _do_jobs(world: World) -> None:
    """What is due and what that brings, by processes that live: the schedule is about the move that follows."""
    for _ in range(2):
        for job in jobs.waiting():
            jobs.take(job)
            world.run(job.run, may_crash=False)
