"""Each movement of the gateway's balance is here, once, and booked; each payout is here."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg

from tests.faults.processes.gateway import Gateway

_MOVEMENTS = "SELECT gateway_id, booked_at IS NOT NULL FROM payments_balancetransaction"
_SETTLED = "SELECT coalesce(sum(amount), 0) FROM payments_ledgerentry WHERE account = 'settlement'"


def broken_settlement(gateway: Gateway, database_url: str) -> Iterator[str]:
    with psycopg.connect(database_url) as connection:
        booked = {str(movement): bool(is_booked) for movement, is_booked in connection.execute(_MOVEMENTS).fetchall()}
        payouts = {str(payout) for (payout,) in connection.execute("SELECT gateway_id FROM payments_payout").fetchall()}
        ((settled,),) = connection.execute(_SETTLED).fetchall()
    movements = gateway.everything("balance_transactions")
    for movement in movements:
        if not booked.get(str(movement["id"])):
            state = "not booked" if str(movement["id"]) in booked else "missing"
            yield f"movement {movement['id']} ({movement['type']} of {movement['source']}) is {state} here"
    moved = sum(int(str(movement["net"])) for movement in movements)
    if moved != int(settled):
        yield f"the gateway moved our balance by {moved}, and the ledger has {settled}"
    for payout in gateway.everything("payouts"):
        if str(payout["id"]) not in payouts:
            yield f"payout {payout['id']} is missing here"
