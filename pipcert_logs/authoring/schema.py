"""The JSON Schemas of the rule files and of the report, generated from the typed models."""

from __future__ import annotations

from typing import Any

import msgspec

from pipcert_logs.knowledge import model
from pipcert_logs.report.model import Report
from pipcert_logs.scan.report import Summary

KINDS: dict[str, type] = {
    "report": Report,
    "scan": Summary,
    "signals": model.SignalFile,
    "causes": model.Cause,
    "remedies": model.Remedy,
    "questions": model.Question,
    "hosts": model.HostFacts,
    "pythons": model.PythonFacts,
    "records": model.RecordFacts,
    "traits": model.Traits,
    "settings": model.SettingFacts,
    "habits": model.PipHabits,
    "names": model.NameLists,
    "layouts": model.LayoutFile,
    "literals": model.Literals,
    "off": model.Switch,
}


def schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of one kind of file.

    Raises:
        KeyError: `kind` is none of KINDS.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"pipcert-logs {kind}",
        **msgspec.json.schema(KINDS[kind]),
    }
