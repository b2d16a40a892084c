"""The demonstration desk: one YAML file, seeded once into an empty data folder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from pydantic import BaseModel, ConfigDict, JsonValue
from sqlalchemy import func, insert, select

from desk.clock import Clock
from desk.fraud.world import day_start, seed_transfers
from desk.identity.people import People
from desk.identity.roles import Person, Role, Thresholds
from desk.market.feed import MarketFeed
from desk.market.history import History
from desk.money import Money
from desk.risk.limits import LimitTable
from desk.store.engine import Store
from desk.store.tables import accounts
from desk.store.tables import people as people_table
from desk.trading.desk_book import TradingDesk
from desk.trading.seeds import Lot, Seed
from desk.trading.services import Services
from desk.yaml_text import read_yaml

FILE = Path(__file__).parent / "demo.yaml"
BOUGHT_BEFORE = timedelta(days=180)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DemoPerson(_Strict):
    """Somebody of the demonstration."""

    name: str
    display_name: str
    role: Role
    accounts: tuple[str, ...]
    about: str
    profile: dict[str, JsonValue] = {}


class DemoAccount(_Strict):
    """An account with what it opens with; cash in whole units of its currency."""

    id: str
    name: str
    currency: str
    kind: str
    cash: int
    positions: dict[str, Decimal]


class DemoThresholds(_Strict):
    """Up to these values one person's yes is enough."""

    trader: int
    customer: int


class DemoLimits(_Strict):
    """The gate's limits per order, notional in USD."""

    max_order_quantity: int
    max_order_notional: int


class DemoTransfers(_Strict):
    """The seeded world of transfers in which a ring is hidden."""

    seed: int
    accounts: int
    days: int


class DemoCompliance(_Strict):
    """What nobody at the desk may trade, and why."""

    restricted: dict[str, str]


class DemoPlan(_Strict):
    """The whole file."""

    label: str
    people: tuple[DemoPerson, ...]
    accounts: tuple[DemoAccount, ...]
    thresholds: DemoThresholds
    limits: DemoLimits
    transfers: DemoTransfers
    compliance: DemoCompliance


@dataclass(frozen=True)
class Box:
    """What the desk is made of where nothing outside is connected. Another box makes a private desk of another world.

    None is what is shipped: the people and accounts, the price history, the file of headlines, the folder of filings,
    and the machine's clock.
    """

    plan: DemoPlan | None = None
    history: History | None = None
    headlines: Path | None = None
    filings: Path | None = None
    wall: Clock | None = None


SHIPPED = Box()


def load_plan(path: Path = FILE) -> DemoPlan:
    """Reads the plan; pydantic's ValidationError names what is wrong in it."""
    return DemoPlan.model_validate(read_yaml(path.read_text(encoding="utf-8")))


def seed_people(plan: DemoPlan, store: Store, people: People, wall: Clock) -> None:
    """Adds the accounts and people to a store that has nobody; does nothing otherwise."""
    with store.begin() as connection:
        if connection.execute(select(func.count()).select_from(people_table)).scalar_one():
            return
        for account in plan.accounts:
            row = {"id": account.id, "name": account.name, "currency": account.currency, "kind": account.kind}
            connection.execute(insert(accounts).values(row))
        for order, one in enumerate(plan.people):
            person = Person(one.name, one.display_name, one.role, one.accounts, demo=True)
            joined = wall.now() + timedelta(microseconds=order)
            people.add(connection, person, joined, about=one.about, profile=dict(one.profile))


def opening_seeds(plan: DemoPlan, feed: MarketFeed) -> list[Seed]:
    """What the accounts open with, bought half a year before the market clock at that day's close."""
    return [
        Seed(
            account=account.id,
            kind="customer" if account.kind == "customer" else "desk",
            currency=account.currency,
            cash={account.currency: Money.of(account.cash, account.currency).minor},
            holdings={id: Lot(quantity, _cost(feed, id)) for id, quantity in account.positions.items()},
        )
        for account in plan.accounts
    ]


def _cost(feed: MarketFeed, instrument: str) -> Decimal:
    day = feed.quote(instrument).at.date() - BOUGHT_BEFORE
    return feed.bars(instrument, day - timedelta(days=10), day)[-1].close


def plan_limits(plan: DemoPlan) -> LimitTable:
    """The gate's limits; the plan states amounts in whole USD, the table in cents."""
    most = plan.limits
    return LimitTable(max_order_quantity=most.max_order_quantity, max_order_notional=most.max_order_notional * 100)


def plan_thresholds(plan: DemoPlan) -> Thresholds:
    """Up to which values one person's yes is enough."""
    return Thresholds(Decimal(plan.thresholds.trader), Decimal(plan.thresholds.customer))


def seed(plan: DemoPlan, people: People, trading: TradingDesk, services: Services) -> None:
    """Fills what is empty and recovers what is not; each part is done once in a folder's life."""
    store, feed = services.store, services.feed
    seed_people(plan, store, people, services.wall)
    world = plan.transfers
    seed_transfers(store, world.seed, world.accounts, world.days, day_start(feed.now()))
    trading.recover()
    trading.brokers.start()
    trading.seed(opening_seeds(plan, feed))
