"""What the environment says: where the sandbox listens, keeps its state and sends webhooks, and which keys it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

API_VERSION = "2026-10-28.endive"
DEFAULT_PORT = 8001
ACCOUNT_ID = "acct_1TillgateSandbox"


class InvalidConfiguration(Exception):
    """A setting cannot be used; the message names it."""


@dataclass(frozen=True)
class Config:
    """Settings of one sandbox process. `port` 0 asks the system for a free one."""

    port: int
    state: Path
    webhook_url: str
    secret_key: str
    publishable_key: str
    webhook_secrets: tuple[str, ...]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Config:
        """Read `SANDBOX_*` and `STRIPE_*`; everything but the port and the webhook URL has a default made for play."""
        secrets = environment.get("STRIPE_WEBHOOK_SECRETS", "whsec_sandbox").split(",")
        return cls(
            port=_port(environment.get("SANDBOX_PORT", str(DEFAULT_PORT))),
            state=Path(environment.get("SANDBOX_STATE", ".tillgate/sandbox")),
            webhook_url=environment.get("SANDBOX_WEBHOOK_URL", ""),
            secret_key=environment.get("STRIPE_SECRET_KEY") or "sk_test_sandbox",
            publishable_key=environment.get("STRIPE_PUBLISHABLE_KEY") or "pk_test_sandbox",
            webhook_secrets=tuple(secret.strip() for secret in secrets if secret.strip()),
        )


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise InvalidConfiguration(f"SANDBOX_PORT must be a port number from 0 to 65535, not {text!r}.")
    return int(text)
