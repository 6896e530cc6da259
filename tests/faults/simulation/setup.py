"""Django for the simulation: production's settings, with its database, gateway and mail box."""

from __future__ import annotations

import logging

import django
from django.conf import settings
from django.db import connections

from tests.faults.simulation.clock import SEARCH_PATH


def set_up(name: str, *, search_path: str = SEARCH_PATH) -> None:
    """Load Django on the database of this name, on the server of DATABASE_URL."""
    django.setup()
    _do_one_job_at_a_time()
    logging.disable(logging.CRITICAL)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.PAYMENT_GATEWAYS = {"simulated": "tests.faults.simulation.world.current_gateway"}
    settings.PAYMENT_GATEWAY = "simulated"
    database = connections.settings["default"]
    database["NAME"] = name
    database["ENGINE"] = "tests.faults.simulation.database"
    database["OPTIONS"]["options"] = f"-c search_path={search_path} -c deadlock_timeout=50ms"
    connections["default"].close()
    del connections["default"]  # made by Django's own back end while it was loaded, it would have no boundaries


def _do_one_job_at_a_time() -> None:
    """Which job comes next is the schedule's to say, not the job's before it."""
    from payments import tasks

    tasks.CARRY_ON_FOR_S = 0.0
