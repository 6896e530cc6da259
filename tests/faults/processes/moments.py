"""How a test comes to a moment, and proves that it is there."""

from __future__ import annotations

from tests.faults.processes.shopper import Shopper
from tests.faults.processes.town import Town
from tests.faults.processes.weather import CONFIRM


def hold_the_answer(town: Town, seconds: int) -> None:
    """The next confirm is carried out and its answer held back; no webhook tells of it either."""
    town.gateway.will(on="webhooks", do="lose", times=100)
    town.gateway.will(on=CONFIRM, when="after", hold_s=seconds)


def until_charged(town: Town, number: str) -> str:
    """The id of the order's charge, as soon as the gateway has one."""
    return str(town.until(lambda: town.gateway.charges_of(number), f"a charge for {number}")[0]["id"])


def until_paid(town: Town, shopper: Shopper) -> None:
    town.until(lambda: shopper.sees() == "paid", "the shopper sees that the order is paid")


def is_charged_once(town: Town, number: str) -> bool:
    """One PaymentIntent with one charge, and the same amount in our ledger, which balances."""
    (intent,) = town.gateway.intents_of(number)
    (charge,) = town.gateway.charges_of(number)
    taken = (charge["status"], charge["amount"], intent["amount_received"])
    booked = town.books.captured(number)
    return taken == ("succeeded", booked, booked) and town.books.ledger_sums() == {"EUR": 0}
