"""Workers run jobs, in any order, twice, at once, or never; time passes; receivers fail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from tests.faults.simulation import jobs
from tests.faults.simulation.steps.catalog import step
from tests.faults.simulation.world import World

WAITS_S = (1, 5, 15, 31, 61, 61, 300, 901, 3600, 6 * 3600)
LONG_WAITS_H = (12, 22, 24, 26, 72, 8 * 24)


@step(30)
def a_job_is_done(world: World) -> None:
    if call := _some_job(world):
        world.run(call)


@step(12)
def jobs_at_once(world: World) -> None:
    calls = [_some_job(world, keep=world.rng.random() < 0.3) or _some_periodic(world) for _ in range(2)]
    world.run(*calls)


@step(6)
def a_job_is_done_twice_at_once(world: World) -> None:
    if call := _some_job(world):
        world.run(call, call)


@step(3)
def a_job_is_lost(world: World) -> None:
    _some_job(world)


@step(10)
def a_periodic_job(world: World) -> None:
    world.run(_some_periodic(world))


@step(5)
def all_periodic_jobs(world: World) -> None:
    for name, call in jobs.periodic().items():
        world.tell(f"  {name}")
        world.run(call)


@step(3)
def periodic_jobs_at_once(world: World) -> None:
    world.run(*(_some_periodic(world) for _ in range(3)))


@step(10)
def time_passes(world: World) -> None:
    seconds = world.rng.choice(WAITS_S)
    world.tell(f"  {seconds} s")
    world.clock.advance(timedelta(seconds=seconds))


@step(2)
def much_time_passes(world: World) -> None:
    hours = world.rng.choice(LONG_WAITS_H)
    world.tell(f"  {hours} h")
    world.clock.advance(timedelta(hours=hours))
    world.gateway.books.end_old_authorizations()


@step(2)
def a_receiver_will_fail(world: World) -> None:
    world.receiver_troubles += world.rng.choice([1, 1, 3])


def _some_job(world: World, *, keep: bool = False) -> Callable[[], object] | None:
    waiting = jobs.waiting()
    if not waiting:
        return None
    job = world.rng.choice(waiting)
    if not keep:
        jobs.take(job)
    world.tell(f"  {job}")
    return job.run


def _some_periodic(world: World) -> Callable[[], object]:
    periodic = jobs.periodic()
    name = world.rng.choice(list(periodic))
    world.tell(f"  {name}")
    return periodic[name]
