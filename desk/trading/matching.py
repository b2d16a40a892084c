"""The matching engine: price-time priority for many symbols.

The native one (`desk/native/book.c`) serves where the product was built with a compiler, its
readable twin (`matching_twin`) everywhere else. Both take the same messages (`messages`), write the
same events in the same order and reach the same state hash.
"""

from __future__ import annotations

from typing import Literal, Protocol

from desk.trading.messages import SelfTrade

KernelName = Literal["native", "twin"]


class MatchingEngine(Protocol):
    """One engine. Not thread-safe: one thread at a time."""

    @property
    def live(self) -> int:
        """Orders that wait, stops included."""
        ...

    def run(self, messages: bytes | bytearray | memoryview, statuses: bytearray) -> int:
        """Carries out whole 32-byte messages in turn; statuses[i] is that of message i.

        Returns the number of events; ValueError when the buffers do not fit. Events and journal
        records of the call before are dropped.
        """
        ...

    def submit(
        self, id: int, symbol: int, account: int, side: int, price: int, qty: int, kind: int = 0, tif: int = 0, /
    ) -> int:
        """One plain order; its status. A number out of range is MALFORMED; TypeError for what is no whole number."""
        ...

    def cancel(self, id: int, account: int, /) -> int:
        """Takes a waiting order out; CANCELLED, or UNKNOWN when that account has none of this id."""
        ...

    def events(self) -> bytes:
        """The events of the last call, 24 bytes each."""
        ...

    def journal(self) -> bytes:
        """The journal records of the last call, 32 bytes each; empty unless built with `journal`."""
        ...

    def drain(self, ring: bytearray | memoryview, at: int) -> int:
        """Copies the records of the last call into a ring from byte `at` on, over the oldest; the next place.

        ValueError when the ring is no whole number of records or `at` lies outside it.
        """
        ...

    def limit(self, account: int, lots: int, notional: int, position: int) -> None:
        """Pre-trade limits of an account: lots an order, lots times ticks, lots held either way."""
        ...

    def position(self, account: int, symbol: int) -> int:
        """Lots held; ValueError for an account or symbol that is not this engine's."""
        ...

    def depth(self, symbol: int, side: int, levels: int) -> list[tuple[int, int]]:
        """The best `levels` levels of a side, best first: price in ticks, lots shown. ValueError when out of range."""
        ...

    def state_hash(self) -> int:
        """64 bits over the whole state."""
        ...


def kernel_name() -> KernelName:
    """Which engine `build_engine` makes here."""
    try:
        import desk._core  # noqa: F401 - only whether it is there
    except ImportError:
        return "twin"
    return "native"


def build_engine(
    symbols: int,
    orders: int,
    *,
    pages: int = 0,
    accounts: int = 0,
    self_trade: SelfTrade = SelfTrade.NEWEST,
    journal: bool = False,
    native: bool | None = None,
) -> MatchingEngine:
    """An empty engine for `symbols` symbols in which up to `orders` orders may wait.

    `pages` bounds how many stretches of 512 neighbouring prices may be in use (0: eight a symbol
    and 64 more). `accounts` > 0 keeps positions and enforces limits for that many. `native` chooses
    the engine, None the best there is. ValueError when out of range, ImportError when the native one
    is asked for and was not built.
    """
    if native or (native is None and kernel_name() == "native"):
        from desk._core import Engine

        return Engine(symbols, orders, pages=pages, accounts=accounts, stp=int(self_trade), journal=journal)
    from desk.trading.matching_twin import TwinEngine

    return TwinEngine(symbols, orders, pages=pages, accounts=accounts, stp=int(self_trade), journal=journal)
