"""What happens at the gateway: shoppers act, money settles, webhooks come as they like, it is down for a while."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress

from django.test import RequestFactory

from payments.gateways.base import DisputeState, PaymentState, RefundState
from payments.money import Money
from payments.webhooks.intake import receive
from tests.faults.simulation.gateway.books import OPEN_CLAIMS, Event, Intent, Refused
from tests.faults.simulation.gateway.port import CURRENCY, SIGNATURE
from tests.faults.simulation.steps.catalog import step
from tests.faults.simulation.world import World

_requests = RequestFactory()
_GOES_ON_TO = {
    DisputeState.WARNING_NEEDS_RESPONSE: (DisputeState.WARNING_CLOSED, DisputeState.NEEDS_RESPONSE),
    DisputeState.NEEDS_RESPONSE: (DisputeState.UNDER_REVIEW, DisputeState.WON, DisputeState.LOST),
    DisputeState.UNDER_REVIEW: (DisputeState.WON, DisputeState.LOST),
}


@step(8)
def a_shopper_acts(world: World) -> None:
    """3-D Secure is passed, failed, or passed and the bank declines all the same."""
    if intent := _some_intent(world, PaymentState.REQUIRES_ACTION):
        ends = world.rng.choice(["passed", "passed", "failed", "declined"])
        world.tell(f"  {intent.id} {ends}")
        if ends == "passed":
            world.gateway.books.take_money(intent)
        else:
            world.gateway.books.decline(intent, charged=ends == "declined")


@step(5)
def a_late_request_arrives(world: World) -> None:
    if world.gateway.on_their_way:
        late = world.rng.choice(world.gateway.on_their_way)
        world.tell(f"  {type(late.request).__name__} {late.key}")
        world.gateway.let_arrive(late)


@step(4)
def a_debit_settles(world: World) -> None:
    if intent := _some_intent(world, PaymentState.PROCESSING):
        if world.rng.random() < 0.6:
            world.gateway.books.take_money(intent)
        else:
            world.gateway.books.decline(intent, charged=True)
        world.tell(f"  {intent.id} is now {intent.state}")


@step(3)
def a_refund_settles(world: World) -> None:
    pending = [r for r in world.gateway.books.refunds.values() if r.state == RefundState.PENDING]
    if pending:
        refund = world.rng.choice(pending)
        state = world.rng.choice([RefundState.SUCCEEDED, RefundState.FAILED])
        world.tell(f"  {refund.id} {state}")
        world.gateway.books.settle_refund(refund, state)


@step(1)
def a_refund_comes_back(world: World) -> None:
    done = [r for r in world.gateway.books.refunds.values() if r.state == RefundState.SUCCEEDED]
    if done:
        refund = world.rng.choice(done)
        world.tell(f"  {refund.id} failed after it had succeeded")
        world.gateway.books.settle_refund(refund, RefundState.FAILED)


@step(1)
def a_refund_in_the_dashboard(world: World) -> None:
    intent = _some_intent(world, PaymentState.SUCCEEDED)
    if intent and (left := intent.captured - world.gateway.books.given_back(intent)):
        amount = Money(world.rng.randint(1, left), intent.money.currency)
        world.tell(f"  {amount} of {intent.id}")
        with suppress(Refused):
            world.gateway.books.refund(intent, amount, "", pends=False)


@step(3)
def a_charge_is_disputed(world: World) -> None:
    if intent := _some_intent(world, PaymentState.SUCCEEDED):
        _dispute(world, intent)


@step(4)
def a_dispute_goes_on(world: World) -> None:
    claims = [claim for claim in world.gateway.books.claims.values() if claim.state in _GOES_ON_TO]
    if claims:
        claim = world.rng.choice(claims)
        state = world.rng.choice(_GOES_ON_TO[claim.state])
        world.tell(f"  {claim.id} {state}")
        world.gateway.books.settle_claim(claim, state)


@step(2)
def a_refunded_charge_is_disputed(world: World) -> None:
    """In full, as if nothing had been refunded."""
    books = world.gateway.books
    refunded = [intent for intent in books.intents.values() if books.given_back(intent)]
    if refunded:
        intent = world.rng.choice(refunded)
        world.tell(f"  all of {intent.id}")
        books.dispute(intent, Money(intent.captured, intent.money.currency), DisputeState.NEEDS_RESPONSE)


@step(3)
def a_dispute_is_lost_in_part(world: World) -> None:
    """What had been refunded comes back to us, the rest does not; the gateway calls it lost."""
    books = world.gateway.books
    claims = [c for c in books.claims.values() if c.state in OPEN_CLAIMS and books.given_back(c.intent)]
    if claims:
        claim = world.rng.choice(claims)
        returned = min(books.given_back(claim.intent), claim.money.amount)
        world.tell(f"  {claim.id}, {returned} of {claim.money.amount} come back")
        books.settle_claim(claim, DisputeState.LOST, returned=returned)


@step(2)
def a_lost_dispute_is_won_after_all(world: World) -> None:
    lost = [claim for claim in world.gateway.books.claims.values() if claim.state == DisputeState.LOST]
    if lost:
        claim = world.rng.choice(lost)
        world.tell(f"  {claim.id}")
        world.gateway.books.settle_claim(claim, DisputeState.WON)


@step(2)
def a_second_object_is_charged(world: World) -> None:
    """What no gateway should do: another object with our reference takes the money too. Some go to their bank."""
    charged = [i for i in world.gateway.books.intents.values() if i.state == PaymentState.SUCCEEDED and not i.is_second]
    if charged:
        intent = world.rng.choice(charged)
        second = world.gateway.books.charge_again(intent)
        world.tell(f"  {second.id} beside {intent.id}")
        if world.rng.random() < 0.5:
            _dispute(world, second)


@step(2)
def our_object_is_used_outside_the_shop(world: World) -> None:
    if intent := _some_intent(world, PaymentState.REQUIRES_PAYMENT_METHOD):
        world.tell(f"  {intent.id} waits for 3-D Secure")
        world.gateway.books.use_outside(intent)


@step(1)
def the_gateway_pays_out(world: World) -> None:
    world.gateway.books.settlement.pay_out(CURRENCY)


@step(12)
def a_webhook_comes(world: World) -> None:
    """The newest, an older one, or one that came before."""
    if event := _some_event(world):
        world.run(delivery(world, event))


@step(3)
def a_storm_of_webhooks(world: World) -> None:
    if event := _some_event(world):
        calls = [delivery(world, event), delivery(world, _some_event(world) or event), delivery(world, event)]
        world.run(*calls)


@step(2)
def the_gateway_goes_down_or_comes_back(world: World) -> None:
    world.gateway.weather.outage = not world.gateway.weather.outage
    world.tell(f"  {'down' if world.gateway.weather.outage else 'back'}")


def delivery(world: World, event: Event) -> Callable[[], object]:
    """One delivery of an event; what is answered 200 is accepted."""
    world.tell(f"  {event.id}: {event.subject.gateway_id}")
    return lambda: _deliver(world, event)


def _deliver(world: World, event: Event) -> None:
    body = json.dumps({"id": event.id})
    request = _requests.post("/", data=body, content_type="application/json", headers={SIGNATURE: "valid"})
    answer = receive(request, "simulated")
    if answer.status_code == 200:
        world.accepted_events.add(event.id)
    else:
        world.violations.append(f"a valid webhook was answered with {answer.status_code}")


def _dispute(world: World, intent: Intent) -> None:
    """In full or in part; sometimes only an inquiry."""
    amount = world.rng.choice([intent.captured, world.rng.randint(1, intent.captured)])
    state = world.rng.choice([DisputeState.NEEDS_RESPONSE, DisputeState.WARNING_NEEDS_RESPONSE])
    world.tell(f"  {amount} of {intent.id}, {state}")
    world.gateway.books.dispute(intent, Money(amount, intent.money.currency), state)


def _some_event(world: World) -> Event | None:
    """One of the newest."""
    events = world.gateway.books.events
    return world.rng.choice(events[-6:]) if events else None


def _some_intent(world: World, state: PaymentState) -> Intent | None:
    fitting = [intent for intent in world.gateway.books.intents.values() if intent.state == state]
    return world.rng.choice(fitting) if fitting else None
