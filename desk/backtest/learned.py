"""The learned policy as a strategy, with the weights that were learned before the day, and its verdict."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np

from desk.backtest.balancing import OBSERVED, TRAITS, YEAR, look, observe, weigh
from desk.backtest.market import Market, filled
from desk.backtest.portfolio import Decide, Seen
from desk.backtest.sight import Knobs, alive, due, shared
from desk.forecast.rl import shelf
from desk.forecast.rl.shelf import Shelf, load_shelf
from desk.risk.measures import Vector

WEIGHTS = Path(shelf.__file__).with_name("balancing.npz")


def load_balancing() -> Shelf:
    """The shipped policies, a group of seeds for each cut-off day, oldest first; see `load_shelf`."""
    return load_shelf(WEIGHTS, [*OBSERVED, *TRAITS])


def learned(knobs: Knobs, _: Market) -> Decide:
    """What the shipped policy holds; see `follow_policy`."""
    return follow_policy(load_balancing(), knobs["every"])


def follow_policy(policies: Shelf, every: int = 0) -> Decide:
    """Weights by the newest policy whose cut-off day is before the day.

    Equal weights before the first, and with fewer than two instruments that have had a price for a year. What it
    holds is reckoned from its own decisions, traded at the next close.
    """
    cutoffs = [date.fromisoformat(name) for name in policies.names]
    past: list[tuple[int, Vector]] = []

    def decide(seen: Seen) -> Vector | None:
        if not due(seen, every):
            return None
        place = sum(cutoff < seen.days[-1] for cutoff in cutoffs) - 1
        closes = filled(seen.closes[-YEAR - 1 :])
        fit = alive(seen) & (closes > 0).all(axis=0) & (len(closes) > YEAR)
        if place < 0 or fit.sum() < 2:
            wish = shared(alive(seen).astype(np.float64))
        else:
            wish = np.zeros(seen.closes.shape[1])
            held = _drifted(past[-1], seen)[fit] if past else np.zeros(int(fit.sum()))
            held = shared(held) if held.any() else np.full(held.size, 1.0 / held.size)
            found = look(closes[:, fit])
            actions = policies.say(place, observe(found.state[None], held[None]))
            wish[fit] = weigh(actions, found.traits[None], held[None])[0]
        past[:] = [(len(seen.days) - 1, wish)]
        return wish

    return decide


def _drifted(last: tuple[int, Vector], seen: Seen) -> Vector:
    """What shares decided after a row, and traded at the next, have become by now; not summing to one."""
    row, wish = last
    closes = filled(seen.closes[max(0, row - YEAR) :])
    bought = closes[min(row + 1, len(seen.days) - 1) - max(0, row - YEAR)]
    with np.errstate(invalid="ignore", divide="ignore"):
        grown: Vector = np.where((bought > 0) & (closes[-1] > 0), wish * closes[-1] / bought, 0.0)
    return grown
