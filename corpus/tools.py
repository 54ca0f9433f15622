"""The tools: what each of them says where the fault table says what is typed for pip."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import NamedTuple

from corpus.model import NOTHING, Client, Fault

PROJECT = """[build-system]
requires = ["demo-backend"]
build-backend = "demo_backend"

[project]
name = "demo-app"
version = "0.1"
requires-python = ">=3.9"
"""
_INDEX = re.compile(r"--index-url (?P<url>\S+) ")


class Tool(NamedTuple):
    """The words of one tool.

    `pip` and `quick` stand for the words of the same name in a call; `variables` keep the tool from
    waiting long, and from looking for a newer version of itself; `settings` are the variables that
    say what pip's options say; `uninstall` is needed where more than files knows of a package. A
    tool that works on a project has its indexes in pyproject.toml:
    `source` is the table of one, and `project` what else the tool wants to see there.
    """

    pip: str
    quick: str
    uninstall: str = ""
    variables: Mapping[str, str] = NOTHING
    settings: Mapping[str, str] = NOTHING
    project: str = ""
    source: str = ""


_PIP = Tool(
    pip="python -m pip",
    quick="--retries 1 --timeout 3",
    settings={
        "--index-url": "PIP_INDEX_URL",
        "--extra-index-url": "PIP_EXTRA_INDEX_URL",
        "--proxy": "PIP_PROXY",
        "--timeout": "PIP_DEFAULT_TIMEOUT",
    },
)
_UV = Tool(
    pip="uv pip",
    quick="--system",
    variables={"UV_HTTP_TIMEOUT": "3", "UV_HTTP_RETRIES": "1", "UV_SYSTEM_CERTS": "1"},
    settings={
        "--index-url": "UV_DEFAULT_INDEX",
        "--extra-index-url": "UV_INDEX",
        "--proxy": "HTTPS_PROXY",
        "--timeout": "UV_HTTP_TIMEOUT",
    },
)
_POETRY = Tool(
    pip="poetry add",
    quick="-v",  # without it poetry does not say why it failed
    uninstall="poetry remove",
    variables={"POETRY_REQUESTS_TIMEOUT": "3"},
    source="""
[[tool.poetry.source]]
name = "internal"
url = "{url}"
""",
)
_PDM = Tool(
    pip="pdm add",
    quick="-vv",  # without it pdm does not name the index
    uninstall="pdm remove",
    variables={"PDM_CHECK_UPDATE": "0"},
    project="""
[tool.pdm]
distribution = false
""",
    source="""
[[tool.pdm.source]]
name = "pypi"
url = "{url}"
""",
)
TOOLS = {"pip": _PIP, "uv": _UV, "poetry": _POETRY, "pdm": _PDM}


class Command(NamedTuple):
    """What is typed: variables and the command line of one client for one fault."""

    variables: str
    line: str

    def __str__(self) -> str:
        """Give it as a shell would take it."""
        return f"{self.variables} {self.line}".strip()


def command(fault: Fault, client: Client) -> Command:
    """Fill in the fault's call for a client."""
    tool = TOOLS[client.tool]
    call = fault.call
    if tool.source:
        call = _INDEX.sub("", call).replace("install ", "", 1)
    variables = {**fault.env, **tool.variables}
    return Command(
        " ".join(f"{name}={shlex.quote(value)}" for name, value in variables.items()),
        call.format(pip=tool.pip, quick=tool.quick),
    )


def project(fault: Fault, client: Client) -> str:
    """Give the text of pyproject.toml, with the fault's index for a tool that looks there."""
    tool, index = TOOLS[client.tool], _INDEX.search(fault.call)
    return PROJECT + tool.project + (tool.source.format(url=index["url"]) if index else "")
