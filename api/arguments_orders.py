"""The words of `tenor orders`."""

from __future__ import annotations

import argparse

ORDERS = (
    ("list", "orders, the newest first", None),
    ("place", "send one through the gate", "side"),
    ("amend", "change one that works", "id"),
    ("cancel", "take one, or with --all every one, off the market", None),
)


def add_orders(verbs: dict[str, argparse.ArgumentParser]) -> None:
    """Adds the options of all four."""
    listed, place, amend, cancel = verbs["list"], verbs["place"], verbs["amend"], verbs["cancel"]
    listed.add_argument("--most", type=int, default=200, metavar="N", help="at most so many, and all still open (200)")
    listed.add_argument("--before", default="", metavar="ID", help="go on with those older than this order")
    place.add_argument("quantity")
    place.add_argument("instrument", help="VENUE:SYMBOL")
    place.add_argument("--account", default="", help="default: your only account")
    place.add_argument("--type", default="market", help="market, limit, stop or stop_limit")
    place.add_argument("--limit", metavar="PRICE")
    place.add_argument("--stop", metavar="PRICE", help="the trigger of a stop")
    place.add_argument("--tif", default="day", help="day, ioc, fok, gtc or gtd")
    place.add_argument("--expires", metavar="YYYY-MM-DD", help="the last day of a gtd order")
    place.add_argument("--display", metavar="N", help="what an iceberg shows")
    place.add_argument("--post-only", action="store_true", help="never take")
    place.add_argument("--client-id", default="", help="the same id again is the same order")
    amend.add_argument("--quantity", metavar="N", help="the whole quantity")
    amend.add_argument("--limit", metavar="PRICE")
    cancel.add_argument("id", nargs="?", default="")
    cancel.add_argument("--all", action="store_true")
    cancel.add_argument("--account", default="", help="with --all: only of this account")
    cancel.add_argument("--instrument", default="", help="with --all: only of this instrument")
