"""The options of `tenor experiments`."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping

EXPERIMENTS: tuple[tuple[str, str, str | None], ...] = (
    ("list", "arms, sweeps, and who is champion where", None),
    ("run", "all arms, or some, on one instrument, with a verdict", None),
    ("regimes", "the states of an instrument's market, and what the regime arm held in them", None),
    ("sweep", "many backtests on as many workers as there are; goes on where it was stopped", None),
    ("promote", "make the winner champion, or the baseline at any time", "arm"),
    ("watch", "look at champion and challenger up to now", None),
)


def add_experiments(verbs: Mapping[str, ArgumentParser]) -> None:
    """Adds them to the verbs' parsers."""
    for verb in ("run", "regimes", "promote", "watch"):
        verbs[verb].add_argument("--instrument", default="XNAS:AAPL")
        verbs[verb].add_argument("--years", type=int, default=10)
    verbs["run"].add_argument("--arm", action="append", default=[], metavar="NAME", help="again for each (all)")
    sweep = verbs["sweep"]
    sweep.add_argument("--id", default="", help="name it, or go on with the one of this name")
    sweep.add_argument(
        "--arm", action="append", default=[], metavar="NAME", help="again for each (all that need no news)"
    )
    sweep.add_argument("--instrument", action="append", default=[], metavar="ID", help="again for each (XNAS:AAPL)")
    sweep.add_argument("--years", action="append", type=int, default=[], metavar="N", help="again for each (10)")
    sweep.add_argument("--costs", action="append", type=float, default=[], metavar="TIMES", help="the usual ones (1)")
    sweep.add_argument("--workers", type=int, default=2, metavar="N", help="processes begun for it (2)")
