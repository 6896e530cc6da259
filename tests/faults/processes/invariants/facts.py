"""Both sides of every order, read once: the gateway's objects, and our rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import psycopg
from psycopg.rows import class_row

from tests.faults.processes.gateway import Row
from tests.faults.processes.town import Town

_ORDERS = """
SELECT bought.number, bought.status, bought.total_amount AS total, payment.status AS payment_status,
       payment.gateway_id AS intent, payment.capture_method,
       payment.captured_amount AS captured, payment.refunded_amount AS refunded,
       payment.refund_reserved_amount AS reserved, payment.surplus_amount AS surplus,
       payment.disputed_amount AS disputed,
       (SELECT count(*) FROM payments_refund given WHERE given.payment_id = payment.id AND given.status = 'succeeded')
         AS refunds
FROM checkout_order bought JOIN payments_payment payment ON payment.id = bought.payment_id
ORDER BY bought.id
"""

_BOOKED = """
SELECT entry.account, sum(entry.amount) FROM payments_ledgerentry entry GROUP BY entry.account
"""


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order and its payment as our database has them; amounts in minor units."""

    number: str
    status: str
    total: int
    payment_status: str
    intent: str
    capture_method: str
    captured: int
    refunded: int
    reserved: int
    surplus: int
    disputed: int
    refunds: int


@dataclass(frozen=True)
class Facts:
    orders: list[OrderRow]
    booked: dict[str, int]
    events_here: dict[str, str]
    intents: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))  # by the order's number
    charges: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))  # by the intent's id
    refunds: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))  # by the intent's id
    disputes: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))  # by the intent's id
    events: list[Row] = field(default_factory=list)


def read_facts(town: Town) -> Facts:
    gateway = town.gateway
    with psycopg.connect(town.books.url) as connection:
        with connection.cursor(row_factory=class_row(OrderRow)) as cursor:
            orders = cursor.execute(_ORDERS).fetchall()
        booked = {str(account): int(amount) for account, amount in connection.execute(_BOOKED).fetchall()}
        events = connection.execute("SELECT event_id, status FROM payments_webhookevent").fetchall()
    facts = Facts(orders, booked, dict(events), events=gateway.everything("events"))
    for intent in gateway.intents():
        facts.intents[str(intent["description"]).removeprefix("Order ")].append(intent)
    _file(gateway.everything("charges"), facts.charges)
    _file(gateway.everything("refunds"), facts.refunds)
    _file(gateway.everything("disputes"), facts.disputes)
    return facts


def _file(rows: Iterable[Row], under: dict[str, list[Row]]) -> None:
    for row in rows:
        under[str(row["payment_intent"])].append(row)
