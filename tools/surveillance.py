"""Market abuse over the desk's own orders and fills, over daily bars, and over insiders' forms among the filings.

Only for those who may read fraud.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from desk.clock import to_iso
from desk.facts import Fact
from desk.fraud.abuse.records import MarketAlert
from desk.fraud.abuse.sources import OF_PRICES, OF_REPORTS, Look
from desk.fraud.abuse.words import INNOCENT, Kind
from desk.identity.roles import Action, check_may
from tools import reads
from tools.context import Arguments, Result, Tool, ToolContext
from tools.fraud import WINDOWS, Window, as_day

SOURCE = "rules over the desk's orders and bars"


class WatchMarket(Arguments):
    """Which kinds, in which instruments (none named: all), how far back from the market clock."""

    kinds: tuple[Kind, ...]
    instruments: tuple[str, ...] = ()
    window: Window = "week"


class MarketRow(Result):
    """One alert; `id` is that of its case. `amount`, `score` and `rows` are slots."""

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
    desk = context.desk
    look = desk.market.source.look(arguments.kinds, arguments.instruments, WINDOWS[arguments.window], context.filings)
    cases = desk.market.keep(look.alerts)
    return MarketRows(
        text=f"market looked over, window {arguments.window}",
        found=tuple(_row(context, alert, cases[alert.id]) for alert in look.alerts),
        since="" if look.since is None else to_iso(look.since)[:10],
        until=to_iso(look.until)[:10],
        count=_fact(context, "market_alerts", "market alerts", len(look.alerts), "count", "rules over orders and bars"),
        orders=_seen(context, "orders", "orders", look.orders),
        fills=_seen(context, "fills", "fills", look.fills),
        bars=_seen(context, "bars", "daily bars", look.bars),
        **_looked_at(context, look),
    )


def _seen(context: ToolContext, unit: str, label: str, count: int | None) -> str:
    if count is None:
        return ""
    return _fact(context, f"{unit}_watched", f"{label} looked at", count, unit, f"{unit} read")


def _looked_at(context: ToolContext, look: Look) -> dict[str, str]:
    if not look.forms:
        return {}
    read = reads.INSIDERS
    return {
        "forms": _fact(
            context, "forms_watched", "insiders' forms looked at", look.forms, "forms", "ownership forms read", read
        ),
        "news": _fact(
            context, "news_watched", "announcements looked at", look.news, "announcements", "filings read", read
        ),
    }


def _row(context: ToolContext, alert: MarketAlert, case: str) -> MarketRow:
    key, currency = alert.id.replace("-", "_"), context.desk.market.source.currency(alert.instrument)
    value, where = Decimal(str(alert.amount)), f"alert {alert.id}"
    as_of, seen = to_iso(datetime.fromtimestamp(alert.end, UTC)), _read(alert)
    made = Fact(f"{key}_amount", f"amount of {alert.title.lower()}", value, currency, as_of, SOURCE, where, currency)
    made = replace(made, reads=seen, about=(alert.id, "amount"))
    return MarketRow(
        text=f"alert {alert.kind}",
        id=case,
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
