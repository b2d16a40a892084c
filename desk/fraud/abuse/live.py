"""Orders watched as they happen: what the bus says of them as events, and the rules over orders on the newest ones.

Called by `desk.fraud.live` in its one thread, behind its queue. When an order was cancelled soon after a fill, the
last 300 events of the account in the instrument are looked at for spoofing and layering; when two accounts of this
desk met, the last 600 events of the instrument for wash trades and matched orders; for speed, the last 600 of the
account. None is older than a day, the longest window of these rules; who did nothing for a day is forgotten. A kind is
told once a day for an account and instrument. An order that was amended counts as one that was cancelled and another,
`ID~1`, that was entered, as the venue's queue has it.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from desk.bus.bus import Event
from desk.fraud.abuse.layering import find_layering
from desk.fraud.abuse.limits import DAY, STANDARD
from desk.fraud.abuse.matching import find_matched_orders, find_wash_trades
from desk.fraud.abuse.rates import find_unauthorised
from desk.fraud.abuse.recent import Recent
from desk.fraud.abuse.records import MarketAlert, OrderEvent, Side
from desk.fraud.surveillance import trades_between

OF_ONE, OF_ALL, ORDERS, ALERTS, EVERY = 300, 600, 65_536, 200, 20


@dataclass
class _Known:
    """What was last heard of an order: its events so far and the terms under which it stands."""

    new: OrderEvent
    filled: float = 0.0
    paid: float = 0.0
    whole: float = 0.0
    amended: int = 0


class OrderWatch:
    """Not thread-safe: its owner serialises, but `ended` and `recent` may be read at any time.

    `owner` names who an account belongs to, empty when nobody said.
    """

    def __init__(self, owner: Callable[[str], str] = lambda _: "") -> None:
        self._owner = owner
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._one: Recent[tuple[str, str]] = Recent(OF_ONE, DAY)
        self._all: Recent[str] = Recent(OF_ALL, DAY)
        self._here: Recent[str] = Recent(OF_ALL, DAY)
        self._told: OrderedDict[tuple[str, str, str], int] = OrderedDict()
        self._recent: deque[MarketAlert] = deque(maxlen=ALERTS)
        self.ended: dict[str, float] = {}
        """When orders were cancelled, by their ids: the desk's book keeps no such time."""

    def recent(self) -> list[MarketAlert]:
        """The last 200 alerts, newest first."""
        return list(reversed(self._recent))

    def take(self, event: Event, at: float) -> list[MarketAlert]:
        """What one message on the topic `orders` brings to light; KeyError or ValueError for a damaged one."""
        found: list[MarketAlert] = []
        for one in self._events(event, at):
            self._one.add((one.account, one.instrument), one)
            self._here.add(one.instrument, one)
            heard = self._all.add(one.account, one)
            if one.act == "cancel":
                found += self._pulled(one)
            if one.act == "fill" and one.other:
                found += self._met(one)
            if heard % EVERY == 0:
                found += self._sped(self._all.of(one.account))
        return [alert for alert in found if self._first(alert)]

    def _pulled(self, one: OrderEvent) -> list[MarketAlert]:
        mine = self._one.of((one.account, one.instrument))
        soon = any(each.act == "fill" and one.at - each.at <= STANDARD.spoof_cancel for each in mine)
        return find_layering(mine) if soon else []

    def _sped(self, mine: Sequence[OrderEvent]) -> list[MarketAlert]:
        """Rates are judged once as many events as an account may send in a minute came within one.

        Not when too few cancels are among them: of more than `least` messages, E entries and C cancels, the rule
        wants C >= share * E, so C > share / (1 + share) * least. A fast account that trades would else be searched
        again and again.
        """
        least, share = round(STANDARD.fast_one * STANDARD.fast_window), STANDARD.fast_cancel
        busy = len(mine) > least and mine[-1].at - mine[-1 - least].at < STANDARD.fast_window
        if not busy or sum(each.act == "cancel" for each in mine) <= share / (1 + share) * least:
            return []
        return find_unauthorised(mine, None)

    def _met(self, one: OrderEvent) -> list[MarketAlert]:
        """Rules over two accounts of this desk; not when both were told of them today already."""
        both, found = (one.account, one.other), list[MarketAlert]()
        if not self._has_heard("matched_orders", both, one):
            found += find_matched_orders(self._here.of(one.instrument))
        if not self._has_heard("wash_trading", both, one):
            found += find_wash_trades(trades_between(self._here.of(one.instrument), whole=True))
        return found

    def _has_heard(self, kind: str, accounts: tuple[str, ...], one: OrderEvent) -> bool:
        return all(self._told.get((kind, name, one.instrument)) == int(one.at // DAY) for name in accounts)

    def _first(self, alert: MarketAlert) -> bool:
        day, first = int(alert.end // DAY), False
        for account in alert.accounts:
            key = alert.kind, account, alert.instrument
            first = first or self._told.get(key) != day
            self._told[key] = day
            self._told.move_to_end(key)
        while self._told[oldest := next(iter(self._told))] < day:
            del self._told[oldest]
        if first:
            self._recent.append(alert)
        return first

    def _events(self, event: Event, at: float) -> Iterator[OrderEvent]:
        body = event.body
        id, quantity, state = str(body["client_id"]), float(str(body["quantity"])), str(body["state"])
        filled, average = float(str(body["filled"])), float(str(body["average_price"] or 0))
        limit = body.get("limit")
        price = None if limit is None else float(str(limit))
        side: Side = "buy" if str(body["side"]) == "buy" else "sell"
        base = OrderEvent(id, str(body["account"]), str(body["instrument"]), side, "new", at, quantity, price)
        known = self._known.get(id)
        if known is None:
            known = self._enter(base)
            yield base
        elif (known.whole, known.new.price) != (quantity, price) and id not in self.ended:
            yield known.new._replace(act="cancel", at=at, quantity=known.whole - known.filled)
            known.amended += 1
            known.whole = quantity
            known.new = base._replace(id=f"{id}~{known.amended}", quantity=quantity - known.filled)
            yield known.new
        yield from self._fills(known, body, filled, filled * average, at)
        if state in {"cancelled", "rejected"} and id not in self.ended:
            self.ended[id] = at
            last = known.new._replace(at=at, quantity=quantity - filled)
            yield last._replace(act="cancel" if state == "cancelled" else "reject")

    def _enter(self, base: OrderEvent) -> _Known:
        if len(self._known) >= ORDERS:
            self.ended.pop(self._known.popitem(last=False)[0], None)
        known = self._known[base.id] = _Known(base, whole=base.quantity)
        return known

    def _fills(
        self, known: _Known, body: Mapping[str, object], filled: float, paid: float, at: float
    ) -> Iterator[OrderEvent]:
        """What was filled since the last message: each trade with another account here, then the rest in one."""
        left, cost = filled - known.filled, paid - known.paid
        if left <= 0:
            return
        known.filled, known.paid, fill = filled, paid, known.new._replace(act="fill", at=at)
        trades = body.get("trades")
        for trade in cast(list[dict[str, object]], trades if isinstance(trades, list) else []):
            quantity, price = float(str(trade["quantity"])), float(str(trade["price"]))
            left, cost = left - quantity, cost - quantity * price
            other, name = str(trade["other"]), str(trade["trade"])
            yield fill._replace(
                quantity=quantity, price=price, owner=self._owner(fill.account), other=other, trade=name
            )
        if left > 1e-9 * filled:
            yield fill._replace(quantity=left, price=cost / left)
