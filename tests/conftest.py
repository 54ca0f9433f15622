from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from pipcert_logs import Rules

ROOT = Path(__file__).parent.parent
LOGS = ROOT / "corpus" / "logs"


@pytest.fixture(scope="session")
def rules() -> Rules:
    return Rules.builtin()


@pytest.fixture
def tool() -> object:
    """Give the path of a program; without it a person's run skips, and CI fails."""

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None and os.environ.get("CI"):
            pytest.fail(f"{name} is missing; .ci/run has to install it")
        if path is None:
            pytest.skip(f"{name} is not installed")
        return path

    return find
