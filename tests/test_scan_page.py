"""`--format html`: the page in a real browser, and that nothing of a log comes alive in it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from typer.testing import CliRunner

from pipcert_logs.cli.commands import app
from tests.archives import EXPIRED, SELF_SIGNED, clean, recorded

EVIL = (
    "<script>window.evil = 1</script></script><img src=x onerror='window.evil = 1'>"
    '"><svg onload=window.evil=1> javascript:window.evil=1 {{7*7}} <!-- \x1b[31m \u202e'
)
DESKTOP, PHONE = (1280, 900), (390, 844)


def written(folder: Path, *words: str | Path) -> Path:
    """Scan, and return the page."""
    page = folder.parent / f"{folder.name}.html"
    call = ["scan", "--jobs", "1", "--format", "html", "--output", page, *words, folder]
    done = CliRunner().invoke(app, list(map(str, call)))
    assert done.exit_code in (0, 1), done.stderr
    return page


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten weeks of builds: eight jobs meet one trouble, one of them another one in the end."""
    folder = tmp_path_factory.mktemp("archive")
    for day in range(70):
        job = f"job-{day % 8}"
        log = recorded(EXPIRED if day >= 63 and job == "job-0" else SELF_SIGNED)
        stamp = f"2026-{3 + day // 28:02}-{day % 28 + 1:02}T05:06:07Z ".encode()
        file = folder / "shop" / job / f"{day}.log"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"".join(stamp + line for line in log.splitlines(True)))
    return folder


@pytest.fixture(scope="module")
def report(archive: Path) -> Path:
    return written(archive, "--layout", "{project}/{job}/{build}.log")


class Watched:
    """A page, and all that it tried to load or had to say."""

    def __init__(self, browser: Browser, **settings: object) -> None:
        context = browser.new_context(offline=True, reduced_motion="reduce", **settings)
        self.page: Page = context.new_page()
        self.said: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.said.append(request.url))

    def open(self, file: Path) -> Page:
        self.page.goto(file.as_uri())
        assert self.said.pop(0) == file.as_uri()
        return self.page


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    opened = Watched(browser, viewport={"width": DESKTOP[0], "height": DESKTOP[1]})
    yield opened
    opened.page.context.close()
    assert opened.said == []


def rows(page: Page, table: str) -> list[str]:
    cells = page.locator(f"table[data-name={table}] tbody tr:visible > th")
    return [text.splitlines()[0].strip() for text in cells.all_inner_texts()]


def numbers(page: Page, table: str) -> list[int]:
    cells = page.locator(f"table[data-name={table}] tbody tr > td:nth-child(2)")
    return [int(value) for value in cells.evaluate_all("all => all.map(one => one.dataset.value)")]


def lines(page: Page) -> list[str]:
    return page.locator("#lines-list li").all_inner_texts()


def test_tables_sort_and_filter(watched: Watched, report: Path) -> None:
    page = watched.open(report)
    assert numbers(page, "jobs") == sorted(numbers(page, "jobs"), reverse=True)
    heading = page.locator("table[data-name=jobs] th:has-text('failures')")
    heading.locator("button").click()
    assert heading.get_attribute("aria-sort") == "descending"
    heading.locator("button").click()
    assert heading.get_attribute("aria-sort") == "ascending"
    assert numbers(page, "jobs") == sorted(numbers(page, "jobs"))
    page.locator("table[data-name=jobs] th:has-text('job') button").first.click()
    assert rows(page, "jobs") == [f"shop/job-{number}" for number in range(8)]
    page.get_by_role("searchbox", name="Filter jobs").fill("JOB-3")
    assert rows(page, "jobs") == ["shop/job-3"]
    assert page.locator("label.filter output").first.inner_text().strip() == "1 of 8"


def test_every_number_leads_to_its_lines(watched: Watched, report: Path) -> None:
    page = watched.open(report)
    page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    links = page.locator("a.number")
    counted = 0
    for link in links.all():
        text = (link.text_content() or "").replace(",", "")
        number, _, rest = text.strip().partition(" ")
        if "failure" not in rest or not number.isdecimal():
            continue
        link.click()
        while page.locator("#more").is_visible():
            page.locator("#more").click()
        assert len(lines(page)) == int(number), text
        page.locator("#close").click()
        counted += 1
    assert counted > 40


def test_the_lines_are_those_of_the_logs(watched: Watched, report: Path, archive: Path) -> None:
    page = watched.open(report)
    page.locator("tr:has-text('shop/job-0') a.number").first.click()
    shown = lines(page)
    assert len(shown) == 9
    assert [line[:10] for line in shown] == sorted((line[:10] for line in shown), reverse=True)
    for line in shown:
        where, text = line.split("\n", 1)
        name, _, number = where.split()[-1].rpartition(":")
        log = (archive.parent / Path(name)).read_text().splitlines()
        assert text.strip()[:60] in log[int(number) - 1]


def test_a_bar_leads_to_its_lines(watched: Watched, report: Path) -> None:
    page = watched.open(report)
    bar = page.locator("[data-chart=cause] .bar").first
    told = bar.locator("title").text_content() or ""
    bar.locator("rect").click()
    assert page.locator("#lines-title").inner_text() == told
    expect(page.locator("#lines-list li")).to_have_count(int(told.rsplit(" ", 1)[1]))


def test_the_keyboard_is_enough(watched: Watched, report: Path) -> None:
    page = watched.open(report)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator("table[data-name=hosts] a.number").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("dialog").is_visible()
    assert page.evaluate("document.querySelector('dialog').contains(document.activeElement)")
    page.keyboard.press("Escape")
    assert not page.locator("dialog").is_visible()
    page.locator("table[data-name=hosts] thead button").first.focus()
    page.keyboard.press("Space")
    assert page.locator("table[data-name=hosts] [aria-sort]").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE])
def test_everybody_can_read_it(
    browser: Browser, report: Path, scheme: str, viewport: tuple[int, int]
) -> None:
    width, height = viewport
    watched = Watched(browser, viewport={"width": width, "height": height}, color_scheme=scheme)
    page = watched.open(report)
    assert watched.said == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert Axe().run(page).response["violations"] == []
    page.locator("table[data-name=hosts] a.number").first.click()
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()


def test_it_is_whole_without_its_script(browser: Browser, report: Path) -> None:
    page = Watched(browser, java_script_enabled=False).open(report)
    assert "70 failures" in page.locator(".lead").inner_text()
    assert len(rows(page, "jobs")) == 8
    page.locator("table[data-name=findings] summary").first.click()
    assert "CERTIFICATE_VERIFY_FAILED" in page.locator("table[data-name=findings]").inner_text()
    page.context.close()


def test_markup_of_a_log_is_text(watched: Watched, tmp_path: Path) -> None:
    name = "a<b>&\"'<i onmouseover=window.evil=1>"
    folder = tmp_path / "evil" / name
    folder.mkdir(parents=True)
    log = recorded(SELF_SIGNED).decode().replace("self-signed", f"self-signed {EVIL}", 1)
    (folder / f"{name}.log").write_text(log.replace("\n", f" {EVIL}\n"))
    (folder / "broken<script>window.evil=1<.zip").write_bytes(b"PK\x03\x04" + b"x" * 50)
    page_file = folder.parent.parent / "evil.html"
    call = ["scan", "--jobs", "1", "--format", "html", "--layout", "{project}/{job}.log"]
    done = CliRunner().invoke(app, [*call, "--output", str(page_file), str(tmp_path / "evil")])
    assert done.exit_code == 2
    page = watched.open(page_file)
    page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    page.locator("table[data-name=findings] a.number").first.click()
    assert "skipping <scri" in lines(page)[0]
    assert name in page.locator("table[data-name=jobs]").inner_text()
    assert "broken<script>" in page.locator(".troubles").inner_text()
    assert page.evaluate("window.evil") is None
    assert page.locator("main img, main i, main [onload]").count() == 0
    assert not {"\x1b", "\u202e"} & set(page_file.read_text("utf-8"))


def test_nothing_runs_even_if_markup_got_through(watched: Watched, report: Path) -> None:
    page = watched.open(report)
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=evil=1>')")
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'),"
        " {textContent: 'window.evil = 1'}))"
    )
    page.wait_for_timeout(100)
    assert page.evaluate("window.evil") is None
    assert any("Content Security Policy" in text for text in watched.said)
    watched.said.clear()


def test_nothing_failed(watched: Watched, tmp_path: Path) -> None:
    folder = tmp_path / "fine"
    folder.mkdir()
    (folder / "a.log").write_bytes(clean(2000))
    page = watched.open(written(folder))
    assert page.locator(".lead").inner_text().startswith("Nothing failed")
    assert page.locator("table").count() == 1


def test_a_store_gives_the_page_of_its_scan(archive: Path, report: Path, tmp_path: Path) -> None:
    store, trends = tmp_path / "seen.db", tmp_path / "trends.html"
    layout = "--layout", "{project}/{job}/{build}.log"
    assert written(archive, *layout, "--store", store) == report
    scanned = report.read_bytes()
    call = ["trends", str(store), "--format", "html", "--output", str(trends)]
    assert CliRunner().invoke(app, call).exit_code == 0
    assert trends.read_bytes() == scanned


def test_what_the_page_leaves_out_is_counted(
    watched: Watched, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipcert_logs.scan.render.html.LINES", 20)
    page = watched.open(written(archive))
    page.locator("dl a.number").first.click()
    assert len(lines(page)) == 20
    assert "The latest 20 of 70" in page.locator("#lines-note").inner_text()
    page.locator("#close").click()
    page.locator("table[data-name=findings] tr:last-child a.number").first.click()
    assert len(lines(page)) == int(page.locator("#lines-title").inner_text().split()[0])


def test_its_packages_are_named(archive: Path, tmp_path: Path) -> None:
    blocked = "import sys; sys.modules['pygal'] = None\n"
    start = blocked + "from pipcert_logs.cli.main import main\nmain()"
    call = [sys.executable, "-c", start, "scan", "--format", "html", str(archive)]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "-m pip install" in done.stderr
    assert "pygal" in done.stderr


def test_no_credential_is_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "secret"
    folder.mkdir()
    log = recorded(SELF_SIGNED).replace(b"https://", b"https://joe:hunter2secret@")
    (folder / "a.log").write_bytes(log)
    page = written(folder).read_text("utf-8")
    assert "CERTIFICATE_VERIFY_FAILED" in page
    assert "hunter2secret" not in page
    assert json.loads(page.split('id="data">')[1].split("</script>")[0])["lines"]
