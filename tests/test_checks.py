"""The checks that show the environment: they are run, and show no secret."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from pipcert_logs import Rules

SHELL = shutil.which("sh")
TITLE = "Which variables name a proxy or a CA file"
SECRETS = {
    "HTTPS_PROXY": "http://me:hunter2@proxy.example.com:3128",
    "https_proxy": "https://me:hun/t#er2@proxy.example.com:3128/",
    "HTTP_PROXY": "me:hunt/er2@proxy.example.com:3128",
    "all_proxy": "http://hunter2@proxy.example.com",
    "PIP_PROXY": "http://me:hunter2",
    "http_proxy": "me:12hunter2",
    "PROXY_TOKEN": "hunter2",
    "CLIENT_CERT_PASSWORD": "hunter2",
    "SIGNING_CERT_KEY": "hunter2",
    "GREETING": "a proxy says hunter2",
}
PLAIN = {
    "HTTPS_PROXY": "http://proxy.example.com:3128",
    "https_proxy": "proxy.example.com:3128/",
    "HTTP_PROXY": "https://proxy.example.com",
    "all_proxy": "http://[::1]:3128",
    "no_proxy": "localhost,127.0.0.1,::1,.corp.example.com",
    "REQUESTS_CA_BUNDLE": "/etc/ssl/corp:ca.pem",
    "SSL_CERT_FILE": "/etc/ssl/corp.pem",
    "PIP_CLIENT_CERT": "/etc/ssl/me.pem",
}


def commands(rules: Rules, title: str = TITLE) -> set[str]:
    checks = [check for cause in rules.causes.values() for check in cause.checks]
    found = {check.command for check in checks if check.title == title and check.shell == "posix"}
    assert found
    return found


def shown(command: str, variables: dict[str, str]) -> str:
    usual = {"PATH": "/usr/bin:/bin"}
    assert SHELL
    done = subprocess.run(
        [SHELL, "-c", command], env=usual | variables, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout


@pytest.mark.skipif(SHELL is None, reason="no sh here")
def test_no_secret_of_the_environment_is_shown(rules: Rules) -> None:
    for command in commands(rules):
        text = shown(command, SECRETS)
        assert "hunter" not in text
        assert "er2" not in text
        assert "HTTPS_PROXY=http://***@proxy.example.com:3128" in text
        assert "https_proxy=https://***@proxy.example.com:3128" in text


@pytest.mark.skipif(SHELL is None, reason="no sh here")
def test_what_is_no_secret_is_shown(rules: Rules) -> None:
    for command in commands(rules):
        assert dict(line.split("=", 1) for line in shown(command, PLAIN).splitlines()) == PLAIN


@pytest.mark.skipif(SHELL is None, reason="no sh here")
def test_no_secret_that_curl_tells_is_shown(rules: Rules, tmp_path: Path) -> None:
    curl = tmp_path / "curl"
    said = "* Uses proxy env variable https_proxy == 'http://me:hun/ter2@proxy.example.com:3128'"
    curl.write_text(f'#!/bin/sh\necho "{said}"\n')
    curl.chmod(0o755)
    for command in commands(rules, "Whether the host answers by the way that the environment sets"):
        path = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
        text = shown(command.replace("{{address}}", "pypi.org"), path)
        assert (
            text == "* Uses proxy env variable https_proxy == http://***@proxy.example.com:3128'\n"
        )
