"""What every account has at stake, in integers, kept while prices and units stand still.

Sums are made anew when the marks move to another second, and corrected by instrument when an
order or fill touched one; a question costs what changed, not what is held.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from math import floor
from typing import NamedTuple

from desk.instruments import Instrument
from desk.risk.marks import Mark, Marks
from desk.risk.rules import NANO
from desk.trading.accounts import AccountBook
from desk.trading.holdings import Account, DayTrade

ZERO = Decimal(0)


class Stake(NamedTuple):
    """One instrument of one account, in nano minor units of the base currency.

    `gross` and `net` count open orders; `short` is what could be sold beyond what is held; `value`
    is the holding's, `gained` this day's profit on it and on what was traded.
    """

    gross: int
    net: int
    short: int
    value: int
    gained: int


class AtStake(NamedTuple):
    """An account in base minor units; `lost` is this day's loss, 0 when it gained. Rounded against the account."""

    gross: int
    net: int
    short: int
    equity: int
    lost: int
    cash: int


@dataclass
class _Sums:
    version: int = -1
    stakes: dict[str, Stake] = field(default_factory=dict)
    gross: int = 0
    net: int = 0
    short: int = 0
    value: int = 0
    gained: int = 0

    def put(self, id: str, stake: Stake | None) -> None:
        old = self.stakes.pop(id, None)
        if old is not None:
            self._add(old, -1)
        if stake is not None:
            self.stakes[id] = stake
            self._add(stake, +1)

    def _add(self, stake: Stake, sign: int) -> None:
        self.gross += sign * stake.gross
        self.net += sign * stake.net
        self.short += sign * stake.short
        self.value += sign * stake.value
        self.gained += sign * stake.gained


class Exposure:
    """Stakes of all accounts of a book. Not thread-safe: the gate's lock serialises."""

    def __init__(self, accounts: AccountBook, marks: Marks) -> None:
        self._accounts, self._marks = accounts, marks
        self._sums: dict[str, _Sums] = {}

    def of(self, account: Account) -> AtStake:
        """The account now. Raises DataError or NotFound when anything held or ordered has no price."""
        sums = self._fresh(account)
        cash = 0
        for currency, minor in account.cash.items():
            cash += self._marks.cash(minor, currency)
        equity = cash + sums.value // NANO
        lost = max(0, -(sums.gained // NANO))
        return AtStake(-(-sums.gross // NANO), sums.net // NANO, -(-sums.short // NANO), equity, lost, cash)

    def desk_gross(self) -> int:
        """Gross exposure over all accounts, base minor units. An account that cannot be valued raises."""
        gross = 0
        for account in self._accounts.accounts.values():
            gross += self._fresh(account).gross
        return -(-gross // NANO)

    def _fresh(self, account: Account) -> _Sums:
        sums = self._sums.get(account.id)
        if sums is None:
            sums = self._sums[account.id] = _Sums()
        if sums.version != self._marks.version:
            stale = {*sums.stakes, *account.holdings, *account.buys, *account.sells}
        elif account.touched:
            stale = account.touched
        else:
            return sums
        sums.version = -1  # what fails half-way is made whole again next time
        for id in stale:
            sums.put(id, self._stake(account, id))
        account.touched.clear()
        sums.version = self._marks.version
        return sums

    def _stake(self, account: Account, id: str) -> Stake | None:
        held, buys, sells = account.held(id), account.buys.get(id, ZERO), account.sells.get(id, ZERO)
        traded = account.traded.get(id)
        if not (held or buys or sells or traded):
            return None
        instrument = self._marks.feed.instruments.known(id)
        if instrument is None and held >= 0:  # delisted: worth nothing to lean on, and nothing more to lose
            return None
        instrument = instrument or self._marks.feed.instruments.get(id)
        mark = self._marks.mark(instrument)
        lots, bought, sold = lots_of(held, instrument), lots_of(buys, instrument), lots_of(sells, instrument)
        each = mark.last * mark.worth
        return Stake(
            gross=(abs(lots) + bought + sold) * each,
            net=(lots + bought - sold) * each,
            short=max(0, sold - lots) * each,
            value=lots * each,
            gained=_gained(lots, mark, instrument, traded),
        )


class OrderRates:
    """How many orders each account has sent in this second of the wall clock."""

    def __init__(self) -> None:
        self._second = 0
        self._counts: dict[str, int] = {}

    def count(self, account: str, now: datetime) -> int:
        """Orders of this second so far."""
        second = int(now.timestamp())
        if second != self._second:
            self._second = second
            self._counts.clear()
        return self._counts.get(account, 0)

    def add(self, account: str) -> None:
        """One more, in the second that was last asked about."""
        self._counts[account] = self._counts.get(account, 0) + 1


def lots_of(units: Decimal, instrument: Instrument) -> int:
    """Whole lots in `units`; a part of a lot counts as nothing held and as a whole lot owed."""
    return floor(units if instrument.lot == 1 else units / instrument.lot)


def _gained(lots: int, mark: Mark, instrument: Instrument, traded: DayTrade | None) -> int:
    """Profit since the previous close, in nano minor units; what was traded since gained from its price."""
    moved = lots * (mark.last - mark.previous)
    if traded is not None and traded.day == mark.day:
        moved += int((traded.units * mark.previous - traded.spent / instrument.tick) / instrument.lot)
    return moved * mark.worth
