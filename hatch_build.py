"""Compiles rules and patterns when the package is installed, as that loads ten times as fast."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileRules(BuildHookInterface):  # type: ignore[type-arg]
    """Adds `pipcert_logs/compiled/`: to a wheel, or for an editable install to the tree."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile what is in the tree."""
        sys.path.insert(0, self.root)
        from pipcert_logs.authoring.compile import compiled_files
        from pipcert_logs.knowledge.load import OF_WHEEL, tree_stamp
        from pipcert_logs.packaged import FOLDER

        editable = version == "editable"
        self._temporary = tempfile.TemporaryDirectory()
        folder = Path(self.root, "pipcert_logs", FOLDER) if editable else Path(self._temporary.name)
        folder.mkdir(exist_ok=True)
        stamp = tree_stamp() if editable else OF_WHEEL
        for name, content in compiled_files(Path(self.root, "rules"), stamp).items():
            (folder / name).write_bytes(content)
            if not editable:
                build_data["force_include"][str(folder / name)] = f"pipcert_logs/{FOLDER}/{name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what the wheel has taken up."""
        self._temporary.cleanup()
