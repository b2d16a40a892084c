"""A real desk and a real browser; everything that a page does wrong by itself is a fault of the test."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect, sync_playwright

from tests.api.running import Up

TOP = Path(__file__).parents[2]
AXE = TOP / "webapp" / "node_modules" / "axe-core" / "axe.min.js"
ROLES = ("customer", "analyst", "trader", "compliance", "evaluator", "administrator")
RUN_AXE = """() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']}).then(found =>
  found.violations.map(v => [v.id, v.impact, v.nodes.length, v.nodes[0].html.slice(0, 200)]))"""


def lacking(what: str) -> None:
    """Skips with a sentence, or fails where everything must be there."""
    if os.environ.get("TENOR_REQUIRE") == "all":
        pytest.fail(f"TENOR_REQUIRE=all, but {what}", pytrace=False)
    pytest.skip(what)


class Visit:
    """One window, and every fault its pages made."""

    def __init__(self, page: Page, address: str, keep: Callable[[StorageState], None]) -> None:
        self.page, self.address, self._keep = page, address.rstrip("/"), keep
        self.faults: list[str] = []
        self._host = urlsplit(address).netloc
        page.set_default_timeout(45_000)
        page.on("console", lambda m: self._hear(m.type, m.text, m.location.get("url", "")))
        page.on("pageerror", lambda error: self.faults.append(f"page error: {error}"))
        page.on("request", lambda request: self._check_host(request.url))
        page.on("websocket", lambda socket: self._check_host(socket.url))

    def _hear(self, kind: str, text: str, where: str) -> None:
        if kind == "error":
            self.faults.append(f"console: {text} {where}")

    def _check_host(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.netloc != self._host:
            self.faults.append(f"request to another host: {url}")

    def goto(self, path: str) -> Page:
        """Opens a page and waits until it knows who is signed in and holds live quotes."""
        self.page.goto(self.address + path)
        self.wait_for_quotes()
        return self.page

    def become(self, name: str) -> None:
        """Leaves by the person's menu and enters by the card of another."""
        page = self.page
        page.goto(self.address)
        menu = page.get_by_role("button", name=re.compile(": menu$"))
        menu.or_(page.get_by_role("heading", name="Enter the demonstration desk as")).wait_for()
        if menu.count():
            menu.click()
            page.get_by_role("menuitem", name="Sign out").click()
        page.get_by_role("button", name=re.compile(f"^{name} ")).click()
        self.wait_for_quotes()
        self.keep()

    def keep(self) -> None:
        """Hands the cookie as it is now to the next window: one that fails later must not fail those after it."""
        self._keep(self.page.context.storage_state())

    def wait_for_quotes(self) -> None:
        """Somebody is signed in and the stream runs."""
        self.page.get_by_title("Time since the last frame").filter(has_text="LIVE").wait_for()

    def ask(self, question: str) -> Page:
        """Asks on a new thread in Chat and waits for the end of the answer."""
        page = self.goto("/chat/")
        page.get_by_label("Ask the agents").fill(question)
        page.keyboard.press("Enter")
        page.get_by_text(re.compile(r" in all$")).wait_for()
        return page

    def violations(self) -> list[list[object]]:
        """Serious and critical accessibility violations of the page as it stands."""
        self.page.add_script_tag(path=AXE)
        return [found for found in self.page.evaluate(RUN_AXE) if found[1] in ("serious", "critical")]


class House:
    """A running desk and the one browser that came through its door; each window goes on with its cookie."""

    def __init__(self, browser: Browser, up: Up) -> None:
        self._browser, self.up = browser, up
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{up.address}#door={up.door}")
        page.get_by_text("Enter the demonstration desk as").wait_for()
        assert "door" not in page.url
        self._state = context.storage_state()
        context.close()

    def open(self, **options: Any) -> Visit:
        """A window in which every tour is over."""
        chosen: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}, "storage_state": self._state, **options}
        context = self._browser.new_context(**chosen)
        for role in ROLES:
            context.add_init_script(f"localStorage.setItem('tenor.tour.{role}', 'done')")
        return Visit(context.new_page(), self.up.address, self._hold)

    def _hold(self, state: StorageState) -> None:
        self._state = state

    def close(self, visit: Visit) -> list[str]:
        """Closes a window, keeps its cookie for the next one, and returns its faults."""
        visit.keep()
        visit.page.context.close()
        return visit.faults


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium from PATH, else Playwright's own; ends with the module, before any asynchronous test."""
    if not (TOP / "webapp" / "out" / "index.html").exists():
        lacking("the web app is not built; `make web` builds it")
    expect.set_options(timeout=30_000)  # a busy machine is slow, and slow is no fault of a page
    with sync_playwright() as playwright:
        found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
        path = found or playwright.chromium.executable_path
        if not Path(path).exists():
            lacking("there is no Chromium; `python infra/checks/browser.py` brings one")
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def house(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A desk of this module's own."""
    up = Up(tmp_path_factory.mktemp("walks") / "home")
    try:
        yield House(browser, up)
    finally:
        up.stop()


@pytest.fixture
def visit(house: House) -> Iterator[Visit]:
    """A window that must have made no fault when the test is over."""
    opened = house.open()
    yield opened
    assert house.close(opened) == []
