"""Market abuse: every rule over what is known of markets, one call (`desk/fraud/abuse/`, `docs/surveillance.md`).

Rules read plain records, no book and no store. What is absent is not judged: without orders nobody spoofs, without
trades nobody washes. The alerts are `MarketAlert`s, siblings of the laundering alerts, with their rows of evidence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from desk.fraud.abuse.insiders import find_insiders
from desk.fraud.abuse.layering import find_layering
from desk.fraud.abuse.limits import STANDARD, Limits
from desk.fraud.abuse.matching import find_matched_orders, find_wash_trades
from desk.fraud.abuse.moves import find_moves
from desk.fraud.abuse.pump import Around, find_pumps
from desk.fraud.abuse.rates import find_unauthorised
from desk.fraud.abuse.records import (
    Announcement,
    Bars,
    MarketAlert,
    OrderEvent,
    Permission,
    PersonTrade,
    Post,
    Trade,
)
from desk.fraud.abuse.reports import Filed, find_late_reports


@dataclass(frozen=True)
class Scene:
    """All that is looked at. `posts` None: nobody listened; `unheard` are
    instruments for which nobody did. `permissions` None: rates are judged, algorithms not.

    `known_days` are days since 1970 with news, by instrument; `links` the persons linked with each company.
    """

    events: Sequence[OrderEvent] = ()
    trades: Sequence[Trade] = ()
    bars: Sequence[Bars] = ()
    posts: Sequence[Post] | None = None
    unheard: Collection[str] = ()
    permissions: Mapping[str, Permission] | None = None
    person_trades: Sequence[PersonTrade] = ()
    news: Sequence[Announcement] = ()
    links: Mapping[str, Collection[str]] = field(default_factory=dict)
    known_days: Mapping[str, Collection[int]] = field(default_factory=dict)
    filed: Sequence[Filed] = ()
    market: Bars | None = None


def surveil(scene: Scene, limits: Limits = STANDARD) -> list[MarketAlert]:
    """Every alert, the highest score first; empty when nothing stands out."""
    found = [
        *find_wash_trades([*scene.trades, *trades_between(scene.events, whole=not scene.trades)], limits),
        *find_matched_orders(scene.events, limits),
        *find_layering(scene.events, limits),
        *find_unauthorised(scene.events, scene.permissions, limits),
        *find_insiders(
            scene.person_trades, scene.news, {b.instrument: b for b in scene.bars}, scene.links, scene.market, limits
        ),
        *find_late_reports(scene.filed),
        *find_moves(scene.bars, scene.known_days, limits),
    ]
    for bars, around in zip(scene.bars, _around(scene), strict=True):
        found += find_pumps(bars, around, limits)
    return sorted(found, key=lambda alert: (-alert.score, alert.start, alert.id))


def trades_between(events: Iterable[OrderEvent], *, whole: bool) -> list[Trade]:
    """Fills whose other side is known, as trades; told by the buyer, so that each stands once.

    `whole`: the other fills too, each with somebody opposite of whom nothing else is heard, so that a share of an
    account's trading is one of all of it. Not where the same trades are known from elsewhere.
    """
    rows = [event for event in events if event.act == "fill" and event.price is not None]
    owners = {event.account: event.owner for event in rows if event.owner}
    found = []
    for event in rows:
        if (event.other and event.side == "sell") or not (event.other or whole):
            continue
        id = event.trade or f"{event.id}@{event.at}"
        mate = event.other or f"unknown to {id}"
        buyer, seller = (event.account, mate) if event.side == "buy" else (mate, event.account)
        own = owners.get(buyer, ""), owners.get(seller, "")
        found.append(Trade(id, event.instrument, buyer, seller, event.at, event.price or 0.0, event.quantity, *own))
    return found


def _around(scene: Scene) -> list[Around]:
    fills: dict[str, list[OrderEvent]] = defaultdict(list)
    for event in scene.events:
        if event.act == "fill":
            fills[event.instrument].append(event)
    posts: dict[str, list[Post]] = defaultdict(list)
    for post in scene.posts or ():
        posts[post.instrument].append(post)
    return [
        Around(
            None if scene.posts is None or bars.instrument in scene.unheard else posts[bars.instrument],
            fills.get(bars.instrument),
            scene.known_days.get(bars.instrument, ()),
        )
        for bars in scene.bars
    ]
