"""The fault lab: a small part of it is recorded and proven anew, with this Python's own pip."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from corpus import checks, jobs, proofs
from corpus import probe as sightings
from corpus.differences import difference
from corpus.model import Client
from corpus.proof import Proof
from pipcert_logs.corpus_check import find_cases, outcomes
from pipcert_logs.knowledge.load import Rules

FAULTS = ("01-unknown-issuer-private", "12-pip-cert-missing", "14-proxy-refused", "18-refused")
WITH_REAL_SERVERS = ("06-clock-past", "09-squid-bumps", "10-squid-between", "26-nginx-private-ca")


def test_recorded_anew_the_causes_are_found(
    lab_client: tuple[Client, Path], tmp_path: Path, rules: Rules
) -> None:
    client, cache = lab_client
    assert jobs.run("record", [f"{fault}__{client.id}" for fault in FAULTS], tmp_path, cache)
    cases, _ = find_cases([tmp_path], rules.causes)
    assert len(cases) == len(FAULTS)
    assert all(outcome.hit for outcome in outcomes(cases, rules))


def test_proven_anew_the_first_remedies_fix(
    lab_client: tuple[Client, Path], tmp_path: Path
) -> None:
    client, cache = lab_client
    assert jobs.run("first", [f"{fault}__{client.id}" for fault in FAULTS], tmp_path, cache)
    proofs_found = [
        proof
        for file in tmp_path.glob("*.json")
        for proof in msgspec.json.decode(file.read_bytes(), type=list[Proof])
    ]
    assert {proof.fault: proof.outcome for proof in proofs_found} == dict.fromkeys(FAULTS, "fixed")


@pytest.mark.parametrize("fault", WITH_REAL_SERVERS)
def test_real_servers_are_met_and_the_first_remedy_fixes(
    fault: str, lab_client: tuple[Client, Path], tmp_path: Path
) -> None:
    client, cache = lab_client
    job = f"{fault}__{client.id}"
    if what := jobs.lacking(*jobs.named(job)):
        pytest.skip(f"this machine lacks {what}")
    assert jobs.run("first", [job], tmp_path, cache)
    (proof,) = msgspec.json.decode((tmp_path / f"{job}.json").read_bytes(), type=list[Proof])
    assert proof.outcome == "fixed", proof


def test_an_unsafe_remedy_is_seen_to_be_unsafe_and_no_other_is(
    lab_client: tuple[Client, Path], tmp_path: Path, rules: Rules
) -> None:
    client, cache = lab_client
    job = f"07-hostname-mismatch__{client.id}"
    assert jobs.run("every", [job], tmp_path, cache)
    found = msgspec.json.decode((tmp_path / f"{job}.json").read_bytes(), type=list[Proof])
    worked = {proof.remedy: proof.outcome for proof in found if proof.outcome.startswith("fixed")}
    assert worked.pop("trusted-host") == "fixed, unverified"
    assert worked
    assert set(worked.values()) == {"fixed"}


@pytest.mark.parametrize(
    "words",
    [
        ["--only", "01-unknown-isuer-private"],
        ["--client", "pip-99*"],
        ["--only", "13-*", "--client", "poetry-*"],
    ],
)
def test_what_chooses_nothing_is_told(words: list[str]) -> None:
    call = [sys.executable, "-m", "corpus.record", *words]
    done = subprocess.run(call, cwd=jobs.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert words[1] in done.stderr
    assert "Traceback" not in done.stderr


def test_a_second_recording_tells_words_that_changed_and_nothing_else() -> None:
    first = (
        b"Created /tmp/pip-download-ab12cd_9\n  Downloading at 1.2 MB/s\n"
        b"cwd: /tmp/pip-install-ab12cd_9/demo_2097302a426748b1ab178d72f93a9fd9\n"
        b"<HTTPSConnection object at 0x7ffff5d64670>: pdm-lock-ab12cd_9.log\nERROR: old words\n"
    )
    random = first.replace(b"ab12cd_9", b"x0x0x0x0").replace(b"1.2 MB/s", b"12 kB/s")
    random = random.replace(b"2097302a", b"010413aa").replace(b"f5d64670", b"f6c50b50")
    assert difference(first, random) == []
    reworded = random.replace(b"old words", b"new words")
    assert difference(first, reworded) == ["-ERROR: old words", "+ERROR: new words"]


def test_what_was_proven_is_explained_where_it_did_not_fix() -> None:
    assert proofs.kept()
    assert not proofs.unexplained(proofs.kept())


def test_the_page_and_the_rule_file_are_those_of_the_proofs() -> None:
    found = proofs.kept()
    assert proofs.PAGE.read_text("utf-8") == proofs.page(found)
    assert proofs.RULE_FILE.read_text("utf-8") == proofs.rule_file(found)


def test_the_page_of_sightings_is_theirs_and_none_is_false() -> None:
    seen = sightings.kept()
    assert sightings.PAGE.read_text("utf-8") == sightings.page(seen)
    assert [one for one in seen if one.outcome == "FALSE"] == []
    looked_at = {one.fault for one in seen}
    wanted = {fault.id for fault, _ in sightings.some(None)}
    assert looked_at == wanted


def test_no_check_claims_to_separate_what_it_does_not() -> None:
    rows = [row.split(" | ") for row in checks.PAGE.read_text("utf-8").splitlines()]
    tried = [cells for cells in rows if cells[0].startswith("| ``")]
    claimed = {checks.cell(command): len(pairs) for command, pairs in checks.claims().items()}
    named = {
        cells[0].removeprefix("| "): int(cells[1].split(" of ")[1]) + cells[-1].count("/")
        for cells in tried
    }
    assert named == claimed
    assert not [cells for cells in tried if cells[-2].strip()]
