"""From Pay to paid, through the shop's own pages: what we add to the gateway's own time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from benchmarks.figures import Durations
from benchmarks.stock import well_stocked
from launch.gateway_books import GatewayBooks
from launch.shop import Shop
from launch.smoke import SHOPPER
from launch.visitor import Visitor

ONE_BY_ONE, AT_ONCE = 30, 30
CARD = "pm_card_visa"

# From the order's transaction to the moment its payment was applied, less the calls that the gateway answered.
_OWN_SHARE = """
SELECT extract(epoch FROM paid.applied_at - p.created_at)
       - sum(extract(epoch FROM call.answered_at - sent.first_sent_at))
FROM payments_payment p
JOIN payments_observation call ON call.payment_id = p.id AND call.source = 'response'
JOIN payments_operation sent ON sent.id = call.operation_id
JOIN LATERAL (
  SELECT min(o.applied_at) AS applied_at FROM payments_observation o
  WHERE o.payment_id = p.id AND o.state = 'succeeded'
) paid ON true
WHERE p.id > %s AND p.status = 'succeeded'
GROUP BY p.id, p.created_at, paid.applied_at
"""


def measure(shop: Shop) -> list[Durations]:
    """Own shares in milliseconds, of shoppers one after the other and of many at once."""
    product = well_stocked().product.get_absolute_url()
    first = _newest_payment()
    for _ in range(ONE_BY_ONE):
        _buy(shop, product)
    one_by_one = _shares(first)
    second = _newest_payment()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda _: _buy(shop, product), range(AT_ONCE)))
    return [
        Durations("Pay to paid, our own share, shoppers one by one", one_by_one, 300, 1000),
        Durations(f"Pay to paid, our own share, {AT_ONCE} shoppers at once", _shares(second)),
    ]


def _buy(shop: Shop, product: str) -> None:
    books = GatewayBooks(shop.sandbox_url, shop.environment["STRIPE_SECRET_KEY"])
    shopper = Visitor(shop.url)
    shopper.open(product)
    shopper.send(shopper.page.form("Add to cart"))
    checkout = shopper.open(shopper.page.link("Checkout"))
    shopper.send(checkout.form("Pay"), **SHOPPER, confirmation_token=books.card_token(CARD))
    shopper.wait_for_state("paid")


def _newest_payment() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM payments_payment")
        newest: int = cursor.fetchone()[0]
    return newest


def _shares(after: int) -> list[float]:
    with connection.cursor() as cursor:
        cursor.execute(_OWN_SHARE, [after])
        return [float(share) * 1000 for (share,) in cursor.fetchall()]
