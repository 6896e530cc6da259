"""No committed file says from where packages are fetched, nor where somebody's clone lies.

Both belong to each machine: an index is set in the package client's own configuration, and a path like that breaks for
everybody else.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

# One letter of each host stands in brackets, so that this file names none itself.
REGISTRY = (
    r"registry\.(npm[j]s|yarn[p]kg)\.(org|com)|py[p]i\.org/simple|files\.python[h]osted\.org|--(extra-)?index-url"
    r'|--find-links|"resolved":'
)
HOME = r"(?<![\w.~-])(/home/[a-z_][\w-]*/|/Users/\w+/|/root/[\w.]|[A-Z]:\\Users\\)"
MACHINE_FOLDER = re.compile("(tmp|home|root|var)/")
BINARY = frozenset({".png", ".ico", ".woff2"})
OWN = Path(__file__).name


def found(root: Path) -> list[str]:
    """`file:line` of each such address in the files that git keeps, and each file that mirrors a machine's folder."""
    names = [name for name in _committed(root) if (root / name).is_file() and Path(name).name != OWN]
    mirrored = [name for name in names if MACHINE_FOLDER.match(name)]
    return mirrored + [place for name in names for place in _in(root, name)]


def _committed(root: Path) -> list[str]:
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.split("\0") if name]


def _in(root: Path, name: str) -> Iterator[str]:
    if Path(name).suffix in BINARY:
        return
    address = re.compile(f"{REGISTRY}|{HOME}|{_clone(root)}")
    for number, line in enumerate((root / name).read_text(errors="replace").splitlines(), 1):
        if address.search(line):
            yield f"{name}:{number}"


def _clone(root: Path) -> str:
    """This clone's own path, unless it is so short that it may mean something else, such as /app."""
    return rf"{re.escape(str(root))}(?![\w-])" if len(root.parts) > 2 else r"(?!)"
