"""Does the probe see a fault? One fault, one client: look at the host that fails."""

from __future__ import annotations

import datetime
import re
import shlex
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from corpus import clients, network
from corpus.certificates import Certificates
from corpus.client_root import Root, run
from corpus.faults.common import FILES, PYPI
from corpus.labels import as_text
from corpus.model import Client, Fault, Site
from corpus.wheels import PACKAGES

Outcome = Literal[
    "confirmed",  # the truth is as good as certain
    "narrowed",  # the truth comes first, and is not certain
    "in doubt",  # something else comes first, and is not certain either
    "nothing wrong",  # nothing was found, and nothing is wrong with TLS, network or index
    "not seen",  # nothing was found
    "FALSE",  # another cause is as good as certain, or there is none to find
]
CERTAIN = 0.9
SOURCE = Path(__file__).parent.parent
BROUGHT = {
    "python": sys.base_prefix,
    "packages": sysconfig.get_path("purelib"),
    "source": str(SOURCE),
}
# The probe's own packages are told to the probe alone: its client's Python is another one.
START = "import sys; sys.path[:0] = ['/opt/source', '/opt/packages']; \
from pipcert_logs.cli.main import main; sys.exit(main())"
PROXY = re.compile(r"--proxy (\S+)")
INSECURE = re.compile(r"http://\S+?:\d+/simple/")


class Sighting(Struct, frozen=True, omit_defaults=True):
    """What came of it."""

    fault: str
    client: str
    outcome: Outcome
    address: str
    causes: tuple[tuple[str, float], ...] = ()
    detail: str = ""
    date: str = ""


def sight(fault: Fault, client: Client, cache: Path, certificates: Certificates) -> Sighting:
    """Look at the host of a fault as a person would who was told that it fails."""
    address = _address(fault)
    if not address:
        return Sighting(fault.id, client.id, "not seen", "", detail="no https:// address")
    layer = clients.layer(client, cache)
    python = ["/opt/python/bin/python3", "-I", "-c", START]
    call = [*_as_variables(fault.call), *python, "probe", address]
    with (
        tempfile.TemporaryDirectory(prefix="lab-job-") as job,
        network.Network(fault, certificates).running() as net,
    ):
        root = Root(Path(job), fault, client, layer, net.hosts_file(), certificates)
        line = shlex.join([*call, "--format", "json", "--timeout", "3"])
        printed = as_text(run(root, line, BROUGHT))
    try:
        report = msgspec.json.decode(printed)
    except msgspec.DecodeError:
        return Sighting(fault.id, client.id, "FALSE", address, detail=printed.strip()[-300:])
    return _judged(fault, client, address, report)


def _judged(fault: Fault, client: Client, address: str, report: dict[str, Any]) -> Sighting:
    causes = tuple((cause["id"], cause["probability"]) for cause in report["causes"])
    certain = {cause for cause, probability in causes if probability >= CERTAIN}
    true = {fault.truth or fault.causes[0], *fault.seen_as}
    outcome: Outcome = "in doubt"
    if not causes:
        outcome = "nothing wrong" if _is_sound(fault) else "not seen"
    elif not certain <= true or true == {"none"}:
        outcome = "FALSE"
    elif certain:
        outcome = "confirmed"
    elif causes[0][0] in true:
        outcome = "narrowed"
    today = datetime.date.today().isoformat()
    return Sighting(fault.id, client.id, outcome, address, causes[:3], date=today)


def _is_sound(fault: Fault) -> bool:
    """Tell whether TLS, network and index are as they should be."""
    answers = {answer for site in fault.sites for answer in (site.pages, site.files)}
    return fault.causes[0] in ("none", "package-not-found") and answers <= {"200"}


def _address(fault: Fault) -> str:
    """Give the address of the page or the file that fails; none where it is no https:// one."""
    if INSECURE.search(fault.call):
        return ""
    host = next(iter(fault.hosts), "") or next((s.host for s in _asked(fault)), PYPI.host)
    site = next((site for site in fault.sites if site.host == host), PYPI)
    if host == FILES.host:
        return f"https://{host}/packages/{PACKAGES['demo-package'].filename}"
    name = fault.call.split()[-1].partition("==")[0]
    is_asked = name in site.packages or fault.causes[0] == "package-not-found"
    package = name if is_asked else site.packages[0]
    return f"https://{host}:{site.port}{site.prefix}/{package}/"


def _as_variables(call: str) -> list[str]:
    """Give pip's option --proxy in the form that the probe can see."""
    found = PROXY.search(call)
    return ["env", f"PIP_PROXY={found[1]}"] if found else []


def _asked(fault: Fault) -> list[Site]:
    """Give the sites that the call or its variables name."""
    typed = f"{fault.call} {' '.join(fault.env.values())}"
    return [site for site in fault.sites if f"//{site.host}" in typed]
