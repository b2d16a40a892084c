"""Alerts over transfers: found by rules, shown with their path. Only for those who may read them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Literal

from pydantic import JsonValue

from desk.clock import to_iso
from desk.facts import Fact
from desk.fraud.cases import Case
from desk.fraud.graph import moment_of
from desk.fraud.story import plain_story
from desk.fraud.words import innocent, path_text
from desk.identity.roles import Action, check_may
from desk.money import Money
from tools import reads
from tools.context import Arguments, Result, Tool, ToolContext

Window = Literal["day", "week", "month", "all"]
WINDOWS: dict[Window, timedelta | None] = {
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
    "all": None,
}
SOURCE = "fraud rules on simulated transfers"


class ScanTransfers(Arguments):
    """How far back from the market clock."""

    window: Window = "week"


class ReadAlert(Arguments):
    """Which alert."""

    id: str


class AlertRow(Result):
    """One alert. `amounts`, `amount`, `hops` and `score` are slots; `graph` is for drawing."""

    id: str
    title: str
    typology: str
    state: str
    accounts: tuple[str, ...]
    path: str
    start: str
    end: str
    amount: str
    amounts: tuple[str, ...]
    hops: str
    score: str
    rules: tuple[str, ...]
    innocent: str
    graph: dict[str, JsonValue]


class AlertRows(Result):
    """Newest first. `transfers` and `count` are slots."""

    rows: tuple[AlertRow, ...]
    since: str
    until: str
    transfers: str
    count: str


def _scan(context: ToolContext, arguments: ScanTransfers) -> AlertRows:
    check_may(context.person, Action.READ_FRAUD)
    book, last = context.desk.fraud, WINDOWS[arguments.window]
    cases, now = [case for case in book.cases(last) if case.found], context.desk.feed.now()
    rows = tuple(_row(context, case) for case in cases)
    read = Decimal(book.transfers_known())
    return AlertRows(
        text=f"transfers scanned, window {arguments.window}",
        rows=rows,
        since="" if last is None else to_iso(now - last)[:10],
        until=to_iso(now)[:10],
        transfers=_fact(context, "transfers_scanned", "transfers scanned", read, "transfers", "rows read by the scan"),
        count=_fact(
            context, f"alerts_{arguments.window}", "alerts", Decimal(len(rows)), "count", "rules over all transfers"
        ),
    )


def _read(context: ToolContext, arguments: ReadAlert) -> AlertRow:
    check_may(context.person, Action.READ_FRAUD)
    return _row(context, context.desk.fraud.case(arguments.id))


def _row(context: ToolContext, case: Case) -> AlertRow:
    alert, as_of = case.alert, to_iso(moment_of(case.alert.end))
    key = alert.id.replace("-", "_")

    def money(name: str, label: str, minor: int, where: str, seen: tuple[str, ...], as_of: str = as_of) -> str:
        value, about = Money(minor, alert.currency).amount, (where, "amount")
        made = Fact(f"{key}_{name}", label, value, alert.currency, as_of, SOURCE, where, alert.currency)
        return context.facts.add(replace(made, reads=seen, about=about))

    own = tuple(reads.transfer(edge.id) for edge in alert.edges)
    amounts = tuple(
        money(f"t{n}", f"{edge.source} to {edge.target}", edge.minor, f"transfer {edge.id}", own[n - 1 : n], on)
        for n, edge in enumerate(alert.edges, 1)
        for on in (to_iso(moment_of(edge.at)),)
    )
    return AlertRow(
        text=f"alert {alert.typology}",
        id=alert.id,
        title=alert.title,
        typology=alert.typology,
        state=case.state,
        accounts=alert.accounts,
        path=path_text(alert),
        start=as_day(alert.start),
        end=as_day(alert.end),
        amount=money("amount", f"amount of {alert.title.lower()}", alert.minor, f"alert {alert.id}", own),
        amounts=amounts,
        hops=_fact(context, f"{key}_hops", "transfers in it", Decimal(len(alert.edges)), "transfers", alert.id),
        score=_fact(context, f"{key}_score", "score of the rules", Decimal(str(alert.score)), "ratio", alert.id),
        rules=tuple(rule.text for rule in alert.rules),
        innocent=innocent(alert),
        graph=draw(case),
    )


def as_day(seconds: int) -> str:
    """`2022-12-24`."""
    return f"{moment_of(seconds):%Y-%m-%d}"


def draw(case: Case) -> dict[str, JsonValue]:
    """The alert as nodes and edges, in the shape of the HTTP door."""
    alert = case.alert
    nodes: list[JsonValue] = [{"id": id, "label": id, "kind": "account", "flagged": True} for id in alert.accounts]
    edges: list[JsonValue] = [
        {
            "id": edge.id,
            "source": edge.source,
            "target": edge.target,
            "amount": float(Money(edge.minor, alert.currency).amount),
            "time": to_iso(moment_of(edge.at)),
        }
        for edge in alert.edges
    ]
    rules: list[JsonValue] = [{"id": rule.id, "text": rule.text} for rule in alert.rules]
    return {
        "id": alert.id,
        "typology": alert.typology,
        "state": case.state,
        "currency": alert.currency,
        "amount": float(alert.amount),
        "accounts": list(alert.accounts),
        "start": to_iso(moment_of(alert.start)),
        "end": to_iso(moment_of(alert.end)),
        "score": alert.score,
        "rules": rules,
        "narrative": plain_story(alert),
        "innocent": innocent(alert),
        "nodes": nodes,
        "edges": edges,
        "path": [edge.id for edge in alert.edges],
    }


def _fact(context: ToolContext, id: str, label: str, value: Decimal, unit: str, where: str) -> str:
    made = Fact(id, label, value, unit, context.market_time(), SOURCE, where, reads=reads.TRANSFERS)
    return context.facts.add(made)


scan_transfers = Tool(
    "scan_transfers", "Alerts over the desk's transfers in the last day, week, month, or all.", ScanTransfers, _scan
)
read_alert = Tool("read_alert", "One alert by its id, with path, rules and drawing.", ReadAlert, _read)
