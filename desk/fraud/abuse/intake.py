"""Files of orders, trades or bars (CSV, also gzipped) as records, with the checks a file from outside needs.

What a file holds is told by its columns; other names are mapped. Wrong data raises and names the line: a missing
column, a number that is none or not above zero, a time that is none, a side or event nobody knows, one trade id for
two trades, two bars of one instrument at one time, a high below the low. What is merely odd is put right and counted:
rows out of order, rows dated after now, the same trade twice.
"""

from __future__ import annotations

import csv
import gzip
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import IO, Literal

import numpy as np

from desk.errors import InputError
from desk.fraud.abuse.records import Act, Bars, OrderEvent, Side, Trade

Held = Literal["orders", "trades", "bars"]
NEEDED: dict[Held, tuple[str, ...]] = {
    "orders": ("id", "account", "instrument", "side", "event", "time", "quantity"),
    "trades": ("instrument", "buyer", "seller", "time", "price", "quantity"),
    "bars": ("time", "close"),
}
NAMES = {
    "id": ("id", "order_id", "trade_id"),
    "account": ("account", "client", "trader"),
    "owner": ("owner", "beneficial_owner"),
    "other": ("other", "counterparty"),
    "instrument": ("instrument", "symbol", "ticker"),
    "side": ("side",),
    "event": ("event", "action", "act"),
    "time": ("time", "timestamp", "at", "date"),
    "quantity": ("quantity", "qty", "size", "shares"),
    "price": ("price",),
    "algorithm": ("algorithm", "algo", "algorithm_id"),
    "buyer": ("buyer", "buy_account"),
    "seller": ("seller", "sell_account"),
    "buyer_owner": ("buyer_owner",),
    "seller_owner": ("seller_owner",),
    "high": ("high",),
    "low": ("low",),
    "close": ("close",),
    "volume": ("volume",),
}
SIDES: dict[str, Side] = {"buy": "buy", "b": "buy", "bid": "buy", "sell": "sell", "s": "sell", "ask": "sell"}
_WORDS: dict[Act, tuple[str, ...]] = {
    "new": ("new", "placed", "accepted", "submitted"),
    "cancel": ("cancel", "cancelled", "canceled"),
    "fill": ("fill", "filled", "executed", "trade"),
    "reject": ("reject", "rejected"),
}
EVENTS: dict[str, Act] = {word: act for act, words in _WORDS.items() for word in words}
LARGEST = 1e15
"""No price and no quantity is above it."""


@dataclass(frozen=True)
class MarketFile:
    """What a file held, in order of time, and what was put right."""

    held: Held
    events: tuple[OrderEvent, ...] = ()
    trades: tuple[Trade, ...] = ()
    bars: tuple[Bars, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Row:
    """One line by role; readers raise InputError that names the line."""

    where: str
    cells: dict[str, str]

    def text(self, role: str) -> str:
        value = self.cells[role]
        if not value:
            raise InputError(f"{self.where} has an empty {role}")
        return value

    def number(self, role: str, none: bool = False) -> float:
        try:
            value = float(self.cells[role])
        except ValueError:
            raise InputError(f"{self.where} has no number as {role}: {self.cells[role]!r}") from None
        if not (0 < value <= LARGEST or (none and value == 0)):
            raise InputError(
                f"{self.where} has a {role} that cannot be: {self.cells[role]}; it is above 0, at most 1e15"
            )
        return value

    def price(self) -> float | None:
        return self.number("price") if self.cells.get("price") else None

    def time(self) -> float:
        text = self.cells["time"]
        try:
            seconds = float(text)
        except ValueError:
            seconds = _instant(text, self.where)
        if not 0 <= seconds < 1e11:
            raise InputError(f"{self.where} has a time out of range: {text}; give ISO 8601, or seconds since 1970")
        return seconds


def read_market(path: Path, chosen: dict[str, str] | None = None, now: datetime | None = None) -> MarketFile:
    """Reads one CSV. InputError names the file, the line and what is wrong; rows after `now` are left out.

    `chosen` names columns by role; bars without an instrument are those of one, named like the file.
    """
    if not path.is_file():
        raise InputError(f"there is no file {path}; give a CSV of orders, trades or bars")
    try:
        with _open(path) as stream:
            reader = csv.reader(stream)
            places = _places([name.strip() for name in next(reader, [])], chosen or {}, path.name)
            held, rows = _kind(places, path.name), list(_rows(reader, places, path.name))
    except (OSError, UnicodeDecodeError, csv.Error, EOFError) as error:
        raise InputError(f"{path.name} cannot be read: {error}") from None
    times = [row.time() for row in rows]
    latest = math.inf if now is None else now.timestamp()
    kept = sorted((at, n) for n, at in enumerate(times) if at <= latest)
    unordered = sum(later < earlier for earlier, later in pairwise(times))
    counts = {"rows": len(kept), "unordered": unordered, "future": len(rows) - len(kept), "repeated": 0}
    ordered = [(at, rows[n]) for at, n in kept]
    if held == "orders":
        return MarketFile(held, events=tuple(_event(at, row) for at, row in ordered), counts=counts)
    if held == "trades":
        return MarketFile(held, trades=_trades(ordered, counts), counts=counts)
    return MarketFile(held, bars=_bars(ordered, path), counts=counts)


def _open(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _places(header: Sequence[str], chosen: dict[str, str], file: str) -> dict[str, int]:
    for role, name in chosen.items():
        if role not in NAMES:
            raise InputError(f"--columns {role}={name}: the columns are {', '.join(NAMES)}")
        if name not in header:
            raise InputError(
                f"{file} has no column {name!r} for {role}; its columns are {', '.join(header) or 'missing'}"
            )
    names = {role: (chosen[role],) if role in chosen else known for role, known in NAMES.items()}
    found = {role: next((header.index(n) for n in known if n in header), -1) for role, known in names.items()}
    return {role: place for role, place in found.items() if place >= 0}


def _kind(places: dict[str, int], file: str) -> Held:
    missing = {held: [role for role in needed if role not in places] for held, needed in NEEDED.items()}
    for held, lacks in missing.items():
        if not lacks:
            return held
    told = "; ".join(f"as {held} it lacks {', '.join(lacks)}" for held, lacks in missing.items())
    raise InputError(f"{file} holds neither orders, trades nor bars: {told}; name them with --columns ROLE=NAME,…")


def _rows(reader: Iterator[list[str]], places: dict[str, int], file: str) -> Iterator[_Row]:
    for number, cells in enumerate(reader, 2):
        if not cells:
            continue
        where = f"line {number} of {file}"
        try:
            yield _Row(where, {role: cells[place].strip() for role, place in places.items()})
        except IndexError:
            raise InputError(f"{where} has {len(cells)} fields, too few") from None


def _instant(text: str, where: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"{where} has a time that is neither ISO 8601 nor seconds: {text!r}") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _event(at: float, row: _Row) -> OrderEvent:
    side, act = SIDES.get(row.text("side").lower()), EVENTS.get(row.text("event").lower())
    if side is None:
        raise InputError(f"{row.where} has the side {row.cells['side']!r}; it is buy or sell")
    if act is None:
        raise InputError(f"{row.where} has the event {row.cells['event']!r}; it is new, cancel, fill or reject")
    return OrderEvent(
        row.text("id"),
        row.text("account"),
        row.text("instrument"),
        side,
        act,
        at,
        row.number("quantity"),
        row.price(),
        row.cells.get("algorithm", ""),
        row.cells.get("owner", ""),
        row.cells.get("other", ""),
    )


def _trades(rows: Sequence[tuple[float, _Row]], counts: dict[str, int]) -> tuple[Trade, ...]:
    seen: dict[str, Trade] = {}
    for number, (at, row) in enumerate(rows, 1):
        id = row.cells.get("id", "") or f"t{number}"
        trade = Trade(
            id,
            row.text("instrument"),
            row.text("buyer"),
            row.text("seller"),
            at,
            row.number("price"),
            row.number("quantity"),
            row.cells.get("buyer_owner", ""),
            row.cells.get("seller_owner", ""),
        )
        if seen.setdefault(id, trade) != trade:
            raise InputError(f"{row.where}: id {id!r} stands before for another trade")
        counts["repeated"] += seen[id] is not trade
    return tuple(seen.values())


def _bars(rows: Sequence[tuple[float, _Row]], path: Path) -> tuple[Bars, ...]:
    name = path.name.split(".")[0]
    parts: dict[str, list[tuple[float, float, float, float, float]]] = defaultdict(list)
    for at, row in rows:
        close = row.number("close")
        high, low = (row.number(side) if row.cells.get(side) else close for side in ("high", "low"))
        if not low <= close <= high:
            raise InputError(f"{row.where}: the close {close:g} is not between low {low:g} and high {high:g}")
        volume = row.number("volume", none=True) if row.cells.get("volume") else math.nan
        mine = parts[row.cells.get("instrument", "") or name]
        if mine and mine[-1][0] == at:
            raise InputError(f"{row.where} is a second bar of one instrument at {row.cells['time']}")
        mine.append((at, high, low, close, volume))
    return tuple(Bars(instrument, *np.array(mine).T) for instrument, mine in parts.items())
