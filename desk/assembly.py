"""Parts of the desk that are wired from several rooms, with workers and EDGAR as the settings say."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path

from desk import demo
from desk.bots.acts import ActBook
from desk.bots.asking import build_ask
from desk.bots.bot import BotBook
from desk.bots.mandate_book import MandateBook
from desk.bots.moods import build_moods
from desk.bots.runner import Runner
from desk.bus.bus import EventBus
from desk.compliance.filings_watch import FilingsWatch
from desk.compliance.kyc import AccountOwners
from desk.compliance.rules import Rule, build_rules
from desk.errors import DataError, NotFound, SettingError
from desk.filings.edgar import open_edgar
from desk.fraud.abuse.case_book import MarketBook
from desk.fraud.abuse.sources import MarketSource
from desk.fraud.arrivals import Arrivals, read_payments
from desk.fraud.live import LiveWatch
from desk.identity.people import People
from desk.instruments import AssetClass
from desk.jobs.workers import InProcessWorker, RemoteWorkers, Workers
from desk.market.calendar import is_open
from desk.market.feed import MarketFeed
from desk.market.hours import HOURS
from desk.news.feed import NewsFeed
from desk.settings import VERSION, Settings, variable
from desk.store.engine import Store
from desk.trading.approvals import Approval, Approvals
from desk.trading.desk_book import TradingDesk
from desk.trading.execution import Execution
from desk.trading.services import Services
from desk.trading.venue_terms import Fees, VenueTerms


def build_rulebook(plan: demo.DemoPlan, services: Services, people: People) -> tuple[Rule, ...]:
    """The rules of the compliance room, as the plan restricts and the market clock opens."""
    feed, owners = services.feed, AccountOwners(services.store, people)
    return build_rules(plan.compliance.restricted, feed.instruments, owners, lambda kind: _in_session(feed, kind))


def build_bots(
    services: Services,
    trading: TradingDesk,
    mandates: MandateBook,
    approvals: Approvals,
    people: People,
    news: NewsFeed,
    plan: demo.DemoPlan,
) -> Runner:
    """The bots; those that ran before run again. Above the thresholds of the plan two people must say yes."""
    runner = Runner(
        trading,
        services.feed,
        services.wall,
        bots=BotBook(services.store, services.wall, services.record),
        mandates=mandates,
        acts=ActBook(services.store),
        ask=build_ask(trading, services.feed, approvals, people, demo.plan_thresholds(plan)),
        signals=build_moods(news, services.feed),
    )
    runner.recover()
    return runner


def build_surveillance(
    services: Services, trading: TradingDesk, people: People, news: NewsFeed
) -> tuple[Arrivals, MarketBook]:
    """How transfers come in, with the watch that scores them, orders and fills, these valued at the last price; and
    the cases of market abuse, to which it takes what it finds.
    """

    def price(instrument: str) -> float | None:
        try:
            ticks = services.feed.quote(instrument).last_ticks
        except (NotFound, DataError):
            return None
        return float(ticks * services.feed.instruments.get(instrument).tick)

    watch = LiveWatch(
        services.bus,
        price,
        services.feed.now,
        history=lambda: read_payments(services.store, services.feed.now()),
        owner=people.owner,
        keep=lambda alert: market.keep([alert])[alert.id],
    )
    source = MarketSource(services.feed, services.wall, trading.orders, lambda: watch.market.ended, people.owner, news)
    market = MarketBook(services.store, source, services.wall, services.record)
    return Arrivals(services.store, services.feed.now, services.record, watch), market


def build_terms(settings: Settings) -> VenueTerms:
    """The simulated venue's terms. SettingError for a number that is none, or out of range."""
    maker, taker = (_number(settings, f"sim_{side}_bps", 1_000) for side in ("maker", "taker"))
    charges = bool(settings.sim_maker_bps or settings.sim_taker_bps)
    return VenueTerms(
        latency_ms=int(_number(settings, "sim_latency_ms", 60_000)),
        jitter_ms=int(_number(settings, "sim_jitter_ms", 60_000)),
        fees=Fees(maker, taker) if charges else None,
        take_pct=int(_number(settings, "sim_take_pct", 100, 1)),
        reject_pct=_number(settings, "sim_reject_pct", 100),
        seed=settings.sim_seed,
        borrow=_borrow(settings.sim_borrow) if settings.sim_borrow else None,
        borrow_pct=_number(settings, "sim_borrow_pct", 1_000),
    )


def _number(settings: Settings, name: str, most: int, least: int = 0) -> Decimal:
    text = str(getattr(settings, name)) or "0"
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not least <= number <= most:
        raise SettingError(f"setting {variable(name)}={text!r} is not a number from {least} to {most:,}")
    return number


def _borrow(text: str) -> dict[str, int]:
    found = {}
    for part in text.split(","):
        id, _, units = part.strip().rpartition("=")
        if not id or not (units.isascii() and units.isdigit()):
            raise SettingError(
                f"setting TENOR_SIM_BORROW has {part.strip()!r}; give XNAS:AAPL=1000,*=0, units by instrument"
            )
        found[id] = int(units)
    return found


def _in_session(feed: MarketFeed, kind: AssetClass) -> bool:
    """Whether the clock of an asset class stands inside its session: live by the calendar, with daylight saving."""
    clock = next((clock for clock in feed.clocks() if clock.asset_class is kind), None)
    if clock is not None and clock.mode == "live":
        return is_open(kind, clock.time)
    now = feed.now() if clock is None else clock.time
    opens, closes = HOURS[kind]
    return opens <= now.hour * 60 + now.minute < closes


def announce_approval(bus: EventBus, approval: Approval) -> None:
    """Publishes where a proposal stands on the bus topic `approvals`; `second` when any trader may be asked."""
    body = {"id": approval.id, "state": approval.state, "account": approval.account, "second": approval.needs.second}
    bus.publish("approvals", body)


def build_watch(settings: Settings, path: Path, services: Services) -> FilingsWatch:
    """The watch over filings, with EDGAR where TENOR_EDGAR_USER_AGENT declares who asks."""
    edgar = open_edgar(settings.edgar_user_agent, settings.edgar_base_url, path / "edgar")
    return FilingsWatch(edgar, services.store, services.bus, services.wall, services.record)


def build_workers(settings: Settings, store: Store, bus: EventBus, execution: Callable[[], Execution]) -> Workers:
    """A worker in this process, or the way to worker processes behind TENOR_REDIS_URL."""
    if not settings.redis_url:
        return InProcessWorker(store, lambda client_id: execution().execute(client_id))

    def collect(client_id: str) -> object:
        return execution().collect(client_id) if client_id else execution().collect_all()

    return RemoteWorkers(settings.redis_url, store, bus, collect, VERSION)
