"""Indexes that refuse, are none, or lack the package; most of it pip does not say."""

from dataclasses import replace
from http import HTTPStatus

from corpus.faults.common import (
    CORP,
    FILES,
    FROM_CORP,
    INSTALL,
    NO_MATCH,
    PUBLIC,
    SILENT,
    TOOLS,
    public_files,
)
from corpus.index import LOGIN_HOST
from corpus.model import OWNER, READER, TEAM, Fault, Site

# What pip asks before it ends in EOFError, where nobody can answer.
ASKED = ("User for ", ("index-auth",))
# What poetry prints of a page that answers 401.
UNAUTHORIZED = ("Authorization error accessing", ("index-auth",))
NO_SUCH = "what was asked for does not exist: the report says how to look for what does"
SOUND = replace(CORP, cert="public")
NOT_INDEX = ("missing-issuer", "private-ca-not-configured", "no-ssl-module", "dns-failure")
HTTP_SITE = Site("pypiserver.lan.example", does="http", port=8080, packages=("corp-utils",))
LOGINS = ("login", "to-login")
SIGN_IN = Site(LOGIN_HOST, pages="login", files="login", packages=())
LATE = ("pip-23.3.2-*", "pip-24.2-*", "pip-26.3-py3.11")


def _what(status: str) -> str:
    return {"login": "a login page", "to-login": "a redirect to a login page"}.get(status, status)


def _page(status: str, *, wide: bool = False, tools: tuple[str, ...] = ()) -> Fault:
    return Fault(
        id=f"21-page-{status}",
        made=f"the index answers every page with {_what(status)}",
        note="pip does not say how the index answered; the log is that of an unknown package",
        causes=SILENT,
        truth=_said(status)[0],
        call=FROM_CORP,
        sites=(replace(SOUND, pages=status), SIGN_IN),
        hosts=(CORP.host,),
        not_causes=NOT_INDEX,
        wide=wide,
        clients=("pip-*", "uv-*", *tools),
        when_shown=(ASKED, UNAUTHORIZED, *_when_said(status)),
        mended_by=(READER, OWNER),
    )


def _verbose(status: str) -> Fault:
    """Give what -vv shows: the same as the page's answer, with its status."""
    page = _page(status)
    return replace(
        page,
        id=f"21-verbose-{status}",
        made=f"{page.made}; pip runs with -vv",
        note="with -vv pip shows the status of every page",
        causes=_said(status),
        call=FROM_CORP.replace("install", "download --no-deps --dest pip-check -vv"),
        clients=("pip-20.3.4-*", "pip-23.3.2-*", "pip-26.3-py3.11"),
    )


def _when_said(status: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Give the causes of a log that names the status: uv's do, and pip's after retries."""
    if status in LOGINS:
        return ()
    texts = (HTTPStatus(int(status)).phrase, f"{status} error")
    return tuple((text, _said(status)) for text in texts)


def _said(status: str) -> tuple[str, ...]:
    """Give the causes of a log that shows the status."""
    by_status = {
        "401": ("index-auth",),
        "403": ("index-auth", "firewall-blocking"),
        "404": ("wrong-index-url", "package-not-found", "index-unavailable", "firewall-blocking"),
    } | dict.fromkeys(LOGINS, ("wrong-index-url", "index-auth"))
    return by_status.get(status, ("index-unavailable",))


def _file(status: str) -> Fault:
    return Fault(
        id=f"21-file-{status}",
        made=f"the index page is good, its files are answered with {_what(status)}",
        note=f"the file is answered with {_what(status)}",
        causes=_said(status),
        call=INSTALL,
        sites=(*public_files(files=status), SIGN_IN),
        hosts=(FILES.host,),
        not_causes=(*NOT_INDEX, "connection-reset"),
        when_shown=(ASKED,),
        mended_by=(READER, OWNER, TEAM),
        clients=("pip-20*", *LATE, "pip-25.3-*"),
        shows="" if status in LOGINS else status,
    )


def _no_file(status: str) -> Fault:
    """Give the block page of a filter: the file arrives, and is none."""
    return replace(
        _file(status),
        note="a page arrives in the place of the file: a filter's, or a broken file of the index",
        causes=("firewall-blocking",),
        hosts=(),
        mended_by=(TEAM,),
        clients=(*LATE, "pip-25.3-*"),
        shows="is invalid",
    )


FAULTS = (
    _page("401", wide=True, tools=TOOLS),
    _page("403"),
    _page("404", wide=True, tools=TOOLS),
    _page("429"),
    _page("503", wide=True),
    *map(_page, LOGINS),
    *(_verbose(status) for status in ("403", "404", "503", *LOGINS)),
    *(_file(status) for status in ("401", "403", "404", "429", "503")),
    *(_no_file(status) for status in LOGINS),
    Fault(
        id="21-page-401-no-input",
        made="the index answers every page with 401, pip runs with --no-input",
        note="pip does not say how the index answered; the log is that of an unknown package",
        causes=SILENT,
        truth="index-auth",
        call=FROM_CORP.replace("install", "install --no-input"),
        sites=(replace(SOUND, pages="401"),),
        not_causes=NOT_INDEX,
        when_shown=_when_said("401"),
        clients=("pip-23.3.2-*", "pip-26.3-py3.11"),
        shows=NO_MATCH,
    ),
    Fault(
        id="26-nginx-401",
        made="nginx before static files asks for an account, and its certificate is sound",
        note="pip asks for a user name and ends, as there is no terminal",
        causes=("index-auth",),
        call=FROM_CORP,
        sites=(replace(SOUND, does="nginx", pages="401"),),
        hosts=(CORP.host,),
        not_causes=NOT_INDEX,
        clients=LATE,
        shows="User for",
        mended_by=(READER, OWNER),
    ),
    Fault(
        id="26-nginx-private-ca",
        made="nginx before static files, signed by a corporate root nobody installed; pip.conf",
        note="an internal index signed by an internal root that the client was not given",
        causes=("private-ca-not-configured", "missing-issuer"),
        call="{pip} install {quick} corp-utils",
        before="mkdir -p /home/user/.config/pip\n"
        f"printf '[global]\\nindex-url = https://{CORP.host}/simple/\\n' "
        ">/home/user/.config/pip/pip.conf",
        sites=(replace(CORP, does="nginx"),),
        hosts=(CORP.host,),
        not_causes=("package-not-found", "no-ssl-module", "dns-failure"),
        clients=LATE,
        shows="CERTIFICATE_VERIFY_FAILED",
    ),
    Fault(
        id="20-http-index",
        made="the index is addressed by http://, without --trusted-host",
        note="pip refuses an http index whose host is not trusted",
        causes=("insecure-index",),
        call="{pip} install {quick} --index-url http://pypiserver.lan.example:8080/simple/ "
        "corp-utils",
        sites=(HTTP_SITE,),
        hosts=(HTTP_SITE.host,),
        not_causes=NOT_INDEX,
        wide=True,
        shows="trusted",
    ),
    Fault(
        id="20-http-extra-index",
        made="the extra index is addressed by http://, without --trusted-host",
        note="pip ignores the http index, and the public one has no such package",
        causes=("insecure-index", "mixed-indexes"),
        call="{pip} install {quick} "
        "--extra-index-url http://pypiserver.lan.example:8080/simple/ corp-utils",
        sites=(*PUBLIC, HTTP_SITE),
        hosts=(HTTP_SITE.host,),
        not_causes=NOT_INDEX,
        clients=LATE,
        shows="trusted",
    ),
    Fault(
        id="24-unknown-package",
        made="the public index is sound and has no package of this name",
        note="only 'No matching distribution': a misspelt name, or an index that did not answer",
        causes=("package-not-found", *SILENT[1:]),
        call="{pip} install {quick} demo-pakcage",
        sites=PUBLIC,
        not_causes=NOT_INDEX,
        wide=True,
        clients=("pip-*", "uv-*"),
        shows="demo-pakcage",
        mended_by=(),
        unproven=NO_SUCH,
    ),
    Fault(
        id="24-unknown-version",
        made="the public index is sound and has another version of the package",
        note="the index answered: it lists the versions that there are",
        causes=("package-not-found",),
        call="{pip} install {quick} demo-package==9.9",
        sites=PUBLIC,
        not_causes=(*NOT_INDEX, "index-unavailable"),
        shows=NO_MATCH,
        mended_by=(),
        unproven=NO_SUCH,
    ),
    Fault(
        id="24-no-version-for-python",
        made="the index has the package, for other Pythons only",
        note="no version of the package is for this Python",
        causes=("package-not-found", *SILENT[1:]),
        when_shown=(("Requires-Python", ("package-not-found",)),),
        call="{pip} install {quick} legacy-tool",
        sites=PUBLIC,
        not_causes=NOT_INDEX,
        shows=NO_MATCH,
        mended_by=(),
        unproven=NO_SUCH,
    ),
)
