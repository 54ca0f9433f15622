"""The report on a look, with the log beside it if there is one."""

from __future__ import annotations

from msgspec.structs import replace

from pipcert_logs.explainer import Explainer, explain
from pipcert_logs.knowledge.load import Rules
from pipcert_logs.probe.findings import USED, Findings
from pipcert_logs.probe.lines import written
from pipcert_logs.report.inert import inert
from pipcert_logs.report.model import Failure, Report, Tool

_COMPARE = (
    "So compare the machine that printed the log with this one: PIP_CERT and --cert, the other "
    "variables and pip's configuration, pip's version, the network and its proxies."
)


def explained(explainer: Explainer, found: Findings, rules: Rules, log: Report | None) -> Report:
    """Explain a log that was fed, and a look; where nothing is wrong at the host, that is the news.

    Args:
        explainer: what has read the log, if there is one.
        found: what the look found.
        rules: the knowledge to use.
        log: what the log alone says; without one nothing is known of an install.
    """
    text = written(found)
    explainer.feed(text.encode())
    report = replace(explainer.close(), probe=tuple(text.splitlines()), looked_as=found.client.name)
    if report.verdict == "clean":
        return _of_client(replace(report, summary=_seen(found)), found)
    if report.verdict == "unexplained":
        told = f"{report.summary} " if log else ""
        return replace(report, summary=f"{told}{_seen(found)}")
    pairs = _before_and_after(log, report) if log else []
    if pairs and explain(text, rules=rules).verdict == "clean":
        return replace(
            report, summary=f"{report.summary} From here, now: {_seen(found)} {_COMPARE}"
        )
    gone = "".join(
        f" The log alone points to this, which the look bears out no more: {cause.title}."
        for before, after in pairs
        for cause in before.causes[:1]
        if cause.id not in {other.id for other in after.causes}
    )
    return replace(report, summary=f"{report.summary}{gone}")


def _of_client(report: Report, found: Findings) -> Report:
    """Name the programs that were asked, as no failure does."""
    client = found.client
    pip = (Tool("pip", client.pip.version),) if client.pip.version else ()
    return replace(
        report,
        tools=report.tools or pip,
        python=report.python or client.python,
        python_from=report.python_from or "it was asked",
    )


def _before_and_after(log: Report, report: Report) -> list[tuple[Failure, Failure]]:
    """Give what failed where the look was, by the log alone and with the look."""
    pairs = zip(log.failures, report.failures, strict=False)
    return [(old, new) for old, new in pairs if any(cause.look for cause in new.causes)]


def _seen(found: Findings) -> str:
    """Say what pip would meet at the host."""
    address = found.target.address
    by_used = next((v for v in found.verdicts if v.by == USED), None)
    if by_used and by_used.outcome == "refused":
        return (
            f"pip would refuse the certificate of {address}: {inert(by_used.text)} "
            f"(OpenSSL's code {by_used.code}). Show that to the owner of the server."
        )
    if by_used and by_used.outcome == "not-verified":
        return (
            f"{address} answers, and pip does not verify it: {found.settings.trusted} names it "
            "as a trusted host, so anybody on the way can pose as it."
        )
    if by_used and by_used.accepted_by_pip:
        return f"{address} answers, and what pip goes by accepts its certificate."
    return f"Nothing was found wrong at {address}; not all could be looked at."
