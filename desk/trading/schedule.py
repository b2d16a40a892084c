"""A schedule: one large order, worked as small ones over a stretch of the trading day.

The values, and `decide`: a pure step from (plan, fills, quotes, time) to what to do now. Its rules:

- Children are limit orders, immediate or cancel, one spread beyond the price on the other side and
  never beyond the schedule's limit; one at a time, at most one a second. What one leaves is carried
  to the next. None is sent in an auction, while the desk is halted, or after the end. One that is
  still at work after a minute (the broker does not answer) is called back and its lots carried over.
- A child is at most `shown_bps` of the lots that the book shows at the best price of the other side.
- Percentage of volume sends when a slice is due or the rest fits, so that it does not send crumbs.
- After a refusal or rejection it waits for a slice's time, at least five seconds; the third in a
  row fails the schedule. A clamp is no refusal: the rest is carried over.

Quantities are whole lots, prices ticks, times the instrument's market clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from desk.clock import from_iso, to_iso
from desk.instruments import Instrument
from desk.orders import FINAL_STATES, OrderState, OrderStatus, Side
from desk.trading.slicing import Kind, Plan, Urgency, due_at, interval_of, volume_due

PACE = timedelta(seconds=1)
LEAST_PAUSE = timedelta(seconds=5)
MOST_REFUSALS = 3
BACK = timedelta(hours=1)
"""A market clock that goes back by more than this has begun the day anew."""


class State(StrEnum):
    """`waiting` for its start or an approval; the last three are final."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


FINAL = frozenset({State.DONE, State.CANCELLED, State.FAILED})


@dataclass(frozen=True)
class Terms:
    """What was asked. `rate_bps` is the share of all volume (percentage of volume only)."""

    account: str
    instrument: str
    side: Side
    lots: int
    kind: Kind
    start: datetime
    end: datetime
    slices: int
    limit_ticks: int | None = None
    urgency: Urgency = Urgency.MEDIUM
    rate_bps: int = 1_000
    shown_bps: int = 2_500

    def to_dict(self) -> dict[str, str | int | None]:
        """Plain values; `from_dict` restores them."""
        plain: dict[str, str | int | None] = {**vars(self), "start": to_iso(self.start), "end": to_iso(self.end)}
        return {name: str(value) if isinstance(value, StrEnum) else value for name, value in plain.items()}

    @classmethod
    def from_dict(cls, plain: dict[str, str | int | None]) -> Terms:
        """KeyError or ValueError when a field is missing or wrong."""
        limit = plain["limit_ticks"]
        return cls(
            account=str(plain["account"]),
            instrument=str(plain["instrument"]),
            side=Side(str(plain["side"])),
            lots=int(str(plain["lots"])),
            kind=Kind(str(plain["kind"])),
            start=from_iso(str(plain["start"])),
            end=from_iso(str(plain["end"])),
            slices=int(str(plain["slices"])),
            limit_ticks=None if limit is None else int(limit),
            urgency=Urgency(str(plain["urgency"])),
            rate_bps=int(str(plain["rate_bps"])),
            shown_bps=int(str(plain["shown_bps"])),
        )


@dataclass
class Child:
    """One order of a schedule. `outcome` is empty while the gate's answer is not known.

    `sent`: the order exists and `status` says where it stands; `refused`: the gate said no;
    `void`: a crash came between the decision and the gate, the order never existed. `bid` and `ask`
    are the quote it was decided on; `lots` what was wanted, `reason` a refusal or the clamps.
    """

    n: int
    client_id: str
    lots: int
    limit_ticks: int
    at: datetime
    bid: int
    ask: int
    outcome: str = ""
    reason: str = ""
    status: OrderStatus | None = None

    @property
    def open(self) -> bool:
        """Whether more may be filled."""
        return self.status is not None and self.status.state not in FINAL_STATES

    @property
    def failed(self) -> bool:
        """Refused by the gate, or rejected by the venue."""
        rejected = self.status is not None and self.status.state is OrderState.REJECTED
        return self.outcome == "refused" or rejected


@dataclass
class Progress:
    """What must survive a restart besides the terms and the children.

    The plan in force begins at `base_at` with `base_lots` done before it: both move when a pause,
    a halt or an amendment makes the rest to be planned anew. `arrival_*` is the quote at the first
    step, in ticks; the sums follow mid prices while it runs (see `desk.trading.schedule_report`).
    """

    base_at: datetime
    base_lots: int = 0
    seen: datetime | None = None
    arrival_at: datetime | None = None
    arrival_bid: int = 0
    arrival_ask: int = 0
    printed: int = 0
    watched_s: float = 0.0
    mid_seconds: float = 0.0
    mid_lots: float = 0.0
    market_lots: int = 0
    expected: dict[str, float] = field(default_factory=dict)


@dataclass
class Schedule:
    """See the module. Owned by `Schedules`, which serialises every change.

    `reason` says why it stands where it stands, `note` what it waits for now, `settled` the lots filled by children
    that are over, `held` that the desk was halted when last looked at, `instrument` whose steps they count in.
    """

    id: str
    terms: Terms
    instrument: Instrument
    by: str
    created_at: str
    progress: Progress
    state: State = State.WAITING
    reason: str = ""
    approval: str = ""
    children: list[Child] = field(default_factory=list)
    plan: Plan = ()
    held: bool = False
    note: str = ""
    settled: int = 0

    @property
    def final(self) -> bool:
        """Whether nothing new is sent any more."""
        return self.state in FINAL

    @property
    def working(self) -> bool:
        """Whether one of its orders may still be filled."""
        return bool(self.children) and self.children[-1].open

    @property
    def refusals(self) -> int:
        """How many of the last children in a row failed."""
        count = 0
        for child in reversed(self.children):
            if child.outcome == "void":
                continue
            if not child.failed:
                break
            count += 1
        return count


class Look(NamedTuple):
    """What `decide` sees: `shown` and the prices in lots and ticks, `filled` and `open` over all children.

    `printed` is what others traded since the plan in force began; `trading` is false in an auction
    and outside hours.
    """

    now: datetime
    bid: int
    ask: int
    shown: int
    filled: int
    open: int
    printed: int
    trading: bool
    halted: bool


class Send(NamedTuple):
    """Send a child."""

    lots: int
    limit_ticks: int


class Wait(NamedTuple):
    """Do nothing now; `why` for a person."""

    why: str


class End(NamedTuple):
    """Nothing more will be sent."""

    state: State
    why: str


def decide(schedule: Schedule, look: Look) -> Send | Wait | End:
    """What to do now; see the rules of the module. Pure: the same input gives the same answer."""
    terms, left = schedule.terms, schedule.terms.lots - look.filled
    if left <= 0:
        return End(State.DONE, "all of it is filled")
    if schedule.refusals >= MOST_REFUSALS:
        return End(State.FAILED, f"{MOST_REFUSALS} children in a row were refused: {schedule.children[-1].reason}")
    if day_over(schedule, look.now):
        return End(State.DONE, f"the trading day ended with {left} of {terms.lots} lots left")
    if look.now >= terms.end:
        return End(State.DONE, f"the end was reached with {left} of {terms.lots} lots left")
    why = _hindered(schedule, look)
    if why:
        return Wait(why)
    wanted = _wanted(schedule, look)
    if wanted <= 0:
        return Wait("waits for the next slice")
    limit = child_limit(terms, look.bid, look.ask)
    if terms.limit_ticks is not None and _beyond(terms, look):
        return Wait("the price is beyond the limit")
    lots = min(wanted, look.shown * terms.shown_bps // 10_000)
    return Send(lots, limit) if lots > 0 else Wait("the book shows too little")


def child_limit(terms: Terms, bid: int, ask: int) -> int:
    """One spread beyond the other side, at least a tick, never beyond the schedule's limit."""
    step = max(1, ask - bid)
    reach = ask + step if terms.side is Side.BUY else max(1, bid - step)
    if terms.limit_ticks is None:
        return reach
    return min(reach, terms.limit_ticks) if terms.side is Side.BUY else max(reach, terms.limit_ticks)


def day_over(schedule: Schedule, now: datetime) -> bool:
    """Whether the market clock stands in another day than the schedule's, or began its day anew."""
    seen = schedule.progress.seen
    return now.date() != schedule.terms.start.date() or (seen is not None and now < seen - BACK)


def _hindered(schedule: Schedule, look: Look) -> str:
    if look.halted:
        return "the desk is halted"
    if not look.trading:
        return "the book is in an auction"
    if look.open:
        return "a child is at work"
    last = next((child for child in reversed(schedule.children) if child.outcome != "void"), None)
    if last is None:
        return ""
    terms = schedule.terms
    pause = max(LEAST_PAUSE, interval_of(terms.start, terms.end, terms.slices)) if last.failed else PACE
    if look.now - last.at < pause:
        return f"waits after a refusal: {last.reason}" if last.failed else "paced at one child a second"
    return ""


def _wanted(schedule: Schedule, look: Look) -> int:
    terms, base = schedule.terms, schedule.progress.base_lots
    if terms.kind is not Kind.POV:
        return base + due_at(schedule.plan, look.now) - look.filled
    left = terms.lots - look.filled
    due = base + volume_due(look.printed, terms.rate_bps, terms.lots - base) - look.filled
    clip = max(1, terms.lots // terms.slices)
    last = look.now >= terms.end - interval_of(terms.start, terms.end, terms.slices)
    return due if due >= min(clip, left) or last else 0


def _beyond(terms: Terms, look: Look) -> bool:
    limit = terms.limit_ticks or 0
    return look.ask > limit if terms.side is Side.BUY else look.bid < limit
