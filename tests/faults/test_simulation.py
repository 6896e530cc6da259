"""The short run of `make chaos`: fifty schedules, always the same."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

FIRST_SEED = 20_000
SCHEDULES = 50


@pytest.mark.timeout(600)
def test_fifty_schedules_of_faults_crashes_and_races_break_no_promise() -> None:
    environment = {**os.environ, "SEED": str(FIRST_SEED), "SCHEDULES": str(SCHEDULES)}

    run = subprocess.run(
        [sys.executable, "-m", "tests.faults.simulation"], env=environment, capture_output=True, text=True
    )

    assert run.stdout.splitlines()[-1].startswith(f"simulation: {SCHEDULES} schedules,"), run.stdout + run.stderr
    assert run.returncode == 0, run.stdout
