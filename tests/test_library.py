"""The library: `explain`, `Explainer`, and the JSON of the design."""

from __future__ import annotations

import json

import jsonschema
import pytest

import pipcert_logs
from pipcert_logs import Explainer, Reader, Rules, explain
from pipcert_logs.authoring.schema import KINDS, schema
from tests.corpus_logs import LOGS

TLS = (
    "Looking in indexes: https://someone:hunter2@pypi.corp.example.com/simple/\n"
    "WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after "
    "connection broken by 'SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] "
    "certificate verify failed: unable to get local issuer certificate (_ssl.c:1006)'))': "
    "/simple/demo/\n"
    "Could not fetch URL https://someone:hunter2@pypi.corp.example.com/simple/demo/: There was a "
    "problem confirming the ssl certificate: HTTPSConnectionPool(host='pypi.corp.example.com', "
    "port=443): Max retries exceeded with url: /simple/demo/ (Caused by SSLError("
    "SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "
    "unable to get local issuer certificate (_ssl.c:1006)'))) - skipping\n"
    "ERROR: No matching distribution found for demo\n"
)


def test_text_and_bytes_give_the_same() -> None:
    assert explain(TLS) == explain(TLS.encode())


def test_report_is_json_of_the_published_schema(rules: Rules) -> None:
    validator = jsonschema.Draft202012Validator(schema("report"))
    for path in LOGS[::10]:
        validator.validate(json.loads(explain(path.read_bytes(), rules=rules).to_json()))


def test_json_holds_no_mark_that_moves_or_ends_a_line(rules: Rules) -> None:
    marks = "\x85\u2028\u202e\U000e0041"
    log = TLS.replace("/simple/demo/", f"/simple/demo{marks}/")
    text = explain(log, rules=rules, source="a\udcff.log").to_json(indent=0)
    assert not set(marks) & set(text)
    report = json.loads(text)
    assert marks in report["failures"][0]["text"]
    assert report["source"] == "a\\udcff.log"


@pytest.mark.parametrize("kind", KINDS)
def test_schemas_are_schemas(kind: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(kind))


def test_fields_of_the_design() -> None:
    report = json.loads(explain(TLS, source="build.log").to_json())
    assert report["schema"] == "pipcert-report/1"
    assert report["source"] == "build.log"
    assert report["verdict"] == "failed"
    assert report["tools"] == [{"name": "pip", "version": None}]
    assert report["python"] == "3.11"
    failure = report["failures"][0]
    assert failure["outcome"] == "failed"
    assert failure["packages"] == ["demo"]
    assert failure["endpoint"] == {
        "host": "pypi.corp.example.com",
        "port": 443,
        "kind": "private",
        "via_proxy": None,
    }
    cause = report["causes"][0]
    assert cause["id"] == "private-ca-not-configured"
    assert cause["failures"] == [1]
    assert 0.5 < cause["probability"] < 1
    assert cause["evidence"][0]["line"] in (2, 3)
    assert cause["remedies"][0] == report["remedies"][0]["id"]
    assert report["remedies"][0]["verification"] == "keeps"
    assert report["remedies"][-1]["verification"] == "off"


def test_probabilities_of_a_failure_add_up_to_at_most_one(rules: Rules) -> None:
    for path in LOGS[::3]:
        for failure in explain(path.read_bytes(), rules=rules).failures:
            assert sum(cause.probability for cause in failure.causes) <= 1.001, path.stem


def test_the_symptom_never_stands_above_what_explains_it() -> None:
    assert "package-not-found" not in [cause.id for cause in explain(TLS).causes]


def test_the_shell_of_the_reader_comes_first() -> None:
    for shell in ("posix", "powershell", "cmd"):
        remedy = explain(TLS, reader=Reader(shell=shell)).remedies[0]
        commands = [step.shell for step in remedy.steps if step.command]
        assert commands[0] == shell


def test_a_log_from_windows_gets_powershell_first() -> None:
    log = "PS C:\\Users\\someone> pip install demo\n" + TLS
    commands = [step.shell for step in explain(log).remedies[0].steps if step.command]
    assert commands[0] == "powershell"


def test_secrets_appear_nowhere() -> None:
    assert "hunter2" not in explain(TLS).to_json()
    assert "someone" not in explain(TLS).to_json()


@pytest.mark.parametrize(
    "host",
    ["$(reboot).example", "a'b.example", 'a"b.example', "a;b.example", "a`id`.example", "a b.x"],
)
def test_no_hostile_host_reaches_a_command(host: str) -> None:
    report = explain(TLS.replace("pypi.corp.example.com", host))
    for remedy in report.remedies:
        for step in remedy.steps:
            assert host not in (step.command or "")
    for cause in report.causes:
        assert all(host not in check.command for check in cause.checks)


def test_reading_goes_on_after_a_feed() -> None:
    explainer = Explainer(source="pipe")
    for character in TLS:
        explainer.feed(character.encode())
    assert explainer.close() == explain(TLS, source="pipe")
    with pytest.raises(ValueError, match="closed"):
        explainer.feed(b"more")


def test_public_names() -> None:
    for name in pipcert_logs.__all__:
        assert getattr(pipcert_logs, name)
    with pytest.raises(AttributeError):
        pipcert_logs.missing  # noqa: B018


def test_the_errors_of_other_programs_are_none_of_an_installer() -> None:
    database = "OperationalError: could not connect to 'db' ([Errno 111] Connection refused)\n"
    assert explain(database).verdict == "clean"
    installed = "Collecting demo\nSuccessfully installed demo-1.0\n" + "test ... ok\n" * 500
    assert explain(installed + database).verdict == "clean"
    pip = 'File "/opt/site-packages/pip/_vendor/urllib3/connection.py", line 174, in _new_conn\n'
    assert explain(pip + "ConnectionRefusedError: [Errno 111] refused\n").verdict == "failed"


def test_the_end_of_a_long_log_is_not_lost() -> None:
    retry = (
        "WARNING: Retrying (Retry(total=4, connect=None)) after connection broken by 'x': /a{}/\n"
    )
    noise = "".join(retry.format(number) for number in range(6000))
    report = explain(noise + "Successfully installed demo-1.0\n" + TLS)
    assert "pypi.corp.example.com" in {failure.endpoint.host for failure in report.failures}
