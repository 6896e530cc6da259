"""The threads that deliver events: signed, with a time-out, and again if they are not taken.

Sources: docs.stripe.com/webhooks (what counts as taken, retries) and docs.stripe.com/webhooks/signature (the
`Stripe-Signature` header: a timestamp, one `v1` per valid secret, and in test mode a worthless `v0`).
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import logging
import threading
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

from sandbox.messages import to_json
from sandbox.webhooks.queue import Delivery
from sandbox.world import Sandbox

log = logging.getLogger(__name__)

COURIERS = 4
TIMEOUT_S = 10.0
LONGEST_WAIT_S = 1.0


def signature(payload: bytes, timestamp: int, secrets: Sequence[str]) -> str:
    """The `Stripe-Signature` header for a payload."""
    signed = str(timestamp).encode() + b"." + payload
    digests = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    worthless = hmac.new(b"", signed, hashlib.sha256).hexdigest()
    return ",".join([f"t={timestamp}", *(f"v1={digest}" for digest in digests), f"v0={worthless}"])


class Courier(threading.Thread):
    """Takes deliveries off the list one by one, over a connection that it keeps."""

    def __init__(self, sandbox: Sandbox, stopping: threading.Event) -> None:
        super().__init__(name="courier", daemon=True)
        self._sandbox = sandbox
        self._stopping = stopping
        self._url = urlsplit(sandbox.config.webhook_url)
        self._connection = _connect(self._url)

    def run(self) -> None:
        deliveries = self._sandbox.deliveries
        while not self._stopping.is_set():
            delivery = deliveries.claim()
            if delivery is not None:
                self._deliver(delivery)
                continue
            with deliveries.changed:
                deliveries.changed.wait(deliveries.wait_s(LONGEST_WAIT_S) or 0.01)

    def _deliver(self, delivery: Delivery) -> None:
        event = self._sandbox.events.get(delivery.event)
        payload = to_json(event)
        try:
            status, error = self._post(payload), ""
        except (OSError, http.client.HTTPException) as failure:
            self._connection.close()
            status, error = None, f"{type(failure).__name__}: {failure}"
            log.info("webhook not taken: event=%s error=%s", delivery.event, error)
        self._sandbox.deliveries.settle(delivery, status, error)

    def _post(self, payload: bytes) -> int:
        headers = {
            "Accept": "*/*; q=0.5, application/xml",
            "Cache-Control": "no-cache",
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": self._signature(payload),
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
        path = self._url.path or "/"
        target = f"{path}?{self._url.query}" if self._url.query else path
        try:
            self._connection.request("POST", target, payload, headers)
            response = self._connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self._connection.close()
            self._connection.request("POST", target, payload, headers)
            response = self._connection.getresponse()
        response.read()
        return response.status

    def _signature(self, payload: bytes) -> str:
        config = self._sandbox.config
        return signature(payload, int(self._sandbox.clock.real()), config.webhook_secrets)


def _connect(url: SplitResult) -> http.client.HTTPConnection:
    host = url.hostname or "localhost"
    if url.scheme == "https":
        return http.client.HTTPSConnection(host, url.port or 443, timeout=TIMEOUT_S)
    return http.client.HTTPConnection(host, url.port or 80, timeout=TIMEOUT_S)
