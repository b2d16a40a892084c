"""Databento DBN files of the MBO schema (every order), plain or zstd, through the package `databento-dbn`."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Protocol

from desk.errors import InputError
from evals.books.rebuild import Order, OrderBook, Side, Tally

ZSTD = b"\x28\xb5\x2f\xfd"
CHUNK = 1 << 20
NANO = Decimal(1).scaleb(-9)
UNDEFINED = 2**63 - 1
"""The price of an order that has none."""


class Message(Protocol):
    """A record of the MBO schema: actions A add, M modify, C cancel, R clear, T trade, F fill, N none."""

    instrument_id: int
    order_id: int
    price: int
    size: int
    flags: int
    action: str
    side: str
    ts_event: int


def is_databento(head: bytes) -> bool:
    """Whether a file begins as DBN does, or as anything that zstd packed."""
    return head[:3] == b"DBN" or head[:4] == ZSTD


def tally_databento(path: Path) -> dict[str, Tally]:
    """Every instrument's book by order, judged where the venue marks an event's last message (F_LAST).

    Trades and fills do not change the book: the cancels that follow them do. InputError without
    the package, or when the file cannot be decoded.
    """
    try:
        dbn = importlib.import_module("databento_dbn")
    except ImportError:
        raise InputError(f"{path.name} is a DBN file; install the package databento-dbn to read it") from None
    books: dict[int, OrderBook] = {}
    for record in _records(dbn, path):
        book = books.setdefault(record.instrument_id, OrderBook())
        _apply(book, record)
        if int(record.flags) & dbn.F_LAST:
            book.end(record.ts_event)
    return {str(instrument): book.tally for instrument, book in books.items()}


def _records(dbn: ModuleType, path: Path) -> Iterator[Message]:
    with path.open("rb") as file:
        packed = file.read(4) == ZSTD
        file.seek(0)
        decoder = dbn.DBNDecoder(compression=dbn.Compression.ZSTD if packed else dbn.Compression.NONE)
        while chunk := file.read(CHUNK):
            try:
                decoder.write(chunk)
                decoded = decoder.decode()
            except dbn.DBNError as error:
                raise InputError(f"{path.name} is not a whole DBN file: {error}") from None
            for record in decoded:
                if isinstance(record, dbn.MBOMsg):
                    yield record


def _apply(book: OrderBook, record: Message) -> None:
    action, side = str(record.action), _side(str(record.side))
    if action == "R":
        book.clear()
    elif action == "T":
        book.trade()
    elif action == "C":
        book.cancel(record.order_id, Decimal(record.size))
    elif side is not None and action in ("A", "M") and record.price != UNDEFINED:
        put = book.add if action == "A" else book.modify
        put(record.order_id, Order(side, record.price * NANO, Decimal(record.size)))


def _side(side: str) -> Side | None:
    if side == "B":
        return "bid"
    return "ask" if side == "A" else None
