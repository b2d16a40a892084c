"""Orders watched as they happen: what the bus says of them as events, and the rules over orders on the newest ones.

Called by `desk.fraud.live` in its one thread, behind its queue. A rule looks at the last 300 events of the account in
the instrument when one of its orders was cancelled or filled, and at the last 600 of the account for speed. A kind is
told once a day for an account and instrument. The bus names no limit prices, so those are unknown here.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from collections.abc import Iterator

from desk.bus.bus import Event
from desk.fraud.abuse.layering import find_layering
from desk.fraud.abuse.limits import DAY
from desk.fraud.abuse.rates import find_unauthorised
from desk.fraud.abuse.records import MarketAlert, OrderEvent, Side

OF_ONE, OF_ALL, ORDERS, ALERTS, EVERY = 300, 600, 65_536, 200, 20


class OrderWatch:
    """Not thread-safe: its owner serialises, but `ended` and `recent` may be read at any time."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._one: dict[tuple[str, str], deque[OrderEvent]] = defaultdict(lambda: deque(maxlen=OF_ONE))
        self._all: dict[str, deque[OrderEvent]] = defaultdict(lambda: deque(maxlen=OF_ALL))
        self._told: set[tuple[str, str, str, int]] = set()
        self._recent: deque[MarketAlert] = deque(maxlen=ALERTS)
        self._sent: dict[str, int] = defaultdict(int)
        self.ended: dict[str, float] = {}
        """When orders were cancelled, by their ids: the desk's book keeps no such time."""

    def recent(self) -> list[MarketAlert]:
        """The last 200 alerts, newest first."""
        return list(reversed(self._recent))

    def take(self, event: Event, at: float) -> list[MarketAlert]:
        """What one message on the topic `orders` brings to light; KeyError or ValueError for a damaged one."""
        found: list[MarketAlert] = []
        for one in self._events(event, at):
            mine = self._one[one.account, one.instrument]
            mine.append(one)
            self._all[one.account].append(one)
            self._sent[one.account] += 1
            if one.act in {"cancel", "fill"}:
                found += find_layering(mine)
            if self._sent[one.account] % EVERY == 0:
                found += find_unauthorised(self._all[one.account], None)
        return [alert for alert in found if self._first(alert)]

    def _first(self, alert: MarketAlert) -> bool:
        key = alert.kind, alert.accounts[0], alert.instrument, int(alert.end // DAY)
        if key in self._told:
            return False
        self._told.add(key)
        self._recent.append(alert)
        return True

    def _events(self, event: Event, at: float) -> Iterator[OrderEvent]:
        body = event.body
        id, quantity, state = str(body["client_id"]), float(str(body["quantity"])), str(body["state"])
        filled, average = float(str(body["filled"])), float(str(body["average_price"] or 0))
        side: Side = "buy" if str(body["side"]) == "buy" else "sell"
        base = OrderEvent(id, str(body["account"]), str(body["instrument"]), side, "new", at, quantity)
        if id not in self._known:
            if len(self._known) >= ORDERS:
                self.ended.pop(self._known.popitem(last=False)[0], None)
            self._known[id] = 0.0, 0.0
            yield base
        before, paid = self._known[id]
        if filled > before:
            price = (filled * average - paid) / (filled - before)
            yield base._replace(act="fill", quantity=filled - before, price=price)
        self._known[id] = filled, filled * average
        if state in {"cancelled", "rejected"} and id not in self.ended:
            self.ended[id] = at
            yield base._replace(act="cancel" if state == "cancelled" else "reject", quantity=quantity - filled)
