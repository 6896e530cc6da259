"""What a measurement gives: two sides measured in turns, their ratio, and what was hoped for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

Measure = Callable[[], float]


@dataclass(frozen=True)
class Ratio:
    """`ours` and `theirs` are per second, one of each for every round; `goal` is the least ratio that was hoped for."""

    name: str
    ours: list[float]
    theirs: list[float]
    goal: float | None

    @property
    def ratios(self) -> list[float]:
        return [our / their for our, their in zip(self.ours, self.theirs, strict=True)]

    @property
    def ratio(self) -> float:
        return median(self.ratios)

    def row(self) -> str:
        spread = f"{min(self.ratios):.2f} to {max(self.ratios):.2f}"
        goal = f"{self.goal:.2f}" if self.goal else ""
        return (
            f"| {self.name} | {median(self.ours):.1f}/s | {median(self.theirs):.1f}/s "
            f"| **{self.ratio:.2f}** | {spread} | {goal} |"
        )


@dataclass(frozen=True)
class Durations:
    """Milliseconds of many like things."""

    name: str
    milliseconds: list[float]
    goal_median: float | None = None
    goal_p99: float | None = None

    @property
    def p99(self) -> float:
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]

    def row(self) -> str:
        goals = f"{self.goal_median:.0f} / {self.goal_p99:.0f} ms" if self.goal_median and self.goal_p99 else ""
        middle, count = median(self.milliseconds), len(self.milliseconds)
        return f"| {self.name} | {middle:.0f} ms | {self.p99:.0f} ms | {count} | {goals} |"


def in_turns(name: str, ours: Measure, theirs: Measure, *, rounds: int, goal: float | None = None) -> Ratio:
    """Measure A B A B ..., after one round of each that does not count."""
    ours(), theirs()
    pairs = [(ours(), theirs()) for _ in range(rounds)]
    return Ratio(name, [our for our, _ in pairs], [their for _, their in pairs], goal)
