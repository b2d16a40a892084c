"""What goes into a matching engine and what comes out: 32-byte messages, a status each, 24-byte events.

Little-endian, the layout of `desk/native/book.h`. Prices are ticks, quantities whole lots; ids are
32 bits and chosen by the caller; account 0 is the one that self-trade prevention leaves alone.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import NamedTuple

MESSAGE = struct.Struct("<BBBBHHIiiiiHBB")
EVENT = struct.Struct("<IIiiIHBB")
EVERY_SYMBOL = 0xFFFF
"""In a mass cancel: all symbols."""
POST_ONLY = 1
"""In `Message.flags`."""


class Op(IntEnum):
    """What a message asks."""

    NEW = 0
    CANCEL = 1
    AMEND = 2
    MASS_CANCEL = 3
    EXPIRE = 4
    PHASE = 5
    PRINT = 6


class Kind(IntEnum):
    """How an order is priced."""

    LIMIT = 0
    MARKET = 1
    STOP = 2
    STOP_LIMIT = 3


class Tif(IntEnum):
    """Time in force."""

    GTC = 0
    DAY = 1
    IOC = 2
    FOK = 3
    GTD = 4


class Phase(IntEnum):
    """How a symbol trades."""

    CONTINUOUS = 0
    AUCTION = 1


class SelfTrade(IntEnum):
    """Which order gives way when an account would trade with itself."""

    NEWEST = 0
    OLDEST = 1


class Status(IntEnum):
    """What became of a message; below RESTING it was refused and changed nothing."""

    MALFORMED = 1
    BAD_SYMBOL = 2
    BAD_PRICE = 3
    BAD_QUANTITY = 4
    DUPLICATE = 5
    UNKNOWN = 6
    POOL_FULL = 7
    WOULD_CROSS = 8
    CANNOT_FILL = 9
    BAD_PHASE = 10
    BAD_ACCOUNT = 11
    OVER_ORDER = 12
    OVER_NOTIONAL = 13
    OVER_POSITION = 14
    RESTING = 15
    FILLED = 16
    CANCELLED = 17
    WAITING = 18
    AMENDED = 19
    SELF_TRADE = 20
    DONE = 21


class EventKind(IntEnum):
    """What an event tells."""

    TRADE = 0
    CANCELLED = 1
    EXPIRED = 2
    TRIGGERED = 3
    REMOVED_SELF = 4


class Message(NamedTuple):
    """One instruction.

    NEW reads everything: `stop` is a stop order's trigger price, `display` > 0 an iceberg's shown
    lots (at least a hundredth of `qty`), `expiry` the last session a DAY or GTD order lives in.
    CANCEL reads id and account. AMEND reads id, account, `qty` (what shall wait) and `price` (0
    keeps it). MASS_CANCEL reads account and symbol (`EVERY_SYMBOL` for all). EXPIRE ends what lived
    until before session `expiry`.
    PHASE puts the symbol into the phase given in `stop`; at the end of an auction `price` is the
    reference (0: the last trade). PRINT tells a trade made elsewhere at `price`, which stops follow.
    """

    op: int = Op.NEW
    side: int = 0
    kind: int = Kind.LIMIT
    tif: int = Tif.GTC
    symbol: int = 0
    account: int = 0
    id: int = 0
    price: int = 0
    qty: int = 0
    stop: int = 0
    display: int = 0
    expiry: int = 0
    flags: int = 0
    spare: int = 0

    def pack(self) -> bytes:
        """32 bytes; struct.error when a field does not fit."""
        return MESSAGE.pack(*self)


class Event(NamedTuple):
    """One thing that happened. `nth` is the message in its batch, from 0, `side` the taker's.

    TRADE: `taker` and `maker` are order ids. CANCELLED and EXPIRED: `taker` was taken out with `qty`
    lots left. TRIGGERED: the stop order `taker` went in. REMOVED_SELF: `maker` made way for `taker`.
    """

    taker: int
    maker: int
    price: int
    qty: int
    nth: int
    symbol: int
    kind: int
    side: int


def unpack_events(raw: bytes) -> list[Event]:
    """The events of an engine's `events()`, in order; empty for none."""
    return [Event._make(fields) for fields in EVENT.iter_unpack(raw)]
