"""Where Chromium is for the browser's journeys, and how it comes here when it is not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
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
    for path in _candidates():
        if _starts(path):
            return path
    raise ChromiumMissing(HOW_TO_INSTALL)


def ensure_chromium() -> str:
    """As find_chromium, after an installation where there is none."""
    try:
        return find_chromium()
    except ChromiumMissing:
        _install()
        return find_chromium()


def _candidates() -> Iterator[str]:
    if named := os.environ.get("CHROMIUM"):
        yield named
        return
    yield from (path for name in NAMES if (path := shutil.which(name)))
    with sync_playwright() as playwright:
        yield playwright.chromium.executable_path


def _starts(path: str) -> bool:
    """Ubuntu's chromium-browser may be a script that only asks for a snap, so existing is not enough."""
    if not Path(path).exists():
        return False
    return subprocess.run([path, "--version"], capture_output=True, check=False, timeout=60).returncode == 0


def _install() -> None:
    print("installing Chromium for the browser's journeys", flush=True)
    if os.geteuid() == 0 and shutil.which("apt-get") and _installed_from_debian():
        return
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def _installed_from_debian() -> bool:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    commands = (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-qq", "-y", "--no-install-recommends", "chromium"],
    )
    return all(subprocess.run(command, env=quiet, check=False).returncode == 0 for command in commands)
