"""Makes .venv with the pinned packages, then runs a command in it. Runs before any package is there.

Does nothing when the packages are those of requirements-dev.txt already, so that it works offline from then on.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".tillgate"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements-dev.txt"
STAMP = VENV / "installed"

NO_VENV = "This Python cannot make virtual environments. Debian, Ubuntu: apt-get install python3-venv"
NO_PACKAGES = (
    "The packages could not be installed, see above. The first start needs a package index; later ones do not."
)


def main() -> None:
    STATE.mkdir(mode=0o700, exist_ok=True)
    with (STATE / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _ensure_packages()
    os.execv(PYTHON, [str(PYTHON), "-m", "launch", *sys.argv[1:]])  # noqa: S606


def _ensure_packages() -> None:
    if _usable() and STAMP.exists() and STAMP.read_text() == _wanted():
        return
    if not _usable():
        _make_venv()
    print("installing the pinned packages into .venv", flush=True)
    pip: list[str | Path] = [PYTHON, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    _run([*pip, "install", "--require-hashes", "-r", REQUIREMENTS], failure=NO_PACKAGES)
    STAMP.write_text(_wanted())


def _usable() -> bool:
    """A clone that was moved, or a Python that was removed, leaves an environment that starts no more."""
    probe = [str(PYTHON), "-c", "import sys, pip; sys.exit(sys.version_info < (3, 11))"]
    return PYTHON.exists() and subprocess.run(probe, capture_output=True, check=False).returncode == 0


def _make_venv() -> None:
    print(f"making .venv with {sys.executable}", flush=True)
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit(NO_VENV)
    _run([sys.executable, "-m", "venv", "--clear", VENV], failure=NO_VENV)


def _wanted() -> str:
    return f"{hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()} {VENV}\n"


def _run(command: list[str | Path], *, failure: str) -> None:
    if subprocess.run([str(word) for word in command], check=False).returncode:
        sys.exit(failure)


if __name__ == "__main__":
    main()
