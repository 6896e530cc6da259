"""Where Chromium is for the browser's journeys, and how it comes here when it is not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW_TO_INSTALL = """\
No Chromium was found, and none could be installed. Do one of these:
  - Debian, Ubuntu, as root:   apt-get install chromium
  - anywhere:                  .venv/bin/python -m playwright install --with-deps chromium
  - name one that you have:    CHROMIUM=/path/to/chromium make test"""


class ChromiumMissing(Exception):
    """There is no Chromium that starts; the message says how to get one."""


def find_chromium() -> str:
    """A Chromium that starts: that of CHROMIUM, else of the PATH, else Playwright's. Raises ChromiumMissing."""
    if named := os.environ.get("CHROMIUM"):
        if not _starts(named):
            raise ChromiumMissing(f"CHROMIUM={named} is no Chromium that starts: name another, or unset it")
        return named
    for path in _candidates():
        if _starts(path):
            return path
    raise ChromiumMissing(HOW_TO_INSTALL)


def ensure_chromium() -> str:
    """As find_chromium, after an installation where there is none."""
    if "CHROMIUM" in os.environ:
        return find_chromium()
    for install in (_install_nothing, _install_debians, _install_playwrights):
        install()
        with suppress(ChromiumMissing):
            return find_chromium()
    raise ChromiumMissing(HOW_TO_INSTALL)


def _candidates() -> Iterator[str]:
    yield from (path for name in NAMES if (path := shutil.which(name)))
    with sync_playwright() as playwright:
        yield playwright.chromium.executable_path


def _starts(path: str) -> bool:
    """Ubuntu's chromium-browser may be a script that only asks for a snap, so existing is not enough."""
    if not Path(path).exists():
        return False
    return subprocess.run([path, "--version"], capture_output=True, check=False, timeout=60).returncode == 0


def _install_nothing() -> None:
    """What is there already may do."""


def _install_debians() -> None:
    """Debian's own package, which only root may install. On Ubuntu it is no program but a way to a snap."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    print("installing Debian's chromium for the browser's journeys", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", "chromium"]):
        subprocess.run(["apt-get", *command], env=quiet, check=False)


def _install_playwrights() -> None:
    """Playwright's own build, in the user's cache folder; the libraries that it needs only root can add."""
    print("installing Playwright's Chromium for the browser's journeys", flush=True)
    libraries = ["--with-deps"] if os.geteuid() == 0 else []
    subprocess.run([sys.executable, "-m", "playwright", "install", *libraries, "chromium"], check=False)
