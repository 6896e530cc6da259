"""A shop of one page, on another site than the sandbox, under a policy that lets only the sandbox in."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PAGE = (Path(__file__).parent / "merchant.html").read_text(encoding="utf-8")
SCRIPT = (Path(__file__).parent / "merchant.js").read_bytes()
POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'self'; style-src 'self'; script-src 'self' {sandbox}; "
    "frame-src {sandbox}; connect-src 'self' {sandbox}"
)


@dataclass(frozen=True)
class Received:
    """One request as it came, whole: what is not in here never reached the shop."""

    line: str
    headers: str
    body: bytes

    def mentions(self, text: str) -> bool:
        return text in self.line or text in self.headers or text.encode() in self.body


@dataclass
class Merchant:
    """The shop's server and everything that it was sent."""

    sandbox: str
    received: list[Received] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _answering(self))
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def tokens(self) -> list[str]:
        return [request.body.decode() for request in self.received if request.line == "POST /token"]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _answering(merchant: Merchant) -> type[BaseHTTPRequestHandler]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._remember(b"")
            if self.path == "/merchant.js":
                self._send("text/javascript", SCRIPT)
            else:
                self._send("text/html; charset=utf-8", PAGE.replace("SANDBOX", merchant.sandbox).encode())

        def do_POST(self) -> None:
            self._remember(self.rfile.read(int(self.headers["Content-Length"])))
            self._send("text/plain", b"taken")

        def _remember(self, body: bytes) -> None:
            merchant.received.append(Received(f"{self.command} {self.path}", str(self.headers), body))

        def _send(self, content_type: str, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", POLICY.format(sandbox=merchant.sandbox))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """The test says what matters."""

    return Answer
