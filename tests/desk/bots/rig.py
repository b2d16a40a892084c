"""A whole desk with bots and mandates, whose prices and clocks stand where the test puts them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from desk.bots.acts import ActBook
from desk.bots.bot import Bot, BotBook, Settings
from desk.bots.mandate import Mandate, Terms
from desk.bots.mandate_book import MandateBook
from desk.bots.rule import build_rule
from desk.bots.runner import Runner
from desk.bots.strategies import Signal
from desk.bus.local import LocalBus
from desk.clock import FrozenClock
from desk.identity.roles import Person, Role
from desk.ledger.log import Ledger
from desk.orders import Check, Order
from desk.store.engine import Store
from desk.store.keys import load_key
from desk.trading.desk_book import TradingDesk
from desk.trading.seeds import Lot, Seed
from desk.trading.services import Services
from tests.desk.trading.fake_feed import AAPL, START, FakeFeed

TESS = Person("tess", "Tess", Role.TRADER, ("desk",))
TARA = Person("tara", "Tara", Role.TRADER, ("desk",))
CARL = Person("carl", "Carl", Role.COMPLIANCE)
SEED = Seed("desk", "desk", "USD", {"USD": 50_000_000_00}, {AAPL: Lot(Decimal(100), Decimal(150))})


class Rig:
    """`minute` lets one minute pass at a price; what bots want goes to the gate, the queue and the venue."""

    def __init__(self, folder: Path, feed: FakeFeed | None = None, wall: FrozenClock | None = None) -> None:
        self.folder, self.feed, self.wall = folder, feed or FakeFeed(), wall or FrozenClock(START)
        self.store = Store.in_folder(folder)
        ledger = Ledger(self.store, load_key(folder / "keys" / "ledger.key"))
        services = Services(self.store, ledger, self.feed, LocalBus(), self.wall)
        self.mandates = MandateBook(self.store, self.wall, services.record)
        self.trading = TradingDesk(
            folder, services, compliance=[build_rule(self.mandates).check], forbids=self.mandates.forbids
        )
        self.trading.recover()
        self.trading.seed([SEED])
        self.moods: dict[str, Sequence[Signal]] = {}
        self.apart: dict[str, str] = {}
        self.asked: list[tuple[Bot, Order, Check]] = []
        self.runner = Runner(
            self.trading, self.feed, self.wall,
            bots=BotBook(self.store, self.wall, services.record), mandates=self.mandates, acts=ActBook(self.store),
            ask=self._ask, signals=lambda id: self.moods.get(id, ()), differences=lambda: self.apart,
        )  # fmt: skip
        self.runner.recover()
        self.ledger = ledger

    def _ask(self, bot: Bot, order: Order, check: Check) -> bool:
        self.asked.append((bot, order, check))
        return True

    def minute(self, price: int, id: str = AAPL, minutes: int = 1, *, execute: bool = True) -> None:
        step = timedelta(minutes=minutes)
        self.feed.move(id, price - 1, price + 1, step)
        self.wall.advance(step)
        self.runner.step()
        if execute:
            self.execute()

    def run(self, prices: Sequence[int], id: str = AAPL) -> None:
        for price in prices:
            self.minute(price, id)

    def execute(self) -> None:
        assert self.trading.journal.wait_durable(self.trading.accounts.seq, 10)
        self.trading.execute_waiting()

    def grant(self, **terms: object) -> Mandate:
        mandate = self.mandates.propose(TESS, replace(self.terms(), **terms))  # type: ignore[arg-type]
        return self.mandates.countersign(mandate.id, TARA)

    def terms(self) -> Terms:
        return Terms(
            account="desk", universe=(AAPL,), strategies=("momentum",), budget=100_000_00, daily=60_000_00,
            per_order=40_000_00, orders_a_day=20, max_loss=5_000_00, opens=0, closes=1440,
            expires_at=START + timedelta(days=2),
        )  # fmt: skip

    def bot(self, mandate: str = "", **settings: object) -> Bot:
        usual = Settings("momentum", {"lookback": 1, "threshold_bps": 0}, (AAPL,), 20_000_00, 10_000_00)
        return self.runner.add(TESS, "desk", replace(usual, **settings), mandate)  # type: ignore[arg-type]

    def sent(self, prefix: str = "") -> list[Order]:
        return [s.order for s in self.trading.orders() if s.order.client_id.startswith(prefix)]

    def again(self) -> Rig:
        """The same folder after the process ended."""
        self.close()
        return Rig(self.folder, self.feed, self.wall)

    def close(self) -> None:
        self.trading.close()
        self.store.close()
