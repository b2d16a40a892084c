"""Spoofing and layering: orders that are not meant to trade, cancelled once the other side was filled.

An episode: an account is filled on one side while orders of at least four times that size, large for it, stand on the
other, and within seconds these are cancelled unfilled and not entered again. A market maker too cancels after a fill,
but stands on both sides and quotes again. Three episodes in one instrument make an alert: 7 USC 6c(a)(5)(C) asks for
the intent to cancel, which one cancellation does not show. With three or more prices cancelled at once it is layering.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from desk.fraud.abuse.limits import DAY, STANDARD, Limits
from desk.fraud.abuse.records import Evidence, MarketAlert, OrderEvent, build_alert
from desk.fraud.abuse.words import Kind


@dataclass
class _Life:
    """One order from entry to end; `ended` None while it stands."""

    new: OrderEvent
    filled: float = 0.0
    ended: float | None = None
    cancelled: bool = False

    def stands(self, at: float) -> bool:
        return self.new.at <= at and (self.ended is None or self.ended >= at)


@dataclass(frozen=True)
class _Episode:
    fill: OrderEvent
    pulled: tuple[_Life, ...]

    @property
    def ratio(self) -> float:
        return sum(life.new.quantity for life in self.pulled) / self.fill.quantity


def find_layering(events: Iterable[OrderEvent], limits: Limits = STANDARD) -> list[MarketAlert]:
    """Accounts that spoof, per instrument and day from their first event; `layering` where levels were stacked."""
    rows: dict[tuple[str, str], list[OrderEvent]] = defaultdict(list)
    for event in sorted(events, key=lambda each: each.at):
        rows[event.account, event.instrument].append(event)
    found = []
    for (_, instrument), mine in rows.items():
        days: dict[int, list[_Episode]] = defaultdict(list)
        for episode in _episodes(mine, limits):
            days[int(episode.fill.at // DAY)].append(episode)
        found += [_alert(instrument, each, limits) for each in days.values() if len(each) >= limits.spoof_times]
    return found


def _alert(instrument: str, episodes: Sequence[_Episode], limits: Limits) -> MarketAlert:
    stacked = [len({life.new.price for life in each.pulled}) >= limits.layer_orders for each in episodes]
    layering = 2 * sum(stacked) >= len(stacked)
    evidence, known = [], 0.0
    for each in episodes:
        fill = each.fill
        evidence.append(Evidence("fill", fill.id, fill.account, fill.at, fill.price, fill.quantity))
        for life in each.pulled:
            new, ended = life.new, life.ended or life.new.at
            evidence.append(Evidence("cancelled", new.id, new.account, ended, new.price, new.quantity))
            known = max(known, ended)
    strength = len(episodes) / limits.spoof_times * min(each.ratio for each in episodes) / limits.spoof_ratio
    rules = ("large_then_cancelled", "one_sided", "repeated", *(("several_levels",) if layering else ()))
    amount = sum((life.new.price or 1.0) * life.new.quantity for each in episodes for life in each.pulled)
    figures = {"episodes": float(len(episodes)), "ratio": round(median(each.ratio for each in episodes), 1)}
    kind: Kind = "layering" if layering else "spoofing"
    return build_alert(kind, instrument, evidence, rules, strength, amount, known, figures)


def _lives(events: Sequence[OrderEvent]) -> dict[str, _Life]:
    lives: dict[str, _Life] = {}
    for event in events:
        if event.act == "new":
            lives[event.id] = _Life(event)
        elif event.id in lives:
            life = lives[event.id]
            if event.act == "fill":
                life.filled += event.quantity
                if life.filled >= life.new.quantity * (1 - 1e-9):
                    life.ended = event.at
            else:
                life.ended, life.cancelled = event.at, event.act == "cancel"
    return lives


def _episodes(events: Sequence[OrderEvent], limits: Limits) -> Iterator[_Episode]:
    lives = list(_lives(events).values())
    traded = [life.new.quantity for life in lives if life.filled > 0]
    cancelled = [life for life in lives if life.cancelled and not life.filled]
    if not traded or not cancelled:
        return
    usual, last = median(traded), -limits.spoof_cancel
    for fill in (event for event in events if event.act == "fill"):
        if fill.at - last < limits.spoof_cancel:
            continue
        pulled = tuple(_pulled(cancelled, fill, limits))
        size = sum(life.new.quantity for life in pulled)
        if size < limits.spoof_ratio * fill.quantity or size < limits.spoof_size * usual:
            continue
        if _leans(lives, fill, size, limits) and not _quotes_again(lives, pulled, size, limits):
            last = fill.at
            yield _Episode(fill, pulled)


def _pulled(cancelled: Sequence[_Life], fill: OrderEvent, limits: Limits) -> Iterator[_Life]:
    """Of these unfilled ones, orders of the other side that stood at the fill, young, and were cancelled just after."""
    for life in cancelled:
        if life.new.side == fill.side or life.ended is None:
            continue
        young = fill.at - limits.spoof_before <= life.new.at <= fill.at
        if young and fill.at <= life.ended <= fill.at + limits.spoof_cancel:
            yield life


def _leans(lives: Sequence[_Life], fill: OrderEvent, size: float, limits: Limits) -> bool:
    """Whether what stood at the fill stood mostly on the side that was then pulled."""
    same = sum(life.new.quantity for life in lives if life.new.side == fill.side and life.stands(fill.at))
    return size >= limits.spoof_lean * (size + same)


def _quotes_again(lives: Sequence[_Life], pulled: Sequence[_Life], size: float, limits: Limits) -> bool:
    ended = max(life.ended or 0.0 for life in pulled)
    side, ids = pulled[0].new.side, {life.new.id for life in pulled}
    start = min(life.ended or 0.0 for life in pulled)
    again = sum(
        life.new.quantity
        for life in lives
        if life.new.side == side and life.new.id not in ids and start <= life.new.at <= ended + limits.spoof_cancel / 2
    )
    return again >= limits.spoof_again * size
