"""What a log says that tells remedies apart: the file, the proxy, the time-out, the port."""

from __future__ import annotations

import pytest

from pipcert_logs import Report, explain
from pipcert_logs.report.model import Remedy
from tests.test_failures import NOTHING, gave_up, retry

MISSING = (
    "ERROR: Could not install packages due to an OSError: Could not find a suitable TLS CA "
    "certificate bundle, invalid path: {}\n"
)


def ids(report: Report) -> list[str]:
    return [remedy.id for remedy in report.remedies]


def words(remedy: Remedy) -> str:
    return "\n".join([remedy.title, *(step.text for step in remedy.steps)])


def test_pip_is_reinstalled_for_its_own_bundle_only() -> None:
    own = "/opt/py/lib/python3.11/site-packages/pip/_vendor/certifi/cacert.pem"
    assert ids(explain(MISSING.format(own)))[0] == "reinstall-pip"
    assert "reinstall-pip" not in ids(explain(MISSING.format("/etc/pki/tls/corp-bundle.pem")))


def test_settings_are_no_reason_where_the_own_bundle_is_loaded() -> None:
    log = (
        "ERROR: Exception:\nTraceback (most recent call last):\n"
        '  File "/opt/py/lib/python3.11/site-packages/pip/_internal/cli/index_command.py", line '
        "50, in _create_truststore_ssl_context\n"
        "    ctx.load_verify_locations(certifi.where())\n"
        "FileNotFoundError: [Errno 2] No such file or directory\n"
    )
    assert ids(explain(log)) == ["reinstall-pip"]


@pytest.mark.parametrize("host", ["proxy.example.net", "127.0.0.1"])
def test_a_tls_connection_to_the_plain_port_goes_to_a_proxy_without_a_port(host: str) -> None:
    """What pip 26.3 prints with HTTPS_PROXY=http://proxy, which stands for port 80."""
    reason = (
        f"NewConnectionError(\"HTTPSConnection(host='{host}', port=80): Failed to establish a new "
        'connection: [Errno 111] Connection refused")'
    )
    (failure,) = explain(retry(reason) + NOTHING).failures
    assert (failure.endpoint.host, failure.endpoint.via_proxy) == (None, f"{host}:80")
    assert failure.causes[0].id == "proxy-unreachable"


def test_the_plain_port_of_a_plain_index_is_no_proxys() -> None:
    reason = (
        "NewConnectionError(\"HTTPConnection(host='pypi.example.net', port=80): Failed to "
        'establish a new connection: [Errno 111] Connection refused")'
    )
    assert explain(retry(reason) + NOTHING).failures[0].endpoint.host == "pypi.example.net"


@pytest.mark.parametrize(
    "log",
    [
        "ERROR: Could not install packages due to an OSError: Failed to parse: "
        "http://joe:pa#ss@proxy.example.net:3128\n",
        "ERROR: Could not install packages due to an OSError: Failed to parse: 'joe:pa' is not a "
        "valid host or port\n",
        "ERROR: Exception:\nTraceback (most recent call last):\n"
        '  File "/opt/py/lib/python3.11/site-packages/pip/_vendor/requests/adapters.py", line 500, '
        "in request_url\n"
        "    proxy_scheme = urlparse(proxy).scheme.lower()\n"
        '    raise ValueError("Invalid IPv6 URL")\nValueError: Invalid IPv6 URL\n',
    ],
    ids=["pip 23", "pip 26", "bracket"],
)
def test_a_password_that_breaks_the_proxys_address_is_to_be_encoded(log: str) -> None:
    """What pips print for HTTPS_PROXY=http://joe:pa#ss@proxy:3128, and with a bracket in it."""
    report = explain(log)
    assert report.causes[0].id == "proxy-misconfigured"
    assert "Percent-encode" in words(report.remedies[0])
    assert "use-http-proxy-scheme" not in ids(report)


def test_what_openssl_says_of_plain_text_means_a_plain_port() -> None:
    def log(words: str) -> str:
        reason = f"SSLError(SSLError(1, '{words}'))"
        return retry(reason) + gave_up("pypi.corp.example", reason, port=8080) + NOTHING

    for said in (
        "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)",
        "[SSL] record layer failure (_ssl.c:1006)",
        "[SSL: RECORD_LAYER_FAILURE] record layer failure (_ssl.c:1032)",
        "[SSL: UNKNOWN_PROTOCOL] unknown protocol (_ssl.c:590)",
    ):
        assert explain(log(said)).causes[0].id == "wrong-index-url", said
    damaged = explain(log("[SSL] record layer failure (_ssl.c:2658)"))
    assert damaged.causes[0].id == "firewall-blocking"


def timed_out(seconds: str) -> str:
    reason = (
        "ReadTimeoutError(\"HTTPSConnectionPool(host='pypi.corp.example', port=8443): Read timed "
        f'out. (read timeout={seconds})")'
    )
    return retry(reason, total=1) + retry(reason) + NOTHING


def test_more_time_comes_first_only_where_there_was_little_of_it() -> None:
    assert ids(explain(timed_out("3.0")))[0] == "raise-timeout"
    for seconds in ("15", "15.0", "60.0", "120"):
        silent = ids(explain(timed_out(seconds)))
        assert silent[0] == "check-index-service", seconds
        assert "raise-timeout" in silent[1:], seconds


def test_the_team_is_told_the_port_that_the_log_names() -> None:
    report = explain(timed_out("15"))
    asked = next(remedy for remedy in report.remedies if remedy.id == "ask-for-access")
    assert "pypi.corp.example, port 8443" in words(asked)
    assert "443," not in words(asked).replace("8443", "")
