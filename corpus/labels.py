"""The side file of a log: what was done, and what a reader of the log alone can honestly say."""

from __future__ import annotations

import json
import re

from corpus.model import Client, Fault
from corpus.tools import command

PUBLIC = re.compile(r"pypi\.org|files\.pythonhosted\.org|pypi\.python\.org")
# Python up to 3.6 and uv give no reason: every cause of a refused certificate is then open.
NO_REASON = re.compile(r"certificate verify failed(?!:)|UnknownIssuer")
UNREASONED = ("missing-issuer", "self-signed-chain", "self-signed-certificate")
UNREASONED_PUBLIC = ("proxy-interception", "outdated-ca-bundle")
UNREASONED_PRIVATE = ("private-ca-not-configured",)
INDEX_LIST = re.compile(r"Looking in indexes: .*,.*")
FINE = re.compile(r"Successfully installed|^ \+ ", re.MULTILINE)
TROUBLE = re.compile(r"Retrying|Could not|[Ee]rror|WARNING: The repository")
UNDISTURBED = "the fault is there, and this client works in spite of it"


def as_text(log: bytes) -> str:
    """Decode a log as far as it goes."""
    return log.decode("utf-8", "backslashreplace")


def _string(value: str) -> str:
    # A JSON string without escapes beyond ASCII is a TOML basic string.
    return json.dumps(value, ensure_ascii=False)


def _list(values: tuple[str, ...]) -> str:
    return f"[{', '.join(map(_string, values))}]"


def _open_trust(fault: Fault) -> tuple[str, ...]:
    """Give all that a refused certificate leaves open where the client names no reason."""
    public = any(PUBLIC.search(host) for host in fault.hosts)
    return (*(UNREASONED_PUBLIC if public else UNREASONED_PRIVATE), *UNREASONED)


def causes(fault: Fault, log: str) -> tuple[str, ...]:
    """Give the acceptable first causes of this log."""
    if FINE.search(log) and not TROUBLE.search(log):
        return ("none",)
    true = fault.causes_of(log)
    if not NO_REASON.search(log):
        return true
    possible = _open_trust(fault)
    ordered = (*true, *possible) if true[0] in possible else (*possible, *true)
    return tuple(dict.fromkeys(ordered))


def _truth(fault: Fault, log: str, acceptable: tuple[str, ...]) -> dict[str, str]:
    """Give what was really wrong, where the acceptable causes do not begin with it."""
    true = fault.truth_of(log)
    told = acceptable[0] in ("none", true)
    return {} if told else {"truth": _string(true)}


def _hosts(fault: Fault, log: str, acceptable: tuple[str, ...]) -> tuple[str, ...]:
    # Where several indexes are listed, the list does not tell which one failed.
    told = INDEX_LIST.sub("", log)
    silent = acceptable[0] in ("none", "package-not-found")
    return () if silent else tuple(host for host in fault.hosts if host in told)


def side_file(fault: Fault, client: Client, log: str) -> str:
    """Give the text of the TOML file beside a log."""
    acceptable = causes(fault, log)
    excluded = tuple(cause for cause in fault.not_causes if cause not in acceptable)
    undisturbed = acceptable == ("none",) != fault.causes
    fields = {
        "causes": _list(acceptable),
        **_truth(fault, log, acceptable),
        "not_causes": _list(excluded),
        "resolved": _string("log"),
        "hosts": _list(_hosts(fault, log, acceptable)),
        "tool": _string(client.tool),
        "tool_version": _string(client.version),
        "python": _string(client.python),
        "os": _string("linux"),
        "ci": _string(""),
        "note": _string(UNDISTURBED if undisturbed else fault.note),
        "source": _string(f"corpus/record.py: {fault.id}"),
        "provenance": _string("recorded"),
        "fault": _string(fault.id),
        "made": _string(fault.made),
        "command": _string(str(command(fault, client))),
    }
    return "".join(f"{key} = {value}\n" for key, value in fields.items())
