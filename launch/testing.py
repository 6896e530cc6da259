"""`make test`: every test on two processes, with a PostgreSQL and ports of its own, and a real browser."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys

from launch.chromium import ensure_chromium
from launch.shop import ROOT

PROCESSES = 2


def test() -> int:
    """The exit code of pytest. PYTEST_ARGS narrows the run: `make test PYTEST_ARGS='-k refund'`.

    Raises ChromiumMissing.
    """
    environment = {**os.environ, "CHROMIUM": ensure_chromium()}
    arguments = shlex.split(os.environ.get("PYTEST_ARGS", ""))
    command = [sys.executable, "-m", "pytest", "-n", str(PROCESSES), "--no-loadscope-reorder", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
