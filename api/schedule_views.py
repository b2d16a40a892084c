"""How schedules look from outside: the shapes shared by the HTTP routes and the command line."""

from __future__ import annotations

from pydantic import BaseModel

from api.views import ApprovalView, CheckView, check_view, plain
from desk.clock import to_iso
from desk.errors import DataError, NotFound
from desk.factory import Desk
from desk.instruments import Instrument
from desk.market.feed import Quote
from desk.orders import Check, Side
from desk.trading.impact import LABEL
from desk.trading.schedule import Child, Schedule, State, Terms
from desk.trading.schedule_plan import Outlook
from desk.trading.schedule_report import mid_price, report_of
from desk.trading.slicing import Kind, Plan, Urgency


class TermsView(BaseModel):
    """What was asked; quantity in units, prices in the instrument's currency, times on its market clock."""

    account: str
    instrument: str
    side: Side
    quantity: float
    kind: Kind
    start: str
    end: str
    slices: int
    limit_price: float | None
    urgency: Urgency
    participation_pct: float
    max_shown_pct: float


class SliceView(BaseModel):
    """What is due by a moment: this slice, and all up to it."""

    at: str
    quantity: float
    total: float


class ChildView(BaseModel):
    """One order of a schedule. `outcome`: sent, refused, void (never existed); `state` is the order's."""

    n: int
    client_id: str
    at: str
    quantity: float
    limit_price: float
    outcome: str
    state: str
    filled: float
    average_price: float | None
    reason: str


class ExpectedView(BaseModel):
    """Cost against arrival in basis points by the published model; 95 % of outcomes lie from `low` to `high`."""

    model: str
    spread: float
    commission: float
    permanent: float
    temporary: float
    total: float
    risk: float
    low: float
    high: float


class ReportView(BaseModel):
    """See `desk.trading.schedule_report`; positive costs the trader. `within` says whether the cost is in the band."""

    currency: str
    filled: float
    left: float
    average: float | None
    arrival: float | None
    twap: float | None
    vwap: float | None
    cost: float
    spread: float
    drift: float
    commission: float
    opportunity: float | None
    cost_bps: float | None
    spread_bps: float | None
    drift_bps: float | None
    commission_bps: float | None
    against_twap_bps: float | None
    against_vwap_bps: float | None
    market_volume: float
    watched: float
    within: bool | None


class ScheduleView(BaseModel):
    """A schedule as it stands, without its slices. `note` says what it waits for this moment."""

    id: str
    terms: TermsView
    state: State
    reason: str
    note: str
    by: str
    approval: str
    created_at: str
    market_time: str
    filled: float
    due: float
    children: int


class ScheduleDetail(ScheduleView):
    """All of a schedule. `labels` say which figures are models or simulated."""

    plan: list[SliceView]
    orders: list[ChildView]
    expected: ExpectedView | None
    report: ReportView
    labels: list[str]


class PreviewView(BaseModel):
    """What it would do and cost. `warnings`: rules that all of it as one order would break; children may be clamped."""

    terms: TermsView
    plan: list[SliceView]
    expected: ExpectedView
    notional: float
    currency: str
    needs_approval: bool
    warnings: list[CheckView]
    labels: list[str]


class ScheduleStarted(BaseModel):
    """The schedule, and the proposal that it waits for when it is above one's threshold."""

    schedule: ScheduleDetail
    approval: ApprovalView | None = None


def schedule_view(desk: Desk, schedule: Schedule) -> ScheduleView:
    """A schedule as it stands."""
    terms = schedule.terms
    instrument, quote = schedule.instrument, _quote(desk, schedule)
    now = desk.feed.now() if quote is None else quote.at
    return ScheduleView(
        id=schedule.id,
        terms=terms_view(terms, instrument),
        state=schedule.state,
        reason=schedule.reason,
        note="" if schedule.final else schedule.note,
        by=schedule.by,
        approval=schedule.approval,
        created_at=schedule.created_at,
        market_time=to_iso(now),
        filled=float(desk.schedules.filled(schedule) * instrument.lot),
        due=float(desk.schedules.due(schedule, now) * instrument.lot),
        children=len(schedule.children),
    )


def schedule_detail(desk: Desk, schedule: Schedule) -> ScheduleDetail:
    """All of a schedule."""
    instrument, quote = schedule.instrument, _quote(desk, schedule)
    last = None if quote is None else mid_price(quote, desk.feed.instruments.get(quote.instrument))
    report = report_of(schedule, last)._asdict()
    expected, cost = schedule.progress.expected, report["cost_bps"]
    within = expected["low"] <= cost <= expected["high"] if expected and cost is not None else None
    numbers = {name: value if isinstance(value, str) else plain(value) for name, value in report.items()}
    return ScheduleDetail(
        **schedule_view(desk, schedule).model_dump(),
        plan=plan_view(schedule.plan, schedule.progress.base_lots, instrument),
        orders=[_child_view(child, instrument) for child in schedule.children],
        expected=ExpectedView(model=LABEL, **expected) if expected else None,
        report=ReportView.model_validate({**numbers, "within": within}),
        labels=list(desk.schedules.labels(schedule.terms)),
    )


def _quote(desk: Desk, schedule: Schedule) -> Quote | None:
    """The instrument's quote; None when it is gone or has no price."""
    try:
        return desk.feed.quote(schedule.terms.instrument)
    except (NotFound, DataError):
        return None


def preview_view(desk: Desk, terms: Terms, outlook: Outlook, needs: bool, warnings: list[Check]) -> PreviewView:
    """What terms would do and cost."""
    instrument = desk.feed.instruments.get(terms.instrument)
    return PreviewView(
        terms=terms_view(terms, instrument),
        plan=plan_view(outlook.plan, 0, instrument),
        expected=ExpectedView(model=LABEL, **outlook.expected._asdict()),
        notional=float(round(outlook.notional, 2)),
        currency=instrument.currency,
        needs_approval=needs,
        warnings=[check_view(check) for check in warnings],
        labels=list(outlook.labels),
    )


def terms_view(terms: Terms, instrument: Instrument) -> TermsView:
    """Terms in units and prices."""
    return TermsView(
        account=terms.account,
        instrument=terms.instrument,
        side=terms.side,
        quantity=float(terms.lots * instrument.lot),
        kind=terms.kind,
        start=to_iso(terms.start),
        end=to_iso(terms.end),
        slices=terms.slices,
        limit_price=None if terms.limit_ticks is None else float(terms.limit_ticks * instrument.tick),
        urgency=terms.urgency,
        participation_pct=terms.rate_bps / 100,
        max_shown_pct=terms.shown_bps / 100,
    )


def plan_view(plan: Plan, done: int, instrument: Instrument) -> list[SliceView]:
    """A plan in units, with what was done before it counted in."""
    lot = instrument.lot
    return [
        SliceView(at=to_iso(each.at), quantity=float(each.lots * lot), total=float((done + each.total) * lot))
        for each in plan
    ]


def _child_view(child: Child, instrument: Instrument) -> ChildView:
    status = child.status
    return ChildView(
        n=child.n,
        client_id=child.client_id,
        at=to_iso(child.at),
        quantity=float(child.lots * instrument.lot),
        limit_price=float(child.limit_ticks * instrument.tick),
        outcome=child.outcome or "deciding",
        state="" if status is None else status.state.value,
        filled=0.0 if status is None else float(status.filled),
        average_price=None if status is None else plain(status.average_price),
        reason=child.reason or ("" if status is None else status.reason),
    )
