"""The page that says which test enters which branch names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parent
PAGE = TESTS.parents[1] / "docs" / "architecture.md"


def test_every_test_that_the_page_names_exists() -> None:
    named = re.findall(r"`(?:([\w./]+\.py)::)?(test_\w+)` \|", PAGE.read_text())
    missing = [name for file, name in named if not _defines(file, name)]

    assert len(named) > 40
    assert missing == []


def _defines(file: str, name: str) -> bool:
    files = [TESTS / file] if file else sorted(TESTS.glob("test_*.py"))
    return any(f"def {name}(" in path.read_text() for path in files)
