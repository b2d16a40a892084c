"""The WebSocket: quotes for everybody signed in, order events for those they belong to.

One pump per process reads the feed four times a second, encodes what changed once, and hands it to
every reader behind the reader's own number. A reader that cannot keep up is dropped and reconnects.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter, WebSocket
from pydantic import BaseModel

from api.deps import COOKIE, person_of
from api.feed.frames import frame_text
from api.feed.wire import Wire, wire_of
from desk.bus.bus import EXECUTIONS, Event, EventBus
from desk.clock import to_iso
from desk.errors import NotSignedIn
from desk.fraud.abuse.records import TOPIC as FRAUD
from desk.identity.roles import Person, Role
from desk.instruments import Instrument
from desk.market.feed import MarketFeed, Quote, quoted
from graphs.runtime import Runtime

router = APIRouter(prefix="/v1", tags=["stream"])
TICK_S, HEARTBEAT_S = 0.25, 1.0
RECHECK_S = 5.0
"""How long a session that ended may still hear the stream."""

TOPICS = {
    "orders": "order",
    "approvals": "approval",
    "schedules": "schedule",
    "halt": "halt",
    EXECUTIONS: "delivery",
    "filings": "filing",
    FRAUD: "fraud",
}
"""Bus topics, and the type of the frames that tell of them to those they belong to."""

HIDDEN = frozenset({"trades"})
"""In messages of the bus, for the rules over markets alone: with whom somebody's order traded."""


class ClockView(BaseModel):
    """The market clock of one asset class."""

    asset_class: str
    time: str
    mode: str


class QuoteView(BaseModel):
    """A quote in the instrument's currency; `change` is against the previous close."""

    instrument: str
    bid: float
    ask: float
    last: float
    change: float
    change_pct: float
    time: str
    simulated: bool


def quote_view(instrument: Instrument, quote: Quote) -> QuoteView:
    """A quote as it travels."""
    change = quote.last_ticks - quote.previous_close_ticks
    return QuoteView(
        instrument=quote.instrument,
        bid=float(quote.bid_ticks * instrument.tick),
        ask=float(quote.ask_ticks * instrument.tick),
        last=float(quote.last_ticks * instrument.tick),
        change=float(change * instrument.tick),
        change_pct=round(100 * change / quote.previous_close_ticks, 4) if quote.previous_close_ticks else 0.0,
        time=to_iso(quote.at),
        simulated=quote.simulated,
    )


def clock_views(feed: MarketFeed) -> list[ClockView]:
    """The market clocks as they travel."""
    return [ClockView(asset_class=c.asset_class.value, time=to_iso(c.time), mode=c.mode) for c in feed.clocks()]


@dataclass(eq=False)
class _Reader:
    """`token` names the session, `here` says whether it still stands and is the same person's."""

    person: Person
    wire: Wire
    token: str
    here: Callable[[], bool]
    seq: int = 0

    def send(self, kind: str, body: str) -> bool:
        """Numbers and sends one frame; False when the reader is behind and must go."""
        self.seq += 1
        head = f'{{"seq":{self.seq},"type":"{kind}"'
        return self.wire.write(frame_text((f"{head},{body}}}" if body else f"{head}}}").encode()))


class Hub:
    """All readers of this process, and the pump that feeds them."""

    def __init__(self, feed: MarketFeed, bus: EventBus) -> None:
        self._feed, self._bus = feed, bus
        self._readers: set[_Reader] = set()
        self._last: dict[str, Quote] = {}

    def join(self, reader: _Reader) -> None:
        """A new reader, beginning with a snapshot."""
        quotes = [quote_view(*priced).model_dump() for priced in quoted(self._feed)]
        self._readers.add(reader)
        self._send(reader, "snapshot", self._body(quotes))

    def leave(self, reader: _Reader) -> None:
        """Forgets a reader."""
        self._readers.discard(reader)

    def _send(self, reader: _Reader, kind: str, body: str) -> None:
        if not reader.send(kind, body):
            self._end(reader, 4408, "too slow")

    def _end(self, reader: _Reader, code: int, reason: str) -> None:
        reader.wire.end(code, reason)
        self.leave(reader)

    async def run(self) -> None:
        """Pumps until cancelled."""
        loop = asyncio.get_running_loop()

        def hand_over(event: Event) -> None:
            loop.call_soon_threadsafe(self._tell, event)

        stops = [self._bus.listen(topic, hand_over) for topic in TOPICS]
        turn = 0
        try:
            while True:
                await asyncio.sleep(TICK_S)
                if not self._readers:
                    continue
                turn += 1
                self._send_changes()
                if turn % round(HEARTBEAT_S / TICK_S) == 0:
                    for reader in list(self._readers):
                        self._send(reader, "heartbeat", "")
                if turn % round(RECHECK_S / TICK_S) == 0:
                    self._recheck()
        finally:
            for stop in stops:
                stop()

    def _send_changes(self) -> None:
        changed = []
        for instrument, quote in quoted(self._feed):
            before = self._last.get(instrument.id)
            if before is None or (before.bid_ticks, before.ask_ticks) != (quote.bid_ticks, quote.ask_ticks):
                changed.append(quote_view(instrument, quote).model_dump())
            self._last[instrument.id] = quote
        if changed:
            body = self._body(changed)
            for reader in list(self._readers):
                self._send(reader, "quotes", body)

    def _tell(self, event: Event) -> None:
        kind = TOPICS[event.topic]
        account = str(event.body.get("account", ""))
        seen = {name: value for name, value in event.body.items() if name not in HIDDEN}
        body = json.dumps(seen, default=str)[1:-1]
        for reader in list(self._readers):
            person = reader.person
            asked = person.role is Role.COMPLIANCE or (person.role is Role.TRADER and event.body.get("second") is True)
            if event.topic == FRAUD:  # nobody else may hear of a suspicion
                asked = person.role is Role.COMPLIANCE
            elif not account or account in person.accounts:
                asked = True
            if asked:
                self._send(reader, kind, body)

    def _recheck(self) -> None:
        """Ends the readers of sessions that ended; each session is looked up once."""
        standing: dict[str, bool] = {}
        for reader in list(self._readers):
            if reader.token not in standing:
                standing[reader.token] = reader.here()
            if not standing[reader.token]:
                self._end(reader, 4401, "your session has ended")

    def _body(self, quotes: list[dict[str, object]]) -> str:
        clocks = [clock.model_dump() for clock in clock_views(self._feed)]
        return json.dumps({"clocks": clocks, "quotes": quotes}, separators=(",", ":"))[1:-1]


@router.websocket("/stream")
async def stream(socket: WebSocket) -> None:
    """See docs/api.md for the frames. Closes with 4401 when nobody is signed in (any more), 4408 when too slow."""
    runtime: Runtime = socket.app.state.runtime
    hub: Hub = socket.app.state.hub
    person = _signed_in(socket, runtime)
    await socket.accept()
    if person is None:
        await socket.close(4401, "sign in first")
        return
    token = socket.cookies.get(COOKIE, "")
    reader = _Reader(person, wire_of(socket), token, lambda: _signed_in(socket, runtime) == person)
    hub.join(reader)
    try:
        while (await socket.receive())["type"] != "websocket.disconnect":
            continue  # what a client says here means nothing; its leaving does
    finally:
        hub.leave(reader)
        reader.wire.end(1000, "")


def _signed_in(socket: WebSocket, runtime: Runtime) -> Person | None:
    try:
        return person_of(runtime, runtime.desk.sessions.get(socket.cookies.get(COOKIE, "")))
    except NotSignedIn:
        return None
