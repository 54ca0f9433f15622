"""The clients: exact versions of tools on exact Pythons, as layers over an interpreter's folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from corpus.model import Client

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "pipcert-lab"
PYTHONS = Path.home() / ".pyenv" / "versions"
# A distribution's Python lies among everything else, and cannot be laid over alone.
DISTRIBUTIONS = (Path("/usr"), Path("/"))
CORE = ("20.3.4", "23.3.2", "24.2", "25.3", "26.1.2", "26.3")
OTHERS = {
    "9.0.3": "2.7",
    "18.1": "3.6",
    "19.3.1": "3.8",
    "20.0.2": "3.8",
    "21.3.1": "3.9",
    "22.3.1": "3.10",
    "24.0": "3.12",
    "25.0.1": "3.8",
}
CLIENTS = (
    *(Client("pip", version, "3.11", core=True) for version in CORE),
    *(Client("pip", version, python) for version, python in OTHERS.items()),
    Client("pip", "18.1", "2.7"),
    Client("pip", "26.3", "3.13"),
    Client("uv", "0.13.9", "3.11"),
    Client("poetry", "2.5.1", "3.11", core=True),
    Client("pdm", "2.29.3", "3.11", core=True),
    Client("pdm", "2.29.4", "3.11", core=True),
)
ENVIRONMENTS = Path(__file__).with_name("environments")
"""What a tool needs beside itself: for such a tool a list of exact versions, with its own."""


def by_id(name: str) -> Client:
    """Give the client that an id names, which need not be one of the table."""
    tool, version, python = name.split("-")
    return Client(tool, version, python.removeprefix("py"))


def interpreter(python: str) -> Path | None:
    """Find the folder of an installed Python X.Y, or None; the one that runs this counts too."""
    found = sorted(PYTHONS.glob(f"{python}.*"))
    own = Path(sys.base_prefix)
    if own not in DISTRIBUTIONS and f"{sys.version_info.major}.{sys.version_info.minor}" == python:
        found.append(own)
    return found[-1] if found else None


def _requirements(client: Client) -> list[str]:
    environment = ENVIRONMENTS / f"{client.tool}-{client.version}.txt"
    if not environment.exists():
        return [f"{client.tool}=={client.version}"]
    return [line for line in environment.read_text("utf-8").splitlines() if line[0] != "#"]


def _fetch(client: Client, cache: Path) -> list[Path]:
    """Fetch the wheels of the tool from the package index with the ordinary client."""
    wheels = cache / "wheels"
    wanted = {requirement: requirement.replace("==", "-") for requirement in _requirements(client)}
    lacking = [each for each, name in wanted.items() if not list(wheels.glob(f"{name}-*.whl"))]
    if lacking:
        call = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(wheels)]
        fitting = ["--only-binary", ":all:", "--python-version", client.python]
        subprocess.run([*call, *fitting, *lacking], check=True, timeout=300)
    return [next(wheels.glob(f"{name}-*.whl")) for name in wanted.values()]


def _hide_lower(folder: Path) -> None:
    """Mark a folder so that an overlay does not show the interpreter's own files beneath it."""
    folder.mkdir(parents=True)
    os.setxattr(folder, "trusted.overlay.opaque", b"y")


def _place_commands(client: Client, site: Path, layer: Path) -> None:
    """Place the commands of the tool where a PATH finds them."""
    (layer / "bin").mkdir()
    for script in site.glob("*.data/scripts/*"):
        shutil.copy2(script, layer / "bin")
    if (site / client.tool / "__main__.py").exists():
        start = f'#!/bin/sh\nexec python -m {client.tool} "$@"\n'
        (layer / "bin" / client.tool).write_text(start, "utf-8")
    for command in (layer / "bin").iterdir():
        command.chmod(0o755)


def _compile(client: Client, site: Path) -> None:
    """Compile the tool once: a run writes no bytecode, and without it pip takes twice as long."""
    home = interpreter(client.python)
    if home:
        python = home / "bin" / f"python{client.python}"
        call: list[str | Path] = [python, "-m", "compileall", "-q", site]
        subprocess.run(call, check=False, timeout=300, stdout=subprocess.DEVNULL)


def layer(client: Client, cache: Path) -> Path:
    """Make, once, the folder that laid over the interpreter gives it exactly this tool."""
    made = cache / "layers" / client.id
    if made.exists():
        return made
    wheels = _fetch(client, cache)
    unfinished = made.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    site = unfinished / "lib" / f"python{client.python}" / "site-packages"
    _hide_lower(site)
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(site)
    _place_commands(client, site, unfinished)
    _compile(client, site)
    return unfinished.rename(made)
