"""The page of `pipcert-logs serve` in a real browser."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.archives import recorded
from tests.hostile import ATTACKED
from tests.serving import Server, serving

UNKNOWN_ISSUER = recorded("01-unknown-issuer-public__pip-24.2-py3.11.log").decode()
SILENT = recorded("21-page-403__pip-25.3-py3.11.log").decode()
DESKTOP, PHONE = (1280, 900), (390, 844)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("page"), "--rate", "0") as running:
        yield running


class Visit:
    """A page that is open, and all that it loaded or had to say."""

    def __init__(self, browser: Browser, server: Server, **settings: object) -> None:
        self.address = f"http://127.0.0.1:{server.port}/"
        context = browser.new_context(
            reduced_motion="reduce",
            permissions=["clipboard-read", "clipboard-write"],
            **settings,
        )
        self.page: Page = context.new_page()
        self.said: list[str] = []
        self.loaded: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.loaded.append(request.url))
        self.page.goto(self.address)

    def explain(self, log: str) -> Page:
        self.page.get_by_label("The log", exact=True).fill(log)
        self.page.get_by_role("button", name="Explain").click()
        expect(self.page.locator("#summary")).not_to_be_empty()
        return self.page

    def close(self) -> None:
        """Nothing was loaded from elsewhere, and nothing went wrong."""
        assert [url for url in self.loaded if not url.startswith(self.address)] == []
        assert self.said == []
        self.page.context.close()


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Visit]:
    opened = Visit(browser, server)
    yield opened
    opened.close()


def test_a_pasted_log_is_explained(visit: Visit) -> None:
    page = visit.explain(UNKNOWN_ISSUER)
    expect(page.locator("#summary")).to_contain_text("pypi.org")
    expect(page.locator("#causes li").first).to_contain_text("missing-issuer")
    lit = page.locator("#lines .lit")
    expect(lit.first).to_contain_text("certificate verify failed")
    expect(lit.first.locator(".n")).to_have_text("1")
    expect(page.locator("#report")).to_be_focused()


def test_an_answer_ranks_anew_in_place_and_can_be_taken_back(visit: Visit) -> None:
    page = visit.explain(UNKNOWN_ISSUER)
    page.get_by_role("button", name="A public authority").click()
    expect(page.locator("#causes li").first).to_contain_text("outdated-ca-bundle")
    expect(page.locator("#given")).to_contain_text("issuer: public")
    page.get_by_role("button", name="Take back issuer").click()
    expect(page.locator("#causes li").first).to_contain_text("missing-issuer")


def test_what_a_check_printed_is_an_answer(visit: Visit) -> None:
    page = visit.explain(SILENT)
    expect(page.locator("#question-command")).to_contain_text("curl")
    page.get_by_label("Or paste what was printed").fill("503 text/html https://pypi.example/")
    page.get_by_role("button", name="Go on with that").click()
    expect(page.locator("#causes li").first).to_contain_text("index-unavailable")


def test_what_was_printed_and_says_nothing_is_told(visit: Visit) -> None:
    page = visit.explain(SILENT)
    page.get_by_label("Or paste what was printed").fill("good morning")
    page.get_by_role("button", name="Go on with that").click()
    expect(page.locator("#status")).to_have_text("Nothing was recognised in that.")
    expect(page.locator("#given")).to_be_hidden()
    expect(page.locator("#question-command")).to_contain_text("curl")


def test_commands_are_for_the_chosen_shell_and_can_be_copied(visit: Visit) -> None:
    page = visit.explain(UNKNOWN_ISSUER)
    first = page.locator("#remedies > li").first
    expect(first).to_contain_text("export PIP_CERT")
    page.get_by_label("Commands for").select_option("powershell")
    expect(first).to_contain_text("$env:PIP_CERT")
    first.get_by_role("button", name="Copy").first.click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.replace("\r\n", "\n") == first.locator("pre").first.inner_text()


@pytest.mark.parametrize(
    "data",
    [SILENT.encode(), SILENT.encode("utf-16"), gzip.compress(SILENT.encode())],
    ids=["utf-8", "utf-16", "gzip"],
)
def test_a_file_is_explained(visit: Visit, tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "build.log"
    file.write_bytes(data)
    visit.page.get_by_label("A file").set_input_files(file)
    expect(visit.page.locator("#summary")).to_contain_text("does not say enough")
    expect(visit.page.locator("#lines")).to_contain_text("No matching distribution")


def test_an_example_is_explained(visit: Visit) -> None:
    visit.page.get_by_label("An example").select_option("A proxy that asks for a login")
    expect(visit.page.locator("#causes li").first).to_contain_text("proxy-auth-required")


def test_each_host_has_its_causes_and_its_evidence(visit: Visit) -> None:
    page = visit.explain(UNKNOWN_ISSUER + UNKNOWN_ISSUER.replace("pypi.org", "mirror.example.org"))
    for host in ("pypi.org", "mirror.example.org"):
        expect(page.get_by_role("heading", name=host, exact=True)).to_be_visible()
    numbers = page.locator("#lines .lit .n").all_inner_texts()
    assert numbers == ["1", "5"]


def test_what_is_no_download_is_told(visit: Visit) -> None:
    page = visit.explain("Collecting demo\n")
    expect(page.locator("#beside")).to_contain_text("If it failed all the same")
    page = visit.explain("ERROR: Could not install packages: No space left on device\n")
    expect(page.locator("#beside")).to_contain_text("another reason, in line 1")
    expect(page.locator("#beside pre")).to_contain_text("No space left")


def test_what_was_said_stands_after_the_log(visit: Visit) -> None:
    page = visit.explain(SILENT)
    page.get_by_label("Or paste what was printed").fill("503 text/html https://pypi.example/")
    page.get_by_role("button", name="Go on with that").click()
    expect(page.locator("#lines .lit").last).to_contain_text("You said: index-answer=broken")


def test_it_works_by_keyboard(visit: Visit) -> None:
    page = visit.page
    page.get_by_label("The log", exact=True).focus()
    page.keyboard.insert_text(UNKNOWN_ISSUER)
    for _ in range(4):
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Explain")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#report")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#given")).to_be_visible()


def test_nothing_of_a_log_comes_alive(visit: Visit) -> None:
    page = visit.explain(ATTACKED)
    assert page.evaluate("window.evil") is None
    assert page.locator("#report img, #report script, #report a").count() == 0
    expect(page.locator("#lines")).to_contain_text("<script>window.evil = 1</script>")


def test_what_goes_wrong_is_said(visit: Visit) -> None:
    page = visit.page
    page.get_by_label("The log", exact=True).fill("x" * (11 << 20))
    page.get_by_role("button", name="Explain").click()
    expect(page.locator("#status")).to_contain_text("It may have 10485760 bytes.")
    visit.said.clear()  # the browser tells of the status as well


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_people_can_read_it(
    browser: Browser, server: Server, scheme: str, size: tuple[int, int]
) -> None:
    viewport = {"width": size[0], "height": size[1]}
    opened = Visit(browser, server, color_scheme=scheme, viewport=viewport)
    for log in (None, UNKNOWN_ISSUER, SILENT):
        page = opened.explain(log) if log else opened.page
        found = Axe().run(page).response["violations"]
        assert [(v["id"], v["impact"], [n["target"] for n in v["nodes"]]) for v in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    opened.close()


def test_the_policy_is_strict(server: Server) -> None:
    for path in ("/", "/page.js", "/page.css", "/examples.json"):
        policy = server.ask(path).headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy


def test_examples_are_logs_of_the_corpus(server: Server) -> None:
    for example in json.loads(server.ask("/examples.json").body):
        assert example["log"] == recorded(f"{example['recorded']}.log").decode()


def test_a_token_can_be_given(browser: Browser, tmp_path: Path) -> None:
    token = "a-token-of-some-length"
    with serving(tmp_path, PIPCERT_TOKEN=token) as server:
        opened = Visit(browser, server)
        page = opened.page
        page.get_by_label("The log", exact=True).fill(UNKNOWN_ISSUER)
        page.get_by_role("button", name="Explain").click()
        page.get_by_label("This server asks for a token").fill(token)
        page.get_by_role("button", name="Explain").click()
        expect(page.locator("#summary")).to_contain_text("pypi.org")
        opened.said.clear()
        opened.close()
