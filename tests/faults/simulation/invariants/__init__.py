"""What must hold when all has come to rest, asked of the gateway's own books."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.faults.simulation.invariants import always, books, money, orders, traces
from tests.faults.simulation.world import World

Invariant = Callable[[World], Iterator[str]]

INVARIANTS: tuple[Invariant, ...] = (
    money.charged_once,
    money.payments_are_what_the_gateway_says,
    money.one_refund_for_each_wish,
    money.refunds_within_captures,
    money.no_refund_is_promised_in_vain,
    money.nothing_charged_after_its_time,
    money.gateway_was_used_properly,
    books.ledger_is_the_gateways_balance,
    books.settlement_compares,
    books.books_verify,
    books.every_change_is_in_the_audit_trail,
    orders.paid_exactly_with_money,
    orders.stock_is_conserved,
    orders.stock_is_what_its_movements_say,
    orders.what_was_sent_stays_sent,
    orders.each_piece_is_ordered_once,
    orders.each_mail_once,
    traces.no_event_is_forgotten,
    traces.no_answer_is_forgotten,
    traces.nothing_stays_open,
    traces.nothing_goes_backwards,
    traces.discrepancies_have_a_reason,
)


ALWAYS: tuple[Invariant, ...] = (
    always.promised_within_captured,
    always.processed_events_were_looked_at,
    always.nothing_that_arrived_is_closed_as_not_sent,
    always.declined_attempts_were_tried,
)


def broken_meanwhile(world: World) -> list[str]:
    """Each promise that is broken at this moment of a schedule."""
    return [f"{invariant.__name__}: {trouble}" for invariant in ALWAYS for trouble in invariant(world)]


def broken(world: World) -> list[str]:
    """Each broken promise, with the name of the invariant that says so."""
    found = list(world.violations)
    for invariant in INVARIANTS:
        found += [f"{invariant.__name__}: {trouble}" for trouble in invariant(world)]
    return found
