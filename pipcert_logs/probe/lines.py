"""What was found, as lines of text: people read them, and so do the rules.

Each line is `pipcert-probe: WORD; key=value; key=value`, with the keys of a word always in the
same order, so that a rule needs no search. What comes from a server holds neither the `:` nor the
`;` that would let it pass for another line or key, nor the backslash of a written-out line feed, at
which a line is taken apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipcert_logs.probe.certificates import Certificate
from pipcert_logs.probe.findings import Findings, Store, Verdict
from pipcert_logs.probe.settings import Setting
from pipcert_logs.read.redact import MASK, redact
from pipcert_logs.report.inert import inert

_LONGEST = 200
_PROXY = re.compile(
    r"(?:[a-z][a-z0-9+.-]*://)?(?:\*{4}@)?(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?/?", re.IGNORECASE
)
_KEYS = re.compile(r"[:;]")


def written(findings: Findings) -> str:
    """Return the lines, each with its line feed."""
    return "".join(f"{line}\n" for line in _lines(findings))


def _lines(found: Findings) -> Iterator[str]:
    client, at = found.client, {"host": found.target.host, "port": found.target.port}
    yield _line("looked", **at, at=f"{found.time:%Y-%m-%dT%H.%MZ}")
    yield _line(
        "python",
        version=client.python,
        pip=client.pip.version or "none",
        path=inert(client.executable)[:_LONGEST],
    )
    yield _line(
        "ssl",
        **at,
        state=client.tls.state,
        said=_text(client.tls.openssl or client.tls.error),
    )
    for setting in found.settings.shown:
        yield _line("setting", used=_yes(setting.used)) + f"; {_told(setting)}"
    if found.key_log:
        yield _line("key-log", **at, state="unusable", path=inert(found.key_log)[:_LONGEST])
    if client_cert := found.client_cert:
        path = inert(client_cert.path)[:_LONGEST]
        yield _line("client-cert", **at, state=client_cert.state, path=path)
    for store in found.stores:
        yield _store(store, at)
    yield from _host(found, at)


def _told(setting: Setting) -> str:
    """Write a setting without its secrets; what should be a proxy and is none may be one whole."""
    told = redact(f"{setting.name}={setting.value}")
    name, _, value = told.partition("=")
    is_proxy = name.lower().endswith("proxy") and not name.lower().endswith("no_proxy")
    if is_proxy and not _PROXY.fullmatch(value):
        told = f"{name}={MASK}"
    return inert(told)[:_LONGEST]


def _host(found: Findings, at: dict[str, object]) -> Iterator[str]:
    reach = found.seen.reach
    if found.unnamed_port:
        yield _line("proxy-port", **at, named="no", used=found.unnamed_port)
    yield _line(
        "reach",
        **at,
        proxy=found.proxy,
        stage=reach.stage,
        error=reach.error,
        answer=reach.answer,
        protocol=reach.protocol,
        tries=reach.tries,
    )
    for number, certificate in enumerate(found.seen.chain, 1):
        yield _certificate(number, certificate, at)
    if found.chain:
        yield _line("chain", **at, **found.chain._asdict())
    if answer := found.seen.answer:
        offset = "unknown" if answer.ahead is None else f"{answer.ahead:+d}"
        page = _yes(answer.page)
        yield _line("answer", **at, page=page, status=answer.status, ahead=offset)
    for verdict in found.verdicts:
        yield _verdict(verdict, at)


def _store(store: Store, at: dict[str, object]) -> str:
    return _line(
        "store",
        **at,
        name=store.name,
        used=_yes(store.used),
        state=store.state,
        certificates=store.count,
        path=inert(store.path)[:_LONGEST],
    )


def _certificate(number: int, certificate: Certificate | None, at: dict[str, object]) -> str:
    if certificate is None:
        return _line("certificate", **at, number=number, state="unreadable")
    return _line(
        "certificate",
        **at,
        number=number,
        ca=_yes(certificate.is_ca),
        self_issued=_yes(certificate.self_issued),
        not_before=f"{certificate.not_before:%Y-%m-%dT%H.%MZ}",
        not_after=f"{certificate.not_after:%Y-%m-%dT%H.%MZ}",
        key=certificate.key,
        digest=certificate.digest,
        sha256=certificate.fingerprint.replace(":", ""),
        names=_text(",".join(certificate.names)) or "none",
        issuer=_text(certificate.issuer),
        subject=_text(certificate.subject),
    )


def _verdict(verdict: Verdict, at: dict[str, object]) -> str:
    return _line(
        "verify",
        **at,
        by=verdict.by,
        outcome=verdict.outcome,
        code=verdict.code,
        said=_text(verdict.text) or "nothing",
    )


def _line(word: str, **values: object) -> str:
    pairs = (f"{key.replace('_', '-')}={value}" for key, value in values.items())
    return "; ".join([f"pipcert-probe: {word}", *pairs])


def _yes(fact: bool) -> str:
    return "yes" if fact else "no"


def _text(untrusted: str) -> str:
    return _KEYS.sub("_", inert(untrusted).replace("\\", ""))[:_LONGEST]
