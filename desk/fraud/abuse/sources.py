"""What this desk knows of markets, as the rules read it: its orders and fills, daily bars, insiders' forms.

One look serves the fraud agent's tool and the cases alike. Nothing is kept here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

import numpy as np

from desk.clock import Clock
from desk.errors import DataError, TenorError
from desk.filings.ownership import InsiderForm, SaleNotice
from desk.filings.source import Filing
from desk.fraud.abuse.insider_feed import OWNERSHIP, Form, InsiderReports, gather_reports
from desk.fraud.abuse.limits import DAY
from desk.fraud.abuse.records import Bars, MarketAlert, OrderEvent, Post
from desk.fraud.abuse.words import Kind
from desk.fraud.surveillance import Scene, surveil
from desk.instruments import AssetClass
from desk.market.feed import MarketFeed
from desk.news.feed import NewsFeed
from desk.orders import OrderStatus

YEARS = 2
"""Daily bars before the window, from which an instrument's own volatility is known."""
MOST_HEADLINES, LEAST_HEARD = 5_000, 5
OF_PRICES: frozenset[Kind] = frozenset({"pump_and_dump", "abnormal_move"})
OF_REPORTS: frozenset[Kind] = frozenset({"insider_trading", "late_report"})


class FilingShelf(Protocol):
    """Filings at hand, and what a form of them says. TenorError for one that cannot be read."""

    def list(self) -> Sequence[Filing]:
        """All of them."""
        ...

    def records(self, id: str) -> object:
        """The typed records of one."""
        ...


class Look(NamedTuple):
    """What a look found, the highest score first, and what was looked at; None where nothing of a sort was.

    `until` is the market clock, or the last bar when only bars were looked at.
    """

    alerts: tuple[MarketAlert, ...]
    since: datetime | None
    until: datetime
    orders: int | None
    fills: int | None
    bars: int | None
    forms: int
    news: int
    headlines: int = 0


@dataclass
class MarketSource:
    """This desk's markets. `ended` says when orders were cancelled, `owner` who an account belongs to.

    Headlines and posts of `news` are what was heard of an instrument: a burst of them is a sign of a pump. With
    fewer than `LEAST_HEARD` of an instrument nobody listened: its prices alone are judged.
    """

    feed: MarketFeed
    wall: Clock
    orders: Callable[[], Iterable[OrderStatus]]
    ended: Callable[[], Mapping[str, float]]
    owner: Callable[[str], str]
    news: NewsFeed | None = None

    def look(
        self,
        kinds: Collection[Kind],
        instruments: Sequence[str] = (),
        last: timedelta | None = None,
        shelf: FilingShelf | None = None,
    ) -> Look:
        """Alerts of these kinds known in the `last` time (ever, when None), in these instruments (none named: all)."""
        wanted, now = set(kinds), self.feed.now()
        since = 0.0 if last is None else (now - last).timestamp()
        on_orders = bool(wanted - OF_PRICES - OF_REPORTS)
        events = [e for e in self.events() if e.at >= since and _asked(e, instruments)] if on_orders else []
        bars = self.bars(instruments, last) if wanted & OF_PRICES else []
        begins = {one.instrument: 0.0 if last is None else float(one.at[-1]) - last.total_seconds() for one in bars}
        posts = self.posts(instruments) if bars else []
        heard = Counter(post.instrument for post in posts)
        unheard = {one.instrument for one in bars if heard[one.instrument] < LEAST_HEARD}
        reports = self.reports(shelf, instruments) if shelf is not None and wanted & OF_REPORTS else None
        found = [
            alert
            for alert in surveil(Scene(events=events, bars=bars, posts=posts, unheard=unheard))
            if alert.kind in wanted and (alert.kind not in OF_PRICES or alert.known_at > begins[alert.instrument])
        ]
        found += self._on_reports(reports, wanted, since) if reports else []
        found.sort(key=lambda alert: (-alert.score, alert.start, alert.id))
        until = now
        if bars and not on_orders:  # each asset class of a replay stands on its own last day
            until = datetime.fromtimestamp(max(float(one.at[-1]) for one in bars), UTC)
        new, fills = (sum(event.act == act for event in events) if on_orders else None for act in ("new", "fill"))
        return Look(
            tuple(found),
            None if last is None else now - last,
            until,
            new,
            fills,
            sum(int((one.at > begins[one.instrument]).sum()) for one in bars) if bars else None,
            reports.forms if reports else 0,
            len(reports.news) if reports else 0,
            len(posts),
        )

    def posts(self, instruments: Sequence[str] = ()) -> list[Post]:
        """Each headline or post known now, once for every instrument that it names."""
        if self.news is None:
            return []
        known = self.news.headlines(self.feed.now(), instruments, limit=MOST_HEADLINES)
        return [Post(name, one.published.timestamp()) for one in known for name in one.instruments]

    def currency(self, instrument: str) -> str:
        """That of the instrument; US dollars where it is none of the desk's."""
        known = self.feed.instruments.known(instrument)
        return known.currency if known else "USD"

    def reports(self, shelf: FilingShelf, instruments: Sequence[str] = ()) -> InsiderReports:
        """What was filed up to today, the wall clock's; a form that cannot be read is left out."""
        listed, forms = shelf.list(), list[tuple[Filing, Form]]()
        for filing in listed:
            if filing.form not in OWNERSHIP:
                continue
            try:
                read = shelf.records(filing.id)
            except TenorError:
                continue
            if isinstance(read, InsiderForm | SaleNotice):
                forms.append((filing, read))
        reports = gather_reports(forms, listed, self.feed.instruments, self.wall.now().date())
        return reports.of(instruments) if instruments else reports

    def events(self) -> list[OrderEvent]:
        """The desk's orders; when one was cancelled is known of those that ended while the desk watched."""
        ended, owners = self.ended(), dict[str, str]()
        return [event for status in self.orders() for event in self._of_order(status, ended, owners)]

    def bars(self, instruments: Sequence[str], last: timedelta | None) -> list[Bars]:
        """Daily bars of the window and two years before it; an instrument without any is left out."""
        made = []
        for instrument in instruments or tuple(one.id for one in self.feed.instruments):
            try:
                bars = self.feed.bars(instrument)
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

    def _on_reports(self, reports: InsiderReports, kinds: set[Kind], since: float) -> list[MarketAlert]:
        """Alerts over insiders known since then; trades before news up to the market clock, whose bars they need."""
        known, now = self.feed.instruments, self.feed.now()
        traded = {told.instrument for told in reports.news} & {trade.instrument for trade in reports.trades}
        bars = self.bars(tuple(sorted(id for id in traded if known.known(id))), None) if traded else []
        index = next((one.id for one in known if one.asset_class is AssetClass.INDEX), "")
        market = next(iter(self.bars((index,), None)), None) if index and bars else None
        scene = Scene(
            person_trades=reports.trades,
            news=reports.news,
            links=reports.links,
            filed=reports.filed,
            bars=bars,
            market=market,
        )
        until: dict[Kind, float] = {"insider_trading": now.timestamp(), "late_report": self.wall.now().timestamp()}
        return [a for a in surveil(scene) if a.kind in kinds & OF_REPORTS and since <= a.known_at <= until[a.kind]]

    def _of_order(self, status: OrderStatus, ended: Mapping[str, float], owners: dict[str, str]) -> list[OrderEvent]:
        order = status.order
        known = self.feed.instruments.known(order.instrument)
        tick = float(known.tick) if known else 1.0
        if order.account not in owners:
            owners[order.account] = self.owner(order.account)
        new = OrderEvent(
            order.client_id,
            order.account,
            order.instrument,
            "buy" if order.side.sign > 0 else "sell",
            "new",
            status.accepted_at.timestamp(),
            float(order.quantity),
            None if order.limit_ticks is None else order.limit_ticks * tick,
            order.agent,
            owners[order.account],
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


def _asked(event: OrderEvent, instruments: Sequence[str]) -> bool:
    return not instruments or event.instrument in instruments
