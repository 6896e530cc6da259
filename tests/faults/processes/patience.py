"""The one pass with nothing shortened and nothing wrapped: a killed worker's lease runs out by itself."""

from __future__ import annotations

import time

from launch.supervisor import Say
from tests.faults.processes.moments import hold_the_answer, until_charged
from tests.faults.processes.shopper import Shopper
from tests.faults.processes.town import Town

WITHIN_S = 100.0  # a lease of 60 s, a sweep every 10 s, and the start of a new worker


def wait_out_a_real_lease(town: Town, *, say: Say) -> list[str]:
    """Kill the worker between the charge and its answer, touch nothing, and wait. Names what is wrong afterwards."""
    shopper = Shopper(town.shop.url, town.gateway)
    hold_the_answer(town, seconds=20)
    number = shopper.order()
    charge = until_charged(town, number)
    before = town.books.confirm_of(number)
    lease_left_s = town.books.lease_left_s(before.id)
    town.kill("worker")
    began = time.monotonic()
    town.until(lambda: shopper.sees() == "paid", "the order is paid by a new worker", WITHIN_S)
    waited_s, after = time.monotonic() - began, town.books.confirm_of(number)
    say(f"found the killed worker's charge after {waited_s:.0f} s; the kill left {lease_left_s:.0f} s of its lease")
    say(f"its proof is a {after.proof}; leases taken before and after: {before.lease}, {after.lease}")
    charges = [str(found["id"]) for found in town.gateway.charges_of(number)]
    return [
        trouble
        for trouble, found in (
            (f"the moment was not met: {before}", (before.status, before.answers) != ("in_flight", 0)),
            (f"{number} has the charges {charges}, not {charge} alone", charges != [charge]),
            (f"{before} became {after}", (after.key, after.status) != (before.key, "succeeded")),
            (f"a lease was taken over after {waited_s:.0f} s", after.lease != before.lease and waited_s < lease_left_s),
            (f"{charge} was made under another key", town.gateway.key_of(charge) != before.key),
            (f"the ledger sums to {town.books.ledger_sums()}", town.books.ledger_sums() != {"EUR": 0}),
        )
        if found
    ]
