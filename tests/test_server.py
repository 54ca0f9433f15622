"""`pipcert-logs serve` as its clients meet it: forms, errors, limits, secrets."""

from __future__ import annotations

import gzip
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import jsonschema
import pytest
from openapi_spec_validator import validate

from pipcert_logs import explain
from pipcert_logs.authoring.schema import schema
from pipcert_logs.report.markdown import render
from tests.archives import clean, recorded
from tests.hostile import ATTACKED, assert_inert
from tests.serving import Reply, Server, serving

UNKNOWN_ISSUER = recorded("01-unknown-issuer-public__pip-24.2-py3.11.log")
JSON = "application/json"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("server"), "--rate", "0") as running:
        yield running


def posted(server: Server, value: object) -> Reply:
    return server.ask("/v1/explain", json.dumps(value).encode(), Content_Type=JSON)


def problem(reply: Reply) -> dict[str, object]:
    assert reply.headers["content-type"] == "application/problem+json"
    found: dict[str, object] = json.loads(reply.body)
    assert found["status"] == reply.status
    assert found["title"]
    return found


def form(**parts: bytes) -> tuple[bytes, str]:
    """Return a form, and its media type."""
    lines = [
        b'--frontier\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
        % (name.encode(), b'; filename="build.log"' if name == "log" else b"", value)
        for name, value in parts.items()
    ]
    return b"".join([*lines, b"--frontier--\r\n"]), "multipart/form-data; boundary=frontier"


def test_a_log_is_explained_however_it_is_sent(server: Server) -> None:
    expected = explain(UNKNOWN_ISSUER).to_json().encode()
    plain = server.ask("/v1/explain", UNKNOWN_ISSUER)
    assert (plain.status, plain.headers["content-type"]) == (200, JSON)
    packed = server.ask("/v1/explain", gzip.compress(UNKNOWN_ISSUER), Content_Encoding="gzip")
    in_json = posted(server, {"log": UNKNOWN_ISSUER.decode()})
    assert plain.body == packed.body == in_json.body == expected
    for log in (UNKNOWN_ISSUER, gzip.compress(UNKNOWN_ISSUER)):
        body, kind = form(log=log)
        reply = server.ask("/v1/explain", body, Content_Type=kind)
        assert reply.body == explain(UNKNOWN_ISSUER, source="build.log").to_json().encode()


def test_context_counts(server: Server) -> None:
    context = {"issuer": "public", "company-network": "no"}
    expected = explain(UNKNOWN_ISSUER, context=context).to_json().encode()
    assert posted(server, {"log": UNKNOWN_ISSUER.decode(), "context": context}).body == expected
    body, kind = form(log=UNKNOWN_ISSUER, context=json.dumps(context).encode(), source=b"-")
    assert server.ask("/v1/explain", body, Content_Type=kind).body == expected


def test_the_report_is_of_its_schema(server: Server) -> None:
    jsonschema.validate(
        json.loads(server.ask("/v1/explain", UNKNOWN_ISSUER).body), schema("report")
    )


def test_markdown_where_it_is_asked_for(server: Server) -> None:
    reply = server.ask("/v1/explain", UNKNOWN_ISSUER, Accept="text/markdown, text/plain;q=0.5")
    assert reply.headers["content-type"].startswith("text/markdown")
    assert reply.body.decode() == render(explain(UNKNOWN_ISSUER))
    assert server.ask("/v1/explain", b"x", Accept="*/*").headers["content-type"] == JSON


@pytest.mark.parametrize(
    ("value", "status", "words"),
    [
        ({"log": 1}, 400, "$.log"),
        ({"text": "x"}, 400, "text"),
        ({"log": "x", "context": {"clock": "maybe"}}, 422, "right"),
        ({"log": "x", "context": {"moon": "full"}}, 422, "moon"),
        ({"log": "x", "shell": "zsh"}, 400, "shell may be posix, powershell, cmd"),
        (["x"], 400, "object"),
    ],
)
def test_what_cannot_be_understood_is_told(
    server: Server, value: object, status: int, words: str
) -> None:
    reply = posted(server, value)
    assert reply.status == status
    assert words in str(problem(reply)["detail"])


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", {"Content_Type": JSON}, 400),
        (b"\xff{", {"Content_Type": JSON}, 400),
        (b"x", {"Content_Type": "multipart/form-data; boundary=a"}, 400),
        (b"x", {"Content_Type": "multipart/form-data"}, 400),
        (form(other=b"x")[0], {"Content_Type": form()[1]}, 400),
        (
            form(log=b"x")[0].replace(b"--\r\n", b"\r\n") + form(log=b"y")[0],
            {"Content_Type": form()[1]},
            400,
        ),
        (form(log=b"x", context=b"[")[0], {"Content_Type": form()[1]}, 400),
        (b"x", {"Content_Encoding": "gzip"}, 400),
        (gzip.compress(b"x" * 99, mtime=0)[:-9], {"Content_Encoding": "gzip"}, 400),
        (b"x", {"Content_Encoding": "br"}, 415),
        (b"x", {"Content_Type": "application/xml"}, 415),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), {}, 415),
        (b"x", {"Accept": "text/html"}, 406),
    ],
)
def test_what_is_no_log_is_told(
    server: Server, body: bytes, headers: dict[str, str], status: int
) -> None:
    reply = server.ask("/v1/explain", body, **headers)
    assert reply.status == status
    problem(reply)


def test_an_empty_log_is_clean(server: Server) -> None:
    assert json.loads(server.ask("/v1/explain", b"").body)["verdict"] == "clean"


def test_other_addresses_and_methods(server: Server) -> None:
    assert problem(server.ask("/v2/explain"))["status"] == 404
    reply = server.ask("/v1/explain")
    assert (reply.status, "POST" in reply.headers["allow"]) == (405, True)


def test_the_knowledge_base(server: Server) -> None:
    causes = json.loads(server.ask("/v1/causes").body)
    assert len(causes) == 37
    for cause in causes:
        sheet = json.loads(server.ask(f"/v1/causes/{cause['id']}").body)
        assert sheet["title"] == cause["title"]
    remedy = json.loads(server.ask("/v1/remedies/trusted-host").body)
    assert (remedy["verification"], bool(remedy["caution"])) == ("off", True)
    assert problem(server.ask("/v1/causes/nothing"))["status"] == 404
    assert problem(server.ask("/v1/remedies/nothing"))["status"] == 404
    assert "report" in json.loads(server.ask("/v1/rules/schema").body)
    questions = {q["id"]: q for q in json.loads(server.ask("/v1/questions").body)}
    assert questions["clock"]["answers"][0] == {"id": "right", "text": "It is right"}
    assert questions["index-answer"]["paste"]
    assert (questions["pip"]["answers"], questions["pip"]["example"]) == ([], "24.0")


def test_health_and_metrics(server: Server) -> None:
    assert json.loads(server.ask("/healthz").body)["status"] == "ok"
    server.ask("/v1/explain", UNKNOWN_ISSUER)
    metrics = server.ask("/metrics").body.decode()
    assert 'pipcert_reports_total{cause="missing-issuer",verdict="failed"}' in metrics
    assert "pipcert_request_duration_seconds_bucket" in metrics


def test_the_description_is_valid_and_its_examples_work(server: Server) -> None:
    document = json.loads(server.ask("/v1/openapi.json").body)
    validate(document)
    content = document["paths"]["/v1/explain"]["post"]["requestBody"]["content"]
    for kind in ("text/plain", JSON):
        for example in content[kind]["examples"].values():
            value = example["value"]
            body = value if isinstance(value, str) else json.dumps(value)
            assert server.ask("/v1/explain", body.encode(), Content_Type=kind).status == 200


def test_the_server_is_called_by_no_other_name(server: Server) -> None:
    for path in ("/healthz", "/v1/causes", "/mcp", "/", "/metrics"):
        refused = server.ask(path, Host="evil.example")
        assert refused.status == 421
        assert refused.headers["content-type"] == "application/problem+json"
        assert f"localhost:{server.port}" in json.loads(refused.body)["detail"]
    assert server.ask("/healthz", Host=f"localhost:{server.port}").status == 200


def test_log_text_is_inert(server: Server) -> None:
    assert_inert(server.ask("/v1/explain", ATTACKED.encode(), Accept="text/markdown").body.decode())
    reply = server.ask("/v1/explain", ATTACKED.encode()).body.decode()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]|\\u00[01]", reply)
    report = json.loads(reply)
    assert "window.evil" in report["failures"][0]["text"]
    for form in ("short", "full"):
        assert_inert(report["chat"][form])
    commands = [step["command"] or "" for one in report["remedies"] for step in one["steps"]]
    commands += [c["command"] for asked in report["questions"] for c in asked["commands"]]
    assert not [command for command in commands if "reboot" in command or "7*7" in command]


def test_log_text_is_written_nowhere(tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    with serving(tmp_path, TMPDIR=str(tmp_path / "tmp")) as server:
        body, kind = form(log=ATTACKED.encode() + b"\n" * 3_000_000)
        assert server.ask("/v1/explain", body, Content_Type=kind).status == 200
        assert list((tmp_path / "tmp").iterdir()) == []
    assert b"evil" not in server.log.read_bytes()


# Limits -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    limits = ["--max-body", "1", "--max-unpacked", "2", "--timeout", "1.5", "--rate", "0"]
    with serving(tmp_path_factory.mktemp("strict"), *limits, "--in-flight", "2") as running:
        yield running


def test_a_large_body_is_refused(strict: Server) -> None:
    assert strict.ask("/v1/explain", b"a\n" * (1 << 18)).status == 200
    refused = problem(strict.ask("/v1/explain", b"a" * ((1 << 20) + 1)))
    assert (refused["status"], refused["detail"]) == (413, "It may have 1048576 bytes.")


def test_a_bomb_is_refused(strict: Server) -> None:
    bomb = gzip.compress(bytes(50 << 20).replace(b"\0", b"a"))
    for headers in ({"Content_Encoding": "gzip"}, {}):
        reply = strict.ask("/v1/explain", bomb, **headers)
        assert problem(reply)["status"] == 413


def test_a_slow_body_is_cut_off(strict: Server) -> None:
    with socket.create_connection(("127.0.0.1", strict.port), 20) as slow:
        slow.sendall(
            b"POST /v1/explain HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
            b"Content-Length: 100\r\n\r\nhalf"
        )
        assert slow.recv(1000).startswith(b"HTTP/1.1 408")
    assert strict.ask("/v1/explain", b"x").status == 200


WHOLE = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
POST = b"POST %s HTTP/1.1\r\nHost: localhost\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        POST % b"/v1/explain" + b"X-Slow: ",
        WHOLE + POST % b"/v1/explain" + b"X-Slow: ",
        POST % b"/mcp" + b"Content-Type: application/json\r\nContent-Length: 900\r\n\r\n{",
    ],
)
def test_what_trickles_in_is_cut_off(strict: Server, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", strict.port), 20) as slow:
        begun = time.monotonic()
        said = b""
        slow.settimeout(0.2)
        slow.sendall(sent)
        with suppress(ConnectionError):
            while time.monotonic() < begun + 20:
                try:
                    got = slow.recv(1000)
                except TimeoutError:
                    slow.sendall(b"x")
                    continue
                if not got:
                    break
                said += got
        assert 1 < time.monotonic() - begun < 10
        assert said.count(b" 200 OK") == sent.count(WHOLE)
    assert strict.ask("/v1/explain", b"x").status == 200


def test_a_client_that_hangs_up_costs_nothing(strict: Server) -> None:
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", strict.port), 20) as gone:
            gone.sendall(
                b"POST /v1/explain HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
                b"Content-Length: 100\r\n\r\nhalf"
            )
    assert strict.ask("/v1/explain", b"x").status == 200


def test_overload_is_told_at_once_and_passes(strict: Server) -> None:
    log = b"".join(UNKNOWN_ISSUER.replace(b"demo-package", b"demo-%d" % n) for n in range(700))
    replies: list[int] = []
    clients = [
        threading.Thread(
            target=lambda: replies.append(strict.ask("/v1/explain", log[: 1 << 20]).status)
        )
        for _ in range(12)
    ]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert set(replies) <= {200, 503}
    assert 503 in replies
    end = time.monotonic() + 20
    while strict.ask("/v1/explain", b"x").status != 200:
        assert time.monotonic() < end


@pytest.fixture(scope="module")
def endless() -> bytes:
    """A log that takes many seconds to explain."""
    failures = (UNKNOWN_ISSUER.replace(b"demo-package", b"demo-%d" % n) for n in range(20_000))
    return gzip.compress(b"".join(failures), 1)


def test_a_log_that_takes_too_long_is_given_up(tmp_path: Path, endless: bytes) -> None:
    with serving(tmp_path, "--timeout", "2", "--workers", "1") as server:
        reply = server.ask("/v1/explain", endless, Content_Encoding="gzip")
        assert problem(reply)["status"] == 503
        assert "part around the failure" in str(problem(reply)["detail"])
        assert server.ask("/v1/explain", UNKNOWN_ISSUER).status == 200


@pytest.mark.skipif(sys.platform != "linux", reason="it looks for the worker in /proc")
def test_a_worker_that_dies_is_told_and_replaced(tmp_path: Path, endless: bytes) -> None:
    with serving(tmp_path, "--workers", "1") as server:
        process = server.process.pid
        worker = int(Path(f"/proc/{process}/task/{process}/children").read_text())
        threading.Timer(1, os.kill, (worker, signal.SIGKILL)).start()
        reply = server.ask("/v1/explain", endless, Content_Encoding="gzip")
        assert problem(reply)["status"] == 503
        assert "was ended" in str(problem(reply)["title"])
        assert server.ask("/v1/explain", UNKNOWN_ISSUER).status == 200


def test_a_client_asks_so_often_and_no_more(tmp_path: Path) -> None:
    with serving(tmp_path, "--rate", "5") as server:
        replies = [server.ask("/v1/explain", b"x") for _ in range(8)]
        assert [reply.status for reply in replies].count(200) == 5
        assert problem(replies[-1])["status"] == 429
        assert server.ask("/v1/explain", b"x", X_Real_IP="192.0.2.1").status == 429
        assert server.ask("/healthz").status == 200


# Who may ask ------------------------------------------------------------------------------------

TOKEN = "a-token-of-some-length"


def test_a_token_is_asked_for(tmp_path: Path) -> None:
    with serving(tmp_path, PIPCERT_TOKEN=TOKEN) as server:
        for path in ("/v1/causes", "/metrics", "/v1/openapi.json", "/mcp"):
            reply = server.ask(path)
            assert (reply.status, reply.headers["www-authenticate"]) == (401, "Bearer")
            assert server.ask(path, Authorization=f"Bearer {TOKEN}x").status == 401
            assert server.ask(path, Authorization=f"bearer {TOKEN}").status != 401
        assert server.ask("/v1/causes", Authorization=f"Bearer {TOKEN}").status == 200
        assert server.ask("/healthz").status == 200
    assert TOKEN.encode() not in server.log.read_bytes()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--host", "0.0.0.0"], "--token-file"),
        (["--host", "0.0.0.0", "--token-file", "nowhere"], "cannot be read"),
        (["--token-file", "short"], "too short"),
        (["--token-file", "empty"], "empty is empty"),
        (["--rules", "nowhere"], "nowhere"),
    ],
)
def test_what_it_cannot_serve_with_is_told(tmp_path: Path, words: list[str], told: str) -> None:
    (tmp_path / "short").write_text("abc\n")
    (tmp_path / "empty").write_text("\n")
    call = [sys.executable, "-m", "pipcert_logs", "serve", *words]
    done = subprocess.run(
        call, capture_output=True, text=True, check=False, cwd=tmp_path, timeout=60
    )
    assert done.returncode == 2
    assert told in done.stderr


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        call = [sys.executable, "-m", "pipcert_logs", "serve", "--port"]
        port = str(taken.getsockname()[1])
        done = subprocess.run([*call, port], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "in use" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="there are no signals")
def test_what_is_in_flight_is_finished(tmp_path: Path) -> None:
    log = b"".join(UNKNOWN_ISSUER.replace(b"demo-package", b"demo-%d" % n) for n in range(2000))
    with serving(tmp_path) as server:
        replies: list[int] = []
        client = threading.Thread(
            target=lambda: replies.append(server.ask("/v1/explain", log + clean(1000)).status)
        )
        client.start()
        time.sleep(0.3)
        assert server.stop() in (0, -15)
        client.join()
        assert replies == [200]


def test_schemathesis_finds_nothing(server: Server, tmp_path: Path) -> None:
    found = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", "--checks", "all", "--no-color"),
            *("--max-examples", "15", "--seed", "1", "--workers", "2"),
            f"http://127.0.0.1:{server.port}/v1/openapi.json",
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONUTF8": "1"},
    )
    assert found.returncode == 0, found.stdout
    assert "No issues found" in found.stdout


def test_health_is_asked_for_with_head_too(server: Server) -> None:
    reply = server.ask("/healthz", method="HEAD")
    assert (reply.status, reply.body) == (200, b"")
