"""What an outside venue has said about each order, whatever the way and the sequence in which it came.

A report may come twice, late, or out of turn: fills are told apart by their ids, what is executed
only grows, and an end is never taken back. An end counts once all fills it speaks of are here, so
that an order is not closed before its trades are booked.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import NamedTuple

import structlog

from desk.orders import FINAL_STATES, Fill, Order, OrderState
from desk.trading.broker import Placement

KEPT = 10_000
"""So many ended orders are remembered; the oldest are forgotten, and asked for at the venue again."""

ZERO = Decimal(0)


class Report(NamedTuple):
    """One thing a venue said about one order; `state` None is a status word nobody here knows,
    or with an empty word, nothing about the state.

    `executed` is all that was traded so far; `fills` those the report brings; `venue_id` the venue's own.
    """

    client_id: str
    state: OrderState | None
    executed: Decimal = ZERO
    fills: tuple[Fill, ...] = ()
    reason: str = ""
    triggered: bool = False
    word: str = ""
    venue_id: str = ""
    since: str = ""


@dataclass
class FollowedOrder:
    """One order at the venue. `heard`: the venue has spoken of it; `missing`: it says it has none such."""

    order: Order
    fills: dict[str, Fill] = field(default_factory=dict)
    executed: Decimal = ZERO
    state: OrderState = OrderState.WORKING
    reason: str = ""
    triggered: bool = False
    unknown_word: str = ""
    word: str = ""
    venue_id: str = ""
    since: str = ""
    heard: bool = False
    missing: bool = False

    @property
    def booked(self) -> Decimal:
        """Units in the fills that are here."""
        return sum((fill.quantity for fill in self.fills.values()), ZERO)

    @property
    def whole(self) -> bool:
        """Whether all that the venue says was traded is here in fills."""
        return self.booked >= self.executed

    @property
    def ended(self) -> bool:
        """Whether nothing more is to come."""
        return self.state in FINAL_STATES and self.whole

    def placement(self) -> Placement:
        """What may be said of it now: an end only when it is whole."""
        state = self.state if self.whole else OrderState.WORKING
        reason = self.reason
        if state is OrderState.WORKING and self.unknown_word:
            reason = f"the venue says {self.unknown_word!r}, which this desk does not know"
        return Placement(self.order.client_id, tuple(self.fills.values()), state, reason, self.triggered)

    def take(self, report: Report) -> bool:
        """Takes a report in; whether anything is new."""
        before = (len(self.fills), self.executed, self.state, self.triggered, self.unknown_word, self.heard, self.ended)
        self.heard, self.missing = True, False
        self.venue_id, self.since = report.venue_id or self.venue_id, report.since or self.since
        self.word = report.word or self.word
        self.executed = max(self.executed, report.executed)
        for fill in report.fills:
            self.fills.setdefault(fill.id, fill)
        self.triggered = self.triggered or report.triggered
        if self.state not in FINAL_STATES:
            self._move(report)
        after = (len(self.fills), self.executed, self.state, self.triggered, self.unknown_word, self.heard, self.ended)
        return after != before

    def _move(self, report: Report) -> None:
        if report.state is None:
            if not report.word:
                return  # it brings trades only
            if report.word != self.unknown_word:
                structlog.get_logger("broker").warning(
                    "unknown status word", client_id=self.order.client_id, word=report.word[:64]
                )
            self.unknown_word = report.word[:64]
            return
        self.unknown_word = ""
        self.state, self.reason = report.state, report.reason


class Followed:
    """The orders of one broker, by client id. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._orders: dict[str, FollowedOrder] = {}
        self._changed: dict[str, None] = {}

    def follow(self, order: Order, fills: Sequence[Fill] = (), triggered: bool = False) -> None:
        """Begins to follow an order; one that is followed already only learns of the fills."""
        with self._lock:
            known = self._orders.setdefault(order.client_id, FollowedOrder(order, triggered=triggered))
            for fill in fills:
                known.fills.setdefault(fill.id, fill)

    def take(self, report: Report, *, tell: bool) -> Placement | None:
        """Takes in what the venue said; None for an order nobody follows. `tell`: the next poll brings the news."""
        with self._lock:
            known = self._orders.get(report.client_id)
            if known is None:
                return None
            if known.take(report) and tell:
                self._changed[report.client_id] = None
            placement = known.placement()
            self._forget_old()
            return placement

    def lose(self, client_id: str) -> None:
        """Notes that the venue has no such order."""
        with self._lock:
            known = self._orders.get(client_id)
            if known is not None and known.state not in FINAL_STATES:
                known.missing = True

    def answer(self, client_id: str) -> Placement | None:
        """What the venue said about an order; None when it has not spoken of it."""
        with self._lock:
            known = self._orders.get(client_id)
            return known.placement() if known is not None and known.heard else None

    def order(self, client_id: str) -> Order | None:
        """The order; None when nobody follows it."""
        with self._lock:
            known = self._orders.get(client_id)
            return None if known is None else known.order

    def pick(self, *, ended: bool = False) -> list[FollowedOrder]:
        """Copies of what goes on, or with `ended` of all."""
        with self._lock:
            return [replace(one, fills=dict(one.fills)) for one in self._orders.values() if ended or not one.ended]

    def drain(self) -> list[Placement]:
        """What changed since it was last asked."""
        with self._lock:
            changed, self._changed = self._changed, {}
            return [self._orders[id].placement() for id in changed if id in self._orders]

    def _forget_old(self) -> None:
        while len(self._orders) > 2 * KEPT:
            ended = [id for id, one in self._orders.items() if one.ended and id not in self._changed]
            for id in ended[:KEPT]:
                del self._orders[id]
            if not ended:
                return
