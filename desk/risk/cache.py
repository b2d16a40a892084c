"""The risk of accounts, kept ready: what they hold, priced now, over scenarios that are drawn once a day.

Scenarios are returns, so a new price changes only what is held in money and never the scenarios.
Per account and set of instruments a state is kept (the last 16 asked for), and brought up to date
when it is asked again:

    the market day changed, or instruments were added     built anew (tens of milliseconds)
    the market clock's second changed, cash changed       every holding priced anew, books re-held
    the account book's number moved, same second          each changed holding is one `fill`
    nothing moved                                         nothing

Amounts are units of the base currency. Safe for several threads.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from desk.errors import DataError
from desk.market.feed import MarketFeed
from desk.money import minor_digits
from desk.risk.marks import Marks
from desk.risk.report import (
    NOTHING,
    Change,
    Measures,
    Report,
    RiskState,
    TrackRecord,
    build_state,
    measure,
    measure_after,
    track_record,
)

KEPT = 16


class Held(NamedTuple):
    """An account as the account book has it: `cash` in minor units per currency."""

    quantities: Mapping[str, Decimal]
    cash: Mapping[str, int]


class RiskCache:
    """See the module. `read` gives an account's holdings (NotFound for an unknown one), `number` the book's number."""

    def __init__(self, feed: MarketFeed, read: Callable[[str], Held], number: Callable[[], int]) -> None:
        self._feed, self._read, self._number = feed, read, number
        self._marks = Marks(feed)
        self._scale = 10.0 ** -minor_digits(self._marks.base)
        self._lock = threading.Lock()
        self._states: OrderedDict[tuple[str, str], RiskState] = OrderedDict()

    @property
    def currency(self) -> str:
        """What amounts are in."""
        return self._marks.base

    def ready(self, account: str, instrument: str = "") -> bool:
        """Whether this was asked before and nobody is building books, so that an answer takes microseconds."""
        return (account, instrument) in self._states and not self._lock.locked()

    def measure(self, account: str) -> Report:
        """The account's risk now; zeros for one that holds nothing. DataError when a price or history is missing."""
        with self._lock:
            state, at = self._fresh(account, "")
            if state is None:
                cash = self._cash(self._read(account))
                nothing = Measures(0.0, cash, 0.0, 0.0, 0.0, NOTHING, NOTHING, NOTHING)
                return Report(at, None, nothing, TrackRecord(None, None, None))
            if state.report is None:
                state.report = Report(at, state.window, measure(state), track_record(state))
            return state.report

    def values(self, account: str) -> tuple[datetime, dict[str, float]]:
        """The market clock and what each holding is worth, shorts negative. DataError when a price is missing."""
        with self._lock:
            at = self._marks.refresh()
            held = self._read(account).quantities
            return at, {
                id: float(quantity * self._marks.unit(id)) * self._scale for id, quantity in held.items() if quantity
            }

    def what_if(self, account: str, instrument: str, units: Decimal) -> Change:
        """The account's risk now and after `units` (negative for a sell) were traded at the last price.

        NotFound for an unknown instrument, DataError for one that shares too little history.
        """
        with self._lock:
            state, at = self._fresh(account, instrument)
            if state is None:
                raise DataError(f"instrument {instrument!r} has no history to draw scenarios from")
            after = measure_after(state, instrument, float(units) * state.units[instrument])
            return Change(at, state.window, measure(state), after)

    def _fresh(self, account: str, instrument: str) -> tuple[RiskState | None, datetime]:
        """The state, brought up to date, and the second; None for an account that holds nothing, no instrument."""
        at, seq, key = self._marks.refresh().replace(microsecond=0), self._number(), (account, instrument)
        state = self._states.get(key)
        if state is not None and state.seq == seq and state.at == at:
            return state, at
        held = self._read(account)
        wanted = {id for id, quantity in held.quantities.items() if quantity} | ({instrument} - {""})
        if not wanted:
            return None, at
        if state is None or state.day != at.date() or not wanted <= set(state.values):
            state = build_state(self._feed, sorted(wanted), at.date())
        self._update(state, held, at)
        state.seq = seq
        self._states[key] = state
        self._states.move_to_end(key)
        while len(self._states) > KEPT:
            self._states.popitem(last=False)
        return state, at

    def _update(self, state: RiskState, held: Held, at: datetime) -> None:
        moved = state.at != at
        if moved:
            state.units = {id: float(self._marks.unit(id)) * self._scale for id in state.values}
        values = {id: float(held.quantities.get(id, 0)) * unit for id, unit in state.units.items()}
        if moved:
            state.hold(values)
        else:
            state.fill(values)
        state.at, state.equity = at, self._cash(held) + sum(values.values())
        state.measures = state.report = None

    def _cash(self, held: Held) -> float:
        return sum(self._marks.cash(minor, currency) for currency, minor in held.cash.items()) * self._scale
