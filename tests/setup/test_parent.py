"""Whoever ends the `make` that runs a demo ends the demo."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

LONG_COMMAND = (
    "import time; from launch.parent import Parent; parent = Parent(); print('up', flush=True)\n"
    "while parent.wants_us(): time.sleep(0.02)"
)


@pytest.mark.skipif(sys.platform != "linux", reason="what make does with its signals is seen in Linux's /proc")
def test_a_signal_to_make_alone_ends_what_it_runs(tmp_path: Path) -> None:
    script, makefile = tmp_path / "long.py", tmp_path / "Makefile"
    script.write_text(LONG_COMMAND)
    makefile.write_text(f"long:\n\t@exec env PYTHONPATH=. {sys.executable} {script}\n")
    with subprocess.Popen(["make", "-s", "-f", makefile], stdout=subprocess.PIPE, text=True) as make:
        assert make.stdout is not None
        assert make.stdout.readline() == "up\n"

        make.send_signal(signal.SIGINT)

        assert make.wait(timeout=10) == -signal.SIGINT


def test_a_command_ends_with_the_make_that_was_killed(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-c",
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', '''{LONG_COMMAND}'''])",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == "up\n"

        starter.kill()

        assert starter.stdout.read() == ""  # the pipe closes when its last holder ends
