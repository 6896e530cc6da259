"""`manage.py procrastinate worker` with crash points around it: `python -m tests.faults.processes.worker FOLDER`.

With `short` as a second argument its waits are short too.
"""

from __future__ import annotations

import sys
from pathlib import Path

import django
from django.core.management import execute_from_command_line

from tests.faults.processes.point import Role

if __name__ == "__main__":
    django.setup()
    from tests.faults.processes.clocks import shorten_clocks
    from tests.faults.processes.laying import lay_crash_points

    lay_crash_points(Role.WORKER, Path(sys.argv[1]))
    if sys.argv[2:] == ["short"]:
        shorten_clocks()
    execute_from_command_line(["manage.py", "procrastinate", "worker"])
