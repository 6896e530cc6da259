"""The tables of the harness name what is there: whoever moves a function moves its crash point too."""

from __future__ import annotations

import re

import pytest

from launch.shop import ROOT
from tests.faults.processes.clocks import SHORT, seconds_of
from tests.faults.processes.crash_points import POINTS, CrashPoint
from tests.faults.processes.laying import find


@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.slug)
def test_each_crash_point_lies_at_a_function(point: CrashPoint) -> None:
    holder, name = find(point.function)
    assert callable(getattr(holder, name))


def test_each_crash_point_has_a_name_of_its_own() -> None:
    assert len({point.slug for point in POINTS}) == len(POINTS)


@pytest.mark.parametrize("place", SHORT)
def test_each_short_wait_is_shorter_than_the_real_one(place: str) -> None:
    assert SHORT[place] < seconds_of(place)


def test_the_page_about_crash_points_lists_each() -> None:
    page = (ROOT / "docs" / "crash-points.md").read_text()
    told = re.findall(r"^\| (web|worker) \| (.+) \|$", page, re.MULTILINE)
    assert [f"{role}: {name}" for role, name in told] == [point.name for point in POINTS]
