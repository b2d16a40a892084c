"""Tick files read as events of a book by price: Bybit, Binance and Tardis, each in the vendor's own format.

InputError names the file and what in it cannot be read.
"""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from itertools import groupby
from pathlib import Path

from desk.errors import InputError
from evals.books.databento import is_databento, tally_databento
from evals.books.rebuild import Event, Level, Side, Tally, tally_events

Row = dict[str, str]


def tally_file(path: Path) -> dict[str, Tally]:
    """What is in a tick file, by instrument; the format is told from its content."""
    try:
        head = path.open("rb").read(4)
        if head[:2] == b"PK":
            return tally_events(_bybit(path))
        if is_databento(head):
            return tally_databento(path)
        with path.open(encoding="utf-8", newline="") as lines:
            return tally_text(lines)
    except OSError as error:
        raise InputError(f"cannot read ticks from {path.name}: {error.strerror}") from None
    except (KeyError, ValueError, InvalidOperation, zipfile.BadZipFile) as error:
        raise InputError(f"{path.name} is not an order-book file that is known ({error})") from None


def tally_text(lines: Iterable[str]) -> dict[str, Tally]:
    """The same of the lines of a CSV file; ValueError for columns of no known vendor."""
    rows = csv.DictReader(lines)
    columns = set(rows.fieldnames or ())
    if "first_update_id" in columns:
        return tally_events(_binance(rows))
    if "asks[0].price" in columns:
        return tally_events(map(_tardis_snapshot, rows))
    if "is_snapshot" in columns:
        return tally_events(_tardis_updates(rows))
    raise ValueError("a CSV of Binance depth, Tardis book_snapshot or incremental_book_L2 has other columns")


def _bybit(path: Path) -> Iterator[Event]:
    """One message, one event; `u` counts by one from a snapshot on."""
    last: dict[str, int] = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            with archive.open(name) as lines:
                for line in lines:
                    message = json.loads(line)
                    data, snapshot = message["data"], message["type"] == "snapshot"
                    symbol, number = str(data["s"]), int(data["u"])
                    follows = snapshot or last.get(symbol) is None or number == last[symbol] + 1
                    last[symbol] = number
                    levels = [*_pairs("bid", data["b"]), *_pairs("ask", data["a"])]
                    yield Event(symbol, snapshot, tuple(levels), strict=True, follows=follows)


def _pairs(side: Side, pairs: Iterable[tuple[str, str]]) -> Iterator[Level]:
    return (Level(side, Decimal(price), Decimal(size)) for price, size in pairs)


def _binance(rows: Iterable[Row]) -> Iterator[Event]:
    """Rows of one `last_update_id` are one event; `pu` names the one before.

    Not strict: the vendor's snapshot has the best 1,000 levels, so removals of others are usual.
    """
    last: dict[str, str] = {}
    for (symbol, number, kind), group in groupby(rows, lambda r: (r["symbol"], r["last_update_id"], r["update_type"])):
        levels, before = [], ""
        for row in group:
            side: Side = "bid" if row["side"] == "b" else "ask"
            levels.append(Level(side, Decimal(row["price"]), Decimal(row["qty"])))
            before = row["pu"]
        snapshot = kind == "snap"
        follows = snapshot or symbol not in last or before in (last[symbol], "-1")
        last.pop(symbol, None) if snapshot else last.update({symbol: number})
        yield Event(symbol, snapshot, tuple(levels), strict=False, follows=follows)


def _tardis_snapshot(row: Row) -> Event:
    """One row, one snapshot; an empty price is a level that is not there."""
    levels: list[Level] = []
    sides: tuple[tuple[Side, str], ...] = (("bid", "bids"), ("ask", "asks"))
    for side, word in sides:
        depth = 0
        while f"{word}[{depth}].price" in row:
            price, size = row[f"{word}[{depth}].price"], row[f"{word}[{depth}].amount"]
            if price:
                levels.append(Level(side, Decimal(price), Decimal(size)))
            depth += 1
    return Event(f"{row['exchange']}:{row['symbol']}", True, tuple(levels), strict=True)


def _tardis_updates(rows: Iterable[Row]) -> Iterator[Event]:
    """Rows of one `local_timestamp` are one event."""
    key = ("exchange", "symbol", "local_timestamp", "is_snapshot")
    for (exchange, symbol, _, snapshot), group in groupby(rows, lambda r: tuple(r[name] for name in key)):
        levels = []
        for row in group:
            side: Side = "bid" if row["side"] == "bid" else "ask"
            levels.append(Level(side, Decimal(row["price"]), Decimal(row["amount"])))
        yield Event(f"{exchange}:{symbol}", snapshot == "true", tuple(levels), strict=True)
