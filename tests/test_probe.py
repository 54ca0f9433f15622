"""A look at a host: against servers and proxies of the lab on this machine's own address."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from corpus.model import Site
from corpus.sites import BEHAVIOURS
from pipcert_logs import Report, Rules, explain
from pipcert_logs.probe.client import Pip, SslModule, ask
from pipcert_logs.probe.examine import examine
from pipcert_logs.probe.findings import Findings
from pipcert_logs.probe.lines import written
from pipcert_logs.probe.proxies import parse_proxy
from pipcert_logs.probe.target import Target, parse_target
from pipcert_logs.report.text import lines
from tests.probe_lab import HERE, LOCAL, PATIENCE, PROBE, PUBLIC, Lab, free_port, probe

SURE = 0.95


def findings(lab: Lab, rules: Rules, target: Target) -> Findings:
    return examine(target, lab.client, rules, seconds=1)


def look(lab: Lab, rules: Rules, target: Target, log: str = "") -> Report:
    return explain(log + written(findings(lab, rules, target)), rules=rules)


def first(report: Report) -> tuple[str, bool]:
    return report.causes[0].id, report.causes[0].probability >= SURE


def test_nothing_wrong(lab: Lab, rules: Rules) -> None:
    found = findings(lab, rules, Target(LOCAL, lab.site()))
    assert found.verdicts[0].accepted_by_pip
    assert [c and c.issuer.split(",")[0] for c in found.seen.chain] == [
        "CN=Lab Public Trust Services Issuing CA 1",
        "CN=Lab Public Trust Services Root CA",
    ]
    report = explain(written(found), rules=rules)
    assert (report.verdict, report.causes) == ("clean", ())


@pytest.mark.parametrize(
    ("does", "cert", "cause"),
    [
        ("tls", "corp", "private-ca-not-configured"),
        ("tls", "corp-with-root", "private-ca-not-configured"),
        ("tls", "self-signed", "self-signed-certificate"),
        ("tls", "expired", "expired-certificate"),
        ("tls", "future", "not-yet-valid"),
        ("tls", "other-name", "hostname-mismatch"),
        ("tls", "leaf-only", "incomplete-chain"),
        ("tls", "weak-key", "weak-crypto"),
        ("alert", "public", "tls-version"),
        ("tls10", "public", "tls-version"),
        ("http", "public", "wrong-index-url"),
    ],
)
def test_confirmed(lab: Lab, rules: Rules, does: str, cert: str, cause: str) -> None:
    report = look(lab, rules, Target(LOCAL, lab.site(does, cert)))
    assert report.failures[0].endpoint.host == LOCAL
    assert first(report) == (cause, True)


@pytest.mark.parametrize(
    ("does", "cause"),
    [("reset", "connection-reset"), ("eof", "connection-reset"), ("silent", "connection-timeout")],
)
def test_what_a_filter_would_do_too_stays_open(
    lab: Lab, rules: Rules, does: str, cause: str
) -> None:
    report = look(lab, rules, Target(LOCAL, lab.site(does)))
    assert [c.id for c in report.causes] == [cause, "firewall-blocking"]
    assert first(report) == (cause, False)


@pytest.mark.parametrize("does", ["reset-once", "reset-twice", "eof-once"])
def test_what_passes_is_tried_again(lab: Lab, rules: Rules, does: str) -> None:
    assert look(lab, rules, Target(LOCAL, lab.site(does))).verdict == "clean"


def test_a_plain_server_without_a_status_line_is_one_of_http(lab: Lab, rules: Rules) -> None:
    def complain(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(b"<!DOCTYPE HTML>\n<html><h1>Error response</h1></html>")

    assert first(look(lab, rules, Target(LOCAL, lab.serve(complain)))) == ("wrong-index-url", True)


def test_another_protocol_is_no_old_version_of_tls(lab: Lab, rules: Rules) -> None:
    def greet(connection: socket.socket) -> None:
        connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")

    report = look(lab, rules, Target(LOCAL, lab.serve(greet)))
    assert report.causes[0].id == "wrong-index-url"


def test_refused(lab: Lab, rules: Rules) -> None:
    assert first(look(lab, rules, Target(LOCAL, free_port()))) == ("connection-refused", True)


def test_name_that_does_not_resolve(
    lab: Lab, rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_args: object, **_named: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    report = look(lab, rules, Target("mirror.internal.example"))
    assert first(report) == ("dns-failure", True)


@pytest.mark.parametrize(
    ("does", "cause"),
    [
        ("resigning", "proxy-interception"),
        ("407", "proxy-auth-required"),
        ("403", "firewall-blocking"),
        ("503", "proxy-unreachable"),
    ],
)
def test_proxy(
    lab: Lab, rules: Rules, monkeypatch: pytest.MonkeyPatch, does: str, cause: str
) -> None:
    proxy = lab.proxy(does)
    monkeypatch.setenv("https_proxy", f"http://{proxy}")
    report = look(lab, rules, Target(PUBLIC))
    assert first(report) == (cause, True)
    assert report.failures[0].endpoint.via_proxy == proxy


def test_an_internal_host_behind_a_proxy_stays_open(
    lab: Lab, rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", lab.proxy("resigning", cert="corp"))
    report = look(lab, rules, Target("pypi.corp.example.com"))
    likely = {cause.id for cause in report.causes if cause.probability > 0.1}
    assert likely == {"private-ca-not-configured", "proxy-interception"}
    assert report.causes[0].probability < SURE


def test_an_honest_proxy(lab: Lab, rules: Rules, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_PROXY", lab.proxy("honest"))
    assert look(lab, rules, Target(PUBLIC)).verdict == "clean"


def test_a_proxy_that_is_not_there(lab: Lab, rules: Rules, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", f"http://{HERE}:{free_port()}")
    assert first(look(lab, rules, Target(PUBLIC))) == ("proxy-unreachable", True)


def test_a_plain_proxy_named_https(lab: Lab, rules: Rules, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", f"https://{lab.proxy('honest')}")
    assert first(look(lab, rules, Target(PUBLIC))) == ("proxy-misconfigured", True)


def test_socks_without_its_package(lab: Lab, rules: Rules, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "socks5://proxy.example.com:1080")
    assert first(look(lab, rules, Target(PUBLIC))) == ("socks-support-missing", True)


@pytest.mark.parametrize(
    ("state", "cause"), [("missing", "no-ssl-module"), ("broken", "broken-openssl")]
)
def test_a_client_without_tls(lab: Lab, rules: Rules, state: str, cause: str) -> None:
    lab.client = replace(lab.client, tls=SslModule(state, error="No module named '_ssl'"))
    assert first(look(lab, rules, Target(LOCAL, lab.site()))) == (cause, True)


@pytest.mark.parametrize(
    ("content", "cause"), [(None, "ca-bundle-not-found"), ("", "ca-bundle-unreadable")]
)
def test_a_ca_file_of_no_use(
    lab: Lab,
    rules: Rules,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: str | None,
    cause: str,
) -> None:
    ca_file = tmp_path / "corp.pem"
    if content is not None:
        ca_file.write_text(content)
    monkeypatch.setenv("PIP_CERT", str(ca_file))
    assert first(look(lab, rules, Target(LOCAL, lab.site()))) == (cause, True)


def test_a_key_log_that_cannot_be_written(
    lab: Lab, rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", "/no-such-folder/keys.log")
    target = Target(LOCAL, lab.site())
    assert look(lab, rules, target).verdict == "clean"
    lab.client = replace(lab.client, pip=Pip("24.0", str(lab.bundle)))
    assert first(look(lab, rules, target)) == ("ssl-environment", True)


def test_an_old_pip_reads_no_system_store(lab: Lab, rules: Rules, tmp_path: Path) -> None:
    carried = tmp_path / "carried.pem"
    carried.write_bytes(lab.certificates.authorities["newer"].pem("root"))
    target = Target(LOCAL, lab.site())
    lab.client = replace(lab.client, pip=Pip("23.3.2", str(carried)))
    found = {v.by: v.outcome for v in findings(lab, rules, target).verdicts}
    assert found == {"used": "refused", "carried": "refused", "system": "accepted"}
    lab.client = replace(lab.client, pip=Pip("26.3", str(carried)))
    found = {v.by: v.outcome for v in findings(lab, rules, target).verdicts}
    assert (found["used"], found["system"]) == ("accepted", "accepted")


def test_certifi_accepts_what_pips_bundle_lacks(lab: Lab, rules: Rules, tmp_path: Path) -> None:
    carried = tmp_path / "carried.pem"
    carried.write_bytes(lab.certificates.authorities["newer"].pem("root"))
    lab.client = replace(
        lab.client,
        pip=Pip("23.3.2", str(carried)),
        certifi=str(lab.bundle),
        tls=SslModule("present"),
    )
    report = look(lab, rules, Target(LOCAL, lab.site()))
    assert first(report) == ("outdated-ca-bundle", True)


@pytest.mark.parametrize(("status", "cause"), [("401", "index-auth"), ("503", "index-unavailable")])
def test_the_page_asked_for(lab: Lab, rules: Rules, status: str, cause: str) -> None:
    site = Site(LOCAL, pages=status)
    port = lab.serve(BEHAVIOURS["tls"](site, lab.certificates))
    assert first(look(lab, rules, Target(LOCAL, port, "/simple/demo/"))) == (cause, True)
    assert look(lab, rules, Target(LOCAL, port)).verdict == "clean"


# With a log -----------------------------------------------------------------------------------


def refused_log(
    host: str, port: int = 443, reason: str = "unable to get local issuer certificate"
) -> str:
    why = f"SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify \
failed: {reason} (_ssl.c:1006)')"
    return (
        f"Could not fetch URL https://{host}/simple/demo/: There was a problem confirming the ssl "
        f"certificate: HTTPSConnectionPool(host='{host}', port={port}): Max retries exceeded with "
        f"url: /simple/demo/ (Caused by SSLError({why})) - skipping\n"
        "ERROR: No matching distribution found for demo\n"
    )


def probability(report: Report, cause: str) -> float:
    return next((c.probability for c in report.causes if c.id == cause), 0.0)


def test_a_supposed_cause_is_confirmed(
    lab: Lab, rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = refused_log(PUBLIC)
    assert probability(explain(log, rules=rules), "proxy-interception") < 0.6
    monkeypatch.setenv("https_proxy", lab.proxy("resigning"))
    report = look(lab, rules, Target(PUBLIC), log)
    assert first(report) == ("proxy-interception", True)
    assert len(report.failures) == 1
    assert report.failures[0].packages == ("demo",)


def test_what_a_log_states_outlives_a_look_that_finds_nothing_wrong(lab: Lab, rules: Rules) -> None:
    port = lab.site()
    log = refused_log(LOCAL, port)
    before = explain(log, rules=rules)
    after = look(lab, rules, Target(LOCAL, port), log)
    assert (after.verdict, after.remedies) == (before.verdict, before.remedies)
    assert (after.tools, after.python) == (before.tools, before.python)
    assert [c.probability for c in after.causes] == [c.probability for c in before.causes]
    assert after.causes[0].look
    assert after.causes[0].look.outcome == "refuted"
    assert after.causes[0].look.why == "a handshake verified as pip does it succeeds now"


def test_what_a_look_bears_out_no_more_is_told(lab: Lab, tmp_path: Path) -> None:
    port = lab.site(cert="self-signed")
    log = tmp_path / "ci.log"
    log.write_text(
        f"ERROR: Could not install packages due to an OSError: HTTPSConnectionPool(host='{LOCAL}', "
        f"port={port}): Max retries exceeded with url: /simple/demo/ (Caused by "
        f"NewConnectionError('HTTPSConnection(host=\\'{LOCAL}\\', port={port}): Failed to "
        "establish a new connection: [Errno 111] Connection refused'))\n"
    )
    result = probe(f"{LOCAL}:{port}", "--log", str(log), "--format", "json")
    report = json.loads(result.stdout)
    assert report["causes"][0]["id"] == "self-signed-certificate"
    assert report["causes"][0]["look"]["outcome"] == "confirmed"
    assert "bears out no more: nothing listens" in report["summary"]


def test_what_is_found_at_one_port_says_nothing_of_another(lab: Lab, rules: Rules) -> None:
    log = refused_log(LOCAL, 443)
    supposed = explain(log, rules=rules).causes[0]
    report = look(lab, rules, Target(LOCAL, lab.site()), log)
    assert (report.causes[0].id, report.causes[0].probability) == (
        supposed.id,
        supposed.probability,
    )


RETRY = """\
WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after \
connection broken by 'SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] \
certificate verify failed: unable to get local issuer certificate (_ssl.c:1006)'))': /simple/demo/
ERROR: No matching distribution found for demo
"""
SILENT = "ERROR: No matching distribution found for demo\n"


@pytest.mark.parametrize("said", [RETRY, SILENT])
@pytest.mark.parametrize("index", ["https://localhost/simple/", "https://localhost:8443/simple/"])
def test_an_index_at_another_port_is_not_what_was_looked_at(
    lab: Lab, rules: Rules, said: str, index: str
) -> None:
    log = f"Looking in indexes: {index}\n{said}"
    before = explain(log, rules=rules)
    after = look(lab, rules, Target(LOCAL, lab.site()), log)
    assert [f.endpoint for f in after.failures] == [f.endpoint for f in before.failures]
    assert [e for c in after.causes for e in c.evidence if e.signal.startswith("probe-")] == []


def test_an_index_at_this_port_is(lab: Lab, rules: Rules) -> None:
    port = lab.site()
    log = f"Looking in indexes: https://localhost:{port}/simple/\n{RETRY}"
    report = look(lab, rules, Target(LOCAL, port), log)
    assert report.failures[0].endpoint.port == port
    assert report.causes[0].look


def test_a_failure_at_an_untold_port_is_where_somebody_looked(lab: Lab, rules: Rules) -> None:
    port = lab.site()
    report = look(lab, rules, Target(LOCAL, port), RETRY)
    assert report.failures[0].endpoint.port == port
    assert report.causes[0].look


def test_what_fails_at_two_ports_are_two_failures(lab: Lab, rules: Rules) -> None:
    port = lab.site(cert="expired")
    report = look(lab, rules, Target(LOCAL, port), refused_log(LOCAL))
    told = [(f.endpoint.port, f.causes[0].id) for f in report.failures]
    assert told == [(443, "private-ca-not-configured"), (port, "expired-certificate")]


def test_what_refutes_is_shown(rules: Rules) -> None:
    accepted = f"pipcert-probe: verify; host={LOCAL}; port=443; by=used; outcome=accepted; code=0;"
    report = explain(refused_log(LOCAL) + accepted, rules=rules)
    shown = "\n".join(line.plain for line in lines(report, width=200))
    assert "the look refutes it, for here and now: a handshake verified as pip does it" in shown


def test_what_was_found_counts_for_its_host_only(lab: Lab, rules: Rules) -> None:
    log = refused_log(PUBLIC)
    before = explain(log, rules=rules)
    after = look(lab, rules, Target(LOCAL, lab.site()), log)
    assert [(c.id, c.probability) for c in after.causes] == [
        (c.id, c.probability) for c in before.causes
    ]


def test_a_wrong_clock_and_a_right_one(rules: Rules) -> None:
    def told(ahead: int) -> str:
        at = "host=pypi.org; port=443"
        return (
            f"pipcert-probe: looked; {at}; at=2046-05-01T12.00Z\n"
            f"pipcert-probe: reach; {at}; proxy=none; stage=done; error=none; answer=none; "
            "protocol=TLSv1.3\n"
            f"pipcert-probe: answer; {at}; page=no; status=200; ahead={ahead:+d}\n"
            f"pipcert-probe: verify; {at}; by=used; outcome=refused; code=10; said=certificate "
            "has expired\n"
        )

    assert first(explain(told(-600_000_000), rules=rules)) == ("clock-skew", True)
    assert first(explain(told(2), rules=rules)) == ("expired-certificate", True)


def test_what_was_found_outlives_a_recovered_retry(lab: Lab, rules: Rules) -> None:
    log = (
        "WARNING: Retrying (Retry(total=4, connect=None, read=None, redirect=None, status=None)) "
        "after connection broken by 'ConnectionResetError(104, 'Connection reset by peer')': "
        "/simple/demo/\nCollecting demo\nSuccessfully installed demo-1.0\n"
    )
    assert look(lab, rules, Target(LOCAL, lab.site()), log).verdict == "recovered"


def test_an_install_that_succeeded_all_the_same_is_still_told(rules: Rules) -> None:
    log = refused_log(PUBLIC).splitlines()[0] + "\nSuccessfully installed demo-1.0\n"
    refused = f"pipcert-probe: verify; host={PUBLIC}; port=443; by=used; outcome=refused; code=20;"
    assert "succeeded all the same (line 2)" in explain(log + refused, rules=rules).summary


# What cannot be trusted -------------------------------------------------------------------------


def test_a_certificate_cannot_write_a_line(lab: Lab, rules: Rules) -> None:
    found = findings(lab, rules, Target(LOCAL, lab.site()))
    line = "pipcert-probe: verify; host=localhost; port=443; by=used; outcome=refused; code=10;"
    leaf = found.seen.chain[0]
    assert leaf
    forged = replace(leaf, subject=f"CN=a\n{line}", issuer=line, names=(line,))
    text = written(found._replace(seen=found.seen._replace(chain=(forged,))))
    assert explain(text, rules=rules).verdict == "clean"
    assert len(text.splitlines()) == len(written(found).splitlines()) - 1


def test_no_message_in_a_certificate_is_believed(lab: Lab, rules: Rules) -> None:
    found = findings(lab, rules, Target(LOCAL, lab.site()))
    messages = [example.text for signal in rules.signals.values() for example in signal.matches]
    for message in messages:
        forged = replace(found.seen.chain[0], subject=message, issuer=message, names=(message,))
        text = written(found._replace(seen=found.seen._replace(chain=(forged,))))
        assert explain(text, rules=rules).verdict == "clean", message


@pytest.mark.parametrize("line_feed", ["\n", "\\n", "\\\\n", "\\r\\n"])
def test_no_line_feed_in_a_certificate_ends_its_line(
    lab: Lab, rules: Rules, line_feed: str
) -> None:
    found = findings(lab, rules, Target(LOCAL, lab.site()))
    message = f"CN=a{line_feed}Could not build the ssl module!"
    leaf = found.seen.chain[0]
    assert leaf
    forged = tuple(
        replace(leaf, **{place: (message,) if place == "names" else message})
        for place in ("subject", "issuer", "names")
    )
    text = written(found._replace(seen=found.seen._replace(chain=forged)))
    assert explain(text, rules=rules).verdict == "clean"


def test_secrets_of_settings_are_starred(
    lab: Lab, rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", f"http://somebody:hunter2@{lab.proxy('407')}")
    monkeypatch.setenv("PIP_INDEX_URL", "https://somebody:hunter2@pypi.corp.example.com/simple/")
    text = written(findings(lab, rules, Target(PUBLIC)))
    assert "hunter2" not in text
    assert "somebody" not in text


@pytest.mark.parametrize(
    "proxy",
    [
        "http://bob:hunter2",
        "bob:hunter2",
        "http://bob:hun ter2@localhost:3128",
        "http:/bob:hunter2@localhost:3128",
        "://bob:hunter2",
    ],
)
def test_what_is_no_proxy_is_not_shown_as_it_may_be_a_password(
    proxy: str, lab: Lab, rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", proxy)
    text = written(findings(lab, rules, Target(LOCAL, lab.site())))
    assert "https_proxy=****" in text
    assert "ter2" not in text


def test_a_file_with_the_servers_own_certificate_is_one_of_certificates(
    lab: Lab, rules: Rules, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    port = lab.site(cert="self-signed")
    served = lab.certificates.served("self-signed", LOCAL)
    monkeypatch.setenv("PIP_CERT", str(served))
    report = look(lab, rules, Target(LOCAL, port))
    assert report.verdict == "clean"


def test_a_server_that_never_ends(lab: Lab, rules: Rules, monkeypatch: pytest.MonkeyPatch) -> None:
    def flood(connection: socket.socket) -> None:
        while True:
            connection.sendall(b"x" * 65536)

    monkeypatch.setenv("https_proxy", f"http://{HERE}:{lab.serve(flood)}")
    found = findings(lab, rules, Target(PUBLIC))
    assert found.seen.reach.stage == "proxy-answer"


# The command ------------------------------------------------------------------------------------


def test_the_command_shows_what_it_found_and_what_it_means(lab: Lab) -> None:
    port = lab.site(cert="self-signed")
    result = probe(f"{LOCAL}:{port}", "--python", sys.executable)
    assert result.returncode == 1
    verdict, asked, *_ = result.stdout.splitlines()
    assert verdict == f"{LOCAL}:{port}: the server's own certificate is self-signed."
    assert asked.endswith(f"Python {sys.version.split()[0]}, {sys.executable}")
    shown = result.stdout.partition("What was looked at\n")[2]
    assert shown.startswith(f"pipcert-probe: looked; host={LOCAL}; port={port}; at=")
    assert "[self-signed-certificate]" in result.stdout


def test_the_command_finds_nothing_wrong(lab: Lab) -> None:
    port = lab.site()
    result = probe(f"https://{LOCAL}:{port}/", "--format", "json", PIP_CERT=str(lab.bundle))
    report = json.loads(result.stdout)
    assert result.returncode == 0, result.stderr
    assert (
        report["summary"]
        == f"{LOCAL}:{port} answers, and what pip goes by accepts its \
certificate."
    )
    assert any("; by=used; outcome=accepted;" in line for line in report["probe"])
    assert [tool["name"] for tool in report["tools"]] == ["pip"]
    assert report["python"] == ".".join(str(part) for part in sys.version_info[:3])


def test_a_refusal_that_no_cause_explains_is_told(lab: Lab) -> None:
    port = lab.site(cert="for-mail")
    result = probe(f"{LOCAL}:{port}", "--format", "json", PIP_CERT=str(lab.bundle))
    summary = json.loads(result.stdout)["summary"]
    assert "pip would refuse the certificate" in summary
    assert "OpenSSL's code 26" in summary
    assert "install" not in summary


def test_rules_and_shell_are_those_asked_for(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "off.toml").write_text('causes = ["private-ca-not-configured"]\n')
    call = (f"{LOCAL}:{lab.site(cert='corp-with-root')}", "--format", "json")
    report = json.loads(probe(*call, "--rules", str(tmp_path), "--shell", "powershell").stdout)
    assert "private-ca-not-configured" not in {cause["id"] for cause in report["causes"]}
    typed = [step["shell"] for step in report["remedies"][0]["steps"] if step["command"]]
    assert typed[0] == "powershell"
    refused = probe(*call, "--rules", str(tmp_path / "none"))
    assert refused.returncode == 2
    assert "none" in refused.stderr


def test_the_command_with_a_log(lab: Lab) -> None:
    port = lab.site(cert="corp-with-root")
    log = refused_log(LOCAL, port).encode()
    result = probe(f"{LOCAL}:{port}", "--log", "-", "--format", "json", log=log)
    report = json.loads(result.stdout)
    assert [f["endpoint"]["host"] for f in report["failures"]] == [LOCAL]
    assert report["causes"][0]["id"] == "private-ca-not-configured"
    assert report["causes"][0]["probability"] >= SURE


def test_the_command_keeps_what_a_log_of_another_machine_states(lab: Lab, tmp_path: Path) -> None:
    port = lab.site()
    log = tmp_path / "ci.log"
    log.write_text(refused_log(LOCAL, port))
    here = {"PIP_CERT": str(lab.bundle)}
    result = probe(f"{LOCAL}:{port}", "--log", str(log), **here)
    assert result.returncode == 1
    told = " ".join(result.stdout.split())
    assert "internal CA that the client does not know. From here, now: localhost" in told
    assert "So compare the machine that printed the log with this one: PIP_CERT and --cert" in told
    assert "1. " in told
    elsewhere = refused_log("pypi.corp.example.com").encode()
    assert "From here" not in probe(f"{LOCAL}:{port}", "--log", "-", log=elsewhere, **here).stdout


def test_the_root_is_written_once(lab: Lab, tmp_path: Path) -> None:
    port, file = lab.site(cert="corp-with-root"), tmp_path / "root.pem"
    result = probe(f"{LOCAL}:{port}", "--write-root", str(file))
    assert result.returncode == 1
    assert file.read_bytes() == lab.certificates.authorities["corp"].pem("root")
    assert "holds the root" in result.stderr
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(file.read_text())).hexdigest()
    assert digest.upper() in result.stderr.replace(":", "")
    assert "Compare it with what your company publishes" in result.stderr
    again = probe(f"{LOCAL}:{port}", "--write-root", str(file))
    assert again.returncode == 2
    assert "is not overwritten" in again.stderr


def test_a_root_that_cannot_be_written(lab: Lab, tmp_path: Path) -> None:
    file = tmp_path / "no-such-folder" / "root.pem"
    result = probe(f"{LOCAL}:{lab.site()}", "--write-root", str(file), PIP_CERT=str(lab.bundle))
    assert result.returncode == 2
    assert "cannot be written" in result.stderr


def test_a_chain_without_its_root_is_not_called_one(lab: Lab, tmp_path: Path) -> None:
    file = tmp_path / "top.pem"
    result = probe(f"{LOCAL}:{lab.site(cert='corp')}", "--write-root", str(file))
    assert "The server sent no root" in result.stderr
    assert "cannot be used as the CA" in result.stderr
    assert "Compare it" not in result.stderr
    assert file.read_bytes() == lab.certificates.authorities["corp"].pem("intermediate")


def test_where_there_is_no_certificate_none_is_written(tmp_path: Path) -> None:
    file = tmp_path / "root.pem"
    result = probe(f"{LOCAL}:{free_port()}", "--write-root", str(file))
    assert result.returncode == 1
    assert "was not written" in result.stderr
    assert "[connection-refused]" in result.stdout
    assert not file.exists()


@pytest.mark.parametrize(
    "typed", ["me:hunter2@pypi.org", "me:hun/ter2@pypi.org", "http://me:hun#ter2@pypi.org/?a=@b"]
)
def test_a_login_that_was_typed_is_not_repeated(typed: str) -> None:
    result = probe(typed)
    assert result.returncode == 2
    assert "ter2" not in result.stdout + result.stderr
    assert "me:" not in result.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("no host",), "is no host"),
        (("",), "an empty text is no host"),
        (("http://pypi.org/",), "is a plain http:// address"),
        ((HERE, "--python", "/bin/ls"), "/bin/ls does not answer as a Python does"),
        (("pypi.org:0",), "is no host"),
        (("$(reboot)",), "is no host"),
        ((HERE, "--python", "no-such-python"), "does not run"),
        ((HERE, "--log", "no-such.log"), "does not exist"),
        ((HERE, "--timeout", "0"), "--timeout"),
        ((), "HOST"),
    ],
)
def test_wrong_arguments(words: tuple[str, ...], said: str) -> None:
    result = probe(*words)
    assert result.returncode == 2
    assert said in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="no terminals of this kind here")
def test_a_terminal_is_told_that_something_goes_on() -> None:
    ours, theirs = os.openpty()
    call = (*PROBE, f"{HERE}:{free_port()}")
    subprocess.run(
        call,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        timeout=PATIENCE,
        check=False,
        env={**os.environ, "TERM": "xterm"},
    )
    os.close(theirs)
    assert b"Looking at 127.0.0.1" in os.read(ours, 65536)
    os.close(ours)


def test_without_the_package_for_certificates() -> None:
    call = "import sys; sys.modules['cryptography'] = None; sys.argv = ['x', 'probe', 'pypi.org']; \
from pipcert_logs.cli.main import main; main()"
    result = subprocess.run(
        [sys.executable, "-c", call], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert result.returncode == 2
    assert f"{sys.executable} -m pip install cryptography" in result.stderr


def test_nobody_else_loads_it() -> None:
    call = "import sys, pipcert_logs.cli.explain, pipcert_logs.cli.commands; \
sys.exit(any(name.startswith('pipcert_logs.probe') for name in sys.modules))"
    assert (
        subprocess.run([sys.executable, "-c", call], timeout=PATIENCE, check=False).returncode == 0
    )


# Parts ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("PyPI.org", Target("pypi.org")),
        ("pypi.org:8443", Target("pypi.org", 8443)),
        ("::1", Target("::1")),
        ("[::1]", Target("::1")),
        ("[::1]:8443", Target("::1", 8443)),
        ("https://me:secret@pypi.org/simple/?token=1", Target("pypi.org", path="/simple/")),
        ("https://[::1]:8443", Target("::1", 8443)),
        ("pypi.org/simple", None),
        ("ftp://pypi.org", None),
        ("pypi.org:99999", None),
        ("", None),
    ],
)
def test_targets(text: str, target: Target | None) -> None:
    assert parse_target(text) == target


def test_proxies() -> None:
    found = parse_proxy("me:p%40ss@proxy.example.com:3128")
    assert found
    assert (found.address, found.user, found.password) == ("proxy.example.com:3128", "me", "p@ss")
    assert parse_proxy("http://bad host:1") is None
    assert parse_proxy("http://proxy.example.com:port") is None


def test_this_python_says_what_it_is() -> None:
    client = ask(sys.executable)
    assert client.python == ".".join(str(part) for part in sys.version_info[:3])
    assert client.tls.state == "present"
    assert client.pip.bundle is None or client.pip.bundle.endswith(".pem")
