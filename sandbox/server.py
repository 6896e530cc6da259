"""The HTTP/1.1 server: a thread per connection, kept alive, so that an answer held back blocks nobody else."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from sandbox.messages import Request, Response

log = logging.getLogger(__name__)

MAX_BODY_BYTES = 4 * 1024 * 1024
IDLE_SECONDS = 120


class Server(ThreadingHTTPServer):
    """Listens on the loopback only and hands each request to `answer`."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Connection)
        self.answer: Callable[[Request], Response] = _not_ready

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no news; anything else is logged with its trace."""
        log.exception("connection failed")


def _not_ready(request: Request) -> Response:
    return Response.json(503, {"error": {"message": "The sandbox is still starting.", "type": "api_error"}})


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    server: Server

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def handle(self) -> None:
        try:
            super().handle()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY_BYTES:
            self.close_connection = True
            self._write(Response.json(413, {"error": {"message": "The request body is too large."}}))
            return
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, path, query, headers, self.rfile.read(length))
        self._write(self.server.answer(request))

    do_GET = do_POST = do_DELETE = do_OPTIONS = do_HEAD = do_PUT = do_PATCH = answer

    def _write(self, response: Response) -> None:
        if response.delay_s:
            time.sleep(response.delay_s)
        if response.drop:
            self.close_connection = True
            return
        lines = [f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in response.headers]
        lines += [f"Content-Length: {len(response.body)}", f"Date: {self.date_time_string()}", "", ""]
        body = b"" if self.command == "HEAD" else response.body
        self._send("\r\n".join(lines).encode("latin-1") + body, response.drip_s)

    def _send(self, answer: bytes, seconds: float) -> None:
        """Write at once, or byte by byte over some seconds."""
        if not seconds:
            self.wfile.write(answer)
            return
        for byte in answer:
            self.wfile.write(bytes((byte,)))
            time.sleep(seconds / len(answer))

    def log_message(self, format: str, *args: object) -> None:
        """Requests are told by the application's own log, if at all."""
