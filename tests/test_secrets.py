"""No secret of a log appears in any output, however the log was wrapped or cut."""

from __future__ import annotations

import re

import pytest
from typer.testing import CliRunner

from pipcert_logs import Rules, explain
from pipcert_logs.cli.app import explain_app
from pipcert_logs.read.redact import redact
from tests.transforms import DECORATIONS, WRAPS

SECRET = "hunter2correcthorse"
PLACES = {
    "user and password": f"https://joe:{SECRET}@pypi.corp.example.com/simple/",
    "token as user": f"https://{SECRET}@pypi.corp.example.com/simple/",
    "password with an at": f"https://joe:p@{SECRET}@pypi.corp.example.com/simple/",
    "password with a slash": f"https://joe:p/{SECRET}@pypi.corp.example.com/simple/",
    "password with a hash": f"https://joe:p#{SECRET}@pypi.corp.example.com/simple/",
    "token user": f"https://__token__:{SECRET}@pypi.corp.example.com/simple/",
    "query token": f"https://pypi.corp.example.com/simple/?access_token={SECRET}",
    "signature": f"https://pypi.corp.example.com/simple/?X-Amz-Signature={SECRET}",
}
LOG = (
    "Looking in indexes: {url}\n"
    "Authorization: Bearer {secret} was sent\n"
    "HTTPS_PROXY=joe:{secret}@proxy.corp.example.com:3128\n"
    "WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after "
    "connection broken by 'SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] "
    "certificate verify failed: unable to get local issuer certificate (_ssl.c:1006)'))': {url}\n"
    "Could not fetch URL {url}: There was a problem confirming the ssl certificate: "
    "HTTPSConnectionPool(host='pypi.corp.example.com', port=443): Max retries exceeded with url: "
    "/simple/ (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] "
    "certificate verify failed: unable to get local issuer certificate (_ssl.c:1006)'))) "
    "- skipping\n"
    "ERROR: HTTP error 403 while getting {url}\n"
)
DRESSES = {"as it is": lambda text: text, **WRAPS, **DECORATIONS}


def outputs(log: str, rules: Rules) -> str:
    """All formats of a log's report in one text, without white space."""
    runner = CliRunner()
    texts = [explain(log, rules=rules).to_json()]
    for form in ("text", "markdown", "jsonl"):
        arguments = ["--quiet", "--format", form, "-"]
        texts.append(runner.invoke(explain_app, arguments, input=log.encode()).output)
    assert all(texts)
    return re.sub(r"\s", "", "".join(texts))


@pytest.mark.parametrize("place", PLACES)
def test_secrets_appear_in_no_format(place: str, rules: Rules) -> None:
    shown = outputs(LOG.format(url=PLACES[place], secret=SECRET), rules)
    assert SECRET not in shown
    assert "pypi.corp.example.com" in shown


@pytest.mark.parametrize(
    "line",
    [
        f"Looking in indexes: https://oauth2:{SECRET * 40}@pypi.corp.example.com/simple/",
        f"Authorization: Negotiate {SECRET}",
        f"Cookie: a=1; sessionid={SECRET}",
        f"curl --password {SECRET} -u joe:{SECRET} --user joe:{SECRET}",
        f'{{"password": "{SECRET}"}}',
        f"PASSWORD='two words {SECRET}'",
        f"X-JFrog-Art-Api: {SECRET}",
        f"machine pypi.corp.example.com login joe password {SECRET}",
        f"Step 3/5:\npassword={SECRET}",
        f"curl --proxy-user joe:{SECRET} https://pypi.corp.example.com",
        f"HTTPS_PROXY=joe:p@{SECRET}@proxy.corp.example.com:3128",
        f"{{'Proxy-Authorization': b'Basic {SECRET}'}}",
        f"twine upload -u joe -p {SECRET} dist/*",
        f"poetry config http-basic.corp joe {SECRET}",
        f"Looking at https://joe:a'{SECRET}@pypi.corp.example.com/simple/",
        f'{{"auths": {{"pypi": {{"auth":"{SECRET}"}}}}}}',
        f"_auth={SECRET}",
    ],
)
def test_other_forms_of_secrets_are_starred(line: str, rules: Rules) -> None:
    log = LOG.format(url="https://pypi.corp.example.com/simple/", secret=SECRET)
    first, *others = log.splitlines()
    shown = outputs("\n".join([first, line, *others, line, others[-2]]), rules)
    assert SECRET not in shown
    assert SECRET not in redact(line)


@pytest.mark.parametrize(
    "message",
    [
        f"Failed to parse: http://joe:p/{SECRET}@127.0.0.1:9",
        f"Failed to parse: http://joe:{SECRET}@",
        f"Failed to parse: 'joe:{SECRET}' is not a valid host or port",
        f"Port could not be cast to integer value as '{SECRET}'",
    ],
)
def test_a_url_that_was_taken_apart_is_starred(message: str, rules: Rules) -> None:
    log = f"ERROR: Could not install packages due to an OSError: {message}\n"
    shown = outputs(log, rules)
    assert SECRET not in shown
    assert "percent-encoded" in shown


@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize("place", PLACES)
def test_wrapping_brings_no_secret_out(place: str, dress: str, rules: Rules) -> None:
    log = DRESSES[dress](LOG.format(url=PLACES[place], secret=SECRET))
    shown = re.sub(r"\s", "", explain(log, rules=rules).to_json())
    assert SECRET not in shown
    assert SECRET[:12] not in shown


@pytest.mark.parametrize("place", PLACES)
def test_cutting_a_long_line_brings_no_secret_out(place: str, rules: Rules) -> None:
    for padding in range(0, 420, 7):
        log = LOG.format(url=PLACES[place], secret=SECRET).replace(
            "ERROR", "x" * padding + " ERROR"
        )
        log = log.replace("Could not", "y " * padding + "Could not").replace("\n", " ")
        assert SECRET[:12] not in explain(log, rules=rules).to_json(), padding


def test_a_part_of_a_password_is_no_host(rules: Rules) -> None:
    report = explain(LOG.format(url=PLACES["password with an at"], secret=SECRET), rules=rules)
    assert {failure.endpoint.host for failure in report.failures} == {"pypi.corp.example.com"}
    assert {index.host for index in report.indexes} == {"pypi.corp.example.com"}


@pytest.mark.parametrize(
    "host",
    [
        "fe80::1%$(reboot)",
        "fe80::1%eth0;id",
        "$(reboot).example",
        "a'b.example",
        'a"b.example',
        "a\nb.example",
        "a;b|c.example",
        "-oProxyCommand=x.example",
    ],
)
def test_no_hostile_host_reaches_a_command(host: str, rules: Rules) -> None:
    url = f"https://{host}/simple/"
    log = LOG.replace("pypi.corp.example.com", host).format(url=url, secret="x")
    report = explain(log, rules=rules)
    commands = [step.command or "" for remedy in report.remedies for step in remedy.steps]
    commands += [check.command for cause in report.causes for check in cause.checks]
    assert all(host not in command for command in commands)
