"""Words of `tenor market`."""

from __future__ import annotations

import argparse

MARKET: tuple[tuple[str, str, str | None], ...] = (
    ("backfill", "bring bars of a stretch of time into the archive", None),
    ("watch", "listen to the live sources for a while and tell what came", None),
    ("check", "what is odd in kept bars or the history in the box, and how the sources fare", None),
    ("heat", "what the news say of each sector and asset, with trend and bursts", None),
)


def add_market(verbs: dict[str, argparse.ArgumentParser]) -> None:
    """What to bring, watch or check."""
    for name in ("backfill", "check"):
        verbs[name].add_argument("instrument", nargs="*", help="VENUE:SYMBOL; none: all that live sources serve")
        verbs[name].add_argument("--from", dest="start", default="", metavar="DAY", help="YYYY-MM-DD (400 days back)")
        verbs[name].add_argument(
            "--to", dest="end", default="", metavar="DAY", help="YYYY-MM-DD, itself included (today)"
        )
        verbs[name].add_argument("--interval", choices=["1d", "1m"], default="1d")
    verbs["backfill"].add_argument("--source", default="", metavar="NAME", help="this source alone, as doctor names it")
    verbs["watch"].add_argument("--seconds", type=float, default=10.0, metavar="N", help="how long (10, at most 300)")
