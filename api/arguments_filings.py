"""Words of `tenor ingest` and `tenor filings`."""

from __future__ import annotations

import argparse

INGEST: tuple[tuple[str, str, str | None], ...] = (("filings", "a path, CIK or ticker", "path"),)


def add_ingest(filings: argparse.ArgumentParser) -> None:
    """What to take of a company at EDGAR."""
    filings.add_argument("--forms", default="10-K,10-Q,8-K", metavar="FORM,…", help="of a company (10-K,10-Q,8-K)")
    filings.add_argument("--most", type=int, default=12, metavar="N", help="the latest N of them (12)")
    filings.add_argument("--again", action="store_true", help="ask for known ones again; a changed one goes first")


FILINGS: tuple[tuple[str, str, str | None], ...] = (
    ("watch", "companies whose filings are watched", None),
    ("notices", "what they filed", None),
    ("find", "words in EDGAR's full-text index", "words"),
    ("index", "care of the vector index", None),
)


def add_filings(verbs: dict[str, argparse.ArgumentParser]) -> None:
    """What to watch, show or mend."""
    verbs["watch"].add_argument("what", choices=["list", "add", "remove", "now"], help="now: look at once")
    verbs["watch"].add_argument("who", nargs="?", default="", help="a CIK or ticker")
    verbs["notices"].add_argument("--most", type=int, default=20, metavar="N")
    verbs["find"].add_argument("--forms", default="", metavar="FORM,…")
    verbs["find"].add_argument("--company", default="", metavar="CIK|TICKER")
    verbs["find"].add_argument("--most", type=int, default=20, metavar="N")
    verbs["index"].add_argument("what", choices=["check", "rebuild", "snapshot", "restore"])
    verbs["index"].add_argument("who", nargs="?", default="", metavar="FILE")
    verbs["index"].add_argument("--whole", action="store_true", help="rebuild: also what is sound")
