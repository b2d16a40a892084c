"""The words of `tenor backtest`."""

from __future__ import annotations

import argparse

from desk.backtest.search import GOALS


def add_backtest(parser: argparse.ArgumentParser) -> None:
    """Strategy, instruments, window, search and files."""
    parser.add_argument("strategy", help="such as equal_weight or moving_average; a wrong one lists all")
    parser.add_argument(
        "--instrument",
        action="append",
        metavar="NAME",
        help="id, symbol or name; again or with commas for several; `stocks` for all of a kind (default XNAS:AAPL)",
    )
    parser.add_argument("--years", type=int, default=10, help="the last years, where no --start is given")
    parser.add_argument("--start", default="", metavar="DAY", help="the first judged day; days before it warm up")
    parser.add_argument("--end", default="", metavar="DAY")
    parser.add_argument("--base", default="USD", metavar="CUR", help="the currency of the books")
    parser.add_argument("--free", action="store_true", help="no costs, no lots, no gate: for reference lines only")
    parser.add_argument(
        "--optimise", default="", metavar="GOAL", help=f"search the knobs on the first half: {', '.join(GOALS)}"
    )
    parser.add_argument("--knob", action="append", metavar="NAME=N", help="such as every=1 or fast=10; again for more")
    parser.add_argument("--html", default="", metavar="FILE", help="a tear sheet")
    parser.add_argument("--pdf", default="", metavar="FILE", help="the same as a PDF")
