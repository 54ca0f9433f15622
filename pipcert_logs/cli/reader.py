"""Who reads the report: the system and the shell of this machine, or the shell asked for."""

from __future__ import annotations

import os
import sys

from pipcert_logs.cli.request import Shell
from pipcert_logs.explainer import Reader

_SYSTEMS = {"linux": "linux", "darwin": "macos", "win32": "windows", "cygwin": "windows"}


def reader(shell: Shell | None) -> Reader:
    """Return the reader; a Windows shell asked for elsewhere means a Windows machine."""
    system = _SYSTEMS.get(sys.platform)
    if shell in (Shell.POWERSHELL, Shell.CMD):
        system = "windows"
    shell = shell or (_windows_shell() if system == "windows" else None)
    return Reader(os=system, shell=shell.value if shell else None)


def _windows_shell() -> Shell:
    """Guess the shell: Git Bash sets SHELL on Windows, and only cmd sets PROMPT there."""
    if "SHELL" in os.environ:
        return Shell.POSIX
    return Shell.CMD if "PROMPT" in os.environ else Shell.POWERSHELL
