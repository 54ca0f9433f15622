"""The examples of `docs/bots`, run against what they talk to."""

from __future__ import annotations

import hashlib
import hmac
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import anyio
import pytest
from slack_bolt import BoltRequest

from tests.archives import recorded
from tests.serving import Server, serving

BOTS = Path(__file__).parent.parent / "docs" / "bots"
UNKNOWN_ISSUER = recorded("01-unknown-issuer-public__pip-24.2-py3.11.log").decode()
SILENT = recorded("21-page-403__pip-25.3-py3.11.log").decode()
SECRET = "signing-secret"
SHOWN = UNKNOWN_ISSUER.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
MESSAGE = "<@U1> Looking in indexes: <https://pypi.org/simple/>\n" + SHOWN
"""A log as Slack hands it on."""


def example(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"bots_{name}", BOTS / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("bots"), "--rate", "0") as running:
        yield running


class FakeSlack(BaseHTTPRequestHandler):
    """The methods of Slack's interface that the bot calls; `posted` has what it said."""

    posted: list[dict[str, Any]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        method = self.path.rsplit("/", 1)[-1]
        answer: dict[str, Any] = {"ok": True}
        if method == "auth.test":
            answer |= {"bot_id": "B1", "user_id": "U1", "team_id": "T1"}
        elif method == "conversations.replies":
            answer |= {"messages": [{"text": MESSAGE, "ts": "1.0"}]}
        elif method == "chat.postMessage":
            self.posted.append(json.loads(body))
        said = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_GET = do_POST  # noqa: N815 - the name is the library's

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def slack() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    posted: list[dict[str, Any]] = []
    handler = type("Handler", (FakeSlack,), {"posted": posted})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as fake:
        threading.Thread(target=fake.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{fake.server_port}/api/", posted
        fake.shutdown()


def test_a_message_of_slack_is_a_log_again() -> None:
    said = example("slack").as_it_was(MESSAGE)
    assert said == f"@U1 Looking in indexes: https://pypi.org/simple/\n{UNKNOWN_ISSUER}"


def test_slack_shows_what_to_run_and_what_went_wrong(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIPCERT_URL", f"http://127.0.0.1:{server.port}")
    slack = example("slack")
    asked = slack.blocks(slack.explained(SILENT, {}), {})
    assert "curl" in asked[1]["text"]["text"]
    refused = slack.blocks(slack.explained(SILENT, {"nonsense": "x"}), {})
    assert "nonsense" in refused[0]["text"]["text"]


def signed(body: str, kind: str) -> BoltRequest:
    """Return a request as Slack signs it."""
    now = str(int(time.time()))
    digest = hmac.new(SECRET.encode(), f"v0:{now}:{body}".encode(), hashlib.sha256).hexdigest()
    headers = {
        "content-type": kind,
        "x-slack-request-timestamp": now,
        "x-slack-signature": f"v0={digest}",
    }
    return BoltRequest(body=body, headers=headers)


def test_slack(
    server: Server,
    slack: tuple[str, list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from slack_sdk import WebClient

    address, posted = slack
    monkeypatch.setenv("PIPCERT_URL", f"http://127.0.0.1:{server.port}")
    client = WebClient(token="xoxb-1", base_url=address)
    app = example("slack").create(
        client=client, signing_secret=SECRET, process_before_response=True
    )
    event = {
        "type": "app_mention",
        "text": MESSAGE,
        "ts": "1.0",
        "channel": "C1",
        "user": "U2",
    }
    body = json.dumps({"type": "event_callback", "team_id": "T1", "event": event})
    assert app.dispatch(signed(body, "application/json")).status == 200
    first = posted[-1]
    assert first["thread_ts"] == "1.0"
    buttons = first["blocks"][-1]["elements"]
    assert "pypi.org" in first["blocks"][0]["text"]["text"]
    pressed = {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": "U2"},
        "channel": {"id": "C1"},
        "message": {"ts": "2.0", "thread_ts": "1.0"},
        "actions": [{**buttons[0], "type": "button", "block_id": "b"}],
    }
    from urllib.parse import urlencode

    form = urlencode({"payload": json.dumps(pressed)})
    assert app.dispatch(signed(form, "application/x-www-form-urlencoded")).status == 200
    assert "too old" in posted[-1]["blocks"][0]["text"]["text"]


def steps(name: str) -> list[str]:
    """Return the commands of a workflow, those of a step as one."""
    text = (BOTS / name).read_text("utf-8")
    blocks = re.findall(r"run: \|\n((?: {10}.*\n)+)", text)
    lines = [re.sub(r"^ {10}", "", block, flags=re.MULTILINE) for block in blocks]
    return lines or re.findall(r"^    - (.+)$", text, re.MULTILINE)


@pytest.fixture
def project(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A checkout whose install fails, as no index answers."""
    (tmp_path / "requirements.txt").write_text("demo-package\n")
    scripts = Path(sys.executable).parent
    path = os.pathsep.join([str(scripts), os.environ["PATH"]])
    return tmp_path, {
        "PATH": path,
        "HOME": str(tmp_path),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": "https://127.0.0.1:9/simple/",
        "PIP_RETRIES": "1",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
    }


@pytest.mark.skipif(os.name == "nt", reason="the jobs run bash")
def test_github(project: tuple[Path, dict[str, str]]) -> None:
    folder, environment = project
    install, explain_it = steps("github.yml")[:2]
    bash = [shutil.which("bash") or "bash", "-e", "-c"]
    failed = subprocess.run([*bash, install], cwd=folder, env=environment, check=False)
    assert failed.returncode != 0
    subprocess.run([*bash, explain_it], cwd=folder, env=environment, check=True)
    assert "(`connection-refused`" in (folder / "comment.md").read_text()
    assert (folder / "summary.md").read_text() == (folder / "comment.md").read_text()
    assert "--body-file comment.md" in (BOTS / "github.yml").read_text()


@pytest.mark.skipif(os.name == "nt", reason="the jobs run bash")
def test_github_says_nothing_of_other_failures(project: tuple[Path, dict[str, str]]) -> None:
    folder, environment = project
    (folder / "install.log").write_text("ERROR: No space left on device\n")
    bash = [shutil.which("bash") or "bash", "-e", "-c"]
    subprocess.run([*bash, steps("github.yml")[1]], cwd=folder, env=environment, check=True)
    assert not (folder / "comment.md").exists()


@pytest.mark.skipif(os.name == "nt", reason="the jobs run bash")
def test_gitlab(project: tuple[Path, dict[str, str]]) -> None:
    folder, environment = project
    *script, keep, show = steps("gitlab.yml")
    bash = [shutil.which("bash") or "bash", "-e", "-c"]
    failed = subprocess.run([*bash, "\n".join(script)], cwd=folder, env=environment, check=False)
    assert failed.returncode != 0
    done = subprocess.run(
        [*bash, f"{keep}\n{show}"], cwd=folder, env=environment, check=True, capture_output=True
    )
    assert b"[connection-refused]" in done.stdout
    assert "(`connection-refused`" in (folder / "explained.md").read_text()


def test_agent() -> None:
    asked: list[str] = []

    def ask(question: dict[str, Any]) -> str:
        asked.append(question["text"])
        return "public" if "public" in question["answers"] else "unknown"

    agent = example("agent")
    said = anyio.run(agent.triage, UNKNOWN_ISSUER, agent.Plain(), ask)
    assert "too old" in said.splitlines()[0]
    assert "https://pypi.org/" in asked[0]


def test_agent_heeds_the_last_answer() -> None:
    said: list[dict[str, Any]] = []
    agent = example("agent")
    agent._TURNS = 1

    def ask(question: dict[str, Any]) -> str:
        said.append(question)
        return "503 text/html https://pypi.example/"

    told = anyio.run(agent.triage, SILENT, agent.Plain(), ask)
    assert "curl" in said[0]["command"]
    assert "server error" in told.splitlines()[0]
