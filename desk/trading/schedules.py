"""The schedules of the desk: started, stepped, changed, recovered.

`step` is called at every market tick and carries out what `decide` says. What comes to exist is
written first: a child's client id, `sc-<schedule>-<n>`, is in the store before the gate is asked,
and is never used for another order. After a kill -9 a child that the gate does not know is void
(its order never existed: nothing reaches a broker that is not in the journal) and the lots are
carried over; one that the gate knows is what the journal says. Every change of state is an audit
record in the transaction that makes it, and an event on the bus topic `schedules`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from desk.bus.bus import EventBus
from desk.clock import Clock, to_iso
from desk.errors import Conflict, InputError, NotFound, TenorError
from desk.instruments import Instrument
from desk.market.books import BookSource
from desk.market.feed import MarketFeed
from desk.market.volume import MarketVolume
from desk.store.engine import Store
from desk.trading import schedule_rows as rows
from desk.trading.approvals import Record
from desk.trading.schedule import FINAL, Progress, Schedule, State, Terms
from desk.trading.schedule_orders import Orders
from desk.trading.schedule_plan import Outlook, Planner
from desk.trading.schedule_run import Run
from desk.trading.slicing import due_at

MOST_OPEN = 200


@dataclass(frozen=True)
class Around:
    """What schedules stand on. `approval_state` says how the proposal of a schedule stands."""

    store: Store
    bus: EventBus
    wall: Clock
    feed: MarketFeed
    books: BookSource
    volume: MarketVolume
    orders: Orders
    planner: Planner
    record: Record
    approval_state: Callable[[Schedule], str]
    most_open: int = MOST_OPEN


class Schedules:
    """See the module. Safe for several threads; `recover` must be called once before anything else."""

    def __init__(self, around: Around) -> None:
        self._around, self._lock = around, threading.RLock()
        self._all: dict[str, Schedule] = {}
        self._active: dict[str, Schedule] = {}
        self._run = Run(around.feed, around.books, around.volume, around.orders, around.planner, self._write)
        self._tape = 0

    def recover(self) -> int:
        """Takes up what the store knows; returns how many are not over."""
        with self._lock:
            for schedule in rows.load(self._around.store, self._around.feed.instruments):
                self._all[schedule.id] = schedule
                self._run.restore(schedule)
                if not schedule.final or schedule.working:
                    self._active[schedule.id] = schedule
            return len(self._active)

    def preview(self, terms: Terms) -> Outlook:
        """Slices and expected cost of terms that could be started now; InputError otherwise. Changes nothing."""
        with self._lock:
            self._around.planner.check(terms)
            return self._around.planner.outlook(terms)

    def start(self, id: str, terms: Terms, by: str, approval: str = "") -> Schedule:
        """Stores a schedule, which begins at its start, or when `approval` has its yes.

        The same id with the same terms again is the first schedule; Conflict for other terms, and while
        `most_open` others are open.
        """
        with self._lock:
            known = self._all.get(id)
            if known is not None:
                if known.by != by or _settled(known.terms) != _settled(terms):
                    raise Conflict(f"schedule {id} stands for other terms; give each schedule its own id")
                return known
            if len(self._active) >= self._around.most_open:
                raise Conflict(f"{len(self._active)} schedules are open; cancel one, or wait until one is over")
            self._around.planner.check(terms)
            instrument, at = self._around.feed.instruments.get(terms.instrument), to_iso(self._around.wall.now())
            made = Schedule(id, terms, instrument, by, at, Progress(terms.start), approval=approval)
            made.plan = self._around.planner.plan(terms, terms.lots, terms.start)
            made.note = "waits for an approval" if approval else ""
            self._write(made, "schedule.started", {"terms": terms.to_dict(), "by": by, "approval": approval})
            self._all[id] = self._active[id] = made
            return made

    def get(self, id: str) -> Schedule:
        """NotFound for an unknown one."""
        found = self._all.get(id)
        if found is None:
            raise NotFound(f"schedule {id!r} does not exist; `tenor schedules list` shows those that do")
        return found

    def list(self) -> list[Schedule]:
        """Newest first."""
        with self._lock:
            return list(reversed(self._all.values()))

    def pause(self, id: str, by: str) -> Schedule:
        """Sends nothing until it is resumed; a child at work is cancelled. A paused one stays so."""
        with self._lock:
            schedule = self._open(id)
            if schedule.state is State.WAITING:
                raise Conflict(f"schedule {id} has not begun; cancel it, or pause it when it runs")
            if schedule.state is State.RUNNING:
                schedule.state, schedule.reason = State.PAUSED, f"paused by {by}"
                self._write(schedule, "schedule.paused", {"by": by})
                self._run.call_back(schedule)
            return schedule

    def resume(self, id: str, by: str) -> Schedule:
        """Plans the rest anew from now to the end. A running one is left as it is."""
        with self._lock:
            schedule = self._open(id)
            if schedule.state is State.WAITING:
                raise Conflict(f"schedule {id} has not begun; it begins by itself")
            if schedule.state is State.PAUSED:
                schedule.state, schedule.reason = State.RUNNING, ""
                self._run.plan_anew(schedule, self._now(schedule))
                self._write(schedule, "schedule.resumed", {"by": by})
            return schedule

    def cancel(self, id: str, by: str) -> Schedule:
        """Ends it and cancels the child at work; one on its way is cancelled when the broker has it."""
        with self._lock:
            schedule = self.get(id)
            if not schedule.final:
                schedule.state, schedule.reason = State.CANCELLED, f"cancelled by {by}"
                self._write(schedule, "schedule.cancelled", {"by": by})
                self._run.call_back(schedule)
            return schedule

    def amend(
        self, id: str, by: str, *, lots: int | None = None, end: datetime | None = None, limit_ticks: int | None = None
    ) -> Schedule:
        """Changes quantity, end or limit of one that is not over; the rest is planned anew.

        InputError for less than is filled or at work, for an end that has passed or is after the
        trading day. Asking for what stands changes nothing.
        """
        with self._lock:
            schedule = self._open(id)
            terms = changed_terms(schedule.terms, lots, end, limit_ticks)
            if terms == schedule.terms:
                return schedule
            self._run.refresh(schedule)
            self._check_change(schedule, terms)
            schedule.terms = terms
            if schedule.state is not State.WAITING:
                self._run.plan_anew(schedule, self._now(schedule))
            else:
                schedule.plan = self._around.planner.plan(terms, terms.lots, terms.start)
            self._write(schedule, "schedule.amended", {"by": by, "terms": terms.to_dict()})
            return schedule

    def step(self) -> int:
        """One look at every schedule that is not over; returns how many children were sent."""
        with self._lock:
            self._read_tape()
            return sum(self._step(schedule) for schedule in list(self._active.values()))

    def filled(self, schedule: Schedule) -> int:
        """Lots filled so far."""
        return self._run.filled(schedule)

    def due(self, schedule: Schedule, now: datetime) -> int:
        """Lots that its plan in force has due by now; for percentage of volume, what was expected."""
        return min(schedule.terms.lots, schedule.progress.base_lots + due_at(schedule.plan, now))

    def labels(self, terms: Terms) -> tuple[str, ...]:
        """Which figures of such a schedule are models or simulated."""
        return self._around.planner.labels(terms)

    def opens(self, instrument: Instrument, at: datetime) -> datetime:
        """When an instrument begins to trade on the day of a moment."""
        return self._around.planner.window(instrument.asset_class, at)[0]

    def _step(self, schedule: Schedule) -> bool:
        try:
            if schedule.state is State.WAITING and not self._run.changed(schedule):
                self._begin_or_drop(schedule)
            sent = self._run.step(schedule)
        except TenorError as error:
            schedule.note, sent = error.message, False
        except Exception:  # noqa: BLE001 - the other schedules go on; the next tick tries again
            structlog.get_logger("schedules").exception("step failed", schedule=schedule.id)
            return False
        if schedule.final and not schedule.working:
            del self._active[schedule.id]
        return sent

    def _begin_or_drop(self, schedule: Schedule) -> None:
        """Lets a waiting one begin once it has its yes and its time has come; drops it when it cannot any more."""
        stands = self._around.approval_state(schedule) if schedule.approval else "approved"
        now = self._now(schedule)
        late = now >= schedule.terms.end or now.date() != schedule.terms.start.date()
        if stands not in ("approved", "waiting") or late:
            schedule.state = State.CANCELLED
            schedule.reason = "its end passed before it could begin" if late else f"its approval is {stands}"
            self._write(schedule, "schedule.dropped", {"reason": schedule.reason})
        elif stands == "approved" and now >= schedule.terms.start:
            self._run.begin(schedule)
            schedule.state, schedule.note = State.RUNNING, ""
            self._write(schedule, "schedule.running", {"arrival": [*self._arrival(schedule)]})
        else:
            schedule.note = "waits for an approval" if stands == "waiting" else "waits for its start"

    def _arrival(self, schedule: Schedule) -> tuple[int, int]:
        return schedule.progress.arrival_bid, schedule.progress.arrival_ask

    def _check_change(self, schedule: Schedule, terms: Terms) -> None:
        self._around.planner.check(terms)
        least = self._run.taken(schedule)
        if terms.lots < max(1, least):
            raise InputError(f"{least} lots of {schedule.id} are filled or at work; amend it to more, or cancel it")
        now = self._now(schedule)
        if terms.end <= now:
            raise InputError(f"end {to_iso(terms.end)} has passed, it is {to_iso(now)}; cancel it to stop now")

    def _open(self, id: str) -> Schedule:
        schedule = self.get(id)
        if schedule.state in FINAL:
            raise Conflict(f"schedule {id} is {schedule.state} ({schedule.reason}); start another")
        return schedule

    def _now(self, schedule: Schedule) -> datetime:
        return self._around.feed.quote(schedule.terms.instrument).at

    def _read_tape(self) -> None:
        """Hands new prints of the venue to the schedules of their instruments."""
        for done in self._around.books.trades_since(self._tape, 10_000):
            self._tape = done.seq
            for schedule in self._active.values():
                if schedule.terms.instrument == done.instrument:
                    schedule.progress.printed += done.lots

    def _write(
        self,
        schedule: Schedule,
        kind: str = "",
        body: dict[str, object] | None = None,
        also: Callable[[Connection], None] | None = None,
    ) -> None:
        """Saves a schedule; with a `kind` it is a change of state: an audit record and an event too."""
        with self._around.store.begin() as connection:
            rows.save(connection, schedule)
            if also is not None:
                also(connection)
            if kind:
                said = {"schedule": schedule.id, "state": schedule.state.value, **(body or {})}
                self._around.record(connection, kind, schedule.terms.account, said)
        self._around.bus.publish("schedules", self._event(schedule))

    def _event(self, schedule: Schedule) -> dict[str, object]:
        """What the bus says of one."""
        terms = schedule.terms
        about = {"id": schedule.id, "account": terms.account, "instrument": terms.instrument}
        return {**about, "state": schedule.state.value, "lots": terms.lots, "filled_lots": self._run.filled(schedule)}


def changed_terms(terms: Terms, lots: int | None, end: datetime | None, limit_ticks: int | None) -> Terms:
    """The terms with what is given put over them; None leaves as it is."""
    return replace(
        terms,
        lots=terms.lots if lots is None else lots,
        end=terms.end if end is None else end,
        limit_ticks=terms.limit_ticks if limit_ticks is None else limit_ticks,
    )


def _settled(terms: Terms) -> Terms:
    """The terms without times, which a repeated request reads anew from the clock."""
    start = datetime.min
    return replace(terms, start=start, end=start)
