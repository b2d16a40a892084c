"""What accounts are worth at last prices, in their own currency."""

from __future__ import annotations

from decimal import Decimal
from threading import RLock

from desk.money import Money, minor_digits
from desk.risk.marks import Marks
from desk.trading.accounts import AccountBook
from desk.trading.holdings import Account, Holding


class Valuation:
    """Values the accounts of a book under its `lock`. DataError when a price or rate is missing.

    What is held of an instrument that is not known any more has no price, and counts for nothing.
    """

    def __init__(self, accounts: AccountBook, marks: Marks, lock: RLock) -> None:
        self._accounts, self._marks, self._lock = accounts, marks, lock

    def value(self, account: str) -> Money:
        """Cash and holdings; NotFound for an unknown account."""
        with self._lock:
            self._marks.refresh()
            held = self._accounts.account(account)
            exact = Decimal(sum(self._marks.cash(minor, currency) for currency, minor in held.cash.items()))
            exact += sum((h.quantity * self._marks.unit(id) for id, h in self._priced(held)), Decimal(0))
            return self._in_currency(exact, held.currency)

    def exposure(self, account: str) -> Money:
        """Holdings, shorts counted as positive; NotFound for an unknown account."""
        with self._lock:
            self._marks.refresh()
            held = self._accounts.account(account)
            exact = sum((abs(h.quantity) * self._marks.unit(id) for id, h in self._priced(held)), Decimal(0))
            return self._in_currency(exact, held.currency)

    def _priced(self, account: Account) -> list[tuple[str, Holding]]:
        known = self._marks.feed.instruments.known
        return [(id, holding) for id, holding in account.holdings.items() if known(id) is not None]

    def _in_currency(self, exact: Decimal, currency: str) -> Money:
        return Money.of(exact.scaleb(-minor_digits(self._marks.base)) / self._marks.rate(currency), currency)
