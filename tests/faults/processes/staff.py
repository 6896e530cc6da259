"""A member of staff without a browser, who refunds through the admin's own pages."""

from __future__ import annotations

import re

from launch.shop import Shop
from launch.visitor import Visitor

PAYMENTS = "/admin/payments/payment/"


class Staff:
    def __init__(self, shop: Shop) -> None:
        self._visitor = Visitor(shop.url)
        self._name, self._password = (shop.environment[key] for key in ("STAFF_USERNAME", "STAFF_PASSWORD"))

    def sign_in(self) -> None:
        login = self._visitor.open(f"/admin/login/?next={PAYMENTS}")
        self._visitor.send(login.form("Log in"), username=self._name, password=self._password)

    def record_outcome(self, operation: int, refund: str) -> None:
        """Take down what they found at the gateway: the refund's id, or that there is none."""
        page = self._visitor.open(f"{PAYMENTS}operations/{operation}/decide/")
        outcome = "done" if refund else "not_done"
        self._visitor.send(page.form("Record"), outcome=outcome, gateway_id=refund, note="Seen in the gateway's list")

    def refund(self, order_number: str, amount: str) -> bool:
        """Give `amount` (major units) of this order's payment back. False where its page offers no refund now."""
        found = self._visitor.open(f"{PAYMENTS}?q={order_number}")
        pages = [link.target for link in found.links if re.search(r"/payment/\d+/change/", link.target)]
        if not pages:
            return False
        story = self._visitor.open(pages[0])
        if "Refund" not in [link.text.strip() for link in story.links]:
            return False
        confirmation = self._visitor.open(story.link("Refund"))
        self._visitor.send(confirmation.form("Refund"), amount=amount, reason="Chaos")
        return True
