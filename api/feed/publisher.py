"""The one publisher of market lines, in the process that holds the desk.

Ten times a second it looks at every wanted line once and publishes what changed, whatever happened
in between, as one event on the lossy bus topic `feed`. Lines are wanted by hubs, in any process,
for ten seconds at a time (topic `feed.wanted`); what nobody wants costs nothing.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import structlog

from api.feed.frames import Frame, Key
from api.feed.lines import BarsLine, BookLine, Line, QuoteLine, TapeLine
from api.feed.states import CHANNELS, TAPE, Body, ChannelName
from desk.bus.bus import Event, EventBus
from desk.clock import Clock
from desk.errors import TenorError
from desk.instruments import Instrument
from desk.market.books import BookSource
from desk.market.feed import MarketFeed
from desk.market.minutes import MinuteBars

TICK_S, LEASE_S, SAMPLE_EVERY = 0.1, 10.0, 10
MOST_PRINTS = 1_000
"""Trades of one step; of more than that only the last are told, and their `seq` shows the hole."""

TOPIC, WANTED = "feed", "feed.wanted"
MOVING, UNSURE = -1, 0
"""What a hub says for a number: its line moves, a hole will show itself; or it needs a snapshot."""


@dataclass
class _Wanted:
    line: Line
    until: float
    n: int
    told: bool = False


class Publisher:
    """See the module. Used from one event loop."""

    def __init__(self, feed: MarketFeed, books: BookSource, bus: EventBus, wall: Clock) -> None:
        self._feed, self._books, self._bus, self._wall = feed, books, bus, wall
        self._name = secrets.token_hex(4)
        self._minutes = MinuteBars(feed)
        self._lines: dict[Key, _Wanted] = {}
        self._numbers: dict[Key, int] = {}
        self._asked: set[Key] = set()
        self._printed = max((done.seq for done in books.trades_since(0, 1)), default=0)
        self._steps = 0

    async def run(self) -> None:
        """Publishes until cancelled."""
        loop = asyncio.get_running_loop()

        def hand_over(event: Event) -> None:
            loop.call_soon_threadsafe(self.want, event.body)

        stop = await asyncio.to_thread(self._bus.listen, WANTED, hand_over)
        due = loop.time()
        try:
            while True:
                due = max(due + TICK_S, loop.time())
                await asyncio.sleep(due - loop.time())
                try:
                    self.step()
                except Exception:  # noqa: BLE001 - the market goes on; the next step tries again
                    structlog.get_logger("feed").exception("step failed")
        finally:
            stop()

    def want(self, body: Body) -> None:
        """A hub wants lines for the next ten seconds; it gets a snapshot of those where it is not up to date."""
        until = time.monotonic() + LEASE_S
        for channel, instrument, known in cast(list[tuple[str, str, int]], body["lines"]):
            key = Key(cast(ChannelName, channel), instrument)
            if key in self._lines:
                self._lines[key].until = until
            elif not self._begin(key, until):
                continue
            if known not in (MOVING, self._lines[key].n) or not self._lines[key].told:
                self._asked.add(key)

    def step(self) -> None:
        """One look at everything that is wanted."""
        now = time.monotonic()
        for key in [key for key, wanted in self._lines.items() if wanted.until < now]:
            self._numbers[key] = self._lines.pop(key).n
        self._look_at_trades()
        if self._steps % SAMPLE_EVERY == 0:
            self._minutes.sample()
        self._steps += 1
        sent = self._wall.now().timestamp()
        frames = [frame for key in list(self._lines) if (frame := self._next(key, sent)) is not None]
        if frames:
            self._bus.publish(TOPIC, {"publisher": self._name, "frames": [frame.to_event() for frame in frames]})

    def _next(self, key: Key, sent: float) -> Frame | None:
        """The line's next frame, if there is one; a line that fails is logged and tried again at the next step."""
        wanted, whole = self._lines[key], key in self._asked
        try:
            body = wanted.line.change()
        except TenorError as error:
            structlog.get_logger("feed").warning("line failed", line=list(key), why=error.message)
            return None
        self._asked.discard(key)
        if body is not None:
            wanted.n += 1
        if whole:
            wanted.told = True
            return Frame(key, "snapshot", wanted.n, sent, wanted.line.whole())
        return Frame(key, "diff", wanted.n, sent, body) if body is not None else None

    def _look_at_trades(self) -> None:
        prints = self._books.trades_since(self._printed, MOST_PRINTS)
        if not prints:
            return
        self._printed = prints[-1].seq
        self._minutes.add(prints)
        for done in prints:
            wanted = self._lines.get(Key("trades", done.instrument))
            if wanted is not None and isinstance(wanted.line, TapeLine):
                wanted.line.add(done)

    def _begin(self, key: Key, until: float) -> bool:
        """Makes a line that is wanted for the first time; False for one that there is not."""
        if key.channel not in CHANNELS:
            return False
        try:
            line = self._build(key.channel, self._feed.instruments.get(key.instrument))
        except TenorError as error:
            structlog.get_logger("feed").info("no such line", line=list(key), why=error.message)
            return False
        self._lines[key] = _Wanted(line, until, self._numbers.get(key, 0) + 1)
        return True

    def _build(self, channel: ChannelName, instrument: Instrument) -> Line:
        builders: dict[ChannelName, Callable[[], Line]] = {
            "book": lambda: BookLine(self._books, instrument),
            "trades": lambda: self._build_tape(instrument),
            "bars": lambda: BarsLine(self._minutes, instrument),
            "quotes": lambda: QuoteLine(self._feed, instrument),
        }
        return builders[channel]()

    def _build_tape(self, instrument: Instrument) -> TapeLine:
        before = [done for done in self._books.trades_since(0, MOST_PRINTS) if done.seq <= self._printed]
        return TapeLine(instrument, [done for done in before if done.instrument == instrument.id][-TAPE:])
