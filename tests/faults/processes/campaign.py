"""A kill at every named crash point, while people shop and the gateway misbehaves; then silence, then the questions."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from launch.supervisor import Say
from tests.faults.processes.invariants import violations
from tests.faults.processes.invariants.mails import Strike, doubled_mails
from tests.faults.processes.point import CrashPoint
from tests.faults.processes.quiet import still_open
from tests.faults.processes.staff import Staff
from tests.faults.processes.town import NeverHappened, Town
from tests.faults.processes.traffic import Traffic
from tests.faults.processes.weather import Weather

REACHED_WITHIN_S = 60.0
QUIET_WITHIN_S = 180.0
REPLAY = "from payments.webhooks.replay import replay_events; replay_events()"
SETTLE = "from payments.operations.settlement import settle_all; settle_all()"


@dataclass
class Outcome:
    """What a run did: orders placed, processes killed, promises broken."""

    orders: int = 0
    kills: int = 0
    violations: list[str] = field(default_factory=list)

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(self.orders + other.orders, self.kills + other.kills, self.violations + other.violations)


def run_campaign(town: Town, seed: int, *, say: Say, points: Sequence[CrashPoint]) -> Outcome:
    """Kill once at every point; whatever promise is broken, or point not reached, is named in the outcome."""
    strikes: list[Strike] = []
    outcome, traffic, weather = Outcome(), Traffic(town, seed), Weather(town.gateway, seed)
    with traffic.flowing():
        for point in points:
            weather.change(point)
            outcome.violations += _kill_at(town, point, strikes, say)
        town.gateway.has_no_faults()
    outcome.kills = len(strikes)
    outcome.violations += traffic.gave_up
    say(f"{outcome.kills} kills; waiting until nothing is open")
    outcome.violations += _silence(town)
    outcome.violations += violations(town, strikes)
    if (written := town.books.wishes()) != dict(traffic.wishes):
        outcome.violations.append(f"staff had {dict(traffic.wishes)} answered, and {written} were written")
    outcome.orders = town.books.orders()
    doubled = doubled_mails(town.shop.plan.state / "mail", town.books.url)
    if doubled > outcome.kills:
        outcome.violations.append(
            f"{doubled} e-mails were sent once more, and only {outcome.kills} processes were killed"
        )
    say(f"{outcome.orders} orders, {doubled} e-mails sent once more after a kill; staff did {dict(traffic.wishes)}")
    return outcome


def _kill_at(town: Town, point: CrashPoint, strikes: list[Strike], say: Say) -> list[str]:
    """Note when it was done; what did not happen is named."""
    began = time.monotonic()
    town.board.arm(point)
    try:
        process = town.until_reached(point, REACHED_WITHIN_S)
    except NeverHappened:
        town.board.disarm(point)
        return [f"no process ever came to the crash point {point.name!r}"]
    struck = datetime.now(UTC)
    try:
        town.strike(point, process)
        strikes.append((struck, datetime.now(UTC)))
        say(f"killed {point.name} ({point.victim}) after {time.monotonic() - began:.1f} s")
        town.live_on()
    except NeverHappened as trouble:
        return [f"at {point.name}: {trouble}"]
    return []


def _silence(town: Town) -> list[str]:
    """Wait until nothing is open, missing webhooks listed anew; names what stays open."""
    staff = Staff(town.shop)
    staff.sign_in()
    try:
        town.until(lambda: _is_quiet(town, staff), "all is quiet", QUIET_WITHIN_S)
        town.shop.manage("replay", "shell", "-c", REPLAY)
        town.until(lambda: _is_quiet(town, staff), "all is quiet after the replay", QUIET_WITHIN_S)
        town.shop.manage("settle", "shell", "-c", SETTLE)
    except NeverHappened as trouble:
        return [f"{trouble}: {_open(town)}"]
    return []


def _is_quiet(town: Town, staff: Staff) -> bool:
    """Staff look up at the gateway what they are asked about: a refund that may not be repeated and shows no trace."""
    for stuck in town.books.stuck_refunds():
        staff.look_up(stuck, town.gateway)
    return not _open(town)


def _open(town: Town) -> dict[str, int]:
    return still_open(town.books.url)
