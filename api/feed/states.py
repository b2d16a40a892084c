"""What a channel holds: made whole by a snapshot, changed by diffs. Publisher, hubs and clients agree on this.

A body is a JSON object; `apply` takes a snapshot's as `fresh` and a diff's as not; `whole` gives a
snapshot's body back.
"""

from __future__ import annotations

from typing import Literal, Protocol, TypedDict, cast

ChannelName = Literal["book", "trades", "bars", "quotes"]
CHANNELS: tuple[ChannelName, ...] = ("book", "trades", "bars", "quotes")
Body = dict[str, object]
Side = dict[int, int]

TAPE, MINUTES = 50, 240
"""Trades and minutes that a snapshot holds at most."""


class Row(TypedDict):
    """A bar, known by its `start`."""

    start: str


class State(Protocol):
    """One channel of one instrument."""

    def apply(self, body: Body, *, fresh: bool) -> None:
        """Takes a snapshot (`fresh`) or a diff."""
        ...

    def whole(self) -> Body:
        """The body of a snapshot of all that is held."""
        ...


class BookState:
    """Lots by price in ticks; a level of 0 lots is gone. Other members (`time`, `tick` …) are the latest told."""

    def __init__(self) -> None:
        self.bids: Side = {}
        self.asks: Side = {}
        self._rest: Body = {}

    def apply(self, body: Body, *, fresh: bool) -> None:
        """See `State.apply`."""
        if fresh:
            self.bids, self.asks, self._rest = {}, {}, {}
        for side, name in ((self.bids, "bids"), (self.asks, "asks")):
            for price, lots in cast(list[tuple[int, int]], body[name]):
                if lots:
                    side[price] = lots
                else:
                    side.pop(price, None)
        self._rest |= {name: value for name, value in body.items() if name not in {"bids", "asks"}}

    def whole(self) -> Body:
        """See `State.whole`; best levels first."""
        bids = [[price, self.bids[price]] for price in sorted(self.bids, reverse=True)]
        return {**self._rest, "bids": bids, "asks": [[price, self.asks[price]] for price in sorted(self.asks)]}


class TapeState:
    """The last 50 trades, oldest first."""

    def __init__(self) -> None:
        self._rest: Body = {}
        self._trades: list[object] = []

    def apply(self, body: Body, *, fresh: bool) -> None:
        """See `State.apply`; a diff adds trades."""
        trades = cast(list[object], body["trades"])
        self._trades = (trades if fresh else self._trades + trades)[-TAPE:]
        self._rest |= {name: value for name, value in body.items() if name != "trades"}

    def whole(self) -> Body:
        """See `State.whole`."""
        return {**self._rest, "trades": self._trades}


class BarsState:
    """The last 240 one-minute bars by their start; a diff replaces or adds."""

    def __init__(self) -> None:
        self._rest: Body = {}
        self._bars: dict[str, Row] = {}

    def apply(self, body: Body, *, fresh: bool) -> None:
        """See `State.apply`."""
        if fresh:
            self._bars = {}
        for bar in cast(list[Row], body["bars"]):
            self._bars[bar["start"]] = bar
        for start in list(self._bars)[:-MINUTES]:
            del self._bars[start]
        self._rest |= {name: value for name, value in body.items() if name != "bars"}

    def whole(self) -> Body:
        """See `State.whole`."""
        return {**self._rest, "bars": list(self._bars.values())}


class LastState:
    """The latest body alone."""

    def __init__(self) -> None:
        self._body: Body = {}

    def apply(self, body: Body, *, fresh: bool) -> None:
        """See `State.apply`; a diff replaces."""
        self._body = body

    def whole(self) -> Body:
        """See `State.whole`."""
        return self._body


def build_state(channel: ChannelName) -> State:
    """An empty state of the channel."""
    kinds: dict[ChannelName, type[State]] = {
        "book": BookState,
        "trades": TapeState,
        "bars": BarsState,
        "quotes": LastState,
    }
    return kinds[channel]()
