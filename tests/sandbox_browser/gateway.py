"""The sandbox as its own process, asked over plain HTTP with the secret key, as any server would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode, urlsplit

ROOT = Path(__file__).parents[2]
Document = dict[str, object]


@dataclass(frozen=True)
class Gateway:
    """A running sandbox."""

    origin: str

    def post(self, path: str, **parameters: str | int) -> Document:
        """Write; an error answer is given back like any other."""
        return self._ask("POST", path, urlencode(parameters))

    def get(self, path: str) -> Document:
        return self._ask("GET", path)

    def _ask(self, method: str, path: str, body: str | None = None) -> Document:
        connection = HTTPConnection(urlsplit(self.origin).netloc, timeout=10)
        headers = {"Authorization": "Bearer sk_test_sandbox"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, headers)
        document: Document = json.load(connection.getresponse())
        connection.close()
        return document


def start(state: Path, webhook_url: str = "") -> tuple[Gateway, subprocess.Popen[str]]:
    """Start a sandbox with its state in a folder, on a free port; ready when this returns."""
    environment = {
        "PATH": os.environ["PATH"],
        "SANDBOX_PORT": "0",
        "SANDBOX_STATE": str(state),
        "SANDBOX_WEBHOOK_URL": webhook_url,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    ready = process.stdout.readline()
    assert ready.startswith("ready: "), "The sandbox did not start; its error is above."
    return Gateway(ready.removeprefix("ready: ").strip()), process
