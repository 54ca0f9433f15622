"""The package as a wheel lays it out, without building one."""

from __future__ import annotations

import compileall
import os
import shutil
import sys
from pathlib import Path

from pipcert_logs.authoring.compile import compiled_files
from pipcert_logs.packaged import FOLDER

ROOT = Path(__file__).parent.parent
PROGRAM = "import sys; from pipcert_logs.cli.explain import main; sys.exit(main())"
COMMAND = [sys.executable, "-c", PROGRAM]
"""`pipcert-explain`; `-c` looks for the package in the working directory first."""


def lay_out(site: Path) -> Path:
    """Put the package into a folder, as installing its wheel would."""
    package = site / "pipcert_logs"
    shutil.copytree(
        ROOT / "pipcert_logs", package, ignore=shutil.ignore_patterns("__pycache__", FOLDER)
    )
    shutil.copytree(ROOT / "rules", package / "rules")
    (package / FOLDER).mkdir()
    for name, content in compiled_files(package / "rules").items():
        (package / FOLDER / name).write_bytes(content)
    compileall.compile_dir(package, quiet=1)
    return site


def environment(site: Path) -> dict[str, str]:
    """Return the environment in which Python imports the package from there."""
    return {**os.environ, "PYTHONPATH": str(site)}
