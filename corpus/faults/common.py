"""What many faults share: the public index, calls, and lists of causes that a log leaves open."""

from dataclasses import replace

from corpus.model import Site

PYPI = Site(
    "pypi.org",
    files_host="files.pythonhosted.org",
    packages=("demo-package", "requests", "urllib3", "certifi", "legacy-tool", "demo-backend"),
)
# The public index under the name that pip up to 9 asks.
OLD_PYPI = replace(PYPI, host="pypi.python.org")
FILES = Site("files.pythonhosted.org")
PUBLIC = (PYPI, OLD_PYPI, FILES)
PUBLIC_HOSTS = ("pypi.org", "pypi.python.org")
CORP = Site(
    "pypi.corp.example.com", cert="corp", packages=("corp-utils", "demo-package", "demo-backend")
)
ARTIFACTORY = Site(
    "artifactory.example.org",
    prefix="/artifactory/api/pypi/pypi-local/simple",
    packages=("corp-utils", "requests", "urllib3", "certifi"),
)
DEVPI = Site("devpi.internal.example", prefix="/root/pypi/+simple", packages=("corp-utils",))
MIRROR = Site("mirror.internal.example", cert="corp", packages=("corp-utils",))
TOOLS = ("poetry-*", "pdm-*")
"""The clients that work on a project."""
INSTALL = "{pip} install {quick} demo-package"

LOCAL_ISSUER = "unable to get local issuer certificate"
VERIFY_FAILED = "certificate verify failed"
NO_MATCH = "No matching distribution found"

# All that "No matching distribution" leaves open when pip gives no reason.
SILENT = ("package-not-found", "wrong-index-url", "index-auth", "index-unavailable")
TRUST_PUBLIC = ("proxy-interception", "missing-issuer", "outdated-ca-bundle")
NOT_TRUST = ("no-ssl-module", "package-not-found", "dns-failure", "expired-certificate")
NOT_NETWORK = ("package-not-found", "missing-issuer", "private-ca-not-configured")
TRUST = (*TRUST_PUBLIC, "private-ca-not-configured", "self-signed-chain")

# pip 24.2 to 26.0 on Python 3.10 and later, at any https:// address.
ADDRESS_CRASH = "check_hostname requires server_hostname"


def public(does: str = "tls", cert: str = "public") -> tuple[Site, ...]:
    """Give the public index, all its hosts behaving in some way."""
    return tuple(replace(site, does=does, cert=cert) for site in PUBLIC)


def public_files(does: str = "tls", cert: str = "public", files: str = "200") -> tuple[Site, ...]:
    """Give the public index with a sound index page and a fault where the files are."""
    return PYPI, OLD_PYPI, replace(FILES, does=does, cert=cert, files=files)


def install_from(site: Site, package: str = "corp-utils") -> str:
    """Give the call that installs from another index."""
    url = f"https://{site.host}{site.prefix}/"
    return f"{{pip}} install {{quick}} --index-url {url} {package}"


FROM_ARTIFACTORY = install_from(ARTIFACTORY)
FROM_CORP = install_from(CORP)
FROM_DEVPI = install_from(DEVPI)
FROM_MIRROR = install_from(MIRROR)
