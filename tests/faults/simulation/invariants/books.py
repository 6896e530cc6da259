"""The ledger balances and equals the gateway's; the audit trail is whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from payments.audit.verification import verify_audit
from payments.ledger.verification import account_sums, verify_ledger
from payments.models import LedgerEntry
from tests.faults.simulation.invariants.money import balance
from tests.faults.simulation.world import World


def ledger_is_the_gateways_balance(world: World) -> Iterator[str]:
    sums: Counter[str] = Counter()
    clearing = 0
    for currency, account, amount in account_sums():
        sums[currency] += amount
        if account == LedgerEntry.Account.CLEARING:
            clearing += amount
    yield from (f"the ledger's {currency} sums to {amount}" for currency, amount in sums.items() if amount)
    if clearing != balance(world):
        yield f"the ledger says that the gateway holds {clearing}, the gateway {balance(world)}"


def books_verify(world: World) -> Iterator[str]:
    yield from verify_ledger()
    yield from verify_audit()
