"""Words of `tenor ingest` and `tenor filings`."""

from __future__ import annotations

import argparse

INGEST = (("filings", "a path, CIK or ticker", "path"),)


def add_ingest(filings: argparse.ArgumentParser) -> None:
    """What to take of a company at EDGAR."""
    filings.add_argument("--forms", default="10-K,10-Q,8-K", metavar="FORM,…", help="of a company (10-K,10-Q,8-K)")
    filings.add_argument("--most", type=int, default=12, metavar="N", help="the latest N of them (12)")
    filings.add_argument("--again", action="store_true", help="ask for known ones again; a changed one goes first")
