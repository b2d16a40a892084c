"""Runs the bots: at each finished bar a wish becomes an order at the gate, or the reason why not.

`step` is called by the desk's market ticker, from one thread. Client ids count the bot's bars, so a
crash can repeat nothing: what was sent is found by its id, what was not is decided anew at the next
bar. A bot halts itself on stale prices, on a difference between desk and venue, at its loss limit,
after five refusals in a row, and when its mandate ends.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from desk.bots.acting import Acting, Ask, Intent
from desk.bots.acts import ActBook
from desk.bots.bars import finished, gap
from desk.bots.bot import Bot, BotBook, Settings
from desk.bots.mandate_book import MandateBook
from desk.bots.own_book import OwnBook
from desk.bots.strategies import Parameters, Seen, Signal, get_strategy
from desk.clock import Clock
from desk.errors import Conflict, DataError, TenorError
from desk.identity.roles import Action, Person, check_may, check_owns
from desk.market.feed import MarketFeed, quoted
from desk.market.minutes import MinuteBars
from desk.risk.marks import Marks
from desk.trading.desk_book import TradingDesk

LOOK_S = 1.0
MOST_REFUSALS = 5
Signals = Callable[[str], Sequence[Signal]]
Differences = Callable[[], Mapping[str, str]]


@dataclass
class _Live:
    """A running bot in memory."""

    bot: Bot
    book: OwnBook
    given: Parameters
    number: int
    last: dict[str, datetime] = field(default_factory=dict)
    memory: dict[str, dict[str, float]] = field(default_factory=dict)
    bars: int = 0
    missed: int = 0
    refusals: int = 0


class Runner:
    """See the module. `signals` gives an instrument's moods, `differences` where desk and venue disagree, and how."""

    def __init__(
        self,
        trading: TradingDesk,
        feed: MarketFeed,
        wall: Clock,
        *,
        bots: BotBook,
        mandates: MandateBook,
        acts: ActBook,
        ask: Ask = lambda _, __, ___: False,
        signals: Signals = lambda _: (),
        differences: Differences = dict,
    ) -> None:
        self.bots, self.mandates, self.acts, self.minutes = bots, mandates, acts, MinuteBars(feed)
        self._trading, self._feed, self._wall, self._acting = (
            trading,
            feed,
            wall,
            Acting(trading.gate, acts, mandates, ask),
        )
        self.differences, self._signals = differences, signals
        self._marks = Marks(feed)
        self._lock = threading.RLock()
        self._live: dict[str, _Live] = {}
        self._minute: datetime | None = None
        self._looked: datetime | None = None
        self._moved: dict[str, tuple[datetime, datetime]] = {}

    def recover(self) -> None:
        """At start: acts that a crash cut short are settled by whether their order exists; what ran runs again."""
        for client_id in self.acts.reserved():
            sent = self._trading.accounts.find(client_id) is not None
            self.acts.settle(client_id, sent)
        for bot in self.bots.all("running"):
            self._begin(bot)

    def add(self, person: Person, account: str, settings: Settings, mandate: str = "") -> Bot:
        """A new bot of a trader on an account of theirs, or under a mandate that stands; it runs at once."""
        check_may(person, Action.RUN_BOT)
        check_owns(person, account)
        for id in settings.universe:
            self._feed.instruments.get(id)
        if mandate and self.mandates.get(mandate).terms.account != account:
            raise Conflict(f"mandate {mandate} is for another account than {account}")
        bot = self.bots.add(account, person.name, settings, mandate)
        self._begin(bot)
        return bot

    def start(self, person: Person, id: str) -> Bot:
        """Runs a stopped or halted bot again."""
        bot = self._owned(person, id)
        after = self.bots.turn(bot.id, "running", "", person.name)
        self._begin(after)
        return after

    def stop(self, person: Person, id: str) -> Bot:
        """Stops it and cancels its open orders; what it holds stays. A second time changes nothing."""
        bot = self._owned(person, id)
        return self._end(bot, "stopped", f"stopped by {person.name}", person.name)

    def end_mandate(self, id: str, why: str) -> int:
        """Halts every bot of a mandate and cancels what it has open; how many bots."""
        mine = [bot for bot in self.bots.all("running") if bot.mandate == id]
        for bot in mine:
            self._end(bot, "halted", why, "desk")
        return len(mine)

    def profit(self, bot: Bot) -> int:
        """What it has made, in base minor units; DataError when something it holds has no price."""
        with self._lock:
            self._marks.refresh()
            return self._book(bot).profit(self._marks)

    def position(self, bot: Bot) -> dict[str, str]:
        """Units it holds, by instrument; none that are zero."""
        with self._lock:
            return {id: format(units, "f") for id, units in self._book(bot).units.items() if units}

    def counts(self, id: str) -> tuple[int, int]:
        """Bars seen and missed since it began here; zeros when it does not run."""
        live = self._live.get(id)
        return (0, 0) if live is None else (live.bars, live.missed)

    def step(self) -> None:
        """Takes prices into bars, looks after the bots, lets each act on bars that have finished."""
        self.minutes.sample()
        now, minute = self._wall.now(), self._feed.now().replace(second=0, microsecond=0)
        with self._lock:
            if self._looked is None or (now - self._looked).total_seconds() >= LOOK_S:
                self._looked = now
                self._look_after(now)
            if minute != self._minute:
                self._minute = minute
                for live in list(self._live.values()):
                    self._act(live)

    def _begin(self, bot: Bot) -> None:
        with self._lock:
            if bot.id in self._live:
                return
            book = self._book(bot)
            kept = bot.memory.get("number", 0)
            number = max(book.newest, kept if isinstance(kept, int) else 0)
            live = self._live[bot.id] = _Live(bot, book, bot.parameters, number)
            live.memory = _memories(bot)

    def _book(self, bot: Bot) -> OwnBook:
        live = self._live.get(bot.id)
        with self._trading.settlement.lock:
            if live is None:
                return OwnBook(bot.prefix, self._trading.accounts)
            live.book.refresh()
            return live.book

    def _owned(self, person: Person, id: str) -> Bot:
        check_may(person, Action.RUN_BOT)
        bot = self.bots.get(id)
        check_owns(person, bot.account)
        return bot

    def _end(self, bot: Bot, state: str, why: str, by: str) -> Bot:
        with self._lock:
            self._live.pop(bot.id, None)
            book = self._book(bot)
        after = self.bots.turn(bot.id, "stopped" if state == "stopped" else "halted", why, by)
        for client_id in book.working():
            try:
                self._trading.cancel(client_id, why)
            except TenorError as error:  # on its way: the worker asks the mandate again before the venue
                structlog.get_logger("bots").warning("cannot cancel", client_id=client_id, why=error.message)
        return after

    def _look_after(self, now: datetime) -> None:
        for instrument, quote in quoted(self._feed):
            known = self._moved.get(instrument.id)
            if known is None or known[0] != quote.at:
                self._moved[instrument.id] = (quote.at, now)
        self._marks.refresh()
        apart = self.differences() if self._live else {}
        for live in list(self._live.values()):
            why = self._ails(live, now, apart)
            if why:
                self._end(live.bot, "halted", why, "desk")

    def _ails(self, live: _Live, now: datetime, apart: Mapping[str, str]) -> str:
        """Why the bot must halt; empty when it may go on."""
        settings = live.bot.settings
        for id in settings.universe:
            if id not in self._moved:
                return f"{id} has had no price yet"
            silent = (now - self._moved[id][1]).total_seconds()
            if silent > settings.stale_s:
                return f"the price of {id} has not moved its clock for {silent:.0f} s, more than {settings.stale_s}"
            if id in apart:
                return f"desk and venue disagree about {id}: {apart[id]}"
        try:
            made = self._book(live.bot).profit(self._marks)
        except DataError as error:
            return f"it cannot be valued: {error.message}"
        if made <= -settings.max_loss:
            return f"it has lost {-made} minor units, its limit is {settings.max_loss}"
        if live.refusals >= MOST_REFUSALS:
            return f"{live.refusals} orders in a row were refused"
        return self._mandate_ails(live.bot)

    def _mandate_ails(self, bot: Bot) -> str:
        if not bot.mandate:
            return ""
        mandate = self.mandates.get(bot.mandate)
        made = sum(live.book.profit(self._marks) for live in self._live.values() if live.bot.mandate == bot.mandate)
        if mandate.state == "active" and made <= -mandate.terms.max_loss:
            mandate = self.mandates.stop(bot.mandate, f"it has lost {-made} minor units")
        if mandate.state in ("revoked", "stopped", "refused"):
            return f"mandate {mandate.id} is {mandate.state}: {mandate.reason}"
        return ""

    def _act(self, live: _Live) -> None:
        bot, strategy = live.bot, get_strategy(live.bot.settings.strategy)
        moved = False
        for place, id in enumerate(bot.settings.universe):
            seen = finished(self.minutes.bars(id), bot.settings.bar_minutes)
            if seen is None or seen.newest == live.last.get(id):
                continue
            live.missed += gap(live.last.get(id), seen.newest, bot.settings.bar_minutes)
            live.last[id], moved = seen.newest, True
            live.bars += 1
            if len(seen.closes) < strategy.warm(live.given):
                continue
            wish = strategy.wish(Seen(seen.closes, self._signals(id)), live.memory.get(id, {}), live.given)
            live.memory[id] = dict(wish.memory)
            self._send(live, place, id, wish.share, wish.why, dict(wish.influence))
        if moved:
            live.number += 1
            self.bots.remember(
                bot.id, {"number": live.number, "instruments": {k: dict(v) for k, v in live.memory.items()}}
            )

    def _send(self, live: _Live, place: int, id: str, share: float, why: str, influence: dict[str, float]) -> None:
        held = self._book(live.bot).after_open(id)
        intent = Intent(live.bot, f"{live.bot.prefix}{live.number + 1}-{place}", id, share, held, why, influence)
        self._marks.refresh()
        sent = self._acting.act(intent, self._marks)
        if sent is None:
            return
        live.refusals = 0 if sent else live.refusals + 1
        if sent:
            live.book.track(intent.client_id)


def _memories(bot: Bot) -> dict[str, dict[str, float]]:
    kept = bot.memory.get("instruments", {})
    if not isinstance(kept, dict):
        return {}
    return {
        id: {name: float(value) for name, value in memory.items() if isinstance(value, int | float)}
        for id, memory in kept.items()
        if isinstance(memory, dict)
    }
