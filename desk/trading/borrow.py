"""Borrowing for short sales at the simulated venue: how much of it there is, and what it costs a day.

A day's end is seen on the market clock: its date moves on, or its session begins anew. The charge is
units x last price x rate / 365 x days, a part of a minor unit counted as one.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from decimal import Decimal

from desk.errors import DataFolderError
from desk.market.feed import MarketFeed
from desk.money import minor_digits
from desk.orders import Check, Order, Side
from desk.trading.decisions import ComplianceRule
from desk.trading.holdings import ZERO, Account
from desk.trading.settlement import Settlement
from desk.trading.venue_market import BACK
from desk.trading.venue_terms import VenueTerms, round_up

DAYS_A_YEAR = 365


class Borrow:
    """See the module. `leaves` says of an instrument that it trades at an outside broker, which lends by itself."""

    def __init__(
        self, settlement: Settlement, feed: MarketFeed, terms: VenueTerms, leaves: Callable[[str], bool]
    ) -> None:
        self._settlement, self._feed, self._terms, self._leaves = settlement, feed, terms, leaves
        self._seen: datetime | None = None

    @property
    def rules(self) -> tuple[ComplianceRule, ...]:
        """The gate's rule; none where any number can be borrowed."""
        return () if self._terms.borrow is None else (self.check,)

    def check(self, order: Order) -> Check:
        """Whether what would be short over all accounts, open sells counted, can be borrowed. Under the gate's lock."""
        most = None if self._leaves(order.instrument) else self._terms.lends(order.instrument)
        accounts = self._settlement.accounts.accounts.values()
        mine = next((one for one in accounts if one.id == order.account), None)
        if most is None or mine is None or order.side is Side.BUY or not _short(mine, order.instrument, order.quantity):
            return Check("borrow", True, "none needed", "0", "units", "borrow: nothing has to be borrowed for it")
        wanted = sum(
            (_short(one, order.instrument, order.quantity if one is mine else ZERO) for one in accounts), start=ZERO
        )
        ok, spoken = wanted <= most, f"{wanted.normalize():,f}"
        message = (
            f"borrow: {spoken} units of {order.instrument} would be short and {most:,} can be borrowed (simulated)"
        )
        return Check("borrow", ok, str(most), format(wanted.normalize(), "f"), "units", message)

    def accrue(self) -> int:
        """Charges every short for the days that ended since the last call; the newest record's number, 0 for none.

        The market clock is kept first: a desk killed in between starts behind the day's end, and never charges twice.
        """
        if not self._terms.borrow_pct:
            return 0
        with self._settlement.lock:
            now = self._feed.now()
            days, self._seen = _days(self._seen or now, now), now
            newest = 0
            if days:
                with suppress(DataFolderError):  # a full disk is no reason to stop the market
                    self._feed.save()
            for account in self._settlement.accounts.accounts.values() if days else ():
                newest = max(newest, self._charge(account, days))
            return newest

    def _charge(self, account: Account, days: int) -> int:
        charges: list[dict[str, object]] = []
        for id, holding in account.holdings.items():
            instrument = self._feed.instruments.known(id)
            if holding.quantity >= 0 or self._leaves(id) or instrument is None:  # delisted: nobody prices the loan
                continue
            ticks = self._feed.quote(id).last_ticks
            worth = (-holding.quantity * ticks * instrument.tick).scaleb(minor_digits(instrument.currency))
            amount = round_up(borrow_cost(worth, self._terms.borrow_pct, days))
            units = format(-holding.quantity.normalize(), "f")
            charges.append({"instrument": id, "units": units, "price_ticks": ticks,
                            "amount": amount, "currency": instrument.currency})  # fmt: skip
        if not charges:
            return 0
        body = {"days": days, "pct": str(self._terms.borrow_pct), "charges": charges, "simulated": True}
        return self._settlement.write("account.borrow_charged", account.id, body).seq


def borrow_cost(worth: Decimal, pct: Decimal, days: int) -> Decimal:
    """What borrowing this much costs for so many days, in the unit of `worth`, not rounded."""
    return worth * pct * days / (100 * DAYS_A_YEAR)


def _days(before: datetime, now: datetime) -> int:
    """Days that ended between; a clock that went back has begun its session anew, which ends one."""
    if now < before - BACK:
        return 1
    return max(0, (now.date() - before.date()).days)


def _short(account: Account, instrument: str, more: Decimal) -> Decimal:
    """Units short once everything on sale, and so many more, are sold."""
    return max(ZERO, account.sells.get(instrument, ZERO) + more - account.held(instrument))
