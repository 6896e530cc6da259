"""The load: shoppers who buy with all kinds of cards or leave, staff, a bank that disputes, until they are to stop."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from threading import Event, Lock, Thread

from tests.faults.processes.bank import Bank
from tests.faults.processes.insisting import BETWEEN_TRIES_S, PATIENCE_S, UNANSWERED, GaveUp, insist
from tests.faults.processes.shopper import GOOD, Overtaken, Shopper
from tests.faults.processes.staff import Staff
from tests.faults.processes.town import Town

SECURED = "pm_card_threeDSecure2Required"
CARDS = (
    *(GOOD, GOOD, "pm_card_mastercard", "pm_card_bypassPending"),  # the last one's money can be paid out at once
    *(SECURED, SECURED, "pm_card_authenticationRequired"),
    *("pm_card_visa_chargeDeclined", "pm_card_visa_chargeDeclinedInsufficientFunds"),
)
SHOPPERS = 4
BETWEEN_ORDERS_S = (0.2, 1.5)
ENDS = frozenset({"paid", "partially_refunded", "refunded", "expired", "canceled"})
WAITS_FOR_THE_SHOPPER = frozenset({"requires_action", "declined"})
LEAVING = 0.15  # of those who are asked for something more, each time they are


@dataclass
class Traffic:
    """What the people of one run did, and who gave up."""

    town: Town
    seed: int
    numbers: list[str] = field(default_factory=list)
    wishes: Counter[str] = field(default_factory=Counter)  # of staff that were answered, by name
    gave_up: list[str] = field(default_factory=list)
    _stopping: Event = field(default_factory=Event)
    _lock: Lock = field(default_factory=Lock)

    @contextmanager
    def flowing(self) -> Iterator[None]:
        """People come while the body runs; at its end each finishes what they began."""
        bank = Bank(self.town.gateway, self.seed)
        lives: list[Callable[[], None]] = [partial(self._shop, number) for number in range(SHOPPERS)]
        lives += [self._work, partial(bank.work_until, self._stopping)]
        people = [Thread(target=self._live, args=(life,), daemon=True) for life in lives]
        for person in people:
            person.start()
        try:
            yield
        finally:
            self._stopping.set()
            self.town.until(lambda: not any(person.is_alive() for person in people), "people go home", PATIENCE_S + 60)

    def _live(self, life: Callable[[], None]) -> None:
        try:
            life()
        except Exception as trouble:  # the outermost edge of a thread: whoever falls over must be missed
            self.gave_up.append(f"somebody went home early: {type(trouble).__name__}: {trouble}")

    def _shop(self, number: int) -> None:
        dice = random.Random(f"{self.seed} {number}")
        while not self._stopping.is_set():
            try:
                self._buy(dice)
            except GaveUp as trouble:
                self.gave_up.append(str(trouble))
            except Overtaken:
                continue  # with another cart
            self._stopping.wait(dice.uniform(*BETWEEN_ORDERS_S))

    def _buy(self, dice: random.Random) -> None:
        shopper = Shopper(self.town.shop.url, self.town.gateway, dice)
        insist(shopper.fill_cart, "fill a cart")
        insist(lambda: shopper.fill_form(dice.choice(CARDS)), "have a token")
        number = insist(shopper.send, "place an order")
        deadline = time.monotonic() + PATIENCE_S
        while (state := shopper.sees()) not in ENDS:
            if time.monotonic() > deadline:
                raise GaveUp(f"order {number} is still {state!r}")
            if state in WAITS_FOR_THE_SHOPPER and dice.random() < LEAVING:
                return  # and is never seen again: the order expires
            _act(shopper, state, dice)
            time.sleep(BETWEEN_TRIES_S)
        with self._lock:
            self.numbers.append(number)

    def _work(self) -> None:
        """Staff treat one payment after the other, and look up at the gateway what they are asked about."""
        dice, staff = random.Random(f"{self.seed} staff"), Staff(self.town.shop)
        insist(staff.sign_in, "sign in")
        while not self._stopping.wait(dice.uniform(*BETWEEN_ORDERS_S)):
            with self._lock:
                number = dice.choice(self.numbers) if self.numbers else ""
            try:
                for stuck in self.town.books.stuck_refunds():
                    staff.look_up(stuck, self.town.gateway)
                if number and (wish := staff.treat(number, dice)):
                    self.wishes[wish] += 1
            except UNANSWERED:
                continue  # staff look at another payment then
            except GaveUp as trouble:
                self.gave_up.append(str(trouble))


def _act(shopper: Shopper, state: str, dice: random.Random) -> None:
    """What the order's page asks for."""
    try:
        if state == "requires_action":
            shopper.answer_the_bank(passed=dice.random() < 0.7)
        elif state == "declined":
            shopper.pay_again(dice.choice((GOOD, SECURED)))
    except UNANSWERED:
        return
