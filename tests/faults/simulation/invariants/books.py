"""The ledger balances and equals the gateway's books and its settlement; the audit trail is whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from payments.audit.verification import verify_audit
from payments.gateways.base import RefundState
from payments.ledger.verification import account_sums, verify_ledger
from payments.models import GatewayAccount, LedgerEntry
from payments.operations.comparison import compare_settlement
from tests.faults.simulation import witness
from tests.faults.simulation.world import World

Account = LedgerEntry.Account

_AT_THE_GATEWAY = (Account.CLEARING, Account.SETTLEMENT, Account.FEES, Account.PAYOUTS)


def ledger_is_the_gateways_balance(world: World) -> Iterator[str]:
    """What the ledger says that the gateway took and did not give back, wherever it is by now."""
    sums: Counter[str] = Counter()
    held = 0
    for currency, account, amount in account_sums():
        sums[currency] += amount
        held += amount if account in _AT_THE_GATEWAY else 0
    yield from (f"the ledger's {currency} sums to {amount}" for currency, amount in sums.items() if amount)
    if held != _held(world):
        yield f"the ledger says that the gateway holds {held}, the gateway {_held(world)}"


def settlement_compares(world: World) -> Iterator[str]:
    """The daily comparison has nothing to say."""
    for account in GatewayAccount.objects.all():
        yield from (difference.explanation for difference in compare_settlement(account).differences)


def books_verify(world: World) -> Iterator[str]:
    yield from verify_ledger()
    yield from verify_audit()


def every_change_is_in_the_audit_trail(world: World) -> Iterator[str]:
    """The trail tells each status that a row ever had, in order, and no other: told by what the database saw."""
    for kind, row_id, seen, told in witness.untold():
        yield f"{kind} {row_id} went {seen}; the audit trail says {told}"


def _held(world: World) -> int:
    """Minor units: the schedule's shop knows one currency."""
    books = world.gateway.books
    taken = sum(intent.captured for intent in books.intents.values())
    back = sum(r.money.amount for r in books.refunds.values() if r.state == RefundState.SUCCEEDED)
    claimed = sum(claim.withdrawn for claim in books.claims.values())
    return taken - back - claimed
