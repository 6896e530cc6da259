"""What belongs to one machine is found before it is committed for all."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from launch.foreign_addresses import found
from launch.shop import ROOT


def committed(folder: Path, name: str, text: str) -> Path:
    """A clone in `folder` in which git keeps one file."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    subprocess.run(["git", "add", "-A"], cwd=folder, check=True)
    return folder


@pytest.mark.parametrize(
    "line",
    [
        "--index-" + "url https://packages.example",
        "https://registry.npm" + "js.org/typescript",
        "see /home/" + "ada/shop/settings.py",
        "/Users/" + "ada/shop",
        "PYTHON=/root/" + ".pyenv/bin/python",
    ],
)
def test_an_address_of_one_machine_is_found(tmp_path: Path, line: str) -> None:
    assert found(committed(tmp_path, "notes.md", f"first\n{line}\n")) == ["notes.md:2"]


def test_the_clones_own_path_is_found(tmp_path: Path) -> None:
    assert found(committed(tmp_path, "notes.md", f"logs lie in {tmp_path}/log\n")) == ["notes.md:1"]


def test_a_file_that_mirrors_a_machines_folder_is_found(tmp_path: Path) -> None:
    assert found(committed(tmp_path, "tmp/mail/1.log", "harmless")) == ["tmp/mail/1.log"]


@pytest.mark.parametrize("line", ["GET /home/ 200", "https://shop.example/home/ada/", "/var/lib/tillgate"])
def test_what_is_true_everywhere_is_left_alone(tmp_path: Path, line: str) -> None:
    assert found(committed(tmp_path, "notes.md", line)) == []


def test_this_clone_has_none() -> None:
    assert found(ROOT) == []
