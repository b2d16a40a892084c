"""Every order, fill and transfer scored as it happens; what stands out goes to the bus topic `fraud` at once.

Orders and fills are heard on the topic `orders`; whoever moves money offers it. Nothing is dropped: who offers waits
while as much as may wait does, whereas a publisher on the bus never waits, so a burst of orders makes `waiting` grow,
which is shown. One thread scores in the order of arrival. An account's orders and its fills are two senders, because
their usual sizes differ. What stands out is told by episode (`desk.fraud.episodes`). The rules over orders
(`desk.fraud.abuse.live`) look at the same messages in the same thread.
"""

from __future__ import annotations

import queue
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

import structlog

from desk.bus.bus import Event, EventBus
from desk.errors import InputError
from desk.fraud.abuse.live import OrderWatch
from desk.fraud.abuse.records import TOPIC, MarketAlert, frame_of
from desk.fraud.episodes import Episodes, LiveAlert, Payment
from desk.fraud.scorer import Scorer

REPORT_FROM = 0.6
"""The score from which a payment is reported: raw 1.5, as of ten spreads too much, or of two or three signs at once."""
WAITING, ORDERS = 8_192, 65_536
REST_S = 0.01
"""How long the thread rests when nothing waits: woken for every message, it would take the interpreter from the order
route twice an order, which costs several times the score."""


class _Heard(NamedTuple):
    """A message and the market clock's time when it was published: one that waits must not look late or fast."""

    event: Event
    at: float


class LiveWatch:
    """Scores what happens. `price` gives the last price of an instrument, None where there is none.

    `history` is what happened before, oldest first: it is learned from before the first score, and not reported.
    `owner` names who an account belongs to, empty when nobody said. `keep` takes a market alert to its case, whose id
    it answers, before the alert is told.
    """

    def __init__(
        self,
        bus: EventBus,
        price: Callable[[str], float | None],
        now: Callable[[], datetime],
        waiting: int = WAITING,
        report_from: float = REPORT_FROM,
        history: Callable[[], Iterable[Payment]] = tuple,
        owner: Callable[[str], str] = lambda _: "",
        keep: Callable[[MarketAlert], str] = lambda alert: alert.id,
    ) -> None:
        self._bus, self._price, self._now, self._report_from = bus, price, now, report_from
        self._scorer, self._history = Scorer(), history
        self._queue: queue.SimpleQueue[Payment | _Heard | None] = queue.SimpleQueue()
        self._room = threading.Semaphore(waiting)
        self._episodes = Episodes()
        self._orders: OrderedDict[str, float] = OrderedDict()
        self._start, self._thread = threading.Lock(), threading.Thread(target=self._work, name="fraud", daemon=True)
        self._closed, self.market, self._keep = threading.Event(), OrderWatch(owner), keep
        self.scored = 0
        self._stop_listening = bus.listen("orders", lambda event: self._give(_Heard(event, self._now().timestamp())))

    def offer(self, payment: Payment) -> None:
        """Takes a payment to be scored; waits while too many of them do. InputError after `close`."""
        if self._closed.is_set():
            raise InputError(f"payment {payment.id!r} came after the watch was closed")
        self._room.acquire()
        self._give(payment)

    @property
    def waiting(self) -> int:
        """How many orders, fills and payments are not scored yet."""
        return self._queue.qsize()

    def recent(self) -> list[LiveAlert]:
        """The newest 200 alerts, the one that grew last first."""
        return self._episodes.recent()

    def close(self) -> None:
        """Hears nothing more, scores what waits and ends; safe to call twice."""
        if self._closed.is_set():
            return
        self._closed.set()
        self._stop_listening()
        if self._thread.ident is not None:
            self._queue.put(None)
            self._thread.join(timeout=10)

    def begin(self) -> None:
        """Learns from the history now, so that the first thing that happens need not wait; safe to call twice."""
        if self._thread.ident is None:
            with self._start:
                if self._thread.ident is None and not self._closed.is_set():
                    self._thread.start()

    def _give(self, item: Payment | _Heard) -> None:
        self.begin()
        self._queue.put(item)

    def _work(self) -> None:
        for payment in self._history():
            self._scorer.score_one(payment.source, payment.target, payment.at, payment.amount)
        while (item := self._queue.get()) is not None:
            if isinstance(item, Payment):
                self._room.release()
            try:
                if not isinstance(item, Payment):
                    self._watch(*item)
                for payment in [item] if isinstance(item, Payment) else self._payments(*item):
                    self._score(payment)
            except Exception:  # noqa: BLE001 - one damaged event must not end the watch
                structlog.get_logger("fraud").exception("not scored", item=str(item)[:200])
            if self._queue.empty():
                self._closed.wait(REST_S)

    def _watch(self, event: Event, at: float) -> None:
        """The rules over orders; a message without a side, as older ones are, is none of theirs."""
        for alert in self.market.take(event, at) if "side" in event.body else ():
            self._bus.publish(TOPIC, frame_of(alert, self._keep(alert)))

    def _score(self, payment: Payment) -> None:
        found = self._scorer.score_one(payment.source, payment.target, payment.at, payment.amount)
        self.scored += 1
        if found.value < self._report_from:
            return
        if (alert := self._episodes.take(payment, found)) is not None:
            self._bus.publish(TOPIC, {"kind": "streaming", **vars(alert), "signs": list(alert.signs)})

    def _payments(self, event: Event, heard: float) -> Iterator[Payment]:
        """An order when it is first heard of, and what was filled since the last time, valued at its fills."""
        body, at = event.body, int(heard)
        id, account, instrument = (str(body[name]) for name in ("client_id", "account", "instrument"))
        if id not in self._orders:
            self._orders[id] = 0.0
            if len(self._orders) > ORDERS:
                self._orders.popitem(last=False)
            price = self._price(instrument)
            if price:
                amount = float(str(body["quantity"])) * price
                yield Payment(f"order:{id}", f"{account}/orders", instrument, at, amount)
        value = float(str(body["filled"])) * float(str(body["average_price"] or 0))
        before, self._orders[id] = self._orders[id], value
        if value > before:
            yield Payment(f"fill:{id}:{body['filled']}", f"{account}/fills", instrument, at, value - before)
