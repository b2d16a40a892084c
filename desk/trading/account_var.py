"""The value at risk an account would have after an order: what the gate's `max_var` limit is held against.

One day, 99 %, historical scenarios over the days on which everything the account holds has a close.
Scenarios are returns; an account's books are kept, priced anew when the market clock's second
changes, and corrected by what was traded in between. Figures are base minor units, rounded up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from math import ceil

from desk.risk.account import daily_returns
from desk.risk.marks import Marks
from desk.risk.whatif import ScenarioBook
from desk.trading.holdings import Account

LEVEL = 0.99


@dataclass
class _Book:
    """One account's scenarios; `values` is what is held, in base minor units."""

    day: date
    scenarios: ScenarioBook
    values: dict[str, float]
    units: dict[str, float] = field(default_factory=dict)
    version: int = -1


class AccountVar:
    """See `RiskAfter`. Not thread-safe: the gate's lock serialises. The first order over a new set of
    instruments reads their history (some milliseconds).
    """

    def __init__(self, marks: Marks) -> None:
        self._marks = marks
        self._books: dict[str, _Book] = {}

    def __call__(self, account: Account, instrument: str, units: Decimal) -> int:
        """See `RiskAfter`. Raises DataError when what is held and ordered shares too little history."""
        book = self._fresh(account, instrument)
        change = book.scenarios.what_if(instrument, float(units) * book.units[instrument])
        return max(0, ceil(change.after.var))

    def _fresh(self, account: Account, instrument: str) -> _Book:
        book, today = self._books.get(account.id), (self._marks.now or self._marks.refresh()).date()
        moved, account.moved = self._listed(account.moved), set()
        if book is not None and book.version != self._marks.version and self._listed(book.values) != book.values.keys():
            book = None
        if book is None or book.day != today or instrument not in book.values or not moved <= book.values.keys():
            held = self._listed(id for id, holding in account.holdings.items() if holding.quantity)
            book = self._books[account.id] = self._build(sorted(held | {instrument}), today)
        if book.version != self._marks.version:
            book.units = {id: float(self._marks.unit(id)) for id in book.values}
            book.values = {id: float(account.held(id)) * unit for id, unit in book.units.items()}
            book.scenarios.hold(book.values)
            book.version = self._marks.version
            return book
        for id in moved:
            value = float(account.held(id)) * book.units[id]
            book.scenarios.fill(id, value - book.values[id])
            book.values[id] = value
        return book

    def _listed(self, ids: Iterable[str]) -> set[str]:
        """Those that are still known; a delisted holding has no returns."""
        known = self._marks.feed.instruments.known
        return {id for id in ids if known(id) is not None}

    def _build(self, instruments: list[str], today: date) -> _Book:
        _, returns = daily_returns(self._marks.feed, instruments)
        return _Book(today, ScenarioBook(instruments, returns, LEVEL), dict.fromkeys(instruments, 0.0))
