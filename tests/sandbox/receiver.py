"""A shop's webhook address: it remembers in order what it is sent, and takes it unless told otherwise."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue

Event = dict[str, object]
PATIENCE_S = 15.0


@dataclass(frozen=True)
class Delivery:
    """One request as it came over the wire."""

    body: bytes
    headers: dict[str, str]

    @property
    def event(self) -> Event:
        event: Event = json.loads(self.body)
        return event


class Receiver:
    """`url` is where to send; `next` waits for the next event, `delivery` for all that came with it."""

    def __init__(self) -> None:
        self._deliveries: Queue[Delivery] = Queue()
        self._refusals: Queue[int] = Queue()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _taking(self._deliveries, self._refusals))
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhooks"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def refuse(self, *statuses: int) -> None:
        """Answer the next deliveries with these statuses instead of 200."""
        for status in statuses:
            self._refusals.put(status)

    def delivery(self) -> Delivery:
        """What came next."""
        return self._deliveries.get(timeout=PATIENCE_S)

    def next(self) -> Event:
        """The event that came next."""
        return self.delivery().event

    def types(self, number: int) -> list[str]:
        """The types of the next events."""
        return [str(self.next()["type"]) for _ in range(number)]

    def forget(self) -> None:
        """Drop what came and was not asked for."""
        while not self._deliveries.empty():
            self._deliveries.get()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver for as long as the block runs."""
    receiver = Receiver()
    try:
        yield receiver
    finally:
        receiver.close()


def _taking(deliveries: Queue[Delivery], refusals: Queue[int]) -> type[BaseHTTPRequestHandler]:
    class Taking(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            deliveries.put(Delivery(body, dict(self.headers.items())))
            self.send_response(self._status())
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _status(self) -> int:
            try:
                return refusals.get_nowait()
            except Empty:
                return 200

        def log_message(self, format: str, *args: object) -> None:
            """The test says what came."""

    return Taking
