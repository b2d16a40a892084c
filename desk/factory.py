"""Settings -> Desk. The only desk module that names a back end, embedded ones included."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path

import structlog

from desk import demo
from desk.assembly import (
    announce_approval,
    build_bots,
    build_rulebook,
    build_surveillance,
    build_terms,
    build_watch,
    build_workers,
)
from desk.backends import BackEnd, read_backends
from desk.bots.mandate_book import MandateBook, MandateReader
from desk.bots.rule import build_rule
from desk.bots.runner import Runner
from desk.bus.bus import EventBus
from desk.bus.local import LocalBus
from desk.bus.redis import RedisBus
from desk.clock import Clock, WallClock
from desk.compliance.filings_watch import FilingsWatch
from desk.compliance.rules import Rule
from desk.drivers import build_models
from desk.errors import BackEndUnreachable
from desk.feeds import Feeds, open_feeds
from desk.filings.bundled import BundledFilings
from desk.filings.source import FilingSource
from desk.fraud.abuse.case_book import MarketBook
from desk.fraud.abuse.looking import MarketLooks
from desk.fraud.arrivals import Arrivals
from desk.fraud.cases import CaseBook
from desk.fraud.graph import TransactionGraphs
from desk.fraud.local import LocalGraphs
from desk.fraud.neo4j import open_graphs
from desk.fraud.neo4j_server import as_seen
from desk.identity.people import People
from desk.identity.roles import Person, Thresholds
from desk.identity.sessions import ApiKeys, Sessions
from desk.jobs.workers import Workers
from desk.ledger.log import Ledger
from desk.llm.router import DeadlineRouter
from desk.market.books import BookSource
from desk.market.feed import MarketFeed
from desk.market.replay import ReplayFeed
from desk.news.feed import NewsFeed
from desk.orders import OrderStatus
from desk.portfolio.worker import SolverProcess
from desk.risk.cache import RiskCache
from desk.settings import VERSION, Settings
from desk.store.engine import Store
from desk.store.folder import DataFolder
from desk.store.keys import SubjectKeys, load_key
from desk.trading.approvals import Approvals, Record
from desk.trading.brokers import Brokers
from desk.trading.courier import Courier, announce_delivery
from desk.trading.desk_book import TradingDesk
from desk.trading.halt import HaltState, HaltSwitch
from desk.trading.outside import OutsideBroker
from desk.trading.reconcile import Reconciler
from desk.trading.schedule_desk import build_schedules
from desk.trading.schedules import Schedules
from desk.trading.services import Services
from desk.trading.tokens import TokenSigner
from desk.trading.venues import VenueKey, build_outside

TICK_S, SAVE_EVERY, LOOK_S = 0.25, 20, 0.01
"""`LOOK_S`: how often is looked for orders that have arrived at the simulated venue, where that takes time."""


@dataclass
class Desk:
    """Everything that is true without a language model, open and held by this process."""

    settings: Settings
    folder: Path
    label: str
    services: Services
    feeds: Feeds
    filing_source: FilingSource
    watch: FilingsWatch
    record: Record
    people: People
    sessions: Sessions
    api_keys: ApiKeys
    trading: TradingDesk
    approvals: Approvals
    graphs: TransactionGraphs
    fraud: CaseBook
    rulebook: tuple[Rule, ...]
    thresholds: Thresholds
    models: DeadlineRouter
    workers: Workers
    bots: Runner
    solver: SolverProcess
    version: str = VERSION
    started_at: datetime = field(init=False)
    store: Store = field(init=False)
    bus: EventBus = field(init=False)
    wall: Clock = field(init=False)
    feed: MarketFeed = field(init=False)
    news: NewsFeed = field(init=False)
    ledger: Ledger = field(init=False)
    books: BookSource = field(init=False)
    risk: RiskCache = field(init=False)
    schedules: Schedules = field(init=False)
    reconciler: Reconciler = field(init=False)
    arrivals: Arrivals = field(init=False)
    market: MarketBook = field(init=False)
    looks: MarketLooks = field(init=False)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _ticker: threading.Thread | None = None

    def __post_init__(self) -> None:
        self.store, self.bus, self.wall = self.services.store, self.services.bus, self.services.wall
        self.feed, self.ledger, self.started_at = self.services.feed, self.services.ledger, self.wall.now()
        self.books = self.trading.venue
        self.news = self.feeds.news
        self.arrivals, self.market = build_surveillance(self.services, self.trading, self.people, self.news)
        self.looks = MarketLooks(self.market, self.store, self.bus, self.wall, self.settings.fraud_look_s)
        self.risk = RiskCache(self.feed, self.trading.holdings, lambda: self.trading.accounts.seq)
        until = self.feed.session_end if isinstance(self.feed, ReplayFeed) else None
        self.schedules = build_schedules(self.trading, self.approvals, self.services, until)
        self.reconciler = Reconciler(self.trading, self.store, self.record, self.wall)
        self.bots.differences = self.reconciler.by_instrument

    def order_status(self, client_id: str) -> OrderStatus | None:
        """Where an order stands; None when the gate has not seen it."""
        return self.trading.status(client_id) if self.trading.accounts.find(client_id) is not None else None

    def backends(self) -> list[BackEnd]:
        """What each back end is now; an outside broker as the desk last saw it, not only its address."""
        s, rows = self.settings, [self.feeds.as_seen(row) for row in read_backends(self.settings)]
        rows = [self.trading.brokers.as_seen(row) for row in rows]
        return [as_seen(row, s.neo4j_url, s.neo4j_user, s.neo4j_password) for row in rows]

    def halt(self, person: Person, reason: str) -> HaltState:
        """Halts at once; who may is checked by the door."""
        return self.trading.halt(person.name, reason)

    def resume(self, person: Person) -> HaltState:
        """One of two people who resume."""
        return self.trading.resume(person.name)

    def start_market(self) -> None:
        """Lets the market move: resting orders are matched at every tick, the clock is saved now and then."""
        if self.settings.redis_url:  # the embedded worker begins at the first order
            self.workers.start()
        for part in (self.feeds, self.reconciler, self.watch, self.looks):
            part.start()
        self.models.warm()
        if self._ticker is None:
            self._ticker = threading.Thread(target=self._tick, name="tenor-market", daemon=True)
            self._ticker.start()

    def close(self) -> None:
        """Stops the threads, writes what waits, releases the store; safe to call twice."""
        self._stopping.set()
        if self._ticker is not None:
            self._ticker.join(timeout=5)
        self.workers.stop()
        held = (
            self.solver,
            self.reconciler,
            self.models,
            self.watch,
            self.looks,
            self.arrivals,
            self.graphs,
            self.feeds,
        )
        for part in held:
            part.close()
        self.feed.save()
        self.trading.close()
        if isinstance(self.bus, RedisBus):
            self.bus.close()
        self.store.close()

    def _tick(self) -> None:
        count, venue = 0, self.trading.venue
        step, whole = (LOOK_S, round(TICK_S / LOOK_S)) if venue.terms.slow else (TICK_S, 1)
        while not self._stopping.wait(step):
            count += 1
            try:
                if count % whole:
                    if venue.due():
                        self.trading.poll()
                    continue
                self.trading.poll()
                self.bots.step()
                self.schedules.step()
                if count % (whole * SAVE_EVERY) == 0:
                    self.feed.save()
            except Exception:  # noqa: BLE001 - the market goes on; the next tick tries again
                structlog.get_logger("market").exception("tick failed")


def open_desk(settings: Settings, folder: DataFolder, box: demo.Box = demo.SHIPPED) -> Desk:
    """The desk of a held data folder: made and seeded at first use from the box, recovered at every use."""
    wall, path, plan = box.wall or WallClock(), folder.path, box.plan or demo.load_plan()
    master, store = load_key(path / "keys" / "master.key"), Store.in_folder(path)
    feeds, bus = open_feeds(settings, path, store, wall, box), build_bus(settings)
    ledger = Ledger(store, load_key(path / "keys" / "ledger.key"))
    services = Services(store, ledger, feeds.market, bus, wall, SubjectKeys(master), build_terms(settings))
    people, record, graphs = People(store), services.record, build_graphs(settings, ledger.public_key)
    mandates, rulebook = MandateBook(store, wall, record), build_rulebook(plan, services, people)
    rules = [rule.check for rule in (*rulebook, build_rule(mandates))]
    workers = build_workers(settings, store, services.bus, lambda: trading.execution)
    limits, outside, send = demo.plan_limits(plan), _outside(settings, feeds.market, wall), workers.dispatch
    trading = TradingDesk(
        path, services, limits=limits, compliance=rules, build_outside=outside, dispatch=send, forbids=mandates.forbids
    )
    demo.seed(plan, people, trading, replace(services, feed=feeds.rest))
    approvals = Approvals(store, wall, record, partial(announce_approval, services.bus))
    return Desk(
        settings,
        path,
        plan.label,
        services=services,
        feeds=feeds,
        filing_source=BundledFilings(box.filings) if box.filings else BundledFilings(),
        watch=build_watch(settings, path, services),
        record=record,
        people=people,
        sessions=Sessions(store, wall),
        api_keys=ApiKeys(store, wall, master, record),
        trading=trading,
        approvals=approvals,
        graphs=graphs,
        fraud=CaseBook(store, feeds.market.now, wall, record, graphs.hold),
        rulebook=rulebook,
        thresholds=demo.plan_thresholds(plan),
        models=build_models(settings, store, wall),
        workers=workers,
        bots=build_bots(services, trading, mandates, approvals, people, feeds.news, plan),
        solver=SolverProcess(),
    )


def build_bus(settings: Settings) -> EventBus:
    """In process, or over the server of TENOR_REDIS_URL; BackEndUnreachable when that does not answer."""
    try:
        return RedisBus(settings.redis_url) if settings.redis_url else LocalBus()
    except BackEndUnreachable as error:
        raise BackEndUnreachable(f"TENOR_REDIS_URL: {error.message}; correct it or unset it") from None


def build_graphs(settings: Settings, desk: str) -> TransactionGraphs:
    """In process, or at the server of TENOR_NEO4J_URL, where each desk's transfers are a book of their own."""
    if not settings.neo4j_url:
        return LocalGraphs()
    return open_graphs(settings.neo4j_url, settings.neo4j_user, settings.neo4j_password, f"desk-{desk[:12]}")


def build_courier(settings: Settings) -> Courier | None:
    """What a worker process carries orders to outside brokers with; None without any such broker."""
    path, wall = settings.data_folder, WallClock()
    store = Store.in_folder(path)
    build = _outside(settings, open_feeds(settings, path, store, wall, demo.SHIPPED).market, wall)
    brokers = Brokers(None, build(TokenSigner(load_key(path / "keys" / "gate.key"))))
    if not brokers.outside:
        store.close()
        return None
    halted, bus = HaltSwitch(path, LocalBus(), wall).reason, build_bus(settings)
    return Courier(
        store,
        brokers,
        wall,
        halted,
        takes=brokers.leaves,
        tell=lambda row, state: announce_delivery(bus, row, state),
        forbids=MandateReader(store, wall).forbids,
        again=brokers.expect_earlier,
    )


def _outside(settings: Settings, feed: MarketFeed, wall: Clock) -> Callable[[TokenSigner], Sequence[OutsideBroker]]:
    binance = VenueKey(settings.binance_key, settings.binance_secret, settings.binance_base_url)
    alpaca = VenueKey(settings.alpaca_key, settings.alpaca_secret, settings.alpaca_base_url)
    return build_outside(binance, alpaca, feed, wall)
