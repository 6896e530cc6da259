"""`make demo`: the whole shop on this machine, until Ctrl-C."""

from __future__ import annotations

import time

from launch.parent import Parent
from launch.ports import fixed_ports
from launch.shop import ROOT, Plan, Shop, running_shop

STATE = ROOT / ".tillgate"
ENVIRONMENT_FILE = "demo.env"
BETWEEN_LOOKS_S = 0.5


def demo() -> int:
    """Runs until a signal stops it, or until the `make` that started it has ended or was told to."""
    parent = Parent()
    with running_shop(Plan(STATE, fixed_ports, ENVIRONMENT_FILE), say=_say) as shop:
        _introduce(shop)
        while parent.wants_us():
            shop.supervisor.tend()
            time.sleep(BETWEEN_LOOKS_S)
    return 0


def _introduce(shop: Shop) -> None:
    _say(
        f"admin:   {shop.url}admin/ (user {shop.environment['STAFF_USERNAME']}, password in {STATE / ENVIRONMENT_FILE})"
    )
    _say(f"gateway: {shop.sandbox_url} (the sandbox's own page)")
    _say(f"mails:   {STATE / 'mail'}, logs: {STATE / 'log'}; Ctrl-C stops everything")
    print(f"ready: {shop.url}", flush=True)


def _say(line: str) -> None:
    print(f"demo: {line}", flush=True)
