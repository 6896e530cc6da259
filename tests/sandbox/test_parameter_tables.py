"""The parameter tables say what Stripe's own package says of this API version, endpoint by endpoint."""

from __future__ import annotations

import pytest

from sandbox.app import ENDPOINTS as SERVED
from sandbox.parameters.tables import FOLDER
from tests.sandbox.parameter_types import ENDPOINTS, table

BY_HAND = {"confirmation_tokens.create"}
"""Stripe.js sends it, so the package for servers does not know it."""


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_table_is_what_the_packages_types_say(endpoint: str) -> None:
    assert (FOLDER / f"{endpoint}.txt").read_text() == table(endpoint)


def test_every_endpoint_has_a_table_and_every_table_an_endpoint() -> None:
    tables = {path.stem for path in FOLDER.glob("*.txt")}

    assert tables == {endpoint.name for endpoint in SERVED} == ENDPOINTS.keys() | BY_HAND
