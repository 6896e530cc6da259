from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox_process import SandboxProcess, running_sandbox


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """One sandbox for each module: its clock only moves forward."""
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as process:
        yield process
