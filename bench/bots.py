"""`tenor bench run bots`: ten bots over fifty symbols for an hour of the replayed market.

The clock is moved by hand in steps of the desk's own ticker, so an hour passes as fast as the code
allows; `core_percent` is the CPU it took, all threads, as a share of that hour on one core. Half the
symbols are second names of others, with the same prices: the box has fewer than fifty. Orders go
through the gate, the outbox and the simulated venue in this process.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from pydantic import JsonValue

from bench.report import Report
from desk.bots.acts import ActBook
from desk.bots.bot import BotBook, Settings
from desk.bots.mandate_book import MandateBook
from desk.bots.runner import Runner
from desk.bus.local import LocalBus
from desk.clock import FrozenClock
from desk.factory import TICK_S
from desk.identity.roles import Person, Role
from desk.instruments import Instruments
from desk.ledger.log import Ledger
from desk.market.feed import Bar, Quote, SessionClock
from desk.market.replay import ReplayFeed
from desk.risk.limits import AccountLimits, LimitTable
from desk.store.engine import Store
from desk.store.keys import load_key
from desk.trading.desk_book import TradingDesk
from desk.trading.seeds import Seed
from desk.trading.services import Services

BOTS, SYMBOLS, HOUR_S = 10, 50, 3_600
TRADER = Person("tess", "Tess Trader", Role.TRADER, ("desk-1",))
STRATEGIES: Sequence[tuple[str, dict[str, JsonValue]]] = (
    ("sma_cross", {}),
    ("momentum", {}),
    ("mean_reversion", {"window": 15}),
    ("breakout", {}),
    ("sma_cross", {"fast": 2}),
)
_WIDE = 10**14


class DoubledFeed:
    """A replayed feed of exactly `count` tradable symbols; those beyond the box's own are second names."""

    def __init__(self, feed: ReplayFeed, count: int) -> None:
        own = [instrument for instrument in feed.instruments if instrument.tradable]
        again = [replace(i, id=f"{i.id}-2", name=f"{i.name} again", aliases=()) for i in own]
        self.instruments = Instruments([*own, *again][:count])
        self._feed = feed

    def now(self) -> datetime:
        """See `MarketFeed.now`."""
        return self._feed.now()

    def clocks(self) -> list[SessionClock]:
        """See `MarketFeed.clocks`."""
        return self._feed.clocks()

    def quote(self, instrument: str) -> Quote:
        """See `MarketFeed.quote`."""
        return replace(self._feed.quote(instrument.removesuffix("-2")), instrument=instrument)

    def bars(self, instrument: str, start: date | None = None, end: date | None = None) -> list[Bar]:
        """See `MarketFeed.bars`."""
        return self._feed.bars(instrument.removesuffix("-2"), start, end)

    def save(self) -> None:
        """See `MarketFeed.save`."""
        self._feed.save()


def run() -> Report:
    """Correct when no bar was missed, every bot still runs, and some traded."""
    with tempfile.TemporaryDirectory(prefix="tenor-bench-") as home:
        wall = FrozenClock(datetime(2026, 1, 5, 15, 0, tzinfo=UTC))
        feed = DoubledFeed(ReplayFeed(Path(home) / "clock.json", wall), SYMBOLS)
        trading, runner = _open(Path(home), feed, wall)
        ids = [_add(runner, feed, n) for n in range(BOTS)]
        began, memory = time.process_time(), list[float]()
        for step in range(round(HOUR_S / TICK_S)):
            wall.advance(timedelta(seconds=TICK_S))
            trading.poll()
            runner.step()
            if step % 4 == 0:
                trading.execute_waiting()
            if step % 2_400 == 0:
                memory.append(_rss_mb())
        spent = time.process_time() - began
        bars, missed = (sum(part) for part in zip(*(runner.counts(id) for id in ids), strict=True))
        states = [runner.bots.get(id) for id in ids]
        orders = len(trading.orders())
        trading.close()
    metrics: dict[str, float | None] = {
        "core_percent": round(100 * spent / HOUR_S, 2),
        "bots": BOTS,
        "symbols": len(list(feed.instruments)),
        "bars": bars,
        "missed": missed,
        "orders": orders,
        "rss_growth_mb": round(memory[-1] - memory[len(memory) // 2], 1),
    }
    halted = [f"bot {bot.id} is {bot.state}: {bot.reason}" for bot in states if bot.state != "running"]
    return Report("bots", missed == 0 and not halted and orders > 0, metrics, notes=halted)


def _open(home: Path, feed: DoubledFeed, wall: FrozenClock) -> tuple[TradingDesk, Runner]:
    store = Store.in_folder(home)
    services = Services(store, Ledger(store, load_key(home / "keys" / "ledger.key")), feed, LocalBus(), wall)
    limits = LimitTable(
        max_order_notional=_WIDE,
        max_desk_exposure=_WIDE,
        desk=AccountLimits(_WIDE, _WIDE, 0, 0, _WIDE, 400, _WIDE, _WIDE, 50_000),
    )
    trading = TradingDesk(home, services, limits=limits)
    trading.recover()
    trading.seed([Seed("desk-1", "desk", "USD", {"USD": 10**13}, {})])
    mandates = MandateBook(store, wall, services.record)
    bots = BotBook(store, wall, services.record)
    return trading, Runner(trading, feed, wall, bots=bots, mandates=mandates, acts=ActBook(store))


def _add(runner: Runner, feed: DoubledFeed, n: int) -> str:
    name, parameters = STRATEGIES[n % len(STRATEGIES)]
    universe = tuple(instrument.id for instrument in feed.instruments)
    settings = Settings(name, parameters, universe, most=100_000_00 * (1 + n), max_loss=10**12)
    return runner.add(TRADER, "desk-1", settings).id


def _rss_mb() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0
