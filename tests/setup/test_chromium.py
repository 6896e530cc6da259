"""The browser of the journeys: found, or said how to get it."""

from __future__ import annotations

from pathlib import Path

import pytest

from launch.chromium import ChromiumMissing, ensure_chromium, find_chromium


def test_the_browser_that_was_named_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = program(tmp_path / "my-chromium", "exit 0")
    monkeypatch.setenv("CHROMIUM", named)
    assert find_chromium() == named


def test_a_browser_that_was_named_and_does_not_start_is_said_and_nothing_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHROMIUM", program(tmp_path / "broken", "exit 1"))
    with pytest.raises(ChromiumMissing, match=r"CHROMIUM=.*broken"):
        ensure_chromium()


def test_a_wrapper_that_only_asks_for_a_snap_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "chromium", "exit 1")
    works = program(tmp_path / "google-chrome", "exit 0")
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_chromium() == works


def program(path: Path, script: str) -> str:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)
