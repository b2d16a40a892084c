"""Takes docs/desk.png, the picture of the README, from a desk that runs: the Desk page of a trader, in dark.

Needs the built web app and a Chromium; run it as `python -m infra.picture` or `python infra/picture.py`.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

TARGET = Path("docs/desk.png")
LARGEST = 300_000
ADDRESS = re.compile(r"(http://127\.0\.0\.1:\d+/)#door=(\S+)")


def start(home: Path) -> tuple[subprocess.Popen[bytes], str]:
    """A desk on a free port, and the address it printed."""
    log = home.parent / "up.log"
    command = [sys.executable, "-m", "api.cli", "up", "--no-open", "--port", "0", "--home", str(home)]
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    for _ in range(600):
        found = ADDRESS.search(log.read_text(encoding="utf-8"))
        if found:
            return process, found[0]
        if process.poll() is not None:
            break
        time.sleep(0.1)
    process.kill()
    raise SystemExit(f"tenor up did not start:\n{log.read_text(encoding='utf-8')[-2000:]}")


def play(page: Page, address: str) -> None:
    """Signs in, asks for two trades so that one waits and one is filled, and ends on the Desk page."""
    page.goto(address)
    page.get_by_role("button", name=re.compile("^Tom Trader")).click()
    page.get_by_title("Time since the last frame").filter(has_text="LIVE").wait_for()
    base = address.split("#", 1)[0]
    for question, answered in (("Buy 50 AAPL", True), ("Sell 40 JPM", False)):
        page.goto(f"{base}chat/")
        page.get_by_label("Ask the agents").fill(question)
        page.keyboard.press("Enter")
        page.get_by_role("link", name=re.compile("open proposal")).click()
        page.get_by_role("button", name="Approve…").wait_for()
        if answered:
            page.get_by_role("button", name="Approve…").click()
            page.get_by_role("button", name="Approve", exact=True).click()
            page.get_by_text(re.compile("filled 50 at")).wait_for()
    page.goto(base)
    page.get_by_label(re.compile("^Quantity")).fill("100")
    page.get_by_role("button", name="Preview buy 100 AAPL").click()
    page.get_by_role("button", name="Send buy 100 AAPL").wait_for()
    page.locator("canvas").first.wait_for()
    page.mouse.move(700, 60)
    page.wait_for_timeout(1500)


def main() -> int:
    """The exit code is 1 when the picture would be too large."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        process, address = start(Path(folder) / "home")
        try:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            size = {"width": 1440, "height": 900}
            context = browser.new_context(viewport=size, color_scheme="dark")  # type: ignore[arg-type]
            context.add_init_script("localStorage.setItem('tenor.tour.trader', 'done')")
            page = context.new_page()
            play(page, address)
            page.screenshot(path=TARGET)
            browser.close()
        finally:
            process.terminate()
            process.wait(30)
    if TARGET.stat().st_size > LARGEST:
        print(f"{TARGET} has {TARGET.stat().st_size:,} bytes; at most {LARGEST:,}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
