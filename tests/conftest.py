from __future__ import annotations

import ensurepip
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from corpus import clients, jobs
from corpus.certificates import Certificates
from corpus.model import Client
from pipcert_logs import Rules
from tests.probe_lab import NEW, Lab, Person

ROOT = Path(__file__).parent.parent
LOGS = ROOT / "corpus" / "logs"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
BUNDLED = sorted((Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl"))


@pytest.fixture(scope="session")
def rules() -> Rules:
    return Rules.builtin()


def program(name: str) -> str:
    """Return the path of a program; without it a person's run skips, and CI fails."""
    path = shutil.which(name)
    if path is None and os.environ.get("CI"):
        pytest.fail(f"{name} is missing; .ci/run has to install it")
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


def _lacking() -> str:
    if why := jobs.obstacle():
        return why
    if not BUNDLED or clients.interpreter(PYTHON) is None:
        return "this Python is a distribution's, or carries no pip"
    return ""


@pytest.fixture(scope="session")
def lab_client(tmp_path_factory: pytest.TempPathFactory) -> tuple[Client, Path]:
    """Give the client that needs no network to be had, and the folder that it is in."""
    if why := _lacking():
        pytest.skip(why)
    cache = tmp_path_factory.mktemp("cache")
    (cache / "wheels").mkdir()
    shutil.copy(BUNDLED[-1], cache / "wheels")
    return Client("pip", BUNDLED[-1].name.split("-")[1], PYTHON), cache


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def lab(
    tmp_path: Path, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Lab]:
    for name in os.environ:
        if name.lower().endswith("_proxy") or name.startswith(("PIP_", "SSL", "REQUESTS_", "CURL")):
            monkeypatch.delenv(name)
    with ExitStack() as stack:
        yield Lab(tmp_path, stack, certificates)


@pytest.fixture
def person(lab: Lab, tmp_path: Path) -> Person:
    person = Person(lab, tmp_path)
    person.has_pip(NEW)
    return person


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser without a screen."""
    found = program("chromium")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield running
        running.close()
