"""Private indexes as companies run them: devpi-server or pypiserver, with nginx before it."""

from dataclasses import replace

from corpus.faults.common import NO_MATCH, PUBLIC, SILENT, install_from
from corpus.faults.index import NO_SUCH, NOT_INDEX
from corpus.faults.mixed import NOT_MIXED, PRIVATE_FAILED
from corpus.model import OWNER, READER, TEAM, Fault, Site

CLIENTS = ("pip-20.3.4-*", "pip-23.3.2-*", "pip-25.3-*", "pip-26.3-py3.11")
DEVPI = Site(
    "devpi.internal.example", does="devpi", prefix="/corp/dev/+simple", packages=("corp-utils",)
)
PYPISERVER = Site("pypiserver.lan.example", does="pypiserver", packages=("corp-utils",))


def _url(site: Site) -> str:
    return f"https://{site.host}{site.prefix}/"


# The ways in which people name an index.
BY_VARIABLE = "{pip} install {quick} corp-utils"
BY_REQUIREMENTS = "{pip} install {quick} -r requirements.txt"
BY_EXTRA_INDEX = f"{{pip}} install {{quick}} --extra-index-url {_url(PYPISERVER)} corp-utils"


def _pip_conf(site: Site) -> str:
    return (
        "mkdir -p /home/user/.config/pip\n"
        f"printf '[global]\\nindex-url = {_url(site)}\\n' >/home/user/.config/pip/pip.conf"
    )


def _requirements(site: Site, package: str = "corp-utils") -> str:
    return f"printf '%s\\n' '--index-url {_url(site)}' {package} >requirements.txt"


NO_INDEX = replace(DEVPI, prefix="/corp/prod/+simple")
PYPI_MIRROR = replace(DEVPI, prefix="/root/pypi/+simple")
MIRROR = replace(DEVPI, prefix="/corp/mirror/+simple")
WITHOUT_SIMPLE = replace(PYPISERVER, prefix="")

FAULTS = (
    Fault(
        id="27-devpi-private-ca",
        made="devpi-server behind nginx, with a corporate root nobody installed; PIP_INDEX_URL",
        note="an internal index signed by an internal root that the client was not given",
        causes=("private-ca-not-configured", "missing-issuer"),
        call=BY_VARIABLE,
        env={"PIP_INDEX_URL": _url(DEVPI)},
        sites=(replace(DEVPI, cert="corp"),),
        hosts=(DEVPI.host,),
        not_causes=NOT_MIXED,
        clients=CLIENTS,
        shows="CERTIFICATE_VERIFY_FAILED",
    ),
    Fault(
        id="27-pypiserver-private-ca",
        made="pypiserver behind nginx, with a corporate root nobody installed, is an extra index "
        "beside a sound public one",
        note="the extra index is not trusted, so its package is not found",
        causes=PRIVATE_FAILED,
        call=BY_EXTRA_INDEX,
        sites=(*PUBLIC, replace(PYPISERVER, cert="corp")),
        hosts=(PYPISERVER.host,),
        not_causes=NOT_MIXED,
        clients=CLIENTS,
        shows=PYPISERVER.host,
    ),
    Fault(
        id="27-devpi-401",
        made="nginx before devpi-server asks for an account (auth_basic); pip.conf",
        note="pip asks for a user name and ends, as there is no terminal",
        causes=("index-auth",),
        call=BY_VARIABLE,
        before=_pip_conf(DEVPI),
        sites=(replace(DEVPI, pages="401"),),
        hosts=(DEVPI.host,),
        not_causes=NOT_INDEX,
        clients=CLIENTS,
        shows="User for",
        mended_by=(READER, OWNER),
    ),
    Fault(
        id="27-pypiserver-401",
        made="pypiserver with a password file for downloads, behind nginx; --index-url in "
        "requirements.txt",
        note="pip asks for a user name and ends, as there is no terminal",
        causes=("index-auth",),
        call=BY_REQUIREMENTS,
        before=_requirements(PYPISERVER),
        sites=(replace(PYPISERVER, pages="401"),),
        hosts=(PYPISERVER.host,),
        not_causes=NOT_INDEX,
        clients=CLIENTS,
        shows="User for",
        mended_by=(READER, OWNER),
    ),
    Fault(
        id="27-devpi-no-such-index",
        made="devpi-server behind nginx has no index corp/prod, and answers 404; --index-url",
        note="pip does not say how the index answered; the log is that of an unknown package",
        causes=SILENT,
        truth="wrong-index-url",
        call=install_from(NO_INDEX),
        sites=(NO_INDEX,),
        hosts=(DEVPI.host,),
        not_causes=NOT_INDEX,
        clients=CLIENTS,
        shows=NO_MATCH,
        answers={"https://packages.example.com/simple/": _url(DEVPI)},
    ),
    Fault(
        id="27-devpi-mirror-cut-off",
        made="root/pypi of devpi-server behind nginx: it cannot reach pypi.org, knows no project, "
        "and answers 404; pip.conf",
        note="pip does not say how the index answered; the log is that of an unknown package",
        causes=SILENT,
        truth="index-unavailable",
        call="{pip} install {quick} demo-package",
        before=_pip_conf(PYPI_MIRROR),
        sites=(replace(PYPI_MIRROR, packages=("demo-package",)),),
        hosts=(DEVPI.host,),
        not_causes=NOT_INDEX,
        clients=CLIENTS,
        shows=NO_MATCH,
        mended_by=(OWNER,),
    ),
    Fault(
        id="27-devpi-mirror-file",
        made="a mirror of devpi-server behind nginx: it has the page, and cannot reach its source "
        "for the file; PIP_INDEX_URL",
        note="the file is answered with 502",
        causes=("index-unavailable",),
        call=BY_VARIABLE,
        env={"PIP_INDEX_URL": _url(MIRROR)},
        sites=(replace(MIRROR, files="502"),),
        hosts=(DEVPI.host,),
        not_causes=NOT_INDEX,
        clients=CLIENTS,
        shows="502",
        mended_by=(OWNER,),
    ),
    Fault(
        id="27-devpi-down",
        made="nginx answers 502, as no devpi-server runs behind it; PIP_INDEX_URL",
        note="pip does not say how the index answered; the log is that of an unknown package",
        causes=SILENT,
        truth="index-unavailable",
        call=BY_VARIABLE,
        env={"PIP_INDEX_URL": _url(DEVPI)},
        sites=(replace(DEVPI, pages="502"),),
        hosts=(DEVPI.host,),
        not_causes=NOT_INDEX,
        clients=CLIENTS,
        mended_by=(OWNER,),
    ),
    Fault(
        id="27-pypiserver-hung",
        made="nginx answers 504, as the pypiserver behind it, an extra index, does not answer; the "
        "public index is sound",
        note="pip does not say how the extra index answered",
        causes=("package-not-found", "mixed-indexes", *SILENT[1:]),
        truth="index-unavailable",
        call=BY_EXTRA_INDEX,
        sites=(*PUBLIC, replace(PYPISERVER, pages="504")),
        hosts=(PYPISERVER.host,),
        not_causes=NOT_MIXED[:1],
        clients=CLIENTS,
        mended_by=(OWNER,),
    ),
    Fault(
        id="27-devpi-untold",
        made="nginx does not tell devpi-server (--absolute-urls) its outside address "
        "(X-outside-url), so that its links name http://localhost:3141; --index-url",
        note="the index page is good, its links lead to this machine",
        causes=("connection-refused",),
        call=install_from(DEVPI),
        sites=(replace(DEVPI, untold=True),),
        hosts=("localhost",),
        not_causes=NOT_INDEX,
        clients=CLIENTS,
        shows="localhost",
        mended_by=(OWNER,),
    ),
    Fault(
        id="27-pypiserver-redirect",
        made="pypiserver does not know that nginx before it ends TLS: it redirects to its http:// "
        "URL, where nobody listens; --index-url without /simple/",
        note="the index redirects from https to http, where the connection is refused",
        causes=("connection-refused", "wrong-index-url"),
        call=install_from(WITHOUT_SIMPLE),
        sites=(replace(WITHOUT_SIMPLE, untold=True),),
        hosts=(PYPISERVER.host,),
        not_causes=NOT_INDEX,
        clients=CLIENTS,
        shows="refused",
        mended_by=(READER, OWNER),
        answers={"https://packages.example.com/simple/": _url(PYPISERVER)},
    ),
    Fault(
        id="27-pypiserver-no-such-package",
        made="pypiserver behind nginx lacks the package and sends pip to pypi.org, which lacks it "
        "too; --index-url in requirements.txt",
        note="only 'No matching distribution': a misspelt name, or an index that did not answer",
        causes=SILENT,
        call=BY_REQUIREMENTS,
        before=_requirements(PYPISERVER, "corp-utlis"),
        sites=(*PUBLIC, PYPISERVER),
        not_causes=NOT_INDEX,
        clients=CLIENTS,
        shows=NO_MATCH,
        mended_by=(),
        unproven=NO_SUCH,
    ),
    Fault(
        id="27-pypiserver-fallback",
        made="pypiserver behind nginx lacks the package and sends pip to pypi.org, as it does "
        "unless told --disable-fallback; a firewall refuses pypi.org; --index-url",
        note="pypi.org is refused, which nobody configured: the private index sends pip there",
        causes=("connection-refused", "firewall-blocking"),
        call=install_from(PYPISERVER, "demo-package"),
        sites=(PYPISERVER, *(replace(site, does="refused") for site in PUBLIC)),
        hosts=("pypi.org",),
        not_causes=NOT_INDEX,
        clients=CLIENTS,
        mended_by=(OWNER, TEAM),
    ),
)
