"""The documents name what the code does."""

from __future__ import annotations

import re

from launch.shop import ROOT
from payments.gateways.stripe.events import SUBJECTS

EVENT = re.compile(r"\b(?:payment_intent|charge|refund)\.[a-z_.]+\b")


def test_going_live_lists_the_events_that_the_code_acts_on() -> None:
    block = (ROOT / "docs" / "going-live.md").read_text().split("```text")[1].split("```")[0]
    assert set(EVENT.findall(block)) == set(SUBJECTS)
