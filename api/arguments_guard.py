"""The words of `tenor guard`."""

from __future__ import annotations

import argparse

GUARD = (
    ("check", "a text, or an answer as `tenor ask --json` prints it; - reads stdin", "file"),
    ("runs", "runs that were not scanned yet; findings stand on the page of each run", None),
)


def add_guard(verbs: dict[str, argparse.ArgumentParser]) -> None:
    """Adds the options of both."""
    check, runs = verbs["check"], verbs["runs"]
    check.add_argument("--with", dest="validators", default="", metavar="NAMES", help="only these, separated by commas")
    check.add_argument("--text", default=None, help=argparse.SUPPRESS)
    runs.add_argument("--since", default="", metavar="DAY", help="of this day (ISO) and later")
    runs.add_argument("--again", action="store_true", help="also those that were scanned before")
    runs.add_argument("--most", type=int, default=200, metavar="N", help="at most so many, the newest first (200)")
