"""Market abuse over the desk's own orders and fills and over daily bars. Only for those who may read fraud."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np

from desk.clock import to_iso
from desk.errors import DataError
from desk.facts import Fact
from desk.fraud.abuse.limits import DAY
from desk.fraud.abuse.records import Bars, MarketAlert, OrderEvent
from desk.fraud.abuse.words import INNOCENT, Kind
from desk.fraud.surveillance import Scene, surveil
from desk.identity.roles import Action, check_may
from desk.orders import OrderStatus
from tools import reads
from tools.context import Arguments, Result, Tool, ToolContext
from tools.fraud import WINDOWS, Window, as_day

SOURCE = "rules over the desk's orders and bars"
YEARS = 2
"""Daily bars before the window, from which an instrument's own volatility is known."""
OF_PRICES: frozenset[Kind] = frozenset({"pump_and_dump", "abnormal_move"})
OF_REPORTS: frozenset[Kind] = frozenset({"insider_trading", "late_report"})


class WatchMarket(Arguments):
    """Which kinds, in which instruments (none named: all), how far back from the market clock."""

    kinds: tuple[Kind, ...]
    instruments: tuple[str, ...] = ()
    window: Window = "week"


class MarketRow(Result):
    """One alert. `amount`, `score` and `rows` are slots."""

    id: str
    title: str
    kind: str
    instrument: str
    accounts: tuple[str, ...]
    start: str
    end: str
    amount: str
    score: str
    rows: str
    rules: tuple[str, ...]
    innocent: str


class MarketRows(Result):
    """Highest score first. `orders`, `fills`, `bars` and `count` are slots: what was looked at, empty where nothing."""

    found: tuple[MarketRow, ...]
    since: str
    until: str
    count: str
    orders: str
    fills: str
    bars: str


def _watch(context: ToolContext, arguments: WatchMarket) -> MarketRows:
    check_may(context.person, Action.READ_FRAUD)
    now, last = context.desk.feed.now(), WINDOWS[arguments.window]
    since = 0.0 if last is None else (now - last).timestamp()
    kinds = set(arguments.kinds)
    on_orders = bool(kinds - OF_PRICES - OF_REPORTS)
    events = [e for e in _events(context) if e.at >= since and _asked(e.instrument, arguments)] if on_orders else []
    bars = _bars(context, arguments, last) if kinds & OF_PRICES else []
    begins = {each.instrument: 0.0 if last is None else float(each.at[-1]) - last.total_seconds() for each in bars}
    found = [
        alert
        for alert in surveil(Scene(events=events, bars=bars))
        if alert.kind in kinds and (alert.kind not in OF_PRICES or alert.known_at > begins[alert.instrument])
    ]
    if bars and not on_orders:  # each asset class of a replay stands on its own last day
        now = datetime.fromtimestamp(max(float(each.at[-1]) for each in bars), UTC)
    new, fills = (sum(event.act == act for event in events) for act in ("new", "fill"))
    looked = sum(int((each.at > begins[each.instrument]).sum()) for each in bars)
    return MarketRows(
        text=f"market looked over, window {arguments.window}",
        found=tuple(_row(context, alert) for alert in found),
        since="" if last is None else to_iso(now - last)[:10],
        until=to_iso(now)[:10],
        count=_fact(context, "market_alerts", "market alerts", len(found), "count", "rules over orders and bars"),
        orders=_fact(context, "orders_watched", "orders looked at", new, "orders", "orders read") if on_orders else "",
        fills=_fact(context, "fills_watched", "fills looked at", fills, "fills", "fills read") if on_orders else "",
        bars=_fact(context, "bars_watched", "daily bars looked at", looked, "bars", "bars read") if bars else "",
    )


def _asked(instrument: str, arguments: WatchMarket) -> bool:
    return not arguments.instruments or instrument in arguments.instruments


def _events(context: ToolContext) -> list[OrderEvent]:
    """The desk's orders as events; when one was cancelled is known of those that ended while the desk watched."""
    ended = context.desk.arrivals.watch.market.ended
    return [event for status in context.desk.trading.orders() for event in _of_order(context, status, ended)]


def _of_order(context: ToolContext, status: OrderStatus, ended: dict[str, float]) -> list[OrderEvent]:
    order = status.order
    known = context.desk.feed.instruments.known(order.instrument)
    tick = float(known.tick) if known else 1.0
    price = None if order.limit_ticks is None else order.limit_ticks * tick
    new = OrderEvent(
        order.client_id,
        order.account,
        order.instrument,
        "buy" if order.side.sign > 0 else "sell",
        "new",
        status.accepted_at.timestamp(),
        float(order.quantity),
        price,
        order.agent,
        context.desk.people.owner(order.account),
    )
    events = [new]
    events += [
        new._replace(
            act="fill",
            at=fill.at.timestamp(),
            quantity=float(fill.quantity),
            price=float(fill.price_ticks * (fill.tick or tick)),
            other=fill.other,
            trade=fill.trade,
        )
        for fill in status.fills
    ]
    if order.client_id in ended:
        left = float(order.quantity - status.filled)
        events.append(new._replace(act="cancel", at=ended[order.client_id], quantity=left))
    return events


def _bars(context: ToolContext, arguments: WatchMarket, last: timedelta | None) -> list[Bars]:
    """Daily bars of the window and two years before it; an instrument without any is left out."""
    feed, made = context.desk.feed, []
    for instrument in arguments.instruments or tuple(one.id for one in feed.instruments):
        try:
            bars = feed.bars(instrument)
        except DataError:
            continue
        if not bars:
            continue
        if last is not None:
            first = bars[-1].day - last - timedelta(days=365 * YEARS)
            bars = [bar for bar in bars if bar.day >= first]
        close = np.array([float(bar.close) for bar in bars])
        high = np.array([float(bar.high or bar.close) for bar in bars])
        low = np.array([float(bar.low or bar.close) for bar in bars])
        at = np.array([(bar.day - datetime(1970, 1, 1).date()).days * DAY for bar in bars])
        made.append(Bars(instrument, at, high, low, close, np.full(len(bars), np.nan)))
    return made


def _row(context: ToolContext, alert: MarketAlert) -> MarketRow:
    key, known = alert.id.replace("-", "_"), context.desk.feed.instruments.known(alert.instrument)
    currency = known.currency if known else "USD"
    value, where = Decimal(str(alert.amount)), f"alert {alert.id}"
    as_of, seen = to_iso(datetime.fromtimestamp(alert.end, UTC)), _read(alert)
    made = Fact(f"{key}_amount", f"amount of {alert.title.lower()}", value, currency, as_of, SOURCE, where, currency)
    made = replace(made, reads=seen, about=(alert.id, "amount"))
    return MarketRow(
        text=f"alert {alert.kind}",
        id=alert.id,
        title=alert.title,
        kind=alert.kind,
        instrument=alert.instrument,
        accounts=alert.accounts,
        start=as_day(int(alert.start)),
        end=as_day(int(alert.end)),
        amount=context.facts.add(made),
        score=_fact(context, f"{key}_score", "score of the rules", alert.score, "ratio", alert.id, seen),
        rows=_fact(context, f"{key}_rows", "rows of evidence", len(alert.evidence), "rows", alert.id, seen),
        rules=tuple(rule.text for rule in alert.rules),
        innocent=INNOCENT[alert.kind],
    )


def _read(alert: MarketAlert) -> tuple[str, ...]:
    return (reads.closes(alert.instrument),) if alert.kind in OF_PRICES else reads.ORDERS


def _fact(
    context: ToolContext, id: str, label: str, value: float, unit: str, where: str, seen: tuple[str, ...] = reads.ORDERS
) -> str:
    made = Fact(id, label, Decimal(str(value)), unit, context.market_time(), SOURCE, where, reads=seen)
    return context.facts.add(made)


watch_market = Tool(
    "watch_market",
    "Market abuse over the desk's orders and daily bars: wash trades, spoofing, speed, pumps, abnormal moves.",
    WatchMarket,
    _watch,
)
