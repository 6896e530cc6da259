"""No committed file says from where packages are fetched: that is for each machine's own configuration."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ADDRESS = re.compile(
    r"registry\.(npmjs|yarnpkg)\.(org|com)|pypi\.org/simple|files\.pythonhosted\.org|--(extra-)?index-url|--find-links"
    r'|"resolved":'
)
OWN = Path(__file__).name


def found(root: Path) -> list[str]:
    """`file:line` of each address in the files that git keeps."""
    files = (root / name for name in _committed(root))
    return [place for file in files if file.name != OWN and file.is_file() for place in _in(file, root)]


def _committed(root: Path) -> list[str]:
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.split("\0") if name]


def _in(file: Path, root: Path) -> list[str]:
    lines = file.read_text(errors="replace").splitlines()
    return [f"{file.relative_to(root)}:{number}" for number, line in enumerate(lines, 1) if ADDRESS.search(line)]
