"""docs/incidents.md names tests that exist, and every incident's test is on it."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "incidents.md"


def test_the_page_names_tests_that_exist() -> None:
    sources = "".join(path.read_text() for path in HERE.glob("test_*.py"))
    named = re.findall(r"`(test_\w+)`", PAGE.read_text())

    assert len(named) > 20
    assert [name for name in named if f"def {name}(" not in sources] == []
