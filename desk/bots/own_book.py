"""What a bot holds and has made, from the fills of its own orders alone."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from desk.money import minor_digits
from desk.orders import FINAL_STATES, Fill
from desk.risk.marks import Marks
from desk.trading.accounts import AccountBook

ZERO = Decimal(0)


class OwnBook:
    """Fold of the orders whose client ids begin with `prefix`; the same orders give the same book.

    Not thread-safe; everything but `profit` is to be called under the desk's lock.
    """

    def __init__(self, prefix: str, accounts: AccountBook) -> None:
        self._prefix, self._accounts = prefix, accounts
        self._open = {id: 0 for id in accounts.orders if id.startswith(prefix)}
        self.newest = max((_number(id, prefix) for id in self._open), default=0)
        self.units: dict[str, Decimal] = defaultdict(Decimal)
        self._waiting: dict[str, Decimal] = {}
        self._flow: dict[str, Decimal] = defaultdict(Decimal)
        self.refresh()

    def track(self, client_id: str) -> None:
        """Takes an order in that was just sent."""
        self._open.setdefault(client_id, 0)

    def refresh(self) -> None:
        """Takes in what happened since the last call."""
        self._waiting = defaultdict(Decimal)
        for id, seen in list(self._open.items()):
            accepted = self._accounts.find(id)
            if accepted is None:
                continue
            status = accepted.status
            for fill in status.fills[seen:]:
                self._take(fill)
            self._open[id] = len(status.fills)
            if status.state in FINAL_STATES:
                del self._open[id]
            else:
                order = status.order
                self._waiting[order.instrument] += (order.quantity - status.filled) * order.side.sign

    def after_open(self, instrument: str) -> Decimal:
        """Units held once every open order of the bot has filled; negative when short."""
        return self.units.get(instrument, ZERO) + self._waiting.get(instrument, ZERO)

    def working(self) -> list[str]:
        """Client ids that are not final."""
        return list(self._open)

    def profit(self, marks: Marks) -> int:
        """Realised and unrealised, commissions taken off, in minor units of the marks' base currency.

        DataError when something held has no price.
        """
        worth = sum((units * marks.unit(id) for id, units in self.units.items() if units), ZERO)
        cash = sum((amount * marks.rate(currency) for currency, amount in self._flow.items()), ZERO)
        return int(worth + cash.scaleb(minor_digits(marks.base)))

    def _take(self, fill: Fill) -> None:
        signed = fill.quantity * fill.side.sign
        self.units[fill.instrument] += signed
        self._flow[fill.priced_in] -= signed * fill.price_ticks * (fill.tick or ZERO)
        self._flow[fill.currency] -= Decimal(fill.commission).scaleb(-minor_digits(fill.currency))


def _number(client_id: str, prefix: str) -> int:
    number = client_id.removeprefix(prefix).partition("-")[0]
    return int(number) if number.isdigit() else 0
