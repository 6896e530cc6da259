"""Which process of a run takes which tests, and when.

What takes long begins first: a process that began it last would work alone at the end. A file's tests stay together,
and the journeys stay together too, since a process that runs one of them has to start a whole shop.
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

LONGEST_FIRST = ("tests/journeys/", "tests/faults/", "tests/incidents/", "tests/sandbox_browser/", "tests/checkout/")
TOGETHER = "tests/journeys/"


def begins(nodeid: str) -> int:
    """The later a test may begin, the greater."""
    return next((place for place, folder in enumerate(LONGEST_FIRST) if nodeid.startswith(folder)), len(LONGEST_FIRST))


class Scheduling(LoadScopeScheduling):  # type: ignore[misc]  # pytest-xdist brings no types
    """In the order of the collection, as the option --no-loadscope-reorder has it."""

    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER if nodeid.startswith(TOGETHER) else nodeid.split("::", 1)[0]
