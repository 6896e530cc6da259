"""The sandbox as a process of its own, as in real life."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parents[1]
SECRET_KEY, PUBLISHABLE_KEY, WEBHOOK_SECRET = "sk_test_tests", "pk_test_tests", "whsec_tests"


@dataclass(frozen=True)
class SandboxProcess:
    """`url` is the sandbox's origin; `get` and `post` speak to its API as a merchant's server does."""

    url: str
    process: subprocess.Popen[str]

    def get(self, path: str, **query: str) -> dict[str, object]:
        return self._read(requests.get(self.url + path, params=query, auth=(SECRET_KEY, ""), timeout=10))

    def post(self, path: str, **form: str) -> dict[str, object]:
        return self._read(requests.post(self.url + path, data=form, auth=(SECRET_KEY, ""), timeout=10))

    def control(self, path: str, order: dict[str, object]) -> dict[str, object]:
        return self._read(requests.post(f"{self.url}/_control/{path}", json=order, timeout=10))

    def token(self, payment_method: str) -> str:
        """A ConfirmationToken for one of the documented test payment methods, such as "pm_card_visa"."""
        made = self.post("/v1/test_helpers/confirmation_tokens", payment_method=payment_method)
        return str(made["id"])

    @staticmethod
    def _read(response: requests.Response) -> dict[str, object]:
        assert response.ok, f"{response.status_code} {response.text[:500]}"
        document: dict[str, object] = response.json()
        return document


@contextmanager
def running_sandbox(state: Path, *, webhook_url: str = "", port: int = 0) -> Iterator[SandboxProcess]:
    environment = os.environ | {
        "SANDBOX_PORT": str(port),
        "SANDBOX_STATE": str(state),
        "SANDBOX_WEBHOOK_URL": webhook_url,
        "STRIPE_SECRET_KEY": SECRET_KEY,
        "STRIPE_PUBLISHABLE_KEY": PUBLISHABLE_KEY,
        "STRIPE_WEBHOOK_SECRETS": WEBHOOK_SECRET,
    }
    command = [sys.executable, "-u", "-m", "sandbox"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            assert ready.startswith("ready: "), f"the sandbox did not start: {ready!r}"
            yield SandboxProcess(ready.removeprefix("ready: ").strip().rstrip("/"), process)
        finally:
            process.terminate()
