"""Puts rules and patterns into the wheel in compiled form too, which loads ten times as fast."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileRules(BuildHookInterface):  # type: ignore[type-arg]
    """Adds `pipcert_logs/compiled/`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile what is in the tree; an editable install reads it as it is."""
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        from pipcert_logs.authoring.wheel import compiled_files
        from pipcert_logs.packaged import FOLDER

        self._folder = tempfile.TemporaryDirectory()
        for name, content in compiled_files(Path(self.root) / "rules").items():
            file = Path(self._folder.name) / name
            file.write_bytes(content)
            build_data["force_include"][str(file)] = f"pipcert_logs/{FOLDER}/{name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what the wheel has taken up."""
        if version != "editable":
            self._folder.cleanup()
