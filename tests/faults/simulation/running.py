"""Many schedules over several processes, each with a database of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from queue import Queue
from typing import TypedDict


class StepTold(TypedDict):
    name: str
    seed: int


class Told(TypedDict):
    """A schedule's result as a worker prints it."""

    seed: int
    steps: list[StepTold]
    kills: int
    violations: list[str]
    story: list[str]


class WorkerFailed(Exception):
    """A worker of the simulation ended before it had run its schedules."""


def run_all(names: Sequence[str], first: int, count: int, *, shorten: bool = True) -> Iterator[Told]:
    """The result of each schedule, as it is there; broken ones made shorter or not. Raises WorkerFailed."""
    results: Queue[Told | None] = Queue()
    shares = [range(first + number, first + count, len(names)) for number in range(len(names))]
    workers = [_start(name, share, shorten) for name, share in zip(names, shares, strict=True)]
    for worker in workers:
        threading.Thread(target=_listen, args=[worker, results], daemon=True).start()
    running = len(workers)
    try:
        while running:
            told = results.get()
            if told is None:
                running -= 1
            else:
                yield told
    finally:
        for worker in workers:
            worker.terminate()
            worker.wait()
    if any(worker.returncode for worker in workers):
        raise WorkerFailed(
            f"workers of the simulation ended with {[worker.returncode for worker in workers]}, see above"
        )


def _start(name: str, seeds: range, shorten: bool) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.faults.simulation.worker", name, f"{seeds.start}:{seeds.stop}:{seeds.step}"]
    command += [] if shorten else ["as-it-is"]
    # In a session of its own: Ctrl-C is for the one who started it, who ends it in its turn.
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)


def _listen(worker: subprocess.Popen[str], results: Queue[Told | None]) -> None:
    assert worker.stdout is not None
    for line in worker.stdout:
        told: Told = json.loads(line)
        results.put(told)
    worker.wait()
    results.put(None)
