"""A schedule: steps drawn from a seed, each with a seed of its own, so that one can be left out and the rest stays."""

from __future__ import annotations

import random
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from tests.faults.simulation import shop
from tests.faults.simulation.invariants import broken, broken_meanwhile
from tests.faults.simulation.quiescence import quiesce
from tests.faults.simulation.steps import STEPS
from tests.faults.simulation.world import World, enter

LENGTHS = (4, 30)


@dataclass(frozen=True)
class Step:
    name: str
    seed: int


@dataclass
class Result:
    seed: int
    steps: Sequence[Step]
    kills: int = 0
    violations: list[str] = field(default_factory=list)
    story: list[str] = field(default_factory=list)


def draw(seed: int) -> list[Step]:
    """The steps of this seed; the first is an order, without which nothing happens."""
    rng = Random(seed)
    names, weights = list(STEPS), [weight for weight, _ in STEPS.values()]
    chosen = ["order", *rng.choices(names, weights, k=rng.randint(*LENGTHS))]
    return [Step(name, rng.getrandbits(48)) for name in chosen]


def run(seed: int, steps: Sequence[Step]) -> Result:
    """Play the steps in a clean shop, let it come to rest, and check every promise."""
    variants, staff = shop.clean()
    world = enter(seed, variants, staff)
    try:
        for step in steps:
            _play(world, step)
        _reseed(world, seed)
        quiesce(world)
        found = broken(world)
    except Exception:  # the schedule's outermost edge: what surprises the simulation is a finding too
        found = [*world.violations, traceback.format_exc()]
    return Result(seed, steps, world.kills, found, world.story)


def _play(world: World, step: Step) -> None:
    _reseed(world, step.seed)
    world.tell(step.name)
    runs_before = world.runs
    STEPS[step.name][1](world)
    if world.runs > runs_before:  # nothing but a process of ours changes our rows
        world.violations += broken_meanwhile(world)


def _reseed(world: World, seed: int) -> None:
    world.rng.seed(seed)
    random.seed(seed)


def shrink(result: Result, tries: int = 30) -> Result:
    """Leave out one step after the other while a promise is still broken."""
    best = result
    position = len(best.steps) - 1
    while position >= 0 and tries:
        tries -= 1
        fewer = run(result.seed, [*best.steps[:position], *best.steps[position + 1 :]])
        if fewer.violations:
            best = fewer
        position = min(position, len(best.steps)) - 1
    return best
