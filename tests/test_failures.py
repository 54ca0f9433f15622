"""From messages to failures: which run, which endpoint, which package."""

from pipcert_logs import Report, explain
from tests.conftest import LOGS

LOOKING = "Looking in indexes: https://a.example.net/simple, https://b.example.net/simple\n"
CHAIN = "self-signed certificate in certificate chain"
UNRESOLVED = (
    "NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7f>: "
    "Failed to establish a new connection: [Errno -2] Name or service not known')"
)
UNTRUSTED = (
    "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify "
    f"failed: {CHAIN} (_ssl.c:1129)'))"
)
NOTHING = "ERROR: No matching distribution found for left-pad\n"


def retry(reason: str, path: str = "/simple/left-pad/", total: int = 0) -> str:
    return (
        f"WARNING: Retrying (Retry(total={total}, connect=None, read=None, redirect=None, "
        f"status=None)) after connection broken by '{reason}': {path}\n"
    )


def gave_up(host: str, reason: str, path: str = "/simple/left-pad/", port: int = 443) -> str:
    server = host if port == 443 else f"{host}:{port}"
    return (
        f"Could not fetch URL https://{server}{path}: There was a problem confirming the ssl "
        f"certificate: HTTPSConnectionPool(host='{host}', port={port}): Max retries exceeded with "
        f"url: {path} (Caused by {reason}) - skipping\n"
    )


def found(report: Report) -> list[tuple[str, str | None, str]]:
    return [(f.outcome, f.endpoint.host, f.causes[0].id) for f in report.failures]


def test_what_another_run_does_is_no_recovery() -> None:
    dead = "$ pip install -i https://pypi.example.net/simple/ left-pad\n" + retry(UNRESOLVED)
    alive = "$ pip install other\nCollecting other\nSuccessfully installed other-1.0\n"
    assert explain(dead + alive).verdict == "failed"
    assert explain(dead + alive.split("\n", 1)[1]).verdict == "recovered"


def test_what_the_run_before_and_the_run_after_did_is_no_recovery() -> None:
    def run(package: str) -> str:
        return (
            f"$ pip install {package}\nCollecting {package}\nSuccessfully installed {package}-1.0\n"
        )

    dead = "$ pip install -i https://pypi.example.net/simple/ left-pad\n" + retry(UNRESOLVED)
    assert explain(run("one") + dead + run("two") + run("three")).verdict == "failed"


def test_a_long_line_far_above_does_not_cut_a_wrapped_address() -> None:
    index = "https://artifactory.build.corp.example.com/api/pypi/pypi/simple"
    log = f"Looking in indexes: https://pypi.org/simple, {index}\n" + retry(UNTRUSTED) + NOTHING
    wrapped = "\n".join(
        line[start : start + 80] for line in log.splitlines() for start in range(0, len(line), 80)
    )
    for above in ("+ docker build " + "x" * 135 + "\n", ""):
        assert [found.url for found in explain(above + wrapped).indexes][1] == index


def test_runs_that_fail_for_different_reasons_are_different_failures() -> None:
    command = "$ pip install left-pad\n"
    log = (
        command
        + retry(UNRESOLVED)
        + gave_up("pypi.org", UNRESOLVED)
        + NOTHING
        + command
        + retry(UNTRUSTED)
        + gave_up("pypi.org", UNTRUSTED)
        + NOTHING
    )
    assert found(explain(log)) == [
        ("failed", "pypi.org", "dns-failure"),
        ("failed", "pypi.org", "proxy-interception"),
    ]


def test_runs_that_fail_for_the_same_reason_are_one_failure() -> None:
    run = "$ pip install left-pad\n" + retry(UNTRUSTED) + gave_up("pypi.org", UNTRUSTED) + NOTHING
    assert len(explain(run * 5).failures) == 1


def test_a_path_of_two_indexes_belongs_to_the_one_that_is_named_next() -> None:
    timeout = "ConnectTimeoutError('Connection to b.example.net timed out. (connect timeout=15)')"
    log = (
        LOOKING
        + retry(UNTRUSTED)
        + gave_up("a.example.net", UNTRUSTED)
        + retry("ProtocolError('Connection aborted.', ConnectionResetError(104, 'reset'))")
        + gave_up("b.example.net", timeout)
        + NOTHING
    )
    first, second = explain(log).failures
    signals = {e.signal for cause in first.causes for e in cause.evidence}
    assert (first.endpoint.host, second.endpoint.host) == ("a.example.net", "b.example.net")
    assert "connection-reset" not in signals
    assert "connection-timed-out" not in signals


def test_a_path_that_two_indexes_have_in_common_alone_names_no_host() -> None:
    assert found(explain(LOOKING + retry(UNTRUSTED) + NOTHING))[0][1] is None


def test_a_name_ends_with_a_line_that_nothing_wrapped() -> None:
    log = retry(UNTRUSTED) + NOTHING + "Done.\n"
    assert explain(log).failures[0].packages == ("left-pad",)
    addresses = LOOKING + "Cache entry deserialization failed, entry ignored\n" + retry(UNTRUSTED)
    assert [index.url for index in explain(addresses).indexes] == [
        "https://a.example.net/simple",
        "https://b.example.net/simple",
    ]


def test_a_name_goes_on_in_the_next_line_of_a_wrapped_log() -> None:
    log = retry(UNTRUSTED) + NOTHING
    wrapped = "\n".join(
        line[start : start + 43] for line in log.splitlines() for start in range(0, len(line), 43)
    )
    assert "left-pad" not in wrapped.splitlines()[-2]
    assert explain(wrapped).failures[0].packages == ("left-pad",)


def test_uv_names_the_index_that_it_stopped_at() -> None:
    hint = (
        "  x No solution found when resolving dependencies:\n"
        "  hint: `left-pad` was found on https://wheels.example.net/simple, but not at the "
        "requested version (left-pad>=2). A compatible version may be available on a subsequent "
        "index (e.g., https://pypi.org/simple). By default, uv will only consider versions that "
        "are published on the first index that contains a given package, to avoid dependency "
        "confusion attacks.\n"
    )
    report = explain(hint)
    assert report.causes[0].id == "mixed-indexes"
    assert report.remedies[0].id == "use-index-priority-in-uv"


def states(report: Report) -> list[tuple[str, int, str]]:
    return [(index.host, index.port, index.state) for index in report.indexes]


def test_a_request_of_its_own_is_not_the_one_that_is_named_next() -> None:
    """Old pips name no host that refuses or is unknown; the next index's failure is its own."""
    log = (
        LOOKING
        + "".join(retry(UNRESOLVED, total=left) for left in (1, 0))
        + "".join(retry(UNTRUSTED, total=left) for left in (1, 0))
        + gave_up("b.example.net", UNTRUSTED)
        + NOTHING
    )
    report = explain(log)
    assert [(host, cause) for _, host, cause in found(report)] == [
        ("a.example.net", "dns-failure"),
        ("b.example.net", "private-ca-not-configured"),
    ]
    assert [state for _, _, state in states(report)] == ["failed", "failed"]


def test_a_page_that_two_indexes_may_have_is_not_the_one_whose_file_failed_alike() -> None:
    file = "/packages/left_pad-2.0-py3-none-any.whl"
    log = (
        LOOKING
        + retry(UNRESOLVED)
        + "ERROR: Could not install packages due to an OSError: HTTPSConnectionPool(host="
        + f"'files.example.net', port=443): Max retries exceeded with url: {file} "
        + f"(Caused by {UNRESOLVED})\n"
    )
    assert [state for _, _, state in states(explain(log))] == ["silent", "silent"]


def test_two_ports_of_a_host_are_two_endpoints() -> None:
    def refused(port: int) -> str:
        return (
            f"NewConnectionError(\"HTTPSConnection(host='h.example.net', port={port}): Failed to "
            'establish a new connection: [Errno 111] Connection refused")'
        )

    looking = LOOKING.replace("a.example.net", "h.example.net:8443")
    looking = looking.replace("b.example.net", "h.example.net:9443")
    both = explain(looking + retry(UNTRUSTED) + gave_up("h.example.net", UNTRUSTED, port=8443))
    assert states(both) == [
        ("h.example.net", 8443, "failed"),
        ("h.example.net", 9443, "answered"),
    ]
    report = explain(
        looking + retry(refused(8443)) + retry(refused(9443)) + retry(refused(9443), "/x/")
    )
    assert [f.endpoint.port for f in report.failures] == [8443, 9443]
    assert "h.example.net:8443, h.example.net:9443" in report.summary


def test_the_port_of_an_address_is_the_endpoints() -> None:
    log = (
        "Could not fetch URL https://pypi.example.net:8443/simple/left-pad/: There was a problem "
        "confirming the ssl certificate: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify "
        f"failed: {CHAIN} (_ssl.c:1006) - skipping\n"
    )
    assert explain(log).failures[0].endpoint.port == 8443
    assert explain(log.replace(":8443", "")).failures[0].endpoint.port == 443


def test_a_port_that_the_log_leaves_open_is_not_said_to_have_answered() -> None:
    looking = LOOKING.replace("a.example.net", "h.example.net:8443")
    looking = looking.replace("b.example.net", "h.example.net:9443")
    assert [state for _, _, state in states(explain(looking + retry(UNRESOLVED)))] == [
        "silent",
        "silent",
    ]
    assert explain(looking + retry(UNRESOLVED)).failures[0].endpoint.host == "h.example.net"


def test_a_traceback_without_an_address_is_about_the_index_of_its_run() -> None:
    earlier = (
        "  Downloading https://files.pythonhosted.org/packages/a1/demo-1.0-py3-none-any.whl\n"
        "Successfully installed demo-1.0\n"
    )
    log = (LOGS / "07-address-defect__pip-25.3-py3.11.log").read_text()
    ((_, host, cause),) = found(explain(earlier + log))
    assert (host, cause) == ("10.20.30.40", "client-defect")
    several = log.replace("https://10.20.30.40/", "https://10.20.30.40/, https://b.example.net/", 1)
    assert [host for _, host, _ in found(explain(earlier + several))] == [None]
