"""Accounts of a transaction graph as rows for `desk.fraud.gnn`: how each pays, and who is whose neighbour.

Neighbours are accounts joined by a payment that the rules over flows read (`Scene.ready`: stray, after the warm-up):
over all payments every account is near every shop, and what two members of a pattern have in common drowns. Nothing
depends on names, on the unit of amounts or on when the graph begins; counts are put to a month.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from desk.fraud.graph import DAY, Columns, Floats, Ints
from desk.fraud.scene import Scene

NAMES = (
    *(f"{side}_{what}" for side in ("out", "in") for what in ("rate", "others", "strays", "stray_share", "burst")),
    *(f"{side}_{what}" for side in ("out", "in") for what in ("stray_usual", "stray_largest", "stray_spread")),
    "usual",
    "spread",
    "balance",
    "bin_balance",
    "bin_rows",
    "passed",
    "silence",
    "ended",
)
"""Columns of `conduct`. Rates and counts as log(1 + a month's); amounts as logarithms against the account's own usual
one, `usual` against the graph's; shares and agreements from 0 to 1.
"""
MONTH, BIN = 30 * DAY, 15 * DAY


class Neighbours(NamedTuple):
    """Means over who paid an account, and over whom it paid: (n, n), each row summing to 1, or empty for nobody."""

    payers: csr_array
    payees: csr_array


def conduct(scene: Scene) -> Floats:
    """The features (n, k) of every account, in the order of the columns' accounts and of `NAMES`; no transfer, no row.

    An account without a payment of some kind has 0 there.
    """
    c, n = scene.columns, len(scene.columns.accounts)
    if not len(c):
        return np.zeros((0, len(NAMES)))
    rows = np.flatnonzero(scene.ready)
    logs, usual = np.log(c.minor.astype(np.float64)), scene.habits.usual
    sides = (c.source, c.target), (c.target, c.source)
    counts = [column for own, other in sides for column in _counts(c, rows, own, other)]
    amounts = [column for own, _ in sides for column in _amounts(own[rows], logs[rows] - usual[own[rows]], n)]
    habits = [usual - np.median(logs), scene.habits.spread]
    return np.stack(
        [*counts, *amounts, *habits, *_balances(c, rows), _passed(scene, rows), *_silences(c)], axis=1
    ).astype(np.float64)


def neighbours(scene: Scene) -> Neighbours:
    """Who is joined to whom, each pair once however often it paid; (0, 0) without transfers."""
    c = scene.columns
    if not len(c):
        return Neighbours(csr_array((0, 0)), csr_array((0, 0)))
    n, rows = len(c.accounts), np.flatnonzero(scene.ready)
    pairs = np.unique(c.source[rows] * n + c.target[rows])
    source, target = pairs // n, pairs % n
    return Neighbours(_mean(target, source, n), _mean(source, target, n))


def _mean(own: Ints, other: Ints, n: int) -> csr_array:
    weights = 1.0 / np.bincount(own, minlength=n)[own]
    return csr_array((weights, (own, other)), shape=(n, n))


def _counts(c: Columns, rows: Ints, own: Ints, other: Ints) -> list[Floats]:
    """Of one direction: payments and others a month, strays a month, their share, the most within half a month."""
    n, months = len(c.accounts), max((int(c.at[-1] - c.at[0]) + 1) / MONTH, 1.0)
    count = np.bincount(own, minlength=n).astype(np.float64)
    others = np.bincount(np.unique(own * n + other) // n, minlength=n)
    strays = np.bincount(own[rows], minlength=n)
    monthly = [np.log1p(many / months) for many in (count, others, strays)]
    return [*monthly, strays / np.maximum(count, 1), np.log1p(_burst(own[rows], c.at[rows] - c.at[0], n))]


def _burst(own: Ints, at: Ints, n: int) -> Floats:
    """The most rows of each account within `BIN` seconds."""
    most = np.zeros(n)
    if len(at):
        span = int(at.max()) + BIN + 1
        keys = np.sort(own * span + at)
        inside = np.arange(len(keys)) - np.searchsorted(keys, keys - BIN) + 1
        np.maximum.at(most, keys // span, inside)
    return most


def _amounts(own: Ints, away: Floats, n: int) -> list[Floats]:
    """How far strays are from the account's own usual amount: mean, largest, spread."""
    count = np.bincount(own, minlength=n)
    mean = np.bincount(own, away, n) / np.maximum(count, 1)
    variance = np.bincount(own, away**2, n) / np.maximum(count, 1) - mean**2
    largest = np.full(n, -np.inf)
    np.maximum.at(largest, own, away)
    return [mean, np.where(count > 0, largest, 0.0), np.sqrt(np.maximum(variance, 0.0))]


def _balances(c: Columns, rows: Ints) -> list[Floats]:
    """How well strays in and out agree in sum: over all time; in the half month where most of both moved; its rows."""
    n, amounts = len(c.accounts), c.minor[rows].astype(np.float64)
    ends = c.source[rows], c.target[rows]
    whole = _agree(*(np.bincount(end, amounts, n).astype(np.float64) for end in ends))
    most, best, held = np.zeros(n), np.zeros(n), np.zeros(n)
    for shift in (0, BIN // 2):
        bins = (c.at[rows] - c.at[0] + shift) // BIN
        width = int(bins.max()) + 1 if len(bins) else 1
        cells = [end * width + bins for end in ends]
        out, into = (np.bincount(cell, amounts, n * width).reshape(n, width) for cell in cells)
        count = np.bincount(np.concatenate(cells), minlength=n * width).reshape(n, width)
        both = np.minimum(out, into)
        place = np.arange(n), both.argmax(axis=1)
        more = both[place] > most
        best = np.where(more, _agree(out[place], into[place]), best)
        held = np.where(more, np.log1p(count[place]), held)
        most = np.maximum(most, both[place])
    return [whole, best, held]


def _agree(one: Floats, other: Floats) -> Floats:
    """The smaller over the larger; 0 where there is nothing."""
    high = np.maximum(one, other)
    found: Floats = np.minimum(one, other) / np.where(high > 0, high, 1.0)
    return found


def _passed(scene: Scene, rows: Ints) -> Floats:
    """How many strays an account passed on as strays, as the path rules have it: log(1 + the fewer of in and out)."""
    c, n = scene.columns, len(scene.columns.accounts)
    within = np.full(len(c), scene.t.pass_within, dtype=np.int64)
    came, left = scene.graph.steps(rows, scene.t.pass_keep, within)
    into = np.bincount(c.target[np.unique(came)], minlength=n)
    found: Floats = np.log1p(np.minimum(into, np.bincount(c.source[np.unique(left)], minlength=n)))
    return found


def _silences(c: Columns) -> list[Floats]:
    """The longest time in which an account started nothing, and that since it last did: shares of the graph's time."""
    n, begin, end = len(c.accounts), int(c.at[0]), int(c.at[-1])
    order = np.lexsort((c.at, c.source))
    own, at = c.source[order], c.at[order]
    first, last, longest = np.full(n, end), np.full(n, begin), np.zeros(n)
    np.minimum.at(first, own, at)
    np.maximum.at(last, own, at)
    same = own[1:] == own[:-1]
    np.maximum.at(longest, own[1:][same], np.diff(at)[same])
    span = max(end - begin, 1)
    return [np.maximum(longest, first - begin) / span, (end - last) / span]
