"""The sabotages of `make chaos-sabotage` do not rot: each still fits the code, and is told in docs/chaos.md."""

from __future__ import annotations

import pytest

from tests.faults.sabotage.catalog import SABOTAGES
from tests.faults.sabotage.sabotage import ROOT, Sabotage


@pytest.mark.parametrize("sabotage", SABOTAGES, ids=lambda sabotage: sabotage.name)
def test_every_edit_of_a_sabotage_fits_the_code_exactly_once(sabotage: Sabotage) -> None:
    assert [(ROOT / edit.path).read_text().count(edit.old) for edit in sabotage.edits] == [1] * len(sabotage.edits)


def test_the_documentation_lists_every_sabotage() -> None:
    told = (ROOT / "docs" / "chaos.md").read_text()

    assert [sabotage.name for sabotage in SABOTAGES if f"| `{sabotage.name}` |" not in told] == []
