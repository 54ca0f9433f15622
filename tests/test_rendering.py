"""Text of a log stays text: no terminal obeys it, no page renders it."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipcert_logs import explain
from pipcert_logs.report.inert import excerpt, first_sentences, inert
from pipcert_logs.report.markdown import escaped, fence, render, span
from pipcert_logs.report.model import Report
from pipcert_logs.report.text import lines
from tests.hostile import tokens

ESCAPES = (
    "\x1b[31mred\x1b]8;;http://evil.example\x07link\x1b]8;;\x07\x9b2J\x07\b\x00\x7f\u202etxt.exe"
)
MARKUP = "[bold red]x[/] [link=http://evil.example]y[/link] :smile: [/nothing]"
MARKDOWN = (
    "``` ` ````\n# title\n<script>alert(1)</script> [a](http://evil.example)"
    " ![i](http://evil.example)\n| a | b |\n> quote\n- item\n1. item\nhttp://evil.example"
    " www.evil.example <b> &amp; *e* _e_ ~~s~~"
)
HOSTILE = (ESCAPES, MARKUP, MARKDOWN, f"{ESCAPES}{MARKUP}{MARKDOWN}")


def report(text: str, **changes: Any) -> Report:
    """A report in which `text` stands wherever the log or the command line is quoted."""
    cause = {
        "id": "missing-issuer",
        "title": "the issuer is missing",
        "probability": 0.71,
        "failures": [1],
        "explanation": "The store lacks it. So it fails.",
        "evidence": [
            {
                "signal": "verify",
                "line": 12,
                "end_line": 12,
                "text": text,
                "weight": 2.0,
                "why": "it says so",
            }
        ],
        "checks": [{"title": "Who issued it", "command": "openssl s_client", "shell": "posix"}],
        "remedies": ["trust-ca", "trusted-host"],
    }
    failure = {
        "id": 1,
        "outcome": "failed",
        "tool": "pip",
        "packages": [text],
        "endpoint": {"host": text, "port": 443, "kind": "private", "via_proxy": None},
        "causes": [cause],
        "line": 12,
        "end_line": 14,
        "text": text,
    }
    remedies = [
        {
            "id": name,
            "title": title,
            "verification": verification,
            "by": "reader",
            "for": ["missing-issuer"],
            "caution": caution,
            "proof": "lab",
            "inputs": [{"name": "ca_file", "example": "/path/ca.pem", "text": "the certificate"}],
            "steps": [
                {"text": "Do this.", "command": "pip --cert /path/ca.pem", "shell": "posix"},
                {"text": "Do that.", "command": "pip --cert /path/ca.pem", "shell": "cmd"},
                {"text": "Write it.", "command": "[global]\ncert = x", "shell": "ini"},
            ],
        }
        for name, title, verification, caution in (
            ("trust-ca", "Trust the CA", "keeps", None),
            ("trusted-host", "Do not verify", "off", "Anyone can answer."),
        )
    ]
    fields: dict[str, Any] = {
        "schema": "pipcert-report/1",
        "source": text,
        "verdict": "failed",
        "summary": "It failed.",
        "tools": [{"name": "pip", "version": text}],
        "python": "3.11",
        "python_from": None,
        "os": None,
        "indexes": [
            {"host": text, "port": 443, "url": text, "state": "failed"},
            {"host": "pypi.org", "port": 443, "url": "https://pypi.org/simple/", "state": "silent"},
        ],
        "failures": [failure, {**failure, "id": 2, "outcome": "recovered"}],
        "causes": [cause],
        "remedies": remedies,
        "other_error": {"line": 3, "text": text},
        "next_command": None,
        "questions": [],
        "context": [],
    }
    return msgspec.convert({**fields, **changes}, Report)


def on_screen(shown: Report, width: int = 80) -> str:
    return "".join(f"{line.plain}\n" for line in lines(shown, width))


# A screen ------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE)
def test_no_control_reaches_the_screen(text: str) -> None:
    shown = on_screen(report(text))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)


def test_markup_of_rich_stays_text() -> None:
    shown = " ".join(on_screen(report(MARKUP), width=100).split())
    assert "[bold red]x[/]" in shown
    assert ":smile:" in shown


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
@example("\n\r\u2028\x85[/]")
def test_no_text_breaks_the_screen(text: str) -> None:
    on_screen(report(text))
    render(report(text)).encode()


def test_the_screen_says_what_the_report_says() -> None:
    shown = on_screen(report("build.log"))
    for part in (
        "build.log: It failed.",
        "likely, 71 %: the issuer is missing  [missing-issuer]",
        "build.log:12",
        "-> it says so",
        "pip --cert /path/ca.pem",
        "for /path/ca.pem put the certificate",
        "also for cmd, pip.conf (pip.ini): --format markdown",
        "switches verification OFF",
        "Caution: Anyone can answer.",
        "openssl s_client",
    ):
        assert part in shown


def test_a_command_is_never_wrapped() -> None:
    command = "pip " + "--option value " * 30
    check = {"title": "Try", "command": command, "shell": "posix"}
    unexplained = report("build.log", verdict="unexplained", next_command=check)
    assert command.strip() in on_screen(unexplained, width=40)


def test_many_failures_do_not_flood_the_screen() -> None:
    one = report("build.log").failures[0]
    many = [msgspec.structs.replace(one, id=number) for number in range(1, 3000)]
    shown = on_screen(msgspec.structs.replace(report("build.log"), failures=tuple(many)))
    assert len(shown.splitlines()) < 200
    assert "2965 more" in shown


# A page --------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE)
def test_no_markup_reaches_a_page(text: str) -> None:
    found = tokens(render(report(text)))
    kinds = {token.type for token in found}
    assert not kinds & {"html_block", "html_inline", "link_open", "image", "blockquote_open"}
    headings = [token for token in found if token.type == "heading_open"]
    same = tokens(render(report("plain")))
    assert len(headings) == sum(token.type == "heading_open" for token in same)
    assert sum(t.type == "fence" for t in found) == sum(t.type == "fence" for t in same)


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_a_log_stands_in_code_only(text: str) -> None:
    prose = [token.content for token in tokens(render(report(text))) if token.type == "text"]
    assert not any("evil.example" in content for content in prose)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="`~ \n\\a<[|", max_size=60))
def test_nothing_breaks_out_of_code(text: str) -> None:
    block, *rest = tokens("\n".join(fence(text)))
    assert block.type == "fence"
    assert not rest
    kinds = [token.type for token in tokens(f"x {span(text)} y")]
    assert kinds == ["paragraph_open", "inline", "text", "code_inline", "text", "paragraph_close"]


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="`~ \n\\a<>[]()!|#*_-+=1.&;:/@whtps", max_size=60))
@example("http://a www.a https://b")
@example("1. a")
@example("==")
def test_escaped_prose_has_no_markup(text: str) -> None:
    kinds = {token.type for token in tokens(escaped(text))}
    assert kinds <= {"paragraph_open", "inline", "text", "text_special", "paragraph_close"}


# Words ---------------------------------------------------------------------------------------


def test_inert_is_one_line() -> None:
    assert inert("a\r\n\tb\u2028c\u202ed\x1b[0m") == "a b cd[0m"


def test_an_excerpt_keeps_both_ends() -> None:
    short = excerpt("WARNING: who " + "x" * 500 + " why", 60)
    assert len(short) <= 60
    assert short.startswith("WARNING: who")
    assert short.endswith("why")


def test_first_sentences_end_where_sentences_end() -> None:
    assert first_sentences("One. Two is e.g. long. Three.", 12) == "One."
    assert first_sentences("One. Two is e.g. long. Three.", 25) == "One. Two is e.g. long."
    assert first_sentences("No end at all", 3) == "No end at all"


def test_a_proxy_that_is_named_stands_for_the_host_that_is_not() -> None:
    log = (
        "WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) "
        "after connection broken by 'ProxyError('Unable to connect to proxy', NewConnectionError("
        "\"HTTPSConnection(host='proxy.example.net', port=3128): Failed to establish a new "
        "connection: [Errno 111] Connection refused\"))': /simple/left-pad/\n"
    )
    report = explain(log)
    assert report.summary.startswith("proxy proxy.example.net:3128: ")
    assert "no host named" not in render(report)
    assert "no host named" not in "\n".join(line.plain for line in lines(report, width=80))
