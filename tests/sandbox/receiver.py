"""A shop's webhook address: it takes what it is sent and remembers it in order."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue

Event = dict[str, object]
PATIENCE_S = 15.0


class Receiver:
    """`url` is where to send; `next` waits for the next event."""

    def __init__(self) -> None:
        self._events: Queue[Event] = Queue()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _taking(self._events))
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhooks"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def next(self) -> Event:
        """The event that came next."""
        return self._events.get(timeout=PATIENCE_S)

    def types(self, number: int) -> list[str]:
        """The types of the next events."""
        return [str(self.next()["type"]) for _ in range(number)]

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


def _taking(events: Queue[Event]) -> type[BaseHTTPRequestHandler]:
    class Taking(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            events.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """The test says what came."""

    return Taking
