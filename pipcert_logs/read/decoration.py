"""What CI systems, containers, loggers and people put before and after a program's own line.

Each entry names who prints the decoration. A decoration is taken off again and again until none is
left, as they nest: Azure's time stamp before BuildKit's step before docker compose's name.
"""

from __future__ import annotations

from typing import NamedTuple

from pipcert_logs.patterns import compiled

_TIME = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?"

_NAMES = (
    # GitLab since 17: stream number, stream and continuation mark after the time stamp
    r"[0-9a-f]{2}[OE](?:[ +]|$)",
    # docker compose and honcho: `web-1  | `
    r"[A-Za-z0-9][\w.-]{0,60}+\s{0,20}+\|(?=\s|$)",
    # journald and syslog: `Nov 22 10:00:00 host pip[123]: `, also with an ISO time stamp before
    r"(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d )[\w.-]++ [\w./@-]++(?:\[\d+\])?:(?=\s|$)",
    r"[\w.-]++ [\w./@-]++\[\d+\]:(?=\s)",
    # glog and klog: `I1122 10:00:00.000000   123 file.go:1] `
    r"[IWEF]\d{4} \d\d:\d\d:\d\d\.\d{6}\s+\d+ [\w.-]+:\d+\]",
    # git push to a host that builds: `remote: `
    r"remote:(?=\s|$)",
    # pytest's failure lines, Go's and Ruby's test lines
    r"E(?=\s{2,})",
    # Ansible and Puppet
    r"(?:fatal|failed|changed|ok): \[[\w.-]+\](?: => )?",
    # pdm, tox, pre-commit: the logger's name
    r"(?:pdm\.termui|tox|DEBUG|INFO pip):(?= )",
)
"""Those that may begin with a letter."""

_SYMBOLS = (
    # GitHub Actions, Azure Pipelines, kubectl --timestamps, docker logs -t, GitLab, CircleCI
    rf"{_TIME}(?=[ \t]|$)",
    # Go's logger, and AWS CodeBuild with its name before
    r"(?:\[Container\] )?\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})?(?=[ \t]|$)",
    # Jenkins Timestamper, Open Build Service, pytest's and kernel's seconds
    rf"\[(?:{_TIME}|\s*\d+(?:\.\d+)?s?|\d\d:\d\d:\d\d(?:[.,]\d+)?)\](?=\s|$|\[)",
    # Buildkite: milliseconds since 1970, in an APC sequence without its controls
    r"_bk;t=\d{13}",
    # BuildKit: `#12 3.456 `, and `=> => # ` of its terminal view, and `3.456 ` of its summary
    r"#\d+ \d+\.\d+(?=\s|$)",
    r"(?:=> )+# ?",
    r"\d+\.\d{1,4}(?=\s+(?:\S))(?=\s(?!MB|kB|GB|KiB|MiB|GiB|s\b|seconds|/))",
    # TeamCity: `[12:00:00]W: [Step 1/3] `
    r"\[\d\d:\d\d:\d\d\][ A-Z]?:(?:[ \t]+\[[^\]]{1,60}\](?!:))*",
    # kubectl logs --prefix: `[pod/build-7d9f/main] `
    r"\[pod/[\w./-]{1,300}\]",
    # syslog with its priority
    rf"<\d{{1,3}}>(?:1 {_TIME} [\w.-]+ [\w./@-]+ [\w-]+ [\w-]+ (?:-|\[[^\]]{{0,300}}\]))?(?=\s)",
    # GitHub Actions and Azure Pipelines: `##[error]`, `##vso[...]`, `::error::`
    r"##(?:\[[a-z]+\]|vso\[[^\]]{1,200}\])",
    r"::(?:error|warning|notice|debug|group)(?: [^:]{0,200})?::",
    # programs that name themselves before every line: `[nltk_data] `
    r"\[[a-z]{1,20}_[a-z_]{1,20}\](?=\s)",
    # Quoting by mail, Markdown, comments of scripts and notes
    r"\\?>(?=[\s>\\]|[A-Z])",
    r"(?:#|//|--|;|\*)(?=\s|[A-Z])(?!\s*(?:\d|=))",
    # Boxes and trees of pip, uv, poetry, rich
    r"(?:│|\||┃|├─▶|╰─▶|├─>|╰─>|\|->|╭|╰|├|└|┌|╷|·|•|🔴|🟢|🔵|🟠|🟡)(?=\s|$)",
    # JSON of docker's API and loggers: `{"stream":"`
    r"""\{"(?:stream|log|message|msg|line|text)": ?\"""",
    r"""["'](?=(?:WARNING|ERROR|Collecting|Looking|Retrying|Could|No matching|  )[ :\w])""",
)
_PREFIX = compiled(r"[ \t\xa0]*+(?:" + "|".join((*_SYMBOLS, *_NAMES)) + ")")
_NAME = compiled(r"[ \t\xa0]*+(?:" + "|".join(_NAMES) + ")")
_SUFFIXES = ("│", "┃", "~", '\\n"}', '\\n",', '\\n"', '"}')
_BLANK = " \t\xa0"
_LAST = frozenset((*_BLANK, *(suffix[-1] for suffix in _SUFFIXES)))
_MAX_DEPTH = 12
_BEGIN = 64
"""Most lines begin with a letter, which few decorations do."""


# What forums, trackers and note programs make of a host or an address: a link to itself.
_LINKED = compiled(
    r"\[(?P<shown>[\w.:/-]{1,300})\]\(https?://(?:[^\s()<>\"']{1,600})\)"
    r"|<a\s[^<>]{0,300}?href=[^<>]{1,600}>(?P<shown>[\w.:/-]{1,300})</a>"
)


class Bare(NamedTuple):
    """What a program printed itself, indentation kept, and what others put before it."""

    text: str
    decoration: str


def undecorated(text: str) -> Bare:
    """Take the decoration at the begin and the end of a line off, and links."""
    if "](http" in text or "</a>" in text:
        text = _LINKED.sub(r"\g<shown>", text)
    start = 0
    for _ in range(_MAX_DEPTH):
        begin = text[start : start + _BEGIN].lstrip(_BLANK)
        prefix = (_NAME if begin[:1].isalpha() else _PREFIX).match(text, start)
        if prefix is None or prefix.end() == start:
            break
        start = prefix.end()
    return Bare(_without_suffixes(text[start:]), text[:start])


def _without_suffixes(text: str) -> str:
    if text[-1:] not in _LAST:
        return text  # as nearly all are
    for _ in range(_MAX_DEPTH):
        bare = text.rstrip(_BLANK)
        if not bare.endswith(_SUFFIXES):
            break
        text = bare.removesuffix(next(end for end in _SUFFIXES if bare.endswith(end)))
    return text
