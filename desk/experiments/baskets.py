"""Wealth of holding an instrument's peers: evenly, or as the learned policy weighs them."""

from __future__ import annotations

import numpy as np

from desk.backtest.learned import follow_policy, load_balancing
from desk.backtest.portfolio import Seen
from desk.errors import DataError
from desk.experiments.closes import Closes
from desk.forecast.features import Vector
from desk.risk.measures import Matrix

MONTH = 21
WEALTH = 1_000.0


def basket(closes: Closes) -> Vector:
    """(window,): wealth, begun at 1000, spread evenly over the peers each month, turnover paid for at the usual costs.

    DataError without at least two peers (DeMiguel, Garlappi and Uppal 2009 is what it stands for).
    """
    peers = _peers(closes, "1/N")
    even = np.full(peers.shape[1], 1.0 / peers.shape[1])
    return _grow(closes, peers, {day: even for day in range(MONTH, len(peers), MONTH)})


def learned_basket(closes: Closes) -> Vector:
    """(window,): the same, spread by the learned policy: decided after the first close of a month, traded at the next.

    Evenly in the window's first year, before which no closes of peers are given. DataError as `basket`.
    """
    peers = _peers(closes, "the learned policy")
    days, decide = tuple(closes.days[-closes.window :]), follow_policy(load_balancing())
    wishes = {}
    for row in range(1, len(peers) - 1):
        if days[row].month != days[row - 1].month:
            wish = decide(Seen(days[: row + 1], peers[: row + 1]))
            if wish is not None:
                wishes[row + 1] = wish
    return _grow(closes, peers, wishes)


def _peers(closes: Closes, who: str) -> Matrix:
    if closes.peers is None or closes.peers.shape[1] < 2:
        raise DataError(f"{closes.instrument.id} has no peers with closes on the same days; {who} needs at least two")
    return closes.peers


def _grow(closes: Closes, peers: Matrix, wishes: dict[int, Vector]) -> Vector:
    """Wealth (window,), evenly spread at first, with shares (n,) as wished at the closes of some rows."""
    share = (closes.costs.commission_bps + closes.costs.half_spread_bps) / 10_000
    wealth, held = np.empty(len(peers)), np.full(peers.shape[1], WEALTH / peers.shape[1])
    wealth[0] = held.sum()
    for day, gain in enumerate(peers[1:] / peers[:-1], 1):
        held = held * gain
        total = float(held.sum())
        if day in wishes:
            total -= share * float(np.abs(held - total * wishes[day]).sum())
            held = total * wishes[day]
        wealth[day] = total
    return wealth
