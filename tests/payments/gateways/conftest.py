from __future__ import annotations

from collections.abc import Iterator

import pytest

from payments.gateways.stripe.adapter import StripeGateway
from payments.gateways.stripe.client import connect
from tests.sandbox_process import PUBLISHABLE_KEY, SECRET_KEY, WEBHOOK_SECRET, SandboxProcess, running_sandbox


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as process:
        yield process


def stripe_at(url: str, secrets: tuple[str, ...] = (WEBHOOK_SECRET,)) -> StripeGateway:
    return StripeGateway(
        client=connect(SECRET_KEY, url),
        live=False,
        publishable_key=PUBLISHABLE_KEY,
        script_url=f"{url}/endive/stripe.js",
        webhook_secrets=secrets,
    )
