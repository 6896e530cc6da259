"""A shopper without a browser, who uses the shop's real pages and forms."""

from __future__ import annotations

import random
import re
from http import HTTPStatus

import requests

from launch.forms import Form
from launch.visitor import UnexpectedAnswer, Visitor
from tests.faults.processes.gateway import Gateway

PERSON = {
    "email": "ada@example.com",
    "name": "Ada Example",
    "address": "1 Example Street",
    "city": "Berlin",
    "postal_code": "10115",
    "country": "DE",
}
GOOD = "pm_card_visa"


class Overtaken(Exception):
    """Somebody bought the last piece first: the shop says so, and nothing was ordered."""


class Shopper:
    """One shopper with one cart, who can send the same form again, as a browser's reload does."""

    def __init__(self, shop_url: str, gateway: Gateway, dice: random.Random | None = None) -> None:
        self._visitor = Visitor(shop_url)
        self._dice = dice or random.Random(0)
        self._gateway = gateway
        self._form = Form("")
        self._filled: dict[str, str] = {}
        self._sent_from = ""

    def fill_cart(self) -> None:
        """Put a product that can be bought into the cart, and open the checkout. Raises Overtaken."""
        products = [link.target for link in self._visitor.open("/").links if "/products/" in link.target]
        for target in self._dice.sample(products, len(products)):
            page = self._visitor.open(target)
            if any("Add to cart" in form.buttons for form in page.forms):
                self._visitor.send(page.form("Add to cart"))
                self._go_to_checkout()
                return
        raise UnexpectedAnswer("the catalog has no product that could be bought")

    def _go_to_checkout(self) -> None:
        if "no longer in stock" in self._visitor.page.text:
            raise Overtaken(self._visitor.address)
        self._visitor.open(self._visitor.page.link("Checkout"))

    def fill_form(self, card: str = GOOD) -> None:
        """Write down who and where, and have the card's token; nothing is sent to the shop yet."""
        self._form, self._sent_from = self._visitor.page.form("Pay"), self._visitor.address
        self._filled = {**PERSON, "confirmation_token": self._gateway.token(card)}

    def send(self) -> str:
        """Send the form, for the first time or again; the order's number.

        Raises requests.ConnectionError, UnexpectedAnswer or Overtaken.
        """
        self._visitor.address = self._sent_from
        try:
            self._visitor.send(self._form, **self._filled)
        except UnexpectedAnswer as answer:
            if str(answer).endswith(f"answered {HTTPStatus.CONFLICT.value}"):
                raise Overtaken(str(answer)) from answer
            raise
        return self.order_number

    def send_only(self) -> int:
        """Send the form and look at nothing else; the status of its answer."""
        self._visitor.address = self._sent_from
        return self._visitor.send_only(self._form, **self._filled)

    def send_again(self) -> str:
        """As a person does whose shop did not answer; empty when it does not answer this time either."""
        try:
            return self.send()
        except (requests.ConnectionError, UnexpectedAnswer):
            return ""

    def order(self, card: str = GOOD) -> str:
        """From the catalog to the placed order; its number."""
        self.fill_cart()
        self.fill_form(card)
        return self.send()

    @property
    def order_number(self) -> str:
        found = re.search(r"TG-\w{4}-\w{4}", self._visitor.page.text)
        if found is None:
            raise UnexpectedAnswer(f"{self._visitor.address} shows no order")
        return found[0]

    def pay_again(self, card: str = GOOD) -> None:
        """Another card for the same order, on its own page. The page may have moved on: then there is nothing to do."""
        page = self._visitor.open(self._visitor.address)
        try:
            form = page.form("Pay")
        except LookupError:
            return
        order = self._visitor.address
        try:
            self._visitor.send(form, confirmation_token=self._gateway.token(card))
        finally:
            self._visitor.address = order

    def answer_the_bank(self, *, passed: bool) -> None:
        """Pass or fail 3-D Secure, with the secret that only the order's own page is given."""
        secret = self._visitor.secret()
        if secret:
            self._gateway.authenticate(secret, passed=passed)

    def sees(self) -> str:
        """The state that the order's page would show now; empty while the shop does not answer."""
        try:
            return self._visitor.status()
        except requests.RequestException:
            return ""
