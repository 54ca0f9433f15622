"""Files that nobody packed so: `pipcert-logs scan` tells them, and scans the others."""

from __future__ import annotations

import gzip
import io
import json
import random
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import IO

import pytest

from pipcert_logs.cli.outcome import guard
from pipcert_logs.knowledge.load import Rules
from pipcert_logs.scan import scanner
from pipcert_logs.scan.inputs import find
from pipcert_logs.scan.layout import Layouts
from pipcert_logs.scan.model import Input, Result, Surveyed
from pipcert_logs.scan.parts import Assembly, cut
from pipcert_logs.scan.scanner import Scanner
from tests.archives import EXPIRED, SELF_SIGNED, clean, recorded, tarred, zipped

LOG = recorded(SELF_SIGNED)
HOLE = 4 << 30


def packed(headers: dict[str, str], data: bytes = LOG) -> bytes:
    """Return a tar archive of one log, with headers of somebody's own."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w", format=tarfile.PAX_FORMAT) as archive:
        member = tarfile.TarInfo("a.log")
        member.size, member.pax_headers = len(data), headers
        archive.addfile(member, io.BytesIO(data))
    return whole.getvalue()


def sparse(data: bytes) -> bytes:
    """Return a small tar archive of a log that is followed by a hole of 4 GiB."""
    headers = {"major": "0", "minor": "1", "name": "a.log", "size": str(HOLE)}
    headers["map"] = f"0,{len(data)}"
    return packed({f"GNU.sparse.{name}": value for name, value in headers.items()}, data)


def long_name() -> bytes:
    """Return a tar archive in which a name has two million characters."""
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 2 << 20
    return header.tobuf(tarfile.GNU_FORMAT) + b"a" * (2 << 20) + tarred(a=LOG)


def misnamed() -> bytes:
    """Return a zip archive in which a name that is UTF-8, it says, is none."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("é.log", LOG)
    return whole.getvalue().replace("é".encode(), b"\xff\xa9", 1)


CRAFTED = {
    "a sparse map of letters": packed({"GNU.sparse.map": "x,y"}),
    "a sparse size of letters": packed({"GNU.sparse.size": "zz", "GNU.sparse.map": "0,1"}),
    "a hole": sparse(clean(8000)),
    "a hole behind a zip archive": sparse(zipped(a=LOG)),
    "a long name": long_name(),
    "a zip archive without its front": gzip.compress(
        b"PK\x03\x04" + zipped(a=LOG, b=clean(9000))[200:]
    ),
    "a name that is no text": misnamed(),
}


def scan(folder: Path, *, code: int) -> dict[str, object]:
    call = [sys.executable, "-m", "pipcert_logs", "scan", "--format", "json", "--jobs", "1", folder]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", CRAFTED)
def test_a_crafted_file_is_told_and_the_others_are_scanned(tmp_path: Path, name: str) -> None:
    (tmp_path / "crafted").write_bytes(CRAFTED[name])
    (tmp_path / "whole.log").write_bytes(recorded(EXPIRED))
    found = scan(tmp_path, code=2)
    (trouble,) = found["troubles"]  # type: ignore[misc]
    assert "defect" not in trouble["text"]
    assert [f["cause"] for f in found["findings"]] == ["expired-certificate"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("seed", range(40))
def test_no_damage_ends_a_scan(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    whole = [
        tarred(a=LOG, b=clean(3000)),
        tarred("w:gz", a=LOG, b=clean(3000)),
        zipped(a=LOG, b=clean(3000)),
        packed({"GNU.sparse.map": "0,1", "comment": "x" * 600}),
        gzip.compress(zipped(a=LOG)),
    ]
    for number, data in enumerate(whole):
        damaged = bytearray(data)
        for _ in range(chance.randrange(1, 30)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        (tmp_path / str(number)).write_bytes(damaged[: chance.choice((len(damaged), None))])
    one = Scanner(Rules.builtin(), Layouts(()))
    for given in find([str(tmp_path)]):
        assert isinstance(given, Input)
        result = one.do(given)
        assert isinstance(result, Result)
        assert not [t for t in result.troubles if "defect" in t.text]


@pytest.mark.parametrize(
    "stamp",
    [
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "2099-01-01T00:00:00Z",
        "1970-01-01T00:00:00Z",
    ],
)
@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_a_stamp_at_which_nothing_can_have_failed_is_none(
    tmp_path: Path, stamp: str, form: str
) -> None:
    lines = (f"{stamp} ".encode() + line for line in LOG.splitlines(keepends=True))
    (tmp_path / "a.log").write_bytes(b"".join(lines))
    call = [sys.executable, "-m", "pipcert_logs", "scan", "--format", form, str(tmp_path)]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "2020" < scan(tmp_path, code=1)["totals"]["first"] < "2099"  # type: ignore[index]


def test_a_defect_costs_one_file_and_is_no_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise AssertionError("should never be")

    monkeypatch.setattr(scanner, "explain_blocks", broken)
    (tmp_path / "a.log").write_bytes(LOG)
    (given,) = find([str(tmp_path)])
    assert isinstance(given, Input)
    result = Scanner(Rules.builtin(), Layouts(())).do(given)
    assert isinstance(result, Result)
    assert "defect of pipcert-logs" in result.troubles[0].text
    assert guard(lambda: 1 // 0) == 2


class _BreaksOff(io.BytesIO):
    """A file whose disk fails at a place."""

    def __init__(self, data: bytes, place: int) -> None:
        super().__init__(data)
        self._place = place

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() >= self._place:
            raise OSError(5, "Input/output error")
        return super().read(size)


def test_of_a_large_log_that_breaks_off_what_came_before_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = clean(1 << 20)
    data = LOG + noise * 70 + LOG
    path = tmp_path / "large.log"
    path.write_bytes(data)
    (given,) = find([str(path)])
    assert isinstance(given, Input)
    parts = cut(given)
    one = Scanner(Rules.builtin(), Layouts(()))
    assembly = Assembly()
    assembly.expect(parts)
    for number, part in enumerate(parts):
        assert not list(assembly.surveyed()), f"{number} of {len(parts)} parts are there"
        assembly.take(one.do(part))  # type: ignore[arg-type]
    (task,) = assembly.surveyed()
    assert isinstance(task, Surveyed)
    assert not list(assembly.surveyed())

    def breaking(*_: object) -> IO[bytes]:
        return _BreaksOff(data, 60 << 20)

    monkeypatch.setattr(scanner, "opened", breaking)
    surveyed, whole = one.do(task), one.do(given)
    assert isinstance(surveyed, Result)
    assert isinstance(whole, Result)
    assert [len(log.failures) for log in surveyed.logs] == [1]
    assert [len(log.failures) for log in whole.logs] == [1]
    assert surveyed.troubles == whole.troubles
