"""The worked example of CONTRIBUTING.md works, and needs no Python."""

from __future__ import annotations

import re
from pathlib import Path

from pipcert_logs import Rules, explain
from pipcert_logs.authoring.check import check

ROOT = Path(__file__).parent.parent
EXAMPLE = re.compile(r"^`([\w/-]+\.toml)`:\n\n```toml\n(.*?)^```", re.MULTILINE | re.DOTALL)
LOG = (
    "WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after "
    "connection broken by 'SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] "
    "certificate verify failed: unsupported certificate purpose (_ssl.c:1006)'))': /simple/demo/\n"
    "ERROR: No matching distribution found for demo\n"
)


def test_worked_example(tmp_path: Path) -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    examples = EXAMPLE.findall(text)
    assert len(examples) == 3
    for name, content in examples:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")

    assert check(tmp_path) == []
    assert explain(LOG).causes[0].id != "wrong-certificate-purpose"
    report = explain(LOG, rules=Rules.load(tmp_path))
    assert [cause.id for cause in report.causes][:1] == ["wrong-certificate-purpose"]
    assert "package-not-found" not in [cause.id for cause in report.causes]
