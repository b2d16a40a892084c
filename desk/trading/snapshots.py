"""Snapshots of the account book, so that a start replays only what came after the newest.

A snapshot is two kinds of file in `snapshots/` beside the journal's segments, each one line
`CRC32 JSON` (see `desk.trading.lines`), written beside, synced and renamed:

- `orders-<seq>.part`: orders that ended since the part before; parts are never written again.
- `snapshot-<seq>.json`: accounts and open orders after record `seq`, and the parts it needs.

Later parts win, since a fill may reach an order that had ended. What is final is taken by
reference, so the gate's lock is held only to copy accounts and open orders.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple, TypeVar

import structlog
from pydantic import TypeAdapter

from desk.errors import DataFolderError
from desk.orders import Fill, Order, OrderStatus
from desk.trading.accounts import AccountBook
from desk.trading.holdings import Accepted, Account, DayTrade, Holding
from desk.trading.journal import SegmentJournal
from desk.trading.lines import frame, unframe
from desk.trading.segments import write_atomically

VERSION = 1
EVERY = 50_000
"""Records between snapshots."""

MOST_ENDED = 500
"""Orders that ended since the last snapshot: they are held until they stand in one."""

KEPT = 2
WAIT_SECONDS = 60.0


@dataclass(frozen=True)
class Top:
    """What `snapshot-<seq>.json` holds; `shape` names every field, so that another program's is not misread."""

    v: int
    shape: str
    seq: int
    parts: list[str]
    accounts: list[Account]
    open: list[Accepted]


class Copy(NamedTuple):
    """The book after record `seq`, safe from what happens next: accounts, open orders, newly ended orders."""

    seq: int
    accounts: list[Account]
    open: list[Accepted]
    ended: list[Accepted]


def shape() -> str:
    """A digest of the fields that a snapshot holds."""
    kinds = (Account, Holding, DayTrade, Accepted, OrderStatus, Order, Fill)
    names = [f"{kind.__name__}.{field.name}:{field.type}" for kind in kinds for field in fields(kind)]
    return sha256(" ".join(names).encode()).hexdigest()[:16]


def copy_book(book: AccountBook) -> Copy:
    """Copies what may still change; call it under the gate's lock. Ended orders are handed over once."""
    accounts = []
    for account in book.accounts.values():
        copied = _copy(account)
        copied.cash, copied.open = dict(account.cash), {}
        copied.holdings = {id: _copy(holding) for id, holding in account.holdings.items()}
        copied.buys, copied.sells = dict(account.buys), dict(account.sells)
        copied.touched, copied.moved = set(), set()
        copied.traded = {id: _copy(traded) for id, traded in account.traded.items()}
        accounts.append(copied)
    orders = []
    for accepted in book.open_orders():
        order = _copy(accepted)
        order.status = _copy(accepted.status)
        order.status.fills = list(accepted.status.fills)
        orders.append(order)
    ended, book.ended = book.ended, []
    return Copy(book.seq, accounts, orders, ended or [])


T = TypeVar("T")


def _copy(thing: T) -> T:
    """A copy one level deep: a tenth of what `dataclasses.replace` costs, and the gate waits for it."""
    copied: T = object.__new__(type(thing))
    copied.__dict__.update(thing.__dict__)
    return copied


class Snapshots:
    """Takes and loads the snapshots of one book. `lock` is the gate's.

    `notice` counts durable records and wakes the one thread that writes; `take` writes at once.
    """

    def __init__(
        self,
        folder: Path,
        *,
        journal: SegmentJournal,
        book: AccountBook,
        lock: threading.RLock,
        every: int = EVERY,
        write: Callable[[Path, bytes], None] = write_atomically,
    ) -> None:
        self._replace = write
        self._folder, self._journal, self._book, self._lock, self._every = folder, journal, book, lock, every
        folder.mkdir(parents=True, exist_ok=True)
        self._tops, self._orders = TypeAdapter(Top), TypeAdapter(list[Accepted])
        self._taken, self._parts = 0, list[str]()
        book.ended = []
        self._writing = threading.Lock()
        self._wake, self._closing = threading.Event(), False
        self._thread: threading.Thread | None = None

    @property
    def taken(self) -> int:
        """The record that the newest good snapshot stands after; 0 without one."""
        return self._taken

    def restore(self) -> int:
        """Fills an empty book from the newest good snapshot; the record it stands after, 0 for none.

        A snapshot that is damaged, of another version or shape, or ahead of the journal is passed
        over with a warning.
        """
        for path in reversed(self._paths()):
            try:
                top, orders = self._load(path)
            except (OSError, ValueError, DataFolderError) as error:
                structlog.get_logger("snapshots").warning("a snapshot is passed over", file=path.name, why=str(error))
                continue
            _fill_book(self._book, top, orders)
            self._taken, self._parts = top.seq, list(top.parts)
            return top.seq
        return 0

    def start(self) -> None:
        """Lets snapshots be taken as records become durable; a second call does nothing."""
        if self._thread is not None:
            return
        self._thread = threading.Thread(target=self._take_forever, name="snapshots", daemon=True)
        self._thread.start()

    def notice(self, seq: int) -> None:
        """Tells that `seq` is durable; returns at once."""
        if seq - self._taken >= self._every or len(self._book.ended or ()) >= MOST_ENDED:
            self._wake.set()

    def take(self) -> int:
        """Writes a snapshot; the record it stands after. 0 when nothing is new or its records did not reach the disk.

        OSError when the disk refuses: what it had is kept for the next.
        """
        with self._writing:
            with self._lock:
                copy = copy_book(self._book)
            try:
                if copy.seq > self._taken and self._journal.wait_durable(copy.seq, WAIT_SECONDS):
                    self._write(copy)
                    return copy.seq
            except BaseException:
                self._give_back(copy)
                raise
            self._give_back(copy)
            return 0

    def close(self) -> None:
        """Takes the last snapshot and stops; call it before the journal closes. Safe to call twice."""
        if self._closing:
            return
        self._closing = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        self._try_take()

    def _take_forever(self) -> None:
        while True:
            self._wake.wait()
            if self._closing:
                return
            self._wake.clear()
            self._try_take()

    def _try_take(self) -> None:
        try:
            self.take()
        except (OSError, DataFolderError) as error:
            structlog.get_logger("snapshots").warning("no snapshot was taken", why=str(error))

    def _give_back(self, copy: Copy) -> None:
        with self._lock:
            self._book.ended = [*copy.ended, *(self._book.ended or [])]

    def _write(self, copy: Copy) -> None:
        parts = list(self._parts)
        if copy.ended:
            parts.append(f"orders-{copy.seq:012d}.part")
            self._replace(self._folder / parts[-1], frame(self._orders.dump_json(copy.ended)))
        top = Top(VERSION, shape(), copy.seq, parts, copy.accounts, copy.open)
        self._replace(self._folder / f"snapshot-{copy.seq:012d}.json", frame(self._tops.dump_json(top)))
        self._taken, self._parts = copy.seq, parts
        self._journal.seal()
        self._prune()

    def _prune(self) -> None:
        """Keeps the newest snapshots and the parts that they need."""
        paths = self._paths()
        for path in paths[:-KEPT]:
            path.unlink(missing_ok=True)
        spare = {path.name for path in self._folder.glob("orders-*.part")}.difference(self._parts)
        for path in paths[-KEPT:-1] if spare else []:
            spare.difference_update(self._tops.validate_json(_text(path)).parts)
        for name in spare:
            (self._folder / name).unlink(missing_ok=True)

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob("snapshot-*.json"))

    def _load(self, path: Path) -> tuple[Top, list[Accepted]]:
        top = self._tops.validate_json(_text(path))
        if (top.v, top.shape) != (VERSION, shape()):
            raise DataFolderError(f"{path.name} was written by another version of this program")
        if top.seq > self._journal.last_seq:
            raise DataFolderError(f"{path.name} stands after record {top.seq}, the journal ends before")
        parts = [self._orders.validate_json(_text(self._folder / name)) for name in top.parts]
        return top, [order for part in parts for order in part]


def _text(path: Path) -> bytes:
    text = unframe(path.read_bytes())
    if text is None:
        raise DataFolderError(f"{path.name} is damaged (its checksum differs)")
    return text


def _fill_book(book: AccountBook, top: Top, ended: Iterable[Accepted]) -> None:
    latest = {accepted.order.client_id: accepted for accepted in ended}
    latest.update((accepted.order.client_id, accepted) for accepted in top.open)
    book.accounts.update((account.id, account) for account in top.accounts)
    for accepted in sorted(latest.values(), key=lambda accepted: accepted.seq):
        book.restore(accepted)
    book.seq = top.seq
