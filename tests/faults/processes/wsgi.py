"""`config.wsgi` with crash points around it, for gunicorn, given the board's folder as `--env CRASH_POINTS=...`."""

from __future__ import annotations

import os
from pathlib import Path

from config.wsgi import application as application
from tests.faults.processes.laying import lay_crash_points
from tests.faults.processes.point import Role

lay_crash_points(Role.WEB, Path(os.environ["CRASH_POINTS"]))
