"""Members that a pattern has not used yet: accounts linked with several of its members beyond what chance would do.

The surprise of a link between accounts with a and b counterparties in a graph of E links is log(2E / (a b)), the
logarithm of one over what a random graph of the same degrees would expect (Chung and Lu 2002).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from desk.fraud.graph import Columns, Floats, Ints
from desk.fraud.thresholds import Thresholds


@dataclass(frozen=True)
class Links:
    """Who ever paid whom, either way, once each: `neighbour[start[a]:start[a + 1]]` are those of account a.

    `low` and `high` are the ends of each link and `row` the first that went along it; `first` is that row at the place
    of `neighbour`.
    """

    low: Ints
    high: Ints
    row: Ints
    start: Ints
    neighbour: Ints
    first: Ints

    @property
    def degree(self) -> Ints:
        """Counterparties per account."""
        return np.diff(self.start)

    def surprise(self, one: Ints, two: Ints) -> Floats:
        """How unlikely chance makes a link between these accounts, as a logarithm; below zero for the likely."""
        degree = self.degree
        out: Floats = np.log(2 * len(self.low) / (degree[one].astype(np.float64) * degree[two]))
        return out


def build_links(c: Columns) -> Links:
    """The links of all rows; an account's payments to itself are none."""
    n = len(c.accounts)
    keys = np.minimum(c.source, c.target) * n + np.maximum(c.source, c.target)
    rows = np.flatnonzero(c.source != c.target)
    links, first = np.unique(keys[rows], return_index=True)
    low, high, row = links // n, links % n, rows[first]
    one, two, both = np.concatenate([low, high]), np.concatenate([high, low]), np.concatenate([row, row])
    order = np.lexsort((two, one))
    start = np.searchsorted(one[order], np.arange(n + 1))
    return Links(low, high, row, start, two[order], both[order])


def complete(links: Links, members: Ints, t: Thresholds) -> list[int]:
    """The best linked outsiders, one after the other, until the pattern has `complete_to` members or none is left.

    An outsider is linked with at least `complete_links` members, with a surprise of `complete_surprise` in sum.
    """
    inside, added = list(members.tolist()), []
    while len(inside) < t.complete_to:
        best = _best_linked(links, np.array(inside, dtype=np.int64), t)
        if best is None:
            break
        inside.append(best)
        added.append(best)
    return added


def _best_linked(links: Links, inside: Ints, t: Thresholds) -> int | None:
    spans = [slice(links.start[a], links.start[a + 1]) for a in inside.tolist()]
    other = np.concatenate([links.neighbour[span] for span in spans])
    row = np.concatenate([links.first[span] for span in spans])
    one = np.repeat(inside, [span.stop - span.start for span in spans])
    outside = ~np.isin(other, inside)
    other, row, one = other[outside], row[outside], one[outside]
    names, place, count = np.unique(other, return_inverse=True, return_counts=True)
    if not len(names):
        return None
    total = np.bincount(place, np.maximum(links.surprise(one, other), 0.0))
    earliest = np.full(len(names), row.max() + 1)
    np.minimum.at(earliest, place, row)
    fit = np.flatnonzero((count >= t.complete_links) & (total >= t.complete_surprise))
    if not len(fit):
        return None
    return int(names[fit[np.lexsort((earliest[fit], -np.round(total[fit], 9)))[0]]])
