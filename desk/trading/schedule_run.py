"""Carrying out a schedule: looks, asks `decide`, sends, and counts what became of the children."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Protocol

from sqlalchemy import Connection

from desk.errors import Conflict, Halted, OrderRefused, TenorError
from desk.market.books import BookSource
from desk.market.feed import MarketFeed, Quote
from desk.market.hours import in_call
from desk.market.volume import MarketVolume
from desk.orders import Chosen, Order, OrderType, Side, TimeInForce
from desk.trading import schedule_rows as rows
from desk.trading.schedule import Child, End, Look, Schedule, Send, State, decide
from desk.trading.schedule_orders import Orders
from desk.trading.schedule_plan import Planner

SAVE_EVERY = timedelta(seconds=5)
CHILD_LIFE, ASK_EVERY = timedelta(seconds=60), timedelta(seconds=1)
"""A child that is at work for longer is called back, and asked for again this often."""

UNWATCHED = timedelta(seconds=60)
"""After a longer silence (a restart, a late approval) the rest is planned anew, and benchmarks have a gap."""


class Write(Protocol):
    """Saves a schedule; with a kind, as a change of state."""

    def __call__(
        self,
        schedule: Schedule,
        kind: str = "",
        body: dict[str, object] | None = None,
        also: Callable[[Connection], None] | None = None,
    ) -> None:
        """See `Schedules`."""
        ...


class Run:
    """Not thread-safe: `Schedules` serialises."""

    def __init__(
        self, feed: MarketFeed, books: BookSource, volume: MarketVolume, orders: Orders, planner: Planner, write: Write
    ) -> None:
        self._feed, self._books, self._volume = feed, books, volume
        self._orders, self._planner, self._write = orders, planner, write
        self._saved: dict[str, datetime] = {}
        self._asked: dict[str, datetime] = {}

    def restore(self, schedule: Schedule) -> None:
        """After a start: what the gate knows of the children, and the plan in force."""
        for child in schedule.children:
            self._look_up(child)
            self._settle(schedule, child)
        if not schedule.final:
            base, terms = schedule.progress, schedule.terms
            left = terms.lots - base.base_lots
            schedule.plan = self._planner.plan(terms, left, base.base_at) if left > 0 else ()
            base.printed = 0

    def begin(self, schedule: Schedule) -> None:
        """Takes the arrival price and what the model expects, and plans from now."""
        quote, progress, terms = self._feed.quote(schedule.terms.instrument), schedule.progress, schedule.terms
        progress.arrival_at, progress.arrival_bid, progress.arrival_ask = quote.at, quote.bid_ticks, quote.ask_ticks
        progress.base_at = progress.seen = max(terms.start, quote.at)
        schedule.plan = self._planner.plan(terms, terms.lots, progress.base_at)
        progress.expected = self._planner.outlook(terms)._asdict()["expected"]._asdict()
        progress.printed = 0

    def step(self, schedule: Schedule) -> bool:
        """One look; True when a child was sent. Raises TenorError when prices or the gate fail.

        Ends it as failed when its instrument is no longer listed or counts in other steps.
        """
        self.refresh(schedule)
        changed = self.changed(schedule)
        if changed and not schedule.final:
            self._end(schedule, End(State.FAILED, changed))
            return False
        quote = self._feed.quote(schedule.terms.instrument)
        self._chase(schedule, quote.at)
        if schedule.final or schedule.state is State.WAITING:
            return False
        look = self._look(schedule, quote)
        action = decide(schedule, look)
        self._watch(schedule, quote)
        if isinstance(action, End):
            self._end(schedule, action)
            return False
        if schedule.state is State.PAUSED or self._held(schedule, look):
            return False
        if isinstance(action, Send):
            return self._send(schedule, action, quote)
        schedule.note = action.why
        self._save_sometimes(schedule, quote.at)
        return False

    def changed(self, schedule: Schedule) -> str:
        """Why it cannot go on with its instrument as that is now; empty when it can."""
        return self._feed.instruments.changed(schedule.terms.instrument, schedule.instrument.steps)

    def refresh(self, schedule: Schedule) -> None:
        """Reads where the newest child stands; tells when it moved."""
        if not schedule.children:
            return
        child = schedule.children[-1]
        if child.outcome and not child.open:
            return
        before = _standing(child)
        self._look_up(child)
        self._settle(schedule, child)
        if _standing(child) != before:
            self._write(schedule)

    def taken(self, schedule: Schedule) -> int:
        """Lots filled or at work."""
        return self.filled(schedule) + self._open_lots(schedule)

    def filled(self, schedule: Schedule) -> int:
        """Lots filled by all children."""
        last = schedule.children[-1] if schedule.children else None
        return schedule.settled + (self._lots(schedule, last) if last is not None and last.open else 0)

    def plan_anew(self, schedule: Schedule, now: datetime) -> None:
        """Plans what is left from now to the end."""
        progress = schedule.progress
        progress.base_lots, progress.printed = self.filled(schedule), 0
        progress.base_at = max(now, schedule.terms.start)
        left = schedule.terms.lots - progress.base_lots
        ends = progress.base_at < schedule.terms.end
        schedule.plan = self._planner.plan(schedule.terms, left, progress.base_at) if left > 0 and ends else ()

    def call_back(self, schedule: Schedule) -> None:
        """Cancels the child at work; one that is on its way is asked again by later steps."""
        if schedule.working:
            child = schedule.children[-1]
            try:
                self._orders.cancel(child.client_id)
            except TenorError as error:
                schedule.note = error.message
            self.refresh(schedule)

    def _chase(self, schedule: Schedule, now: datetime) -> None:
        """Calls back a child that should be over: of an ended schedule, or at work for a minute (a broker is out)."""
        if not schedule.working:
            return
        age, asked = abs(now - schedule.children[-1].at), self._asked.get(schedule.id)
        due = schedule.final or schedule.state is State.PAUSED or age >= CHILD_LIFE
        if due and (asked is None or abs(now - asked) >= ASK_EVERY):
            self._asked[schedule.id] = now
            self.call_back(schedule)

    def _look(self, schedule: Schedule, quote: Quote) -> Look:
        terms, progress = schedule.terms, schedule.progress
        instrument = self._feed.instruments.get(terms.instrument)
        depth = self._books.depth(instrument.id, 1)
        other = depth.asks if terms.side is Side.BUY else depth.bids
        filled = self.filled(schedule)
        others = max(0, progress.printed - (filled - progress.base_lots))
        return Look(
            now=quote.at,
            bid=quote.bid_ticks,
            ask=quote.ask_ticks,
            shown=other[0].lots if other else 0,
            filled=filled,
            open=self._open_lots(schedule),
            printed=others + self._volume.printed(instrument, progress.base_at, quote.at),
            trading=not in_call(instrument.asset_class, quote.at),
            halted=bool(self._orders.halted()),
        )

    def _held(self, schedule: Schedule, look: Look) -> bool:
        """Whether a halt holds it; after a halt or a long silence the rest is planned anew."""
        if look.halted:
            schedule.held, schedule.note = True, "the desk is halted"
            return True
        if schedule.held:
            schedule.held = False
            self.plan_anew(schedule, look.now)
            return True
        return False

    def _watch(self, schedule: Schedule, quote: Quote) -> None:
        """Adds the time since the last look to the benchmarks."""
        progress, before = schedule.progress, schedule.progress.seen
        if before is not None and quote.at - before > UNWATCHED and schedule.state is State.RUNNING:
            schedule.held = True
        if before is None or quote.at > before:
            progress.seen = quote.at
        if before is None or not timedelta(0) < quote.at - before <= UNWATCHED:
            return
        middle, seconds = (quote.bid_ticks + quote.ask_ticks) / 2, (quote.at - before).total_seconds()
        instrument = self._feed.instruments.get(schedule.terms.instrument)
        lots = self._volume.printed(instrument, before, quote.at)
        progress.watched_s += seconds
        progress.mid_seconds += middle * seconds
        progress.mid_lots += middle * lots
        progress.market_lots += lots

    def _end(self, schedule: Schedule, action: End) -> None:
        schedule.state, schedule.reason, schedule.note = action.state, action.why, ""
        self.call_back(schedule)
        self._write(schedule, f"schedule.{action.state}", {"reason": action.why, "lots": self.filled(schedule)})

    def _send(self, schedule: Schedule, action: Send, quote: Quote) -> bool:
        n = schedule.children[-1].n + 1 if schedule.children else 1
        child = Child(n, f"sc-{schedule.id}-{n}", action.lots, action.limit_ticks, quote.at,
                      quote.bid_ticks, quote.ask_ticks)  # fmt: skip
        schedule.children.append(child)
        self._write(schedule, also=partial(rows.save_child, schedule=schedule, child=child))
        self._saved[schedule.id] = quote.at
        schedule.note = ""
        try:
            decision = self._orders.submit(self._order(schedule, child))
        except (Halted, OrderRefused, Conflict) as error:
            child.outcome = "void" if isinstance(error, Halted) else "refused"
            child.reason = error.message
        except TenorError as error:
            self._look_up(child)
            child.reason = error.message
        else:
            child.outcome, child.status = "sent", decision.status
            child.reason = "; ".join(clamp.message for clamp in decision.clamps)
        self._settle(schedule, child)
        if child.reason:
            self._write(schedule, also=partial(rows.save_child, schedule=schedule, child=child))
        return child.outcome == "sent"

    def _order(self, schedule: Schedule, child: Child) -> Order:
        terms = schedule.terms
        return Order(
            client_id=child.client_id,
            account=terms.account,
            instrument=terms.instrument,
            side=terms.side,
            quantity=child.lots * schedule.instrument.lot,
            type=OrderType.LIMIT,
            limit_ticks=child.limit_ticks,
            time_in_force=TimeInForce.IOC,
            chosen=Chosen.SCHEDULE,
            by=schedule.by,
        )

    def _look_up(self, child: Child) -> None:
        """What the gate knows; a child that it never accepted is void unless it refused it."""
        child.status = self._orders.find(child.client_id)
        if child.status is not None:
            child.outcome = "sent"
        elif child.outcome != "refused":
            child.outcome = "void"

    def _settle(self, schedule: Schedule, child: Child) -> None:
        """Counts a child that is over; called once for each, when it is."""
        if child.status is not None and not child.open:
            schedule.settled += self._lots(schedule, child)
            if child.failed:
                child.reason = child.status.reason

    def _lots(self, schedule: Schedule, child: Child) -> int:
        if child.status is None:
            return 0
        return int(child.status.filled / schedule.instrument.lot)

    def _open_lots(self, schedule: Schedule) -> int:
        child = schedule.children[-1] if schedule.children else None
        if child is None or child.status is None or not child.open:
            return 0
        return int((child.status.order.quantity - child.status.filled) / schedule.instrument.lot)

    def _save_sometimes(self, schedule: Schedule, now: datetime) -> None:
        saved = self._saved.get(schedule.id)
        if saved is None or abs(now - saved) >= SAVE_EVERY:
            self._saved[schedule.id] = now
            self._write(schedule)


def _standing(child: Child) -> tuple[str, Decimal] | None:
    return None if child.status is None else (child.status.state.value, child.status.filled)
