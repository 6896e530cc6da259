"""`.env.example` names what the processes read, no more and no less."""

from __future__ import annotations

import os
import re
import runpy

import environ
import pytest

from launch.shop import ROOT
from tests.setup.test_local_environment import DESIGNED

OF_ONE_COMMAND = {"STAFF_USERNAME", "STAFF_PASSWORD"}  # create_staff_user


class Recorder(dict[str, str]):
    """An environment that remembers which names were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: object = None) -> object:  # type: ignore[override]  # as os.environ's
        self.asked.add(name)
        return super().get(name, default)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names that the settings and the web server's configuration ask for."""
    recorder = Recorder()
    monkeypatch.setattr(environ.Env, "ENVIRON", recorder)
    runpy.run_path(str(ROOT / "config" / "settings.py"))
    monkeypatch.setattr(os, "environ", recorder)
    runpy.run_path(str(ROOT / "config" / "gunicorn.conf.py"))
    return recorder.asked


def documented() -> set[str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    return {found[1] for line in lines if (found := re.match(r"#?([A-Z][A-Z_]+)=", line))}


def test_every_name_that_is_read_is_documented_and_no_other(read: set[str]) -> None:
    assert read | OF_ONE_COMMAND == documented()


def test_the_demo_writes_documented_names_only() -> None:
    assert documented() >= DESIGNED
