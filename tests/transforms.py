"""What happens to a log between the program that wrote it and the person who pastes it.

Each entry turns the lines of a log into what a CI system, a terminal or an editor makes of them.
None may change the verdict, the hosts or the ranking.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable

Transform = Callable[[str], str]


def each_line(form: str) -> Transform:
    """Put `form` round each line; `{n}` is the line's number, from 0."""

    def apply(text: str) -> str:
        lines = text.split("\n")
        return "\n".join(
            form.replace("{n}", f"{n % 60:02d}") % line for n, line in enumerate(lines)
        )

    return apply


def hard_wrapped(width: int) -> Transform:
    """As a terminal breaks lines: at the column, wherever that is."""

    def apply(text: str) -> str:
        lines = text.split("\n")
        return "\n".join(
            line[start : start + width]
            for line in lines
            for start in range(0, len(line) or 1, width)
        )

    return apply


def word_wrapped(width: int, indent: str = "") -> Transform:
    """As rich and text boxes break lines: between words, words that are too long anywhere."""

    def apply(text: str) -> str:
        wrapped = []
        for line in text.split("\n"):
            wrapped += textwrap.wrap(
                line, width, subsequent_indent=indent, replace_whitespace=False
            ) or [""]
        return "\n".join(wrapped)

    return apply


def boxed(width: int) -> Transform:
    """As rich draws a panel."""

    def apply(text: str) -> str:
        lines = hard_wrapped(width - 4)(text).split("\n")
        body = [f"│ {line.ljust(width - 4)} │" for line in lines]
        return "\n".join(["╭" + "─" * (width - 2) + "╮", *body, "╰" + "─" * (width - 2) + "╯"])

    return apply


def with_progress_bar(text: str) -> str:
    """A bar that redraws itself stands before each third line."""
    bar = "\r".join(f"   {'━' * n}{' ' * (10 - n)} {n}.0/10.0 MB" for n in range(11))
    lines = text.split("\n")
    return "\n".join(f"{bar}\r\n{line}" if n % 3 == 0 else line for n, line in enumerate(lines))


def coloured(text: str) -> str:
    """SGR colours round each line, an OSC title before it, an erase after it."""
    return "\n".join(f"\x1b]0;build\x07\x1b[31m{line}\x1b[0m\x1b[K" for line in text.split("\n"))


def as_docker_stream(text: str) -> str:
    """The JSON lines of docker's API."""
    return "\n".join(json.dumps({"stream": line + "\n"}) for line in text.split("\n"))


def as_one_string(text: str) -> str:
    """A whole output as one JSON string, as Ansible and agents print it."""
    return 'fatal: [web1]: FAILED! => {"changed": false, "msg": ' + json.dumps(text) + "}\n"


def as_repr(text: str) -> str:
    """A whole output as a Python repr."""
    return "subprocess.CalledProcessError: output=" + repr(text) + "\n"


DECORATIONS: dict[str, Transform] = {
    "github-actions": each_line("2026-03-04T05:06:{n}.1234567Z %s"),
    "github-actions-error": each_line("##[error]%s"),
    "gitlab": each_line("2026-03-04T05:06:{n}.123456Z 01O %s"),
    "azure-pipelines": each_line("2026-03-04T05:06:{n}.1234567Z ##[error]%s"),
    "jenkins-timestamps": each_line("[2026-03-04T05:06:{n}.123Z] %s"),
    "buildkite": each_line("\x1b_bk;t=17410000{n}000\x07%s"),
    "circleci": each_line("[2026-03-04 05:06:{n}] %s"),
    "teamcity": each_line("[05:06:{n}]W:\t [Step 2/5] %s"),
    "travis-fold": lambda text: (
        "travis_fold:start:install\r\x1b[0K" + text + "\ntravis_fold:end:install\r\x1b[0K"
    ),
    "docker-build": lambda text: " ---> 0123456789ab\n" + text + "\n ---> 2a4bd8f0c613",
    "buildkit": each_line("#12 3.4{n} %s"),
    "buildkit-summary": each_line("3.4{n} %s"),
    "docker-compose": each_line("web-1  | %s"),
    "docker-compose-two": each_line("builder_1    | 2026-03-04T05:06:{n}.123456789Z %s"),
    "kubectl-timestamps": each_line("2026-03-04T05:06:{n}.123456789Z %s"),
    "kubectl-prefix": each_line("[pod/build-7d9f/main] %s"),
    "journald": each_line("Mar 04 05:06:{n} ci-host build[4242]: %s"),
    "syslog-rfc5424": each_line("<14>1 2026-03-04T05:06:{n}.123Z ci-host build 4242 - - %s"),
    "glog": each_line("I0304 05:06:{n}.123456   4242 runner.go:87] %s"),
    "mail-quote": each_line("> %s"),
    "mail-quote-twice": each_line(">> %s"),
    "markdown-code": each_line("    %s"),
    "comment": each_line("# %s"),
    "git-remote": each_line("remote:        %s"),
    "pip-subprocess-box": each_line("      │ %s"),
    "pytest": each_line("E       %s"),
    "docker-stream": as_docker_stream,
    "ansible": as_one_string,
    "python-repr": as_repr,
    "colours": coloured,
    "progress-bars": with_progress_bar,
    "box-100": boxed(100),
}
WRAPS: dict[str, Transform] = {
    **{f"terminal-{width}": hard_wrapped(width) for width in (40, 72, 79, 80, 81, 100, 120, 132)},
    **{f"words-{width}": word_wrapped(width) for width in (60, 80, 100)},
    "words-indented": word_wrapped(100, "         "),
}
LINE_ENDS = {"crlf": "\r\n", "cr": "\r", "crcrlf": "\r\r\n"}
ENCODINGS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "cp437", "cp932", "gbk")
