"""High-frequency trading by accounts that may not: rate with cancel ratio, unknown algorithm, outside permission.

Rates are those from which article 19 of Delegated Regulation (EU) 2017/565 presumes high-frequency trading. A basket
sent at once is fast as well, but it is not cancelled: without a high share of cancelled orders a rate is no alert.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from desk.fraud.abuse.limits import STANDARD, Limits
from desk.fraud.abuse.records import Evidence, MarketAlert, OrderEvent, Permission, build_alert

SHOWN = 200
"""Rows of evidence at most: a burst has thousands alike."""


def find_unauthorised(
    events: Iterable[OrderEvent], permissions: Mapping[str, Permission] | None, limits: Limits = STANDARD
) -> list[MarketAlert]:
    """One alert an account at most. Accounts without a permission may use no algorithm; None: only rates are judged."""
    rows: dict[str, list[OrderEvent]] = defaultdict(list)
    for event in sorted(events, key=lambda each: each.at):
        rows[event.account].append(event)
    found = []
    for account, mine in rows.items():
        permission = (permissions or {}).get(account, Permission(account))
        fast, strength = ([], 0.0) if permission.fast else _fast(mine, limits)
        named, broken = ([], []) if permissions is None else _by_algorithm(mine, permission)
        rules = [*(("rate", "cancel_ratio") if fast else ()), *broken]
        if rules:
            found.append(_alert(fast or named, rules, strength))
    return found


def _alert(rows: Sequence[OrderEvent], rules: Sequence[str], strength: float) -> MarketAlert:
    shown = [Evidence(e.act, e.id, e.account, e.at, e.price, e.quantity) for e in rows[:SHOWN]]
    instruments = {event.instrument for event in rows}
    instrument = next(iter(instruments)) if len(instruments) == 1 else ""
    entered = sum((e.price or 1.0) * e.quantity for e in rows if e.act == "new")
    figures = {"messages": float(len(rows)), "cancelled": float(sum(e.act == "cancel" for e in rows))}
    strength = max(strength, len(rules))
    return build_alert("unauthorised_hft", instrument, shown, rules, strength, entered, rows[-1].at, figures)


def _fast(events: Sequence[OrderEvent], limits: Limits) -> tuple[list[OrderEvent], float]:
    """The messages of the busiest minute if it is too busy, and by how much; fills are no messages of the account."""
    sent = [event for event in events if event.act in {"new", "cancel"}]
    best: list[OrderEvent] = []
    strength = 0.0
    parts: dict[str, list[OrderEvent]] = defaultdict(list)
    for event in sent:
        parts[event.instrument].append(event)
    for rows, most in ((sent, limits.fast_all), *((part, limits.fast_one) for part in parts.values())):
        busiest = _busiest(rows, limits.fast_window)
        over = len(busiest) / limits.fast_window / most
        if over > max(strength, 1.0) and _cancelled(busiest, events) >= limits.fast_cancel:
            best, strength = busiest, over
    return best, strength


def _busiest(rows: Sequence[OrderEvent], window: float) -> list[OrderEvent]:
    first, begins, ends = 0, 0, 0
    for last, row in enumerate(rows):
        while row.at - rows[first].at >= window:
            first += 1
        if last + 1 - first > ends - begins:
            begins, ends = first, last + 1
    return list(rows[begins:ends])


def _cancelled(rows: Sequence[OrderEvent], events: Sequence[OrderEvent]) -> float:
    """Of the orders entered in these rows, the share that ended cancelled and never traded."""
    entered = {row.id for row in rows if row.act == "new"}
    traded = {event.id for event in events if event.act == "fill"}
    cancelled = {event.id for event in events if event.act == "cancel"} - traded
    return len(entered & cancelled) / len(entered) if entered else 0.0


def _by_algorithm(events: Sequence[OrderEvent], permission: Permission) -> tuple[list[OrderEvent], list[str]]:
    """Orders with an algorithm that is not the account's, and those outside its instruments."""
    automatic = [event for event in events if event.act == "new" and event.algorithm]
    unknown = [event for event in automatic if event.algorithm not in permission.algorithms]
    outside = [
        event
        for event in automatic
        if event.algorithm in permission.algorithms
        and permission.instruments
        and event.instrument not in permission.instruments
    ]
    rules = [*(["unknown_algorithm"] if unknown else []), *(["outside_permission"] if outside else [])]
    return sorted([*unknown, *outside], key=lambda event: event.at), rules
