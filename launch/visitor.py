"""Someone who uses the shop without a browser: follows links and sends forms, as the pages have them."""

from __future__ import annotations

import time
from http import HTTPStatus
from urllib.parse import urljoin

import requests

from launch.forms import Form, Page

PATIENCE_S = 60.0
BETWEEN_LOOKS_S = 0.3
DEAD_ENDS = frozenset({"declined", "expired", "canceled"})  # nothing but the shopper leads out of these


class UnexpectedAnswer(Exception):
    """A page did not answer as it must."""


class Visitor:
    """One person with one cookie jar, who has one page open."""

    def __init__(self, start: str) -> None:
        self.address = start
        self.page = Page("")
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy for the world outside does not know this machine

    def open(self, target: str) -> Page:
        return self._arrive(self._session.get(urljoin(self.address, target), timeout=30))

    def send(self, form: Form, **filled: str) -> Page:
        """Send the form with what it holds and what is `filled` in, and follow to where it leads."""
        return self._arrive(self._post(form, filled, follow=True))

    def send_only(self, form: Form, **filled: str) -> int:
        """Send the form and follow nowhere; the status of its answer."""
        return self._post(form, filled, follow=False).status_code

    def _post(self, form: Form, filled: dict[str, str], *, follow: bool) -> requests.Response:
        return self._session.post(
            urljoin(self.address, form.action),
            {**form.fields, **filled},
            headers={"Referer": self.address},
            allow_redirects=follow,
            timeout=30,
        )

    def wait_for_state(self, state: str) -> None:
        """Poll the status of the order that is open, as its page does, until it is `state`."""
        deadline = time.monotonic() + PATIENCE_S
        while (now := self.status()) != state:
            if now in DEAD_ENDS or time.monotonic() > deadline:
                raise UnexpectedAnswer(f"{self.address} is {now!r} and does not become {state!r}")
            time.sleep(BETWEEN_LOOKS_S)

    def status(self) -> str:
        """Where the order that is open stands, as its page would ask."""
        return str(self._standing()["state"])

    def secret(self) -> str:
        """What the order's page is given for the step that the shopper must take; empty when there is none."""
        return str(self._standing().get("client_secret", ""))

    def _standing(self) -> dict[str, object]:
        answer = self._session.get(urljoin(self.address, "status.json"), timeout=30)
        answer.raise_for_status()
        standing: dict[str, object] = answer.json()
        return standing

    def _arrive(self, answer: requests.Response) -> Page:
        if answer.status_code != HTTPStatus.OK:
            raise UnexpectedAnswer(f"{answer.request.method} {answer.url} answered {answer.status_code}")
        self.address = answer.url
        self.page = Page(answer.text)
        return self.page
