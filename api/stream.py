"""The WebSocket: quotes for everybody signed in, order events for those they belong to.

One pump per process reads the feed four times a second, encodes what changed once, and hands the
same text to every reader. A reader that cannot keep up is dropped and reconnects.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import BaseModel

from api.deps import COOKIE, person_of
from desk.bus.bus import Event, EventBus
from desk.clock import to_iso
from desk.errors import NotSignedIn
from desk.identity.roles import Person, Role
from desk.instruments import Instrument
from desk.market.feed import MarketFeed, Quote
from graphs.runtime import Runtime

router = APIRouter(prefix="/v1", tags=["stream"])
TICK_S, HEARTBEAT_S, BACKLOG = 0.25, 1.0, 256
RECHECK_S = 5.0
"""How long a session that ended may still hear the stream."""

TOPICS = ("orders", "approvals", "halt")


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
    person: Person
    queue: asyncio.Queue[str] = field(default_factory=lambda: asyncio.Queue(BACKLOG))
    seq: int = 0
    late: bool = False

    def send(self, kind: str, body: str) -> None:
        self.seq += 1
        head = f'{{"seq":{self.seq},"type":"{kind}"'
        try:
            self.queue.put_nowait(f"{head},{body}}}" if body else f"{head}}}")
        except asyncio.QueueFull:
            self.late = True


class Hub:
    """All readers of this process, and the pump that feeds them."""

    def __init__(self, feed: MarketFeed, bus: EventBus) -> None:
        self._feed, self._bus = feed, bus
        self._readers: set[_Reader] = set()
        self._last: dict[str, Quote] = {}

    def join(self, person: Person) -> _Reader:
        """A new reader, beginning with a snapshot."""
        reader = _Reader(person)
        quotes = [quote_view(i, self._feed.quote(i.id)).model_dump() for i in self._feed.instruments]
        reader.send("snapshot", self._body(quotes))
        self._readers.add(reader)
        return reader

    def leave(self, reader: _Reader) -> None:
        """Forgets a reader."""
        self._readers.discard(reader)

    async def run(self) -> None:
        """Pumps until cancelled."""
        loop = asyncio.get_running_loop()

        def hand_over(event: Event) -> None:
            loop.call_soon_threadsafe(self._tell, event)

        stops = [self._bus.listen(topic, hand_over) for topic in TOPICS]
        beat = 0.0
        try:
            while True:
                await asyncio.sleep(TICK_S)
                if not self._readers:
                    continue
                self._send_changes()
                beat += TICK_S
                if beat >= HEARTBEAT_S:
                    beat = 0.0
                    for reader in self._readers:
                        reader.send("heartbeat", "")
        finally:
            for stop in stops:
                stop()

    def _send_changes(self) -> None:
        changed = []
        for instrument in self._feed.instruments:
            quote = self._feed.quote(instrument.id)
            before = self._last.get(instrument.id)
            if before is None or (before.bid_ticks, before.ask_ticks) != (quote.bid_ticks, quote.ask_ticks):
                changed.append(quote_view(instrument, quote).model_dump())
            self._last[instrument.id] = quote
        if changed:
            body = self._body(changed)
            for reader in self._readers:
                reader.send("quotes", body)

    def _tell(self, event: Event) -> None:
        kind = {"orders": "order", "approvals": "approval", "halt": "halt"}[event.topic]
        account = str(event.body.get("account", ""))
        body = json.dumps(event.body, default=str)[1:-1]
        for reader in self._readers:
            person = reader.person
            asked = person.role is Role.COMPLIANCE or (person.role is Role.TRADER and event.body.get("second") is True)
            if not account or account in person.accounts or asked:
                reader.send(kind, body)

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
    reader = hub.join(person)
    drain = asyncio.create_task(_drain(socket))
    try:
        end = await _forward(socket, reader, drain, lambda: _signed_in(socket, runtime) == person)
        if end is not None:
            await socket.close(*end)
    except (WebSocketDisconnect, RuntimeError):
        pass
    finally:
        drain.cancel()
        hub.leave(reader)


async def _forward(
    socket: WebSocket, reader: _Reader, drain: asyncio.Task[None], still_here: Callable[[], bool]
) -> tuple[int, str] | None:
    """Sends frames until the client leaves (None), is too slow, or its session has ended."""
    clock = asyncio.get_running_loop().time
    checked = clock()
    while not reader.late:
        get = asyncio.ensure_future(reader.queue.get())
        await asyncio.wait({get, drain}, return_when=asyncio.FIRST_COMPLETED)
        if drain.done():
            get.cancel()
            return None
        if clock() - checked >= RECHECK_S:
            checked = clock()
            if not still_here():
                return 4401, "your session has ended"
        await socket.send_text(get.result())
    return 4408, "too slow"


def _signed_in(socket: WebSocket, runtime: Runtime) -> Person | None:
    try:
        return person_of(runtime, runtime.desk.sessions.get(socket.cookies.get(COOKIE, "")))
    except NotSignedIn:
        return None


async def _drain(socket: WebSocket) -> None:
    """Reads and drops what the client sends, so that its leaving is noticed."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        continue
