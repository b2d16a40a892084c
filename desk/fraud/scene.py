"""What several rules ask of a graph, asked once: which rows are new, stray, out of character, past the warm-up."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from desk.fraud.chance import Habits, Rates, habits_of
from desk.fraud.graph import DAY, Columns, Flags, Ints, TransactionGraph
from desk.fraud.thresholds import Thresholds


@dataclass(frozen=True)
class Scene:
    """A graph under given thresholds. Every answer is one flag per row of the columns, or one for all of them."""

    graph: TransactionGraph
    t: Thresholds

    @property
    def columns(self) -> Columns:
        """The transfers."""
        return self.graph.columns

    @cached_property
    def new(self) -> Flags:
        """Rows along edges that are new, as `TransactionGraph.new_edges` has it."""
        return self.graph.new_edges(self.t.new_for)

    @cached_property
    def odd(self) -> Flags:
        """Rows whose amount is far from their sender's usual one."""
        return self.graph.out_of_character(self.t.unusual_ratio, self.t.unusual_spreads)

    @cached_property
    def repeated(self) -> Flags:
        """Rows of an edge paid more than once at one instant."""
        return self.graph.repeated()

    @cached_property
    def warm(self) -> Flags:
        """Rows after the warm-up; all of them where the data is too short to have one."""
        at = self.columns.at
        late: Flags = at >= at[0] + (self.t.warm_up if at[-1] - at[0] >= 2 * self.t.warm_up else 0)
        return late

    @cached_property
    def longest(self) -> int:
        """The longest window of the flow rules: an account's own rate must be learnt from the time besides."""
        at = self.columns.at[self.warm]
        return min(self.t.longest_window, max(int(at[-1] - at[0]) // self.t.window_parts, self.t.least_window))

    @cached_property
    def novelty_tells(self) -> bool:
        """Whether new edges are rare enough, after the warm-up, for one to mean anything."""
        return float(self.new[self.warm].mean()) <= self.t.most_new

    @cached_property
    def amounts_tell(self) -> bool:
        """Whether senders mostly pay one and the same amount, so that a departure from it means something."""
        c = self.columns
        order = np.lexsort((np.arange(len(c)), c.source))
        same_sender = np.diff(c.source[order]) == 0
        if not same_sender.any():
            return False
        again = np.diff(c.minor[order])[same_sender] == 0
        return float(again.mean()) >= self.t.steady

    @cached_property
    def ready(self) -> Flags:
        """Rows that the rules over flows read: stray, past the warm-up, and out of character where amounts tell."""
        rows = self.stray(self.t.stray_window) & self.warm & (self.columns.source != self.columns.target)
        read: Flags = rows & self.odd if self.amounts_tell else rows
        return read

    @cached_property
    def habits(self) -> Habits:
        """How each account pays."""
        return habits_of(self.columns)

    @cached_property
    def rates(self) -> Rates:
        """How many ready rows each account has."""
        rows, n = np.flatnonzero(self.ready), len(self.columns.accounts)
        at = self.columns.at[self.warm]
        seconds = max(int(at[-1] - at[0]), DAY)
        received = np.bincount(self.columns.target[rows], minlength=n)
        return Rates(np.bincount(self.columns.source[rows], minlength=n), received, seconds, max(len(rows), 1))

    @cached_property
    def single(self) -> Flags:
        """Rows whose two accounts paid each other this once, either way."""
        once: Flags = (np.bincount(self._pairs) == 1)[self._pairs]
        return once

    @cached_property
    def _pairs(self) -> Ints:
        c = self.columns
        keys = np.minimum(c.source, c.target) * len(c.accounts) + np.maximum(c.source, c.target)
        return np.unique(keys, return_inverse=True)[1].astype(np.int64)

    def sent_by(self, account: int) -> Ints:
        """The rows an account sent, oldest first."""
        rows, starts = self._by_source
        return rows[starts[account] : starts[account + 1]]

    def received_by(self, account: int) -> Ints:
        """The rows an account received, oldest first."""
        rows, starts = self._by_target
        return rows[starts[account] : starts[account + 1]]

    @cached_property
    def _by_source(self) -> tuple[Ints, Ints]:
        return _grouped(self.columns.source, len(self.columns.accounts))

    @cached_property
    def _by_target(self) -> tuple[Ints, Ints]:
        return _grouped(self.columns.target, len(self.columns.accounts))

    def stray(self, window: int) -> Flags:
        """Rows whose two accounts paid each other, either way, at most `stray_most` times outside the window around.

        This weighs novelty instead of demanding it: one innocent earlier payment does not hide an edge, while a
        payment that recurs, before or after, is regular and no stray.
        """
        c, pair = self.columns, self._pairs
        totals = np.bincount(pair)[pair]
        span = int(c.at[-1] - c.at[0]) + 2 * window + 3
        key = pair * span + (c.at - c.at[0]) + window + 1
        ordered: Ints = np.sort(key)
        inside = np.searchsorted(ordered, key + window, side="right") - np.searchsorted(ordered, key - window)
        rare: Flags = totals - inside <= self.t.stray_most
        return rare


def _grouped(ends: Ints, n: int) -> tuple[Ints, Ints]:
    """The rows by account, oldest first, and where each account's begin."""
    rows = np.argsort(ends, kind="stable")
    return rows, np.searchsorted(ends[rows], np.arange(n + 1))
