"""What makes a message an order, for the readable matching engine: its fields, before any book is looked at."""

from __future__ import annotations

from desk.trading.messages import POST_ONLY, Kind, Message, Status, Tif

MOST = 0x3FFFFFFF
"""The largest price in ticks and quantity in lots."""

MOST_PARTS = 100
"""Parts of an iceberg at most: each is a trade of its own, and one message must not make millions."""


def is_limited(message: Message) -> bool:
    """Whether it has a limit price."""
    return message.kind in (Kind.LIMIT, Kind.STOP_LIMIT)


def may_wait(message: Message) -> bool:
    """Whether what does not trade at once stays."""
    return is_limited(message) and message.tif not in (Tif.IOC, Tif.FOK)


def too_many_parts(message: Message) -> bool:
    """Whether an iceberg shows too little of itself."""
    return message.display > 0 and message.display * MOST_PARTS < message.qty


def check_order(message: Message) -> int:
    """The status of fields that make no order; 0 when they do."""
    if message.side > 1 or message.kind > Kind.STOP_LIMIT or message.tif > Tif.GTD or message.flags & ~POST_ONLY:
        return Status.MALFORMED
    if not 0 < message.qty <= MOST:
        return Status.BAD_QUANTITY
    if is_limited(message) and not 0 < message.price <= MOST:
        return Status.BAD_PRICE
    if message.kind >= Kind.STOP and not 0 < message.stop <= MOST:
        return Status.BAD_PRICE
    waits = may_wait(message)
    if message.display < 0 or (message.display and not waits):
        return Status.MALFORMED
    if message.flags and not (waits and message.kind == Kind.LIMIT):
        return Status.MALFORMED
    return Status.BAD_QUANTITY if too_many_parts(message) else 0
