from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[3]
_LEFT_OUT = shutil.ignore_patterns(".*", "node_modules", "__pycache__", "tmp", "staticfiles", "docs")


@dataclass(frozen=True)
class Edit:
    """Replace `old`, which stands in the file exactly once: code that moved away is no sabotage any more."""

    path: str
    old: str
    new: str


@dataclass(frozen=True)
class Sabotage:
    """`breaks` says in words what is broken."""

    name: str
    breaks: str
    edits: Sequence[Edit]


class NotSabotaged(Exception):
    """An edit does not fit the code any more: write it anew."""


@contextmanager
def sabotaged(sabotage: Sabotage) -> Iterator[Path]:
    """A copy of the tree with the edits made. Raises NotSabotaged."""
    with TemporaryDirectory(prefix="tillgate-sabotage-") as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=_LEFT_OUT)
        for edit in sabotage.edits:
            _make(edit, tree / edit.path)
        yield tree


def _make(edit: Edit, file: Path) -> None:
    text = file.read_text()
    if text.count(edit.old) != 1:
        raise NotSabotaged(f"{edit.path} has {text.count(edit.old)} times, not once:\n{edit.old}")
    file.write_text(text.replace(edit.old, edit.new))


def in_the_database(statement: str) -> Edit:
    """A rule taken out of the database itself, after the migrations."""
    return Edit(
        "tests/faults/simulation/shop.py",
        "    clock.install()\n",
        f"    clock.install()\n    connection.cursor().execute({statement!r})\n",
    )
