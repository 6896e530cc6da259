"""Write a run down: as JSON, and as a table for people."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figures import Durations, Ratio

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Run:
    """Everything of one run; `flush_ms` is how long the disk took to make 8 kB durable, median."""

    durability: str
    flush_ms: float
    ratios: Sequence[Ratio]
    durations: Sequence[Durations]
    stated: Sequence[str]


def write(runs: Sequence[Run], postgres: str) -> str:
    """The table; it and the figures behind it land in benchmarks/results/ under today's date."""
    table = "\n\n".join([_head(postgres), *(_section(run) for run in runs)]) + "\n"
    name = datetime.now(UTC).strftime("%Y-%m-%d")
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.md").write_text(table)
    (RESULTS / f"{name}.json").write_text(json.dumps([asdict(run) for run in runs], indent=1) + "\n")
    return table


def _head(postgres: str) -> str:
    return (
        f"# Measured on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC\n\n"
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {postgres}. Ratios are medians over rounds that "
        "were measured in turns, so that whatever else the machine does weighs on both sides."
    )


def _section(run: Run) -> str:
    lines = [
        f"## {run.durability}",
        "",
        f"The disk makes 8 kB durable in {run.flush_ms:.2f} ms (median).",
        "",
        "| what | ours | held against | ratio | spread | goal |",
        "| --- | --- | --- | --- | --- | --- |",
        *(ratio.row() for ratio in run.ratios),
    ]
    if run.durations:
        lines += ["", "| what | median | p99 | of | goal |", "| --- | --- | --- | --- | --- |"]
        lines += [durations.row() for durations in run.durations]
    lines += ["", *(f"- {fact}" for fact in run.stated)]
    return "\n".join(lines)
