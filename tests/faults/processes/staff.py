"""A member of staff without a browser, who refunds, captures and voids through the admin's own pages."""

from __future__ import annotations

import random
import re

from launch.shop import Shop
from launch.visitor import Visitor
from tests.faults.processes.books import StuckRefund
from tests.faults.processes.gateway import Gateway
from tests.faults.processes.insisting import insist

PAYMENTS = "/admin/payments/payment/"
PARTS = ("0.50", "1.00", "2.00")  # major units
BUTTONS = {"Refund": "Refund", "Capture": "Capture", "Void": "Void this payment"}


class Staff:
    def __init__(self, shop: Shop) -> None:
        self._visitor = Visitor(shop.url)
        self._name, self._password = (shop.environment[key] for key in ("STAFF_USERNAME", "STAFF_PASSWORD"))

    def sign_in(self) -> None:
        login = self._visitor.open(f"/admin/login/?next={PAYMENTS}")
        self._visitor.send(login.form("Log in"), username=self._name, password=self._password)

    def look_up(self, stuck: StuckRefund, gateway: Gateway) -> None:
        """Take down what they find at the gateway: the refund's id, or that there is none."""
        page = self._visitor.open(f"{PAYMENTS}operations/{stuck.operation}/decide/")
        refund = gateway.refund_named(stuck.reference, stuck.intent)
        outcome = "done" if refund else "not_done"
        self._visitor.send(page.form("Record"), outcome=outcome, gateway_id=refund, note="Seen in the gateway's list")

    def treat(self, order_number: str, dice: random.Random) -> str:
        """Do one of the things that this order's payment offers now: its name, empty where none was or it was refused.

        Once a form is filled it is sent until it is answered, which is one wish however often. Raises GaveUp.
        """
        offered = self._offered(order_number)
        if not offered:
            return ""
        wish = dice.choice(sorted(offered))
        try:
            form = self._visitor.open(offered[wish]).form(BUTTONS[wish])
        except LookupError:
            return ""  # it was offered a moment ago
        filled = {"reason": "Chaos"} if wish == "Refund" else {}
        if wish == "Refund" or (wish == "Capture" and dice.random() < 0.5):
            filled["amount"] = dice.choice(PARTS)
        insist(lambda: self._visitor.send(form, **filled), f"{wish.lower()} of {order_number}")
        return wish if self._visitor.address.endswith("/change/") else ""  # else the form is shown again

    def _offered(self, order_number: str) -> dict[str, str]:
        """Where each wish is asked for that the page of this order's payment shows."""
        found = self._visitor.open(f"{PAYMENTS}?q={order_number}")
        pages = [link.target for link in found.links if re.search(r"/payment/\d+/change/", link.target)]
        if not pages:
            return {}
        story = self._visitor.open(pages[0])
        return {link.text.strip(): link.target for link in story.links if link.text.strip() in BUTTONS}
