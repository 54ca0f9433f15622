"""The rules that ship hold what they promise, and a wrong rule is refused with its place."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import tomli

from pipcert_logs import RuleError, Rules, explain
from pipcert_logs.authoring.check import check
from pipcert_logs.authoring.schema import schema
from pipcert_logs.knowledge.load import builtin_directory
from pipcert_logs.match.prefilter import FAST, Prefilter

DESIGN_CAUSES = frozenset(
    (
        *("missing-issuer", "outdated-ca-bundle", "private-ca-not-configured"),
        *("self-signed-certificate", "self-signed-chain", "proxy-interception"),
        *("incomplete-chain", "expired-certificate", "not-yet-valid", "clock-skew"),
        *("hostname-mismatch", "strict-x509", "weak-crypto", "tls-version", "no-ssl-module"),
        *("broken-openssl", "sni-unsupported", "ca-bundle-not-found", "ca-bundle-unreadable"),
        *("ssl-environment", "client-defect", "mixed-indexes", "insecure-index", "index-auth"),
        *("index-unavailable", "wrong-index-url", "package-not-found", "proxy-misconfigured"),
        *("proxy-auth-required", "proxy-unreachable", "socks-support-missing"),
        *("firewall-blocking", "dns-failure", "connection-refused", "connection-timeout"),
        *("connection-reset", "network-unreachable"),
    )
)
SIGNAL = """
[[signal]]
id = "{id}"
role = "reason"
states = "the example tool gave up"
anchors = ["frobnication failed"]
pattern = '''frobnication failed for (?P<host> [a-z.]{{3,80}} )'''
printed_by = {{ program = "example", format = "frobnication failed for %s" }}
[[signal.matches]]
text = "frobnication failed for pypi.example.net"
captures = {{ host = "{host}" }}
[[signal.differs]]
text = "frobnication succeeded"
why = "nothing failed"
"""


def pack(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_toml", ".toml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_all_rules_hold() -> None:
    assert check() == []


def test_every_cause_of_the_design_is_there_and_no_other(rules: Rules) -> None:
    assert set(rules.causes) >= DESIGN_CAUSES


@pytest.mark.parametrize("kind", ["signals", "causes", "remedies"])
def test_rule_files_agree_with_their_schema(kind: str) -> None:
    validator = jsonschema.Draft202012Validator(schema(kind))
    files = sorted((builtin_directory() / kind).glob("*.toml"))
    assert files
    for path in files:
        validator.validate(tomli.loads(path.read_text(encoding="utf-8")))


def test_the_literals_cover_all_anchors_and_stay_few(rules: Rules) -> None:
    anchors = [a for s in rules.signals.values() for a in s.sought]
    literals = Prefilter(anchors, rules.literals).literals
    assert len(literals) <= 2 * FAST
    assert all(any(lit.decode() in anchor for lit in literals) for anchor in anchors)


def test_no_remedy_that_weakens_verification_lacks_a_caution(rules: Rules) -> None:
    for remedy in rules.remedies.values():
        assert remedy.verification == "keeps" or remedy.caution, remedy.id


def test_no_first_remedy_switches_verification_off(rules: Rules) -> None:
    for cause in rules.causes.values():
        assert rules.remedies[cause.remedies[0].id].verification == "keeps", cause.id


def test_a_pack_adds_a_signal(tmp_path: Path) -> None:
    pack(tmp_path, signals__own_toml=SIGNAL.format(id="frobnication", host="pypi.example.net"))
    assert check(tmp_path) == []


def test_a_probed_signal_that_no_cause_hears_is_told(tmp_path: Path) -> None:
    text = SIGNAL.format(id="unheard", host="pypi.example.net")
    text = text.replace('role = "reason"', 'role = "context"\nprobed = true')
    pack(tmp_path, signals__own_toml=text)
    told = "signal unheard: is probed, and no evidence of a cause asks for it"
    assert check(tmp_path) == [told]


CAUSE = """\
id = "own"
family = "network"
title = "a cause"
explanation = "It happens."
prior = -3.0
[[evidence]]
signal = ["{signal}"]
weight = 1.0
why = "it says so"
[[remedies]]
id = "own-remedy"
"""
REMEDY = """\
id = "own"
title = "a remedy"
verification = "keeps"
[[steps]]
text = "Do it."
command = "ping {{hots}}"
"""


def test_a_pack_overrides_and_switches_off(tmp_path: Path) -> None:
    pack(tmp_path, off_toml='signals = ["verify-expired"]\n')
    rules = Rules.load(tmp_path)
    assert "verify-expired" not in rules.signals
    log = b"certificate verify failed: certificate has expired (_ssl.c:1006)"
    assert explain(log, rules=rules).verdict == "clean"
    assert explain(log).causes[0].id == "expired-certificate"


def test_an_example_that_does_not_match_is_told(tmp_path: Path) -> None:
    pack(tmp_path, signals__own_toml=SIGNAL.format(id="frobnication", host="other.example.net"))
    assert "captures host='pypi.example.net'" in check(tmp_path)[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[signal]]\nid = 7\n", "own.toml:2: Expected `str`, got `int` at $.signal[0].id"),
        ("[[signal]\n", "own.toml:1: is no TOML"),
        ('[[signal]]\nid = "x"\nrole = "frame"\n', "missing required field `states`"),
        (SIGNAL.format(id="x", host="y") + 'colour = "red"\n', "unknown field `colour`"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(RuleError) as error:
        Rules.load(pack(tmp_path, signals__own_toml=text))
    assert expected in str(error.value)
    assert "expected" in str(error.value)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "signals__own_toml",
            SIGNAL.format(id="x", host="y").replace("failed for", "failed ( for"),
            "own.toml:3: the pattern does not compile",
        ),
        (
            "signals__own_toml",
            SIGNAL.format(id="x", host="y").replace(
                "[[signal.matches]]", 'other_than = { host = "missing" }\n[[signal.matches]]', 1
            ),
            "there is no list 'missing' in names.toml",
        ),
        ("records_toml", "head_patterns = ['(']", "records.toml:1: '(' does not compile"),
        ("traits_toml", "[trait.loop]\ntraits = ['loop']", "refers to itself"),
        ("traits_toml", "[trait.one]\ntraits = ['missing']", "toml:2: there is no trait 'missing'"),
        ("traits_toml", "[trait.one]\npip = '>=24,<20'", "toml:2: no version is in '>=24,<20'"),
        ("traits_toml", "[trait.one]\nno_signal = ['missing']", "there is no signal 'missing'"),
        ("traits_toml", "[trait.one.captures]\nhots = 'x'", "capture 'hots' is none of"),
        ("signals__own_toml", SIGNAL.format(id="Own_Rule", host="y"), "is not of small letters"),
        ("causes__own_toml", CAUSE.format(signal="missing"), "there is no signal 'missing'"),
        ("causes__own_toml", CAUSE.format(signal="dns-failure"), "there is no remedy 'own-remedy'"),
        ("remedies__own_toml", REMEDY, "own.toml:6: 'hots' is neither an input nor known"),
    ],
)
def test_rules_that_do_not_fit_together_are_refused(
    tmp_path: Path, name: str, text: str, expected: str
) -> None:
    with pytest.raises(RuleError) as error:
        Rules.load(pack(tmp_path, **{name: text}))
    assert expected in str(error.value)


def test_a_signal_without_examples_is_refused(tmp_path: Path) -> None:
    text = SIGNAL.format(id="x", host="y").split("[[signal.differs]]")[0]
    with pytest.raises(RuleError, match="differs"):
        Rules.load(pack(tmp_path, signals__own_toml=text))


def test_an_installed_package_offers_a_pack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "acme_rules").mkdir()
    (tmp_path / "acme_rules" / "__init__.py").touch()
    pack(tmp_path / "acme_rules", signals__own_toml=SIGNAL.format(id="x", host="pypi.example.net"))
    metadata = tmp_path / "acme_rules-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-rules\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[pipcert_logs.rules]\nacme = acme_rules\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert "x" in Rules.load(Path("acme")).signals
    assert "x" not in Rules.load().signals


def test_a_missing_pack_is_told(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="is no folder"):
        Rules.load(tmp_path / "missing")


def test_a_remedy_is_described_by_its_id() -> None:
    call = [sys.executable, "-m", "pipcert_logs", "causes"]
    shown = subprocess.run([*call, "trusted-host"], capture_output=True, text=True, check=True)
    assert "switches verification OFF" in shown.stdout
    assert "Caution: " in shown.stdout
    assert "proxy-interception" in shown.stdout
    wrong = subprocess.run([*call, "trusted-hosts"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 2
    assert "Did you mean trusted-host" in wrong.stderr
