"""Take secrets out of text, before anything is kept or shown."""

from __future__ import annotations

import re

MASK = "****"

_SECRETS = (
    # user:password@ and token@ in URLs, also where white space was lost or added by a wrap
    (re.compile(r"(?<=://)[^\s/@'\"<>]{1,512}@"), f"{MASK}@"),
    # Authorization and cookie headers, as HTTP and as a repr of headers print them
    (
        re.compile(
            r"(?i)((?:proxy-)?authorization|x-api-key|private-token|job-token|(?:set-)?cookie)"
            r"(['\"]?\s*[:=]\s*['\"]?)(?:(?:basic|bearer|token|digest)\s+)?[^\s'\",;]+"
        ),
        rf"\1\2{MASK}",
    ),
    # query parameters that carry tokens and signatures
    (
        re.compile(
            r"(?i)([?&;](?:[\w.-]*(?:token|secret|signature|password|passwd|credential|apikey|api_key)"
            r"[\w.-]*|sig|key|auth|p4|x-amz-[\w-]+)=)[^&\s'\"<>]+"
        ),
        rf"\1{MASK}",
    ),
    # variables and options
    (
        re.compile(
            r"(?i)((?:^|[\s'\"_-])(?:[\w-]*(?:token|secret|password|passwd|api_?key))\s?[=:]\s?['\"]?)"
            r"(?!\*)[^\s'\",;&]{3,}"
        ),
        rf"\1{MASK}",
    ),
    # tokens that are known by their form
    (
        re.compile(
            r"\b(?:pypi-AgEIcHlwaS5vcmc[\w-]{20,}|pypi-AgE[\w-]{20,}|gh[pousr]_\w{20,}|github_pat_\w{20,}"
            r"|glpat-[\w-]{16,}|AKIA[0-9A-Z]{16}|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*|AKCp\w{20,}"
            r"|cmVmdGtuO\w{20,})"
        ),
        MASK,
    ),
)


def redact(text: str) -> str:
    """Return `text` without user names, passwords and tokens in URLs, headers and options."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text
