"""docs/incidents.md and the tests say the same: each row's tests exist and name its reports."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "incidents.md"
ROWS = [line.split(" | ") for line in PAGE.read_text().splitlines() if "`test_" in line]


def docstrings() -> dict[str, str]:
    """What each test of this folder says of itself, with what its module says."""
    said: dict[str, str] = {}
    for path in HERE.glob("test_*.py"):
        module = ast.parse(path.read_text())
        for node in module.body:
            if isinstance(node, ast.FunctionDef):
                said[node.name] = f"{ast.get_docstring(module)} {ast.get_docstring(node)}"
    return said


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].strip("| "))
def test_a_row_of_the_page_names_tests_that_name_its_reports(row: list[str]) -> None:
    said = docstrings()
    reports = re.findall(r"\b\d+\b", row[0])
    named = re.findall(r"`(test_\w+)`", row[-1])

    assert [name for name in named if name not in said] == []
    assert [(name, number) for name in named for number in reports if number not in said[name]] == []


def test_the_page_has_every_report_that_a_test_names() -> None:
    named = {number for text in docstrings().values() for number in re.findall(r"\b\d{3,}\b", text)}

    assert len(ROWS) > 20
    assert {number for number in named if number not in PAGE.read_text()} == set()
