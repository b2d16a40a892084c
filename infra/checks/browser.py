"""Finds a Chromium for the browser tests, or installs one: Debian's package as root, else Playwright's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys


def main() -> int:
    """The exit code is 1 when no browser could be had."""
    if any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        return 0
    if shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-qq"], check=False, capture_output=True)
        subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"], check=False, capture_output=True)
        if shutil.which("chromium"):
            return 0
    environment = {k: v for k, v in os.environ.items() if k != "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD"}
    done = subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False, env=environment)
    if done.returncode:
        print("no browser for the browser tests: install chromium and run make test again", file=sys.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
