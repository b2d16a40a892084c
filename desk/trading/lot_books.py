"""The tax lots of an account of the desk, from its orders' fills and what it holds now."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple, Protocol

from desk.orders import OrderStatus, Position
from desk.portfolio.lots import Book, Method, build_lots, opening_lot

CANNOT_TELL = "what was held before the records cannot be told from its average cost"
SHORT = "sold short; short positions have no lots"


class Holder(Protocol):
    """What the desk knows of its accounts."""

    def orders(self) -> Sequence[OrderStatus]:
        """Every order."""
        ...

    def positions(self) -> Sequence[Position]:
        """Every holding that is not zero."""
        ...


class AccountLots(NamedTuple):
    """The books by instrument, and of which instruments lots cannot be told, with the reason."""

    books: dict[str, Book]
    lacking: dict[str, str]


def account_lots(holder: Holder, account: str, method: Method = Method.FIFO) -> AccountLots:
    """Of every instrument that the account holds or ever traded; empty for one without either."""
    fills = [fill for status in holder.orders() if status.order.account == account for fill in status.fills]
    held = {each.instrument: each for each in holder.positions() if each.account == account}
    found = AccountLots({}, {})
    for id in sorted({*held, *(fill.instrument for fill in fills)}):
        at = held.get(id)
        quantity, average = (at.quantity, at.average_cost) if at else (Decimal(0), Decimal(0))
        book = build_lots(id, fills, opening_lot(id, quantity, average, fills), method)
        if sum((lot.quantity for lot in book.open), -book.short) != quantity:
            found.lacking[id] = CANNOT_TELL
            continue
        found.books[id] = book
        if book.short:
            found.lacking[id] = SHORT
    return found
