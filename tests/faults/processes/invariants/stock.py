"""Stock is conserved: what the shelf says is what moved, and what moved is what was bought."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg

_SHELF = """
SELECT variant.sku, stock.on_hand, stock.reserved, coalesce(moved.on_hand, 0), coalesce(moved.reserved, 0)
FROM catalog_stock stock JOIN catalog_variant variant ON variant.id = stock.variant_id
LEFT JOIN (
  SELECT variant_id, sum(on_hand_change) AS on_hand, sum(reserved_change) AS reserved
  FROM catalog_stockmovement GROUP BY variant_id
) moved ON moved.variant_id = stock.variant_id
WHERE (stock.on_hand, stock.reserved) <> (coalesce(moved.on_hand, 0), coalesce(moved.reserved, 0))
   OR stock.reserved > stock.on_hand OR stock.reserved < 0
"""

_LINES = """
SELECT bought.number, bought.status, line.sku, line.quantity,
       coalesce(-sum(moved.on_hand_change), 0), coalesce(sum(moved.reserved_change), 0)
FROM checkout_orderline line JOIN checkout_order bought ON bought.id = line.order_id
LEFT JOIN catalog_stockmovement moved ON split_part(moved.line, ':', 1) = line.public_id::text
GROUP BY bought.number, bought.status, line.id
HAVING (coalesce(-sum(moved.on_hand_change), 0), coalesce(sum(moved.reserved_change), 0)) <> (
  CASE WHEN bought.status IN ('confirmed', 'fulfilled') THEN line.quantity ELSE 0 END,
  CASE WHEN bought.status = 'placed' THEN line.quantity ELSE 0 END
)
"""


def broken_stock(database_url: str) -> Iterator[str]:
    with psycopg.connect(database_url) as connection:
        for sku, on_hand, reserved, moved, moved_reserved in connection.execute(_SHELF).fetchall():
            yield f"{sku}: {on_hand} on hand and {reserved} reserved, moved were {moved} and {moved_reserved}"
        for number, status, sku, quantity, sold, held in connection.execute(_LINES).fetchall():
            yield f"{number} is {status}: of {quantity} {sku}, {sold} were sold and {held} are held"
