"""A wire between an adapter and its gateway that keeps every request as it was sent."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

NOT_PASSED_ON = {"connection", "content-length", "transfer-encoding", "content-encoding", "date", "host"}


@dataclass(frozen=True)
class Sent:
    """One request. `form` is its query or body, still encoded; header names are lower case."""

    method: str
    path: str
    form: str
    headers: dict[str, str]


@dataclass(frozen=True)
class Wire:
    """Ask at `url`; `sent` has all requests in their order."""

    url: str
    sent: list[Sent]


@contextmanager
def recording(gateway_url: str) -> Iterator[Wire]:
    """Passes on to the gateway what is asked at the wire's own address."""
    sent: list[Sent] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _passing_on(gateway_url, sent))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield Wire(f"http://127.0.0.1:{server.server_port}", sent)
    finally:
        server.shutdown()
        server.server_close()


def _passing_on(gateway_url: str, sent: list[Sent]) -> type[BaseHTTPRequestHandler]:
    class PassingOn(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._pass_on()

        def do_POST(self) -> None:
            self._pass_on()

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path, _, query = self.path.partition("?")
            headers = {name.lower(): value for name, value in self.headers.items()}
            sent.append(Sent(self.command, path, body.decode() or query, headers))
            forwarded = {name: value for name, value in headers.items() if name not in NOT_PASSED_ON}
            self._give_back(
                requests.request(self.command, gateway_url + self.path, data=body, headers=forwarded, timeout=15)
            )

        def _give_back(self, answer: requests.Response) -> None:
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                if name.lower() not in NOT_PASSED_ON:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, format: str, *args: object) -> None:
            """The test looks at what was kept."""

    return PassingOn
