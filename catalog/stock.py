"""Stock moves here and nowhere else: each function changes the shelf and writes why, in one statement.

Call them inside a transaction and last before its commit: they lock stock rows, always by id, so that shoppers who
meet on one row wait for each other's commit only and never deadlock. A line that moved for a reason does not move for
it again: the second call is a no-op.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import DataError, connection, transaction
from psycopg.errors import NumericValueOutOfRange

from catalog.models.stock import MovementReason, Stock, StockMovement


@dataclass(frozen=True, slots=True)
class StockLine:
    """`quantity` pieces of a variant, wanted under the caller's own reference (an order line, a return line)."""

    reference: str
    variant_id: int
    quantity: int

    def __post_init__(self) -> None:
        if self.quantity < 1:
            raise ValueError(f"a stock line moves at least one piece, not {self.quantity}")


class OutOfStock(Exception):
    """Nothing was moved and the transaction can only be rolled back. `available` says what is left, by variant id."""

    def __init__(self, available: Mapping[int, int]) -> None:
        self.available = dict(available)
        super().__init__(", ".join(f"variant {variant}: {left} left" for variant, left in self.available.items()))


class TooManyPieces(Exception):
    """The shelf would hold more than its row can count. Nothing moved; the transaction can only be rolled back."""


@dataclass(frozen=True, slots=True)
class _Change:
    line: str
    variant_id: int
    on_hand: int
    reserved: int


def reserve(lines: Sequence[StockLine]) -> None:
    """Promise all `lines` to an order, or none: raises OutOfStock."""
    changes = [_Change(line.reference, line.variant_id, 0, line.quantity) for line in lines]
    _move(MovementReason.RESERVED, changes)


def release(references: Sequence[str]) -> None:
    """Give the reservations of these lines back to the shop. Lines that were sold or released stay as they are."""
    _move(
        MovementReason.RELEASED,
        [_Change(line.line, line.variant_id, 0, -line.reserved_change) for line in _reservations(references)],
    )


def sell(references: Sequence[str]) -> None:
    """Turn the reservations of these lines into sales. Lines that were sold or released stay as they are."""
    _move(
        MovementReason.SOLD,
        [
            _Change(line.line, line.variant_id, -line.reserved_change, -line.reserved_change)
            for line in _reservations(references)
        ],
    )


def put_back(lines: Sequence[StockLine], *, actor: str = "", note: str = "") -> None:
    """Put returned pieces on the shelf again; a reference of its own for each return."""
    changes = [_Change(line.reference, line.variant_id, line.quantity, 0) for line in lines]
    _move(MovementReason.RETURNED, changes, actor=actor, note=note)


def adjust(
    variant_id: int, change: int, *, reason: MovementReason, reference: str, actor: str, note: str = ""
) -> StockMovement:
    """Record what staff saw on the shelf: `change` more or fewer pieces.

    Raises OutOfStock if orders hold too many, TooManyPieces.
    """
    Stock.objects.get_or_create(variant_id=variant_id)
    try:
        _move(reason, [_Change(reference, variant_id, change, 0)], actor=actor, note=note)
    except DataError as error:
        if isinstance(error.__cause__, NumericValueOutOfRange):
            raise TooManyPieces from error
        raise
    return StockMovement.objects.get(line=reference, reason=reason)


def _reservations(references: Sequence[str]) -> list[StockMovement]:
    return list(StockMovement.objects.filter(line__in=references, reason=MovementReason.RESERVED))


# The movements come first: of two callers with the same line, the later waits on the unique index, then moves nothing.
# `locked` sees each row as its last committer left it, so the decision is taken on what is really there.
_MOVE = """
WITH recorded AS (
    INSERT INTO catalog_stockmovement (line, reason, variant_id, on_hand_change, reserved_change, actor, note)
    SELECT line, %(reason)s, variant_id, on_hand, reserved, %(actor)s, %(note)s
    FROM unnest(%(lines)s::text[], %(variants)s::bigint[], %(on_hand)s::int[], %(reserved)s::int[])
        AS change (line, variant_id, on_hand, reserved)
    ORDER BY variant_id, line
    ON CONFLICT DO NOTHING
    RETURNING variant_id, on_hand_change, reserved_change
), asked AS (
    SELECT variant_id, sum(on_hand_change) AS on_hand, sum(reserved_change) AS reserved
    FROM recorded GROUP BY variant_id
), locked AS (
    SELECT stock.variant_id, stock.on_hand, stock.reserved,
           stock.on_hand + asked.on_hand >= stock.reserved + asked.reserved AS enough
    FROM catalog_stock stock JOIN asked USING (variant_id)
    ORDER BY stock.variant_id FOR NO KEY UPDATE OF stock
), moved AS (
    UPDATE catalog_stock stock
    SET on_hand = stock.on_hand + asked.on_hand, reserved = stock.reserved + asked.reserved
    FROM locked JOIN asked USING (variant_id)
    WHERE stock.variant_id = locked.variant_id AND (SELECT bool_and(enough) FROM locked)
)
SELECT asked.variant_id, coalesce(locked.on_hand - locked.reserved, 0)
FROM asked LEFT JOIN locked USING (variant_id)
WHERE locked.enough IS NOT TRUE
"""


def _move(reason: MovementReason, changes: Sequence[_Change], *, actor: str = "", note: str = "") -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("stock moves only inside the transaction that it belongs to")
    with connection.cursor() as cursor:
        cursor.execute(
            _MOVE,
            {
                "reason": reason.value,
                "actor": actor,
                "note": note,
                "lines": [change.line for change in changes],
                "variants": [change.variant_id for change in changes],
                "on_hand": [change.on_hand for change in changes],
                "reserved": [change.reserved for change in changes],
            },
        )
        short = dict(cursor.fetchall())
    if short:
        transaction.set_rollback(True)
        raise OutOfStock(short)
