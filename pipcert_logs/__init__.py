"""Explain why pip could not download, from what it printed.

>>> from pipcert_logs import explain
>>> explain(b"Successfully installed demo-1.0").verdict
'clean'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipcert_logs.context import ContextError
    from pipcert_logs.explainer import Explainer, Reader, explain
    from pipcert_logs.knowledge.errors import RuleError
    from pipcert_logs.knowledge.load import Rules
    from pipcert_logs.report.model import Report

__version__ = "0.1.0"
__all__ = [
    "ContextError",
    "Explainer",
    "Reader",
    "Report",
    "RuleError",
    "Rules",
    "__version__",
    "explain",
]

_HOMES = {
    "ContextError": "pipcert_logs.context",
    "Explainer": "pipcert_logs.explainer",
    "Reader": "pipcert_logs.explainer",
    "explain": "pipcert_logs.explainer",
    "RuleError": "pipcert_logs.knowledge.errors",
    "Rules": "pipcert_logs.knowledge.load",
    "Report": "pipcert_logs.report.model",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `--version` need not wait for all."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
