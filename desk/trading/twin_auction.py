"""The price of a call auction, for the readable matching engine.

The price is the one at which most lots trade; among several those with the smallest surplus; among
these the highest when all leave buyers over, the lowest when all leave sellers over, else the one
nearest the reference, then the lowest (maximum volume, minimum surplus, market pressure, reference
price: London Stock Exchange, Guide to the Trading System, "uncrossing algorithm"). Prices are the
limits of orders and, between the best ask and the best bid, the reference itself.
"""

from __future__ import annotations

from typing import NamedTuple

from desk.trading.twin_ladder import Ladder


class _At(NamedTuple):
    """What trades at a price, and how many lots of buyers (negative: of sellers) it leaves over."""

    lots: int
    over: int


class Uncrossing(NamedTuple):
    """Where an auction trades, and how many lots."""

    price: int
    lots: int


def choose_price(bids: Ladder, asks: Ladder, reference: int) -> Uncrossing | None:
    """The uncrossing price of a crossed book; None when the best bid is below the best ask.

    `reference` 0 leaves out the rule about it.
    """
    bid, ask = bids.best_price, asks.best_price
    if bid is None or ask is None or bid < ask:
        return None
    demand = {price: lots for price, lots in _sizes(bids) if price >= ask}
    supply = {price: lots for price, lots in _sizes(asks) if price <= bid}

    found: dict[int, _At] = {}
    for price in sorted({*demand, *supply} | ({reference} if ask < reference < bid else set())):
        wanted = sum(lots for at, lots in demand.items() if at >= price)
        offered = sum(lots for at, lots in supply.items() if at <= price)
        found[price] = _At(min(wanted, offered), wanted - offered)
    most = min((-at.lots, abs(at.over)) for at in found.values())
    best = [price for price, at in found.items() if (-at.lots, abs(at.over)) == most]
    if all(found[price].over > 0 for price in best):
        price = best[-1]
    elif all(found[price].over < 0 for price in best):
        price = best[0]
    else:
        price = min(best, key=lambda price: (abs(price - reference) if reference else 0, price))
    return Uncrossing(price, found[price].lots)


def _sizes(ladder: Ladder) -> list[tuple[int, int]]:
    return [(ladder.side.key(level[0].key), sum(order.lots for order in level)) for level in ladder.levels()]
