"""Wash trades and matched orders: trades that change nobody's position, orders entered to meet each other.

`wash_trading`: one beneficial owner on both sides (15 USC 78i(a)(1)(A)), or accounts that sell to each other and back,
in twos or threes, near one price, with no change of position. What two busy market makers do with each other looks
alike, so the share that they have in one another's trading decides. `matched_orders`: opposite orders of one price and
size entered together by different owners, which then trade, again and again (15 USC 78i(a)(1)(B), (C)).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from desk.fraud.abuse.limits import STANDARD, Limits
from desk.fraud.abuse.records import Evidence, MarketAlert, OrderEvent, Trade, build_alert


def find_wash_trades(trades: Iterable[Trade], limits: Limits = STANDARD) -> list[MarketAlert]:
    """Per instrument and day of trading, the owners and the groups of accounts that trade with themselves."""
    found: list[MarketAlert] = []
    for instrument, rows in _by_instrument(trades).items():
        for part in _days(rows, limits.wash_window):
            own = list(_self_trades(instrument, part, limits))
            found += own
            named = {row.id for alert in own for row in alert.evidence}
            found += _circles(instrument, [row for row in part if row.id not in named], part, limits)
    return found


def find_matched_orders(events: Iterable[OrderEvent], limits: Limits = STANDARD) -> list[MarketAlert]:
    """Pairs of accounts whose opposite orders of one price and size meet again and again."""
    placed: dict[tuple[str, float, float], list[OrderEvent]] = defaultdict(list)
    filled: dict[str, OrderEvent] = {}
    fills: dict[tuple[str, str], int] = defaultdict(int)
    for event in sorted(events, key=lambda each: each.at):
        if event.act == "new" and event.price is not None:
            placed[event.instrument, event.price, event.quantity].append(event)
        elif event.act == "fill":
            filled.setdefault(event.id, event)
            fills[event.account, event.instrument] += 1
    met: dict[tuple[str, str, str], list[tuple[OrderEvent, OrderEvent]]] = defaultdict(list)
    for rows in placed.values():
        for one, other in _met(rows, filled, limits):
            a, b = sorted((one.account, other.account))
            met[one.instrument, a, b].append((one, other))
    found = []
    for (instrument, a, b), pairs in met.items():
        least, most = sorted((fills[a, instrument], fills[b, instrument]))
        if len(pairs) < max(limits.matched_least, limits.wash_pair_share * least, limits.matched_share * most):
            continue
        lines = [Evidence("order", e.id, e.account, e.at, e.price, e.quantity) for pair in pairs for e in pair]
        amount = sum((one.price or 0.0) * one.quantity for one, _ in pairs)
        strength = len(pairs) / limits.matched_least
        figures = {"pairs": float(len(pairs))}
        known = max(filled[e.id].at for pair in pairs for e in pair)
        rules = ("entered_together", "closed_group")
        found.append(build_alert("matched_orders", instrument, lines, rules, strength, amount, known, figures))
    return found


def _by_instrument(trades: Iterable[Trade]) -> dict[str, list[Trade]]:
    rows: dict[str, list[Trade]] = defaultdict(list)
    for trade in sorted(trades, key=lambda each: (each.at, each.id)):
        rows[trade.instrument].append(trade)
    return rows


def _days(rows: Sequence[Trade], window: float) -> Iterator[list[Trade]]:
    """The rows cut where a window that began with a row ends."""
    part: list[Trade] = []
    for row in rows:
        if part and row.at - part[0].at >= window:
            yield part
            part = []
        part.append(row)
    if part:
        yield part


def _owners(trade: Trade) -> tuple[str, str]:
    return trade.buyer_owner or trade.buyer, trade.seller_owner or trade.seller


def _self_trades(instrument: str, rows: Sequence[Trade], limits: Limits) -> Iterator[MarketAlert]:
    own: dict[str, list[Trade]] = defaultdict(list)
    volume: dict[str, float] = defaultdict(float)
    for row in rows:
        buyer, seller = _owners(row)
        volume[buyer] += row.quantity
        if buyer == seller:
            own[buyer].append(row)
        else:
            volume[seller] += row.quantity
    for owner, mine in own.items():
        moved = sum(row.quantity for row in mine)
        if len(mine) < limits.wash_trades or moved < limits.self_share * volume[owner]:
            continue
        if _one_way(mine, limits):
            continue
        strength = len(mine) / limits.wash_trades
        yield _wash(instrument, mine, ("same_owner",), strength)


def _one_way(rows: Sequence[Trade], limits: Limits) -> bool:
    """Whether the trades move a holding from one account to another for good, as a transfer does."""
    net: dict[str, float] = defaultdict(float)
    for row in rows:
        net[row.buyer] += row.quantity
        net[row.seller] -= row.quantity
    gross = sum(row.quantity for row in rows)
    return max(map(abs, net.values())) > (1 - limits.wash_net) * gross


def _circles(
    instrument: str, rows: Sequence[Trade], all_rows: Sequence[Trade], limits: Limits
) -> Iterator[MarketAlert]:
    """Groups of two or three accounts that trade in a circle, and mostly there."""
    groups: dict[frozenset[str], dict[str, Trade]] = defaultdict(dict)
    for circle in _closed(rows, limits):
        accounts = frozenset(name for row in circle for name in (row.buyer, row.seller))
        groups[accounts].update({row.id: row for row in circle})
    volume: dict[str, float] = defaultdict(float)
    for row in all_rows:
        volume[row.buyer] += row.quantity
        volume[row.seller] += row.quantity
    taken: set[str] = set()
    for accounts, mine in sorted(groups.items(), key=lambda each: (-len(each[1]), sorted(each[0]))):
        left = [row for id, row in mine.items() if id not in taken]
        if len(left) < max(limits.wash_trades, len(accounts) + 1) or not _flat(left, limits):
            continue
        shares = [_traded(left, name) / volume[name] for name in accounts]
        if max(shares) < limits.wash_share or min(shares) < limits.wash_pair_share:
            continue
        taken |= {row.id for row in left}
        strength = len(left) / limits.wash_trades * (0.5 + min(shares))
        yield _wash(instrument, left, ("round_trip", "closed_group"), strength)


def _closed(rows: Sequence[Trade], limits: Limits) -> Iterator[tuple[Trade, ...]]:
    """Chains of trades in which the paper comes back to its first seller, each hop like the first."""
    by_seller: dict[str, list[Trade]] = defaultdict(list)
    for row in rows:
        by_seller[row.seller].append(row)
    for first in rows:
        for second in _like(first, by_seller[first.buyer], limits):
            if second.buyer == first.seller:
                yield first, second
                continue
            for third in _like(first, by_seller[second.buyer], limits):
                if third.buyer == first.seller and third.at >= second.at:
                    yield first, second, third


def _like(first: Trade, later: Sequence[Trade], limits: Limits) -> Iterator[Trade]:
    for row in later:
        if row.at - first.at > limits.circle_window:
            return
        close = abs(row.price / first.price - 1) <= limits.wash_price
        same = abs(row.quantity / first.quantity - 1) <= limits.circle_quantity
        if row.at >= first.at and row.id != first.id and close and same:
            yield row


def _flat(rows: Sequence[Trade], limits: Limits) -> bool:
    net: dict[str, float] = defaultdict(float)
    for row in rows:
        net[row.buyer] += row.quantity
        net[row.seller] -= row.quantity
    return all(abs(left) <= limits.wash_net * _traded(rows, name) + 1e-9 for name, left in net.items())


def _traded(rows: Iterable[Trade], name: str) -> float:
    return sum(row.quantity for row in rows if name in (row.buyer, row.seller))


def _wash(instrument: str, rows: Sequence[Trade], rules: tuple[str, ...], strength: float) -> MarketAlert:
    lines = [
        Evidence(what, row.id, account, row.at, row.price, row.quantity)
        for row in rows
        for what, account in (("bought", row.buyer), ("sold", row.seller))
    ]
    amount, known = sum(row.price * row.quantity for row in rows), max(row.at for row in rows)
    figures = {"trades": float(len(rows))}
    return build_alert("wash_trading", instrument, lines, rules, strength, amount, known, figures)


def _met(
    rows: Sequence[OrderEvent], filled: dict[str, OrderEvent], limits: Limits
) -> Iterator[tuple[OrderEvent, OrderEvent]]:
    """Neighbours in time of opposite sides and other accounts that both traded, soon after they were entered."""
    used: set[str] = set()
    for one, other in pairwise(rows):
        together = other.at - one.at <= limits.matched_within and one.side != other.side
        if not together or one.account == other.account or one.id in used:
            continue
        fills = filled.get(one.id), filled.get(other.id)
        if fills[0] is None or fills[1] is None or abs(fills[0].at - fills[1].at) > limits.matched_within:
            continue
        if any(fill.other not in ("", mate.account) for fill, mate in zip(fills, (other, one), strict=True) if fill):
            continue
        used |= {one.id, other.id}
        yield one, other
