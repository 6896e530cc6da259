"""A started program can be used once its page answers, however slowly it comes up."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from launch import readiness
from launch.readiness import NotReady, wait_for_page
from launch.service import Program, Service

SLEEPER = "import time; time.sleep(600)"
BROKEN = "print('no such setting'); raise SystemExit(3)"


@contextmanager
def page(*waits_s: float, last_status: int = 200) -> Iterator[str]:
    """A page whose first answers take so long, and whose later ones come at once with this status."""
    waits = list(waits_s)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            time.sleep(waits.pop(0) if waits else 0)
            self.send_response(last_status)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            """Nothing: the test's output is not the place."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@contextmanager
def running(folder: Path, code: str) -> Iterator[Service]:
    service = Service(Program("program", (sys.executable, "-c", code), folder / "log"))
    yield service
    service.stop()


def test_a_page_that_is_slow_at_first_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "ANSWER_WITHIN_S", 0.2)

    with running(tmp_path, SLEEPER) as service, page(0.5, 0.5) as url:
        wait_for_page(url, service)


def test_a_page_that_never_answers_well_ends_the_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "PATIENCE_S", 0.5)

    with running(tmp_path, SLEEPER) as service, page(last_status=503) as url, pytest.raises(NotReady, match="answer"):
        wait_for_page(url, service)


def test_a_program_that_ended_is_not_waited_for_and_its_last_words_are_told(tmp_path: Path) -> None:
    with running(tmp_path, BROKEN) as service, page(last_status=503) as url, pytest.raises(NotReady) as told:
        wait_for_page(url, service)

    assert "no such setting" in str(told.value)
