"""`pipcert-logs scan URL`: web servers, SFTP and object stores, on loopback and in memory."""

from __future__ import annotations

import asyncio
import functools
import gzip
import http.server
import json
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncssh
import fsspec
import pytest
from typer.testing import CliRunner

from pipcert_logs.cli.commands import app
from pipcert_logs.scan.inputs import find, opened
from pipcert_logs.scan.model import Input, Trouble
from tests.archives import EXPIRED, SELF_SIGNED, clean, recorded, zipped


def scan(*words: str) -> tuple[int, Any]:
    done = CliRunner().invoke(app, ["scan", "--jobs", "1", "--format", "json", *words])
    return done.exit_code, json.loads(done.stdout)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A web server with logs, as `python -m http.server` would serve them."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "build.log").write_bytes(clean(900_000) + recorded(SELF_SIGNED))
    (folder / "build.gz").write_bytes(gzip.compress(recorded(SELF_SIGNED)))
    (folder / "bundle.zip").write_bytes(zipped(job__one=recorded(EXPIRED), job__two=clean(10)))
    for below in ("closed", "open"):
        (folder / below).mkdir()
        (folder / below / "build.log").write_bytes(clean(10))
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{web.server_port}"
        web.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_words: Any) -> None:
        """Say nothing."""

    def list_directory(self, path: Any) -> Any:
        if Path(path).name != "closed":
            return super().list_directory(path)
        self.send_error(403)
        return None


@pytest.mark.parametrize("name", ["build.log", "build.gz", "bundle.zip"])
def test_a_file_on_a_web_server(server: str, name: str) -> None:
    code, report = scan(f"{server}/{name}")
    assert code == 1
    (finding,) = report["findings"]
    assert finding["example"]["path"].startswith(f"{server}/{name}")


def test_the_files_that_a_web_server_lists_and_the_folder_that_it_does_not(server: str) -> None:
    code, report = scan(f"{server}/")
    assert code == 2
    (trouble,) = report["troubles"]
    assert trouble["path"] == f"{server}/closed/"
    assert "403" in trouble["text"]
    assert report["totals"]["scanned"]["files"] == 5
    assert len(report["findings"]) == 2


def test_what_is_not_there_is_told_and_the_rest_is_read(server: str) -> None:
    code, report = scan(f"{server}/nothing.log", f"{server}/build.gz")
    assert code == 2
    assert report["troubles"] == [{"path": f"{server}/nothing.log", "text": "does not exist"}]
    assert len(report["findings"]) == 1


def test_nobody_answers(server: str) -> None:
    code, report = scan("http://127.0.0.1:9/build.log")
    assert code == 2
    (trouble,) = report["troubles"]
    assert "cannot be read" in trouble["text"]


def test_a_login_is_shown_nowhere(server: str) -> None:
    url = server.replace("//", "//joe:s3cr3t@")
    _, report = scan(f"{url}/build.gz", f"{url}/nothing.log")
    assert "s3cr3t" not in json.dumps(report)


def test_an_unknown_kind_of_url() -> None:
    (trouble,) = find(["nonsense://a/b"])
    assert isinstance(trouble, Trouble)
    assert "nonsense" in trouble.text


@pytest.fixture(scope="module")
def sftp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An SFTP server with logs, whose only user has a password."""
    folder = tmp_path_factory.mktemp("sftp")
    (folder / "shop" / "api").mkdir(parents=True)
    (folder / "shop" / "api" / "1.log").write_bytes(clean(900_000) + recorded(SELF_SIGNED))
    (folder / "shop" / "api" / "2.zip").write_bytes(zipped(one=recorded(EXPIRED)))
    started: queue.Queue[int] = queue.Queue()
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    served = _serve(folder, started, stop)
    serving = threading.Thread(target=loop.run_until_complete, args=(served,))
    serving.start()
    yield f"sftp://joe:s3cr3t@127.0.0.1:{started.get(timeout=30)}"
    loop.call_soon_threadsafe(stop.set)
    serving.join()
    loop.close()


class _Login(asyncssh.SSHServer):
    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        _connections.append((conn, asyncio.get_running_loop()))

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("joe", "s3cr3t")


_connections: list[tuple[asyncssh.SSHServerConnection, asyncio.AbstractEventLoop]] = []


async def _serve(folder: Path, started: queue.Queue[int], stop: asyncio.Event) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    served = functools.partial(asyncssh.SFTPServer, chroot=str(folder).encode())
    options = {"server_factory": _Login, "server_host_keys": [key], "sftp_factory": served}
    async with asyncssh.listen("127.0.0.1", 0, **options) as server:
        started.put(server.get_port())
        await stop.wait()


@pytest.mark.parametrize("path", ["shop", "shop/api/*", "shop/api/1.log"])
def test_files_of_an_sftp_server(sftp: str, path: str) -> None:
    code, report = scan(f"{sftp}/{path}")
    assert (code, report["troubles"]) == (1, [])
    assert report["totals"]["failures"] == (1 if path.endswith(".log") else 2)
    assert "s3cr3t" not in json.dumps(report)
    assert all(finding["example"]["path"].startswith("sftp://") for finding in report["findings"])


def test_a_connection_that_was_lost_is_made_anew(sftp: str) -> None:
    assert scan(f"{sftp}/shop/api/1.log")[0] == 1
    before = len(_connections)
    lost, loop = _connections[-1]
    loop.call_soon_threadsafe(lost.abort)
    asyncio.run_coroutine_threadsafe(lost.wait_closed(), loop).result(30)
    code, report = scan(f"{sftp}/shop")
    assert (code, report["troubles"]) == (1, [])
    assert len(_connections) == before + 1


def test_a_store_knows_files_of_an_sftp_server(sftp: str, tmp_path: Path) -> None:
    store = str(tmp_path / "seen.db")
    first = scan("--store", store, f"{sftp}/shop")
    assert first[0] == 1
    assert scan("--store", store, f"{sftp}/shop") == first
    assert "s3cr3t" not in (tmp_path / "seen.db").read_bytes().decode("latin-1")


def test_each_process_has_a_connection_of_its_own(sftp: str) -> None:
    call = [sys.executable, "-m", "pipcert_logs", "scan", "--jobs", "2", "--format", "json"]
    done = subprocess.run([*call, f"{sftp}/shop"], capture_output=True, check=False)
    assert done.returncode == 1
    assert json.loads(done.stdout)["totals"]["scanned"]["files"] == 2


def test_a_wrong_password_is_told(sftp: str) -> None:
    code, report = scan(f"{sftp.replace('s3cr3t', 'wr0ng')}/shop")
    assert code == 2
    (trouble,) = report["troubles"]
    assert "Authentication" in trouble["text"]
    assert "wr0ng" not in json.dumps(report)


@pytest.fixture
def memory() -> Iterator[Any]:
    files = fsspec.filesystem("memory")
    for name in ("a/1.log", "a/b/2.log", "c/3.txt"):
        files.pipe(f"/logs/{name}", recorded(SELF_SIGNED))
    yield files
    files.rm("/logs", recursive=True)


@pytest.mark.parametrize(
    ("url", "count"),
    [("memory://logs", 3), ("memory://logs/a/*.log", 1), ("memory://logs/c/3.txt", 1)],
)
def test_folders_wildcards_and_files_of_a_store(memory: Any, url: str, count: int) -> None:
    found = list(find([url]))
    assert len(found) == count
    for given in found:
        assert isinstance(given, Input)
        assert given.size == len(recorded(SELF_SIGNED))
        assert given.modified > 0
        with opened(given.path) as stream:
            assert stream.read() == recorded(SELF_SIGNED)


def test_a_store_that_breaks_off_is_told(memory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class _BrokenError(Exception):
        pass

    def broken(*_words: Any) -> None:
        raise _BrokenError("connection lost")

    monkeypatch.setattr("fsspec.implementations.memory.MemoryFile.read", broken, raising=False)
    with opened("memory://logs/c/3.txt") as stream, pytest.raises(OSError, match="connection lost"):
        stream.read(10)
