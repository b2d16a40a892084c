"""What chance alone would do, so that a shape is an alert only where chance would hardly make it.

A rule counts a shape's false alarms as Desolneux, Moisan and Morel do (a-contrario detection, 2000): the number of
places where it could stand times the probability that unrelated payments form it there. Payments of an account are
taken as Poisson at its own rate, its amounts as lognormal around its own median. All results are natural logarithms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from desk.fraud.columnar import group_median
from desk.fraud.graph import DAY, Columns, Floats, Ints

FEW = 5
"""Below this many payments a sender's own spread says little; the typical sender's stands in."""
LEAST_SPREAD = 0.3
LEAST = 0.01
"""No single amount counts for more than chance one in a hundred: people do pay a large bill now and then."""
SOONEST = DAY // 4
MATCH = np.log(0.15)
"""The chance that two unrelated sums of money agree as closely as the rules over hubs ask."""


@dataclass(frozen=True)
class Habits:
    """Per account the median and the spread of the logarithms of what it pays."""

    usual: Floats
    spread: Floats

    def oddness(self, account: Ints, minor: Ints) -> Floats:
        """The logarithm of how rarely these accounts pay an amount this far from their usual one; about 0 for usual."""
        from scipy.special import ndtr

        away = np.abs(np.log(minor) - self.usual[account]) / self.spread[account]
        tail = np.maximum(2 * ndtr(-away), LEAST)
        out: Floats = np.minimum(np.log(tail) + 1, 0.0)
        return out

    def density(self, account: Ints, minor: Ints) -> Floats:
        """How likely these accounts pay about this amount, per unit of its logarithm."""
        away = (np.log(minor) - self.usual[account]) / self.spread[account]
        out: Floats = np.maximum(np.exp(-away * away / 2) / (self.spread[account] * np.sqrt(2 * np.pi)), LEAST)
        return out


class Rates(NamedTuple):
    """Ready rows that each account sends and receives, over `seconds`; `rows` in all."""

    sent: Ints
    received: Ints
    seconds: int
    rows: int


def habits_of(c: Columns) -> Habits:
    """The habits of all senders."""
    n, logs = len(c.accounts), np.log(c.minor)
    usual = group_median(c.source, logs, n)
    spread = group_median(c.source, np.abs(logs - usual[c.source]), n) * 1.4826
    counts = np.bincount(c.source, minlength=n)
    known = spread[counts >= FEW]
    spread[counts < FEW] = float(np.median(known)) if len(known) else 1.0
    return Habits(usual, np.maximum(spread, LEAST_SPREAD))


def log_tail(least: Ints, mean: Floats) -> Floats:
    """The logarithm of the chance of at least so many Poisson events."""
    from scipy.special import pdtrc

    out: Floats = np.log(np.maximum(pdtrc(least - 1, np.maximum(mean, 1e-9)), 1e-300))
    return out


def longest_gaps(c: Columns, habits: Habits, rates: Rates, after: Ints, keep: tuple[float, float]) -> Ints:
    """Per row, the seconds for which `hop_chance` stays below chance; 0 where its account pays too often for any."""
    middle = c.source[after]
    per_second = np.maximum(rates.sent[middle], 1) / rates.seconds * np.log(keep[1] / keep[0])
    gap = 1 / (per_second * habits.density(middle, c.minor[after]))
    out: Ints = np.where(gap > SOONEST, np.minimum(np.ceil(gap) - 1, rates.seconds), 0).astype(np.int64)
    return out


def hop_chance(
    c: Columns, habits: Habits, rates: Rates, before: Ints, after: Ints, keep: tuple[float, float]
) -> Floats:
    """Per pair of rows, the logarithm of the chance that the account in between pays on this much, this soon."""
    middle, gap = c.source[after], np.maximum(c.at[after] - c.at[before], SOONEST)
    expected = np.maximum(rates.sent[middle], 1) / rates.seconds * gap
    width = np.log(keep[1] / keep[0])
    out: Floats = np.minimum(np.log(expected * width * habits.density(middle, c.minor[after])), 0.0)
    return out
