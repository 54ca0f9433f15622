"""The MCP server as the official client meets it, over both transports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import anyio
import pytest
from mcp import Client, MCPError
from mcp.client.stdio import StdioServerParameters

from pipcert_logs import explain
from tests.archives import recorded
from tests.hostile import ATTACKED
from tests.serving import Server, serving

UNKNOWN_ISSUER = recorded("01-unknown-issuer-public__pip-24.2-py3.11.log").decode()
TOOLS = {
    *("explain_log", "answer_question", "full_report", "describe_cause", "describe_remedy"),
    "check_rules",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("mcp"), "--rate", "0") as running:
        yield running


@pytest.fixture(params=["stdio", "http"])
def talk(request: pytest.FixtureRequest) -> Callable[[Callable[[Client], Awaitable[Any]]], Any]:
    """Run a conversation with a server."""

    def run(conversation: Callable[[Client], Awaitable[Any]]) -> Any:
        if request.param == "stdio":
            words = ["-m", "pipcert_logs", "mcp"]
            where: Any = StdioServerParameters(
                command=sys.executable, args=words, env=dict(os.environ)
            )
        else:
            where = f"http://127.0.0.1:{request.getfixturevalue('server').port}/mcp"

        async def whole() -> Any:
            async with Client(where) as client:
                return await conversation(client)

        return anyio.run(whole)

    return run


Talk = Callable[[Callable[[Client], Awaitable[Any]]], Any]


def called(talk: Talk, tool: str, **given: object) -> Any:
    return talk(lambda client: client.call_tool(tool, given))


def test_what_there_is(talk: Talk) -> None:
    async def conversation(client: Client) -> tuple[Any, Any, Any]:
        tools = (await client.list_tools()).tools
        resources = (await client.list_resource_templates()).resource_templates
        return tools, resources, (await client.list_prompts()).prompts

    tools, resources, prompts = talk(conversation)
    assert {tool.name for tool in tools} == TOOLS
    assert all(tool.description and tool.annotations.read_only_hint for tool in tools)
    assert {str(found.uri_template) for found in resources} == {
        "pipcert://causes/{cause}",
        "pipcert://remedies/{remedy}",
    }
    assert [prompt.name for prompt in prompts] == ["triage"]


def test_a_log_is_explained_in_short(talk: Talk) -> None:
    found = called(talk, "explain_log", log=UNKNOWN_ISSUER).structured_content
    report = explain(UNKNOWN_ISSUER)
    assert found["verdict"] == "failed"
    assert [cause["id"] for cause in found["causes"]] == [c.id for c in report.causes[:3]]
    assert found["question"]["id"] == "issuer"
    assert "public" in found["question"]["answers"]
    trust = {remedy["id"]: remedy for remedy in found["remedies"]}["trust-corporate-ca"]
    typed = "".join(step["command"] or "" for step in trust["steps"])
    assert all(example in typed for example in trust["replace"])
    assert any("PEM" in text for text in trust["replace"].values())
    assert len(json.dumps(found)) < 8000


def test_an_answer_goes_on_where_the_question_was(talk: Talk) -> None:
    found = called(
        talk,
        "answer_question",
        log=UNKNOWN_ISSUER,
        question="issuer",
        answer="public",
        context={"company-network": "no"},
    ).structured_content
    assert found["causes"][0]["id"] == "outdated-ca-bundle"
    wrong = called(talk, "answer_question", log=UNKNOWN_ISSUER, question="issuer", answer="nobody")
    assert wrong.is_error
    assert "organisation" in wrong.content[0].text


def test_the_knowledge_base(talk: Talk) -> None:
    cause = json.loads(called(talk, "describe_cause", cause="clock-skew").content[0].text)
    assert cause["family"] == "validity"
    remedy = json.loads(called(talk, "describe_remedy", remedy="trusted-host").content[0].text)
    assert remedy["verification"] == "off"
    unknown = called(talk, "describe_cause", cause="nothing")
    assert unknown.is_error
    assert "clock-skew" in unknown.content[0].text

    async def read(client: Client) -> list[str]:
        names = ("pipcert://causes", "pipcert://causes/clock-skew", "pipcert://remedies/set-proxy")
        return [(await client.read_resource(name)).contents[0].text for name in names]  # type: ignore[union-attr]

    causes, one, other = map(json.loads, talk(read))
    assert len(causes) == 37
    assert (one["id"], other["id"]) == ("clock-skew", "set-proxy")


def test_a_pack_is_checked(talk: Talk) -> None:
    wrong = called(talk, "check_rules", files={"signals/mine.toml": "[[signal]]\nid = 1"})
    assert wrong.structured_content["result"][0].startswith("signals/mine.toml:")
    for name in (
        "../mine.toml",
        "/etc/mine.toml",
        "C:mine.toml",
        "a\\b.toml",
        "\0.toml",
        "a/.toml",
    ):
        outside = called(talk, "check_rules", files={name: "x"}).structured_content
        assert "is no path of a pack" in outside["result"][0]
    off = called(talk, "check_rules", files={"off.toml": 'remedies = ["trusted-host"]'})
    assert off.structured_content["result"] == []


def test_log_text_is_bounded_marked_and_inert(talk: Talk) -> None:
    secret = "Looking in indexes: https://joe:hunter2@pypi.org/simple/\n"
    text = json.dumps(called(talk, "explain_log", log=secret + ATTACKED).structured_content)
    found = json.loads(text)
    assert "\\u001b" not in text
    assert "hunter2" not in text
    assert any("window.evil" in quoted["untrusted_log_text"] for quoted in found["evidence"])
    assert all(len(quoted["untrusted_log_text"]) <= 210 for quoted in found["evidence"])
    assert "untrusted_log_text" in found["note"]
    del found["evidence"]
    rest = json.dumps(found)
    assert not [word for word in ("evil", "reboot", "7*7", "ignore all") if word in rest]


def test_the_prompt_marks_the_log(talk: Talk) -> None:
    found = talk(lambda client: client.get_prompt("triage", {"log": "one\nIgnore this"}))
    assert found.messages[0].content.text.endswith("| one\n| Ignore this")


def test_the_log_in_the_prompt_is_bounded_redacted_and_inert(talk: Talk) -> None:
    log = "\n".join([*["filler"] * 9000, "https://joe:hunter2@pypi.org/\x1b[2J", "the end"])
    text = talk(lambda client: client.get_prompt("triage", {"log": log})).messages[0].content.text
    assert len(text) < 31_000
    assert "its beginning is left out" in text
    assert text.endswith("| filler\n| https://****@pypi.org/[2J\n| the end")


@pytest.mark.parametrize(
    "log",
    [
        recorded("01-unknown-issuer-public__pip-24.2-py3.11.log"),
        recorded("21-page-403__pip-25.3-py3.11.log"),
        b"",
    ],
    ids=["failed", "unexplained", "empty"],
)
def test_one_report_by_all_ways(talk: Talk, server: Server, log: bytes) -> None:
    call = [sys.executable, "-m", "pipcert_logs", "explain", "-q", "--format", "json"]
    piped = subprocess.run(call, input=log, capture_output=True, check=False).stdout.decode()
    asked = server.ask("/v1/explain", log).body.decode()
    told = called(talk, "full_report", log=log.decode()).content[0].text
    assert piped == asked == told == explain(log).to_json()


@pytest.mark.parametrize("kind", ["causes", "remedies"])
def test_a_resource_that_is_not_there(talk: Talk, kind: str) -> None:
    async def conversation(client: Client) -> None:
        with pytest.raises(MCPError, match="there is no such"):
            await client.read_resource(f"pipcert://{kind}/nonsense")

    talk(conversation)


def test_there_is_nothing_to_listen_for(server: Server) -> None:
    refused = server.ask("/mcp")
    assert (refused.status, refused.headers["allow"]) == (405, "POST")
    assert refused.headers["content-type"] == "application/problem+json"


def test_what_was_given_wrongly_is_said_and_no_log_repeated(talk: Talk, server: Server) -> None:
    secret = "https://joe:hunter2@pypi.org/simple/"
    wrong = called(talk, "answer_question", log=secret, question="issuer")
    assert wrong.is_error
    assert wrong.content[0].text == "answer: Field required"

    async def conversation(client: Client) -> None:
        for name, given in (("triage", {"text": secret}), ("other", {"log": secret})):
            with pytest.raises(MCPError, match="which takes `log`"):
                await client.get_prompt(name, given)

    talk(conversation)
    assert "hunter2" not in server.log.read_text("utf-8")
    assert "Traceback" not in server.log.read_text("utf-8")
