"""Every test runs on a real PostgreSQL: that of DATABASE_URL, else one that lives as long as the run."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from django.conf import settings
from django.template.base import Template
from django.test import TransactionTestCase
from django.test import utils as django_test
from xdist.remote import Producer

from launch.postgres import EmbeddedPostgres, folders_beside
from launch.service import Service
from tests.emptying import empty_tables
from tests.scheduling import Scheduling, begins

OWN_SERVER = pytest.StashKey[tuple[Service, Path]]()


def pytest_configure(config: pytest.Config) -> None:
    """Static files need not be collected for a test; the one other difference from production is the server.

    The database is this clone's own, so that two clones may test on one server.
    """
    # The one place where pytest-django lets a test that commits be cleaned up after; django-stubs does not know it.
    TransactionTestCase._fixture_teardown = lambda self: empty_tables()  # type: ignore[attr-defined]
    # Nor does it know this one, which tells every open test client of every template that any thread renders, though
    # no test asks: of fifty shoppers at once each copies what is rendered for all fifty.
    django_test.instrumented_test_render = Template._render  # type: ignore[attr-defined]
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    clone = hashlib.sha256(str(config.rootpath).encode()).hexdigest()[:8]
    settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = f"test_tillgate_{clone}"
    _start_server(config)


def _start_server(config: pytest.Config) -> None:
    """Once: the workers of pytest-xdist inherit DATABASE_URL."""
    if "DATABASE_URL" in os.environ or config.option.collectonly:
        return
    state = Path(tempfile.mkdtemp(prefix="tillgate-test-"))
    server = EmbeddedPostgres(folders_beside(state), log=state / "postgresql.log", fleeting=True)
    service = Service(server.program())
    config.stash[OWN_SERVER] = (service, state)
    server.wait_until_ready(service)
    os.environ["DATABASE_URL"] = server.folders.url("postgres")


@pytest.hookimpl(trylast=True)  # after pytest-django, which puts the tests that commit behind the others
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: begins(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    return Scheduling(config, log)


def pytest_unconfigure(config: pytest.Config) -> None:
    if OWN_SERVER in config.stash:
        service, state = config.stash[OWN_SERVER]
        service.stop()
        shutil.rmtree(folders_beside(state).data.parent)
        shutil.rmtree(state, ignore_errors=True)
        del os.environ["DATABASE_URL"]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """pytest-django reads the settings before the server above has an address."""
    import environ
    from django.db import connections

    from config.database import database

    connections["default"].settings_dict.update(database(environ.Env()))
