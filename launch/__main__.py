"""`python -m launch demo`, as `make demo` calls it once the packages are installed."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Mapping
from types import FrameType

from benchmarks.run import bench
from launch.chaos import chaos, chaos_sabotage
from launch.checking import check
from launch.chromium import ChromiumMissing
from launch.databases import DatabaseUnavailable
from launch.demo import demo
from launch.ports import PortTaken
from launch.postgres_programs import PostgresUnavailable
from launch.readiness import NotReady
from launch.service import ProgramFailed
from launch.shop import AlreadyRunning
from launch.smoke import smoke
from launch.testing import test
from launch.visitor import UnexpectedAnswer

COMMANDS: Mapping[str, Callable[[], int]] = {
    "demo": demo,
    "smoke": smoke,
    "test": test,
    "check": check,
    "bench": bench,
    "chaos": chaos,
    "chaos-sabotage": chaos_sabotage,
}
FAILURES = (
    PostgresUnavailable,
    DatabaseUnavailable,
    ProgramFailed,
    NotReady,
    UnexpectedAnswer,
    ChromiumMissing,
    LookupError,
)
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopAsked(BaseException):
    """Someone pressed Ctrl-C or sent a signal that means the same."""


def main() -> int:
    for stop in STOPS:
        signal.signal(stop, _stop)
    try:
        return COMMANDS[sys.argv[1]]()
    except StopAsked:
        return 0
    except (PortTaken, AlreadyRunning) as refusal:
        print(refusal, file=sys.stderr)
        return 2
    except FAILURES as failure:
        print(failure, file=sys.stderr)
        return 1


def _stop(number: int, frame: FrameType | None) -> None:
    """Unwind once; stopping itself is not interrupted, its length is bounded."""
    for stop in STOPS:
        signal.signal(stop, signal.SIG_IGN)
    raise StopAsked


if __name__ == "__main__":
    sys.exit(main())
