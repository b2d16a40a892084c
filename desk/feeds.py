"""Settings -> the market and the news of a desk, live or in the box. Names the sources' adapters, like the factory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from desk.backends import ALPHA_VANTAGE, BINANCE_DATA, YAHOO, BackEnd, X
from desk.clock import Clock
from desk.demo import Box
from desk.instruments import Instruments
from desk.market.alpha_vantage import AlphaVantage
from desk.market.archive import Archive
from desk.market.backfill import Backfill
from desk.market.binance import DATA_URL, STREAM_URL, BinanceData, symbols_of
from desk.market.binance_stream import BinanceStream
from desk.market.board import Board
from desk.market.feed import MarketFeed
from desk.market.findings import Findings
from desk.market.inlet import Inlet
from desk.market.intake import Intake
from desk.market.live import LiveFeed
from desk.market.replay import ReplayFeed
from desk.market.source import MarketSource
from desk.market.yahoo import AGENT, YahooCharts
from desk.news.bundled import BundledNews
from desk.news.feed import NewsFeed
from desk.news.live import LiveNews
from desk.news.rss import RssFeed
from desk.news.story import NewsSource
from desk.news.x import XSearch, queries_of
from desk.settings import Settings
from desk.source_state import SourceStates
from desk.store.engine import Store
from desk.wire import Allowance, SourceWire

BINANCE_A_MINUTE, YAHOO_A_MINUTE = 1_200, 60
"""Requests; the heaviest that are asked often weigh 4 of the 6,000 a minute that Binance allows."""


@dataclass(frozen=True)
class Feeds:
    """The market and the news; `intake` is what brings live data, None while the market is the replay's.

    `rest` is the replay, which the demonstration is seeded from and which quotes what no source serves.
    """

    market: MarketFeed
    news: NewsFeed
    intake: Intake | None
    rest: MarketFeed

    def start(self) -> None:
        """Begins to bring what is live."""
        for part in self._parts():
            part.start()

    def close(self) -> None:
        """Ends it and writes what waits."""
        for part in self._parts():
            part.close()

    def _papers(self) -> list[str]:
        return [state.name for state in self.news.states.all()] if isinstance(self.news, LiveNews) else []

    def _parts(self) -> list[Intake | LiveNews]:
        live = self.news if isinstance(self.news, LiveNews) else None
        return [part for part in (self.intake, live) if part]

    def as_seen(self, row: BackEnd) -> BackEnd:
        """A row of a live source as it fares, not only whether its address answers."""
        states = {state.name: state for part in self._parts() for state in part.states.all()}
        found = [states[name] for name in self._papers() if name in states] if row.role == "news" else []
        lost = next((state for state in found if state.word not in ("connected", "not asked yet")), None)
        state = lost or states.get(row.product)
        if row.state == "embedded" or state is None or state.word in ("connected", "not asked yet"):
            return row
        return replace(row, state="unreachable", detail=f"{state.word}: {state.why}")


def open_feeds(settings: Settings, folder: Path, store: Store, wall: Clock, box: Box) -> Feeds:
    """Opens nothing outside: a source that is down is found when it is asked."""
    rest = ReplayFeed(folder / "clock.json", wall, history=box.history)
    live = build_news(settings, store, wall, rest.instruments)
    news = live or (BundledNews(box.headlines) if box.headlines else BundledNews())
    names = settings.market
    if not names:
        return Feeds(rest, news, None, rest)
    intake = _intake(settings, names, folder, store, wall, rest.instruments)
    served = _served(intake, rest.instruments)
    feed = LiveFeed(rest, intake.archive, intake.board, wall, served, _why(intake))
    return Feeds(feed, news, intake, rest)


def _intake(
    settings: Settings, names: tuple[str, ...], folder: Path, store: Store, wall: Clock, instruments: Instruments
) -> Intake:
    makers: dict[str, Callable[[], MarketSource]] = {
        "binance": lambda: build_binance(settings, wall, instruments),
        "yahoo": lambda: build_yahoo(settings, wall),
        "alpha_vantage": lambda: build_alpha_vantage(settings, folder, wall),
    }
    sources = [makers[name]() for name in names]
    states = SourceStates(tuple(source.name for source in sources), wall)
    archive, findings, inlet = Archive(folder / "market"), Findings(store, wall), Inlet()
    order = {i.id: tuple(s.name for s in sources if s.serves(i)) for i in instruments}
    board = Board(instruments, order)
    backfill = Backfill(sources, archive, findings, states, wall)
    binance = next((source for source in sources if isinstance(source, BinanceData)), None)
    stream = None
    if binance:
        heard = lambda: states.heard(binance.name)  # noqa: E731
        last = lambda id: archive.last_seq(id, binance.name)  # noqa: E731
        stream = BinanceStream(binance, stream_url(settings.binance_data_url), inlet, wall, last, heard)
    listed = [instrument for instrument in instruments if order[instrument.id]]
    return Intake(listed, backfill, archive, board, findings, states, wall, inlet, stream)


def build_binance(settings: Settings, wall: Clock, instruments: Instruments) -> BinanceData:
    """Binance's public data; no key is sent."""
    allowance = Allowance("Binance", wall, per_minute=BINANCE_A_MINUTE)
    wire = SourceWire("Binance", settings.binance_data_url or DATA_URL, "TENOR_BINANCE_DATA_URL", allowance=allowance)
    return BinanceData(wire, wall, symbols_of(instruments))


def build_yahoo(settings: Settings, wall: Clock) -> YahooCharts:
    """Yahoo's charts; no key."""
    allowance = Allowance("Yahoo", wall, per_minute=YAHOO_A_MINUTE)
    address = settings.yahoo_base_url or YAHOO
    return YahooCharts(SourceWire("Yahoo", address, "TENOR_YAHOO_BASE_URL", headers=AGENT, allowance=allowance), wall)


def build_alpha_vantage(settings: Settings, folder: Path, wall: Clock) -> AlphaVantage:
    """Alpha Vantage within the plan of its key, which a restart does not forget."""
    allowance = Allowance(
        "Alpha Vantage",
        wall,
        per_minute=settings.alpha_vantage_per_minute,
        per_day=settings.alpha_vantage_per_day,
        file=folder / "market" / "alpha_vantage.json",
    )
    address = settings.alpha_vantage_base_url or ALPHA_VANTAGE
    wire = SourceWire(
        "Alpha Vantage",
        address,
        "TENOR_ALPHA_VANTAGE_BASE_URL",
        key_setting="TENOR_ALPHA_VANTAGE_KEY",
        allowance=allowance,
    )
    return AlphaVantage(wire, wall, settings.alpha_vantage_key)


def build_news(settings: Settings, store: Store, wall: Clock, instruments: Instruments) -> LiveNews | None:
    """The feeds of TENOR_NEWS_FEEDS and posts by TENOR_X_BEARER; None without either."""
    sources: list[NewsSource] = [
        RssFeed(name, url, SourceWire(name, url, "TENOR_NEWS_FEEDS", headers=AGENT)) for name, url in settings.feeds
    ]
    if settings.x_bearer:
        headers = {"Authorization": f"Bearer {settings.x_bearer}"}
        wire = SourceWire(
            "X", settings.x_base_url or X, "TENOR_X_BASE_URL", headers=headers, key_setting="TENOR_X_BEARER"
        )
        sources.append(XSearch(wire, queries_of(instruments)))
    return LiveNews(sources, store, wall, instruments) if sources else None


def stream_url(data_url: str) -> str:
    """The stream beside a REST address; Binance's own for Binance's own."""
    if data_url.rstrip("/") in ("", BINANCE_DATA):
        return STREAM_URL
    scheme, _, rest = data_url.partition("://")
    return f"{'wss' if scheme == 'https' else 'ws'}://{rest}"


def _served(intake: Intake, instruments: Instruments) -> dict[str, tuple[str, ...]]:
    return {
        instrument.id: names
        for instrument in instruments
        if (names := tuple(source.name for source in intake.backfill.serving(instrument)))
    }


def _why(intake: Intake) -> Callable[[str], str]:
    """Why an instrument's sources do not give a price, where they said."""

    def why(id: str) -> str:
        known = {instrument.id: instrument for instrument in intake.instruments}
        names = {source.name for source in intake.backfill.serving(known[id])} if id in known else set()
        return "; ".join(state.why for state in intake.states.all() if state.name in names and state.why)

    return why
