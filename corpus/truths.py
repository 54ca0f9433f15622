"""What a truthful person answers, who meets a fault of the lab: from how the fault is made.

An answer is None where the person of that place could not tell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from corpus import real_indexes
from corpus.faults.runtime import CLOCK
from corpus.model import OWNER, READER, TEAM, Fault, Site

_PUBLIC = ("pypi.org", "pypi.python.org", "files.pythonhosted.org")
_ISSUERS = {
    **dict.fromkeys(("public", "newer-public", "leaf-only", "for-mail", "rsa"), "public"),
    **dict.fromkeys(("expired", "expired-intermediate", "future", "sha1", "weak-key"), "public"),
    **dict.fromkeys(("other-name", "other-name-expired", "no-key-usage"), "public"),
    **dict.fromkeys(("corp", "corp-with-root"), "organisation"),
    **dict.fromkeys(("inspected", "inspected-with-root"), "organisation"),
    "self-signed": "itself",
}
_RESIGNING = ("resigning", "bumping")
_SSL_MODULE = {"11-no-ssl-module": "missing", "11-libssl-unloadable": "broken"}
_PROXY_VARIABLES = ("https_proxy", "http_proxy", "all_proxy")
_STATUS = {
    "200": "listed",
    "401": "denied",
    "403": "denied",
    "404": "missing",
    "login": "other-page",
    "to-login": "other-page",
}
_GONE = ("nxdomain", "servfail")
_BY_CURL = {
    **dict.fromkeys(_GONE, "no-name"),
    **dict.fromkeys(("refused", "unreachable", "no-route"), "refused"),
    "stalled": "timed-out",
}


def truth(fault: Fault, question: str) -> str | None:
    """Return the id of the truthful answer to a question."""
    told = _TOLD.get(question)
    return told(fault) if told else None


def _site(fault: Fault) -> Site | None:
    """Return the site at which the fault shows, or the only one."""
    at = [site for site in fault.sites if site.host in fault.hosts] or list(fault.sites)
    return at[0] if at else None


def _public(fault: Fault) -> bool:
    site = _site(fault)
    return site is not None and site.host in _PUBLIC


def _clock(fault: Fault) -> str:
    return "wrong" if CLOCK.items() <= fault.env.items() else "right"


def _issuer(fault: Fault) -> str | None:
    if fault.proxy and fault.proxy.does in _RESIGNING:
        return _ISSUERS.get(fault.proxy.cert)
    site = _site(fault)
    answers = site is not None and site.does == "tls" and not fault.proxy
    return _ISSUERS.get(site.cert) if site and answers else None


def _other_network(fault: Fault) -> str | None:
    """What fails at the public hosts themselves may be their fault, or that of the way."""
    site = _site(fault)
    if site is None or not _public(fault) or site.does != "tls":
        return None  # an internal host is not within reach there
    on_the_way = fault.proxy or _foreign(site) or TEAM in fault.mended_by
    return "works" if on_the_way else "fails"


def _foreign(site: Site) -> bool:
    """Tell whether somebody else answers for a public host."""
    return site.cert in ("inspected", "inspected-with-root", "self-signed")


def _company_network(fault: Fault) -> str:
    site = _site(fault)
    inspected = site is not None and _foreign(site)
    managed = fault.proxy or inspected or TEAM in fault.mended_by
    return "yes" if managed or not _public(fault) else "no"


def _host_owner(fault: Fault) -> str | None:
    return None if _site(fault) is None else "public" if _public(fault) else "own"


def _package_page(fault: Fault) -> str | None:
    site = _site(fault)
    if site is None or fault.proxy or site.does not in ("tls", *real_indexes.SERVERS):
        return None
    if site.pages != "200":
        return "no-list"
    if any(package in fault.call for package in site.packages):
        return "listed" if site.does == "tls" else None
    return None if _public(fault) and "--upgrade" in fault.call else "not-listed"


def _index_answer(fault: Fault) -> str | None:
    site = _site(fault)
    if site is None or fault.proxy:
        return None
    if site.does in _BY_CURL:
        return _BY_CURL[site.does]
    if site.pages == "200" and site.does != "tls":
        return None
    return _STATUS.get(site.pages, "broken") if site.cert in ("public", "rsa") else None


def _other_machines(fault: Fault) -> str | None:
    if fault.mended_by == (READER,):
        return "work"
    return "fail" if READER not in fault.mended_by else None


def _proxy_variables(fault: Fault) -> str:
    return "set" if any(n.lower() in _PROXY_VARIABLES for n in fault.env) else "unset"


def _python_ssl(fault: Fault) -> str:
    return _SSL_MODULE.get(fault.id, "works")


def _name_resolves(fault: Fault) -> str | None:
    site = _site(fault)
    return None if site is None else "no" if site.does in _GONE else "yes"


def _index_login(fault: Fault) -> str | None:
    site = _site(fault)
    if site is None:
        return None
    answers = (site.pages, site.files)
    asks = "401" in answers or (OWNER in fault.mended_by and "403" in answers)
    return "wanted" if asks or site.pages in ("login", "to-login") else "not-wanted"


_TOLD: Mapping[str, Callable[[Fault], str | None]] = {
    "clock": _clock,
    "issuer": _issuer,
    "other-network": _other_network,
    "company-network": _company_network,
    "host-owner": _host_owner,
    "package-page": _package_page,
    "index-answer": _index_answer,
    "other-machines": _other_machines,
    "proxy-variables": _proxy_variables,
    "python-ssl": _python_ssl,
    "name-resolves": _name_resolves,
    "index-login": _index_login,
}
