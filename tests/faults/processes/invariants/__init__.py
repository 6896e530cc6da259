"""What must hold once all is quiet. The gateway is asked for the truth; every difference is named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from launch.service import ProgramFailed
from tests.faults.processes.invariants.facts import Facts, read_facts
from tests.faults.processes.invariants.mails import Strike, broken_mails
from tests.faults.processes.invariants.money import broken_money
from tests.faults.processes.invariants.settlement import broken_settlement
from tests.faults.processes.invariants.stock import broken_stock
from tests.faults.processes.invariants.traces import broken_traces, open_discrepancies
from tests.faults.processes.town import Town


def violations(town: Town, strikes: Sequence[Strike]) -> Iterator[str]:
    """Name every promise that was broken, told when something was killed."""
    facts = read_facts(town)
    yield from broken_money(facts)
    yield from broken_traces(facts)
    yield from open_discrepancies(facts, town.books.url)
    yield from broken_settlement(town.gateway, town.books.url)
    yield from broken_stock(town.books.url)
    yield from broken_mails(town.shop.plan.state / "mail", town.books.url, strikes)
    yield from _unproven(town)


def _unproven(town: Town) -> Iterator[str]:
    for command in ("verify_ledger", "verify_audit", "reconcile"):
        try:
            town.shop.manage(command, command)
        except ProgramFailed as failure:
            yield f"{command}: {failure}"


__all__ = ["Facts", "violations"]
