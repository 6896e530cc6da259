"""`manage.py procrastinate worker` with crash points around it: `python -m tests.faults.processes.worker FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

import django
from django.core.management import execute_from_command_line

from tests.faults.processes.crash_points import Role
from tests.faults.processes.laying import lay_crash_points

if __name__ == "__main__":
    django.setup()
    lay_crash_points(Role.WORKER, Path(sys.argv[1]))
    execute_from_command_line(["manage.py", "procrastinate", "worker"])
