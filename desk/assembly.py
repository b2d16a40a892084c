"""Parts of the desk that are wired from several rooms; no back end is named here."""

from __future__ import annotations

from desk import demo
from desk.bots.acts import ActBook
from desk.bots.asking import build_ask
from desk.bots.bot import BotBook
from desk.bots.mandate_book import MandateBook
from desk.bots.moods import build_moods
from desk.bots.runner import Runner
from desk.compliance.kyc import AccountOwners
from desk.compliance.rules import Rule, build_rules
from desk.identity.people import People
from desk.instruments import AssetClass
from desk.market.feed import MarketFeed
from desk.market.hours import HOURS
from desk.news.feed import NewsFeed
from desk.trading.approvals import Approvals
from desk.trading.desk_book import TradingDesk
from desk.trading.services import Services


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
) -> Runner:
    """The bots; those that ran before run again."""
    runner = Runner(
        trading,
        services.feed,
        services.wall,
        bots=BotBook(services.store, services.wall, services.record),
        mandates=mandates,
        acts=ActBook(services.store),
        ask=build_ask(trading, services.feed, approvals, people, demo.plan_thresholds(demo.load_plan())),
        signals=build_moods(news, services.feed),
    )
    runner.recover()
    return runner


def _in_session(feed: MarketFeed, kind: AssetClass) -> bool:
    """Whether the market clock stands inside the session hours of an asset class."""
    now = feed.now()
    opens, closes = HOURS[kind]
    return opens <= now.hour * 60 + now.minute < closes
