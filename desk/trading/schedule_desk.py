"""The schedules of a trading desk: wired to its gate, venue, approvals and market clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from desk.errors import NotFound
from desk.instruments import AssetClass
from desk.market.hours import continuous_trading
from desk.market.volume import ModelVolume
from desk.money import minor_digits
from desk.risk.marks import Marks
from desk.trading.approvals import Approvals
from desk.trading.desk_book import TradingDesk
from desk.trading.schedule import Schedule
from desk.trading.schedule_orders import BrokerOrders, parent_order
from desk.trading.schedule_plan import Planner
from desk.trading.schedules import Around, Schedules
from desk.trading.services import Services


def build_schedules(
    trading: TradingDesk,
    approvals: Approvals,
    services: Services,
    until: Callable[[datetime], datetime] | None = None,
) -> Schedules:
    """The recovered schedules of a recovered desk. `until`: when the feed's session ends on a day, where it does."""
    marks = Marks(services.feed, trading.gate.rules.limits.base)
    major = Decimal(10) ** minor_digits(marks.base)
    volume = ModelVolume(lambda id: marks.unit(id) / major)

    def window(kind: AssetClass, at: datetime) -> tuple[datetime, datetime]:
        opens, closes = continuous_trading(kind, at.date())
        return opens, closes if until is None else min(closes, until(at))

    planner = Planner(
        feed=services.feed,
        volume=volume,
        marks=marks,
        commission=lambda notional, currency: trading.broker.commission(notional, currency),
        window=window,
    )
    around = Around(
        store=services.store,
        bus=services.bus,
        wall=services.wall,
        feed=services.feed,
        books=trading.venue,
        volume=volume,
        orders=BrokerOrders(trading),
        planner=planner,
        record=services.record,
        approval_state=lambda schedule: _approval_state(approvals, schedule),
    )
    made = Schedules(around)
    made.recover()
    return made


def _approval_state(approvals: Approvals, schedule: Schedule) -> str:
    """The state of the proposal, when it is for exactly these terms; `waiting` while it is being made."""
    try:
        approval = approvals.get(schedule.approval)
    except NotFound:
        return "waiting"
    order = parent_order(schedule)
    asked = {**order.to_dict(), "client_id": approval.orders[0].client_id}
    same = approval.orders[0].to_dict() == asked and approval.evidence.get("schedule") == schedule.terms.to_dict()
    return approval.state if same else "for other terms"
