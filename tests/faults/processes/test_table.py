"""The tables of the harness name what is there: whoever moves a function moves its crash point too."""

from __future__ import annotations

import re

import pytest

from launch.shop import ROOT
from payments.models import Observation, Operation, Payment
from tests.faults.processes.clocks import SHORT, seconds_of
from tests.faults.processes.crash_points import POINTS
from tests.faults.processes.laying import find, purpose
from tests.faults.processes.point import CrashPoint


@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.slug)
def test_each_crash_point_lies_at_a_function(point: CrashPoint) -> None:
    holder, name = find(point.function)
    assert callable(getattr(holder, name))


def test_each_crash_point_has_a_name_of_its_own() -> None:
    assert len({point.slug for point in POINTS}) == len(POINTS)


PRICE = 4200
PAYMENT = Payment(amount=PRICE)
PURPOSES = {
    "sale, asked for": Operation(kind="sale", payment=PAYMENT, amount=PRICE),
    "capture, in full": Operation(kind="capture", payment=PAYMENT, amount=PRICE),
    "capture, in part": Operation(kind="capture", payment=PAYMENT, amount=PRICE - 1),
    "void, asked for": Operation(kind="void", payment=PAYMENT, amount=PRICE),
    "void, expiry": Operation(kind="void", payment=PAYMENT, amount=PRICE, expires=True),
    "void, fence": Operation(kind="void", payment=PAYMENT, amount=PRICE, fences_id=1),
}


@pytest.mark.parametrize("told", PURPOSES)
def test_a_call_shows_what_its_operation_is_for(told: str) -> None:
    assert purpose(PURPOSES[told]) == told
    assert purpose(Observation(operation=PURPOSES[told])) == told


@pytest.mark.parametrize("showing", sorted({point.showing for point in POINTS}))
def test_each_text_that_a_point_asks_for_is_one_that_a_call_can_show(showing: str) -> None:
    assert showing == "-> True" or any(showing in told for told in PURPOSES)


@pytest.mark.parametrize("place", SHORT)
def test_each_short_wait_is_shorter_than_the_real_one(place: str) -> None:
    assert SHORT[place] < seconds_of(place)


def test_the_page_about_crash_points_lists_each() -> None:
    page = (ROOT / "docs" / "crash-points.md").read_text()
    told = re.findall(r"^\| (web|worker) \| (.+) \|$", page, re.MULTILINE)
    assert [f"{role}: {name}" for role, name in told] == [point.name for point in POINTS]
