"""The pip that the reader uses: its version, its Python, its bundle, its configuration."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from importlib.resources import files

import msgspec
from msgspec import Struct

_NAMES = ("python", "python3", "py")
_NAME_ONE = "Name the Python whose pip failed: --python PYTHON"
_LIMIT = 60.0
_MOST = 1 << 20
# Python looks for modules in the current folder first, whoever has put them there. A program named
# pip does not; and what PYTHONPATH names, or a settings file beside us, it finds from here.
_NOT_FROM_HERE = "import sys; sys.path[:1] = filter(None, sys.path[:1])\n"
_PIP = "import runpy; runpy.run_module('pip', run_name='__main__', alter_sys=True)"


class SslModule(Struct, frozen=True):
    """The ssl module of a Python; `state` is present, missing, or broken where it cannot load."""

    state: str
    openssl: str = ""
    error: str = ""
    cafile: str | None = None
    capath: str | None = None
    """One folder or several, which need not exist."""


class Pip(Struct, frozen=True):
    """A pip, and the bundle that it carries; no version where there is no pip."""

    version: str = ""
    bundle: str | None = None


class Client(Struct, frozen=True):
    """What a Python says of itself and its pip."""

    python: str
    tls: SslModule
    pip: Pip
    certifi: str | None
    socks: bool
    config: dict[str, str] = {}
    executable: str = ""

    @property
    def name(self) -> str:
        """Its pip and itself, as a person names them."""
        pip = f"pip {self.pip.version}" if self.pip.version else "a Python without pip"
        return f"{pip}, Python {self.python}, {self.executable or 'of an unknown path'}"


class ClientError(Exception):
    """A Python that cannot be asked; the message says why."""


def ask(python: str | None) -> Client:
    """Ask a Python about itself.

    Args:
        python: its command; None asks the one that is found first, else the own one.

    Raises:
        ClientError: it does not run, or does not answer.
    """
    command = python or next((n for n in _NAMES if shutil.which(n)), sys.executable)
    facts = files("pipcert_logs.probe").joinpath("client_facts.py").read_text("utf-8")
    try:
        client = msgspec.json.decode(_printed(command, facts), type=Client)
    except msgspec.DecodeError as error:
        raise ClientError(f"{command} does not answer as a Python does. {_NAME_ONE}") from error
    if not client.pip.version:
        return client
    listed = _printed(command, _PIP, "config", "list")
    return msgspec.structs.replace(client, config=_settings(listed.decode("utf-8", "replace")))


def _printed(command: str, program: str, *words: str) -> bytes:
    """Have a Python run a program, and return what that prints."""
    call = [command, "-c", _NOT_FROM_HERE + program, *words]
    try:
        done = subprocess.run(
            call, stdin=subprocess.DEVNULL, capture_output=True, timeout=_LIMIT, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise ClientError(f"{command} does not run: {error}. {_NAME_ONE}") from error
    return done.stdout[:_MOST]


def _settings(listed: str) -> dict[str, str]:
    """Read what `pip config list` prints; a pip without that command prints nothing of the kind."""
    found = {}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        try:
            found[name] = str(ast.literal_eval(value))
        except (ValueError, SyntaxError):
            continue
    return found
