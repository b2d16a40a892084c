"""Market abuse over the desk's own orders and fills, over daily bars, and over insiders' forms among the filings.

Only for those who may read fraud.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np

from desk.clock import to_iso
from desk.errors import DataError
from desk.facts import Fact
from desk.fraud.abuse.insider_feed import InsiderReports
from desk.fraud.abuse.limits import DAY
from desk.fraud.abuse.records import Bars, MarketAlert, OrderEvent
from desk.fraud.abuse.words import INNOCENT, Kind
from desk.fraud.surveillance import Scene, surveil
from desk.identity.roles import Action, check_may
from desk.instruments import AssetClass
from desk.orders import OrderStatus
from tools import reads
from tools.context import Arguments, Result, Tool, ToolContext
from tools.fraud import WINDOWS, Window, as_day
from tools.insider_reports import read_reports

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
    """Highest score first. `count`, `orders`, `fills`, `bars`, `forms` and `news` are slots: what was looked at.

    Empty where nothing was: `forms` when no insider's form is at hand.
    """

    found: tuple[MarketRow, ...]
    since: str
    until: str
    count: str
    orders: str
    fills: str
    bars: str
    forms: str = ""
    news: str = ""


def _watch(context: ToolContext, arguments: WatchMarket) -> MarketRows:
    check_may(context.person, Action.READ_FRAUD)
    now, last = context.desk.feed.now(), WINDOWS[arguments.window]
    since = 0.0 if last is None else (now - last).timestamp()
    kinds = set(arguments.kinds)
    on_orders = bool(kinds - OF_PRICES - OF_REPORTS)
    events = [e for e in _events(context) if e.at >= since and _asked(e.instrument, arguments)] if on_orders else []
    bars = _bars(context, arguments.instruments, last) if kinds & OF_PRICES else []
    begins = {each.instrument: 0.0 if last is None else float(each.at[-1]) - last.total_seconds() for each in bars}
    reports = _reports(context, arguments) if kinds & OF_REPORTS else None
    found = [
        alert
        for alert in surveil(Scene(events=events, bars=bars))
        if alert.kind in kinds and (alert.kind not in OF_PRICES or alert.known_at > begins[alert.instrument])
    ]
    found += _on_reports(context, reports, kinds, since) if reports else []
    found.sort(key=lambda alert: (-alert.score, alert.start, alert.id))
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
        **_looked_at(context, reports),
    )


def _reports(context: ToolContext, arguments: WatchMarket) -> InsiderReports:
    reports = read_reports(context)
    return reports.of(arguments.instruments) if arguments.instruments else reports


def _on_reports(context: ToolContext, reports: InsiderReports, kinds: set[Kind], since: float) -> list[MarketAlert]:
    """Alerts over insiders known since then; trades before news up to the market clock, whose bars show what moved."""
    known, now = context.desk.feed.instruments, context.desk.feed.now()
    traded = {told.instrument for told in reports.news} & {trade.instrument for trade in reports.trades}
    bars = _bars(context, tuple(sorted(id for id in traded if known.known(id))), None) if traded else []
    index = next((one.id for one in known if one.asset_class is AssetClass.INDEX), "")
    market = next(iter(_bars(context, (index,), None)), None) if index and bars else None
    scene = Scene(
        person_trades=reports.trades,
        news=reports.news,
        links=reports.links,
        filed=reports.filed,
        bars=bars,
        market=market,
    )
    until: dict[Kind, float] = {"insider_trading": now.timestamp(), "late_report": context.desk.wall.now().timestamp()}
    return [a for a in surveil(scene) if a.kind in kinds & OF_REPORTS and since <= a.known_at <= until[a.kind]]


def _looked_at(context: ToolContext, reports: InsiderReports | None) -> dict[str, str]:
    if reports is None or not reports.forms:
        return {}
    read = reads.INSIDERS
    return {
        "forms": _fact(
            context, "forms_watched", "insiders' forms looked at", reports.forms, "forms", "ownership forms read", read
        ),
        "news": _fact(
            context, "news_watched", "announcements looked at", len(reports.news), "announcements", "filings read", read
        ),
    }


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


def _bars(context: ToolContext, instruments: tuple[str, ...], last: timedelta | None) -> list[Bars]:
    """Daily bars of the window and two years before it; an instrument without any is left out."""
    feed, made = context.desk.feed, []
    for instrument in instruments or tuple(one.id for one in feed.instruments):
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
    if alert.kind in OF_REPORTS:
        return reads.INSIDERS
    return (reads.closes(alert.instrument),) if alert.kind in OF_PRICES else reads.ORDERS


def _fact(
    context: ToolContext, id: str, label: str, value: float, unit: str, where: str, seen: tuple[str, ...] = reads.ORDERS
) -> str:
    made = Fact(id, label, Decimal(str(value)), unit, context.market_time(), SOURCE, where, reads=seen)
    return context.facts.add(made)


watch_market = Tool(
    "watch_market",
    "Market abuse over the desk's orders, daily bars and insiders' forms: wash trades, spoofing, speed, pumps, "
    "abnormal moves, trades before news, late reports.",
    WatchMarket,
    _watch,
)
