"""Every order of the desk by client id, with those that ended long ago packed away.

An order is asked for long after it ended, seldom: as an idempotency key, or by a list. So the newest
ended ones stay as they are, and older ones stand in blocks of compressed JSON, about a hundredth
of the memory; what is asked for is unpacked. Which form an order stands in shows nowhere else.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import NamedTuple

from pydantic import TypeAdapter

from desk.orders import FINAL_STATES, OrderStatus
from desk.trading.holdings import Accepted

KEPT = 256
"""Ended orders that stay unpacked: the newest."""

BLOCK = 128
"""Orders packed together."""

AT_ONCE = 16
"""Blocks packed in one call, at most."""


class _Seen(NamedTuple):
    """An ended order and the status it had when it was chosen for packing."""

    accepted: Accepted
    status: OrderStatus


class OrderShelf:
    """A mapping of client ids to orders, in the order they were accepted.

    Not thread-safe, like the book it belongs to, except for `pack`, which takes the lock it is given.
    An order handed out packed is a copy: whoever changes one asks with `to_change`.
    """

    def __init__(self, kept: int = KEPT, block: int = BLOCK) -> None:
        self._kept, self._block = kept, block
        self._orders: dict[str, Accepted | int] = {}
        self._ended: deque[str] = deque()
        self._blocks: dict[int, bytes] = {}
        self._numbers = 0
        self._opened: tuple[int, dict[str, Accepted]] | None = None
        self._form = TypeAdapter(list[Accepted])

    def __len__(self) -> int:
        return len(self._orders)

    def __contains__(self, id: object) -> bool:
        return id in self._orders

    def __iter__(self) -> Iterator[str]:
        return iter(self._orders)

    @property
    def packed(self) -> int:
        """How many orders stand packed."""
        return sum(isinstance(one, int) for one in self._orders.values())

    def get(self, id: str) -> Accepted | None:
        """The order; None when there is none. A packed one is a copy."""
        found = self._orders.get(id)
        return self._open(found)[id] if isinstance(found, int) else found

    def to_change(self, id: str) -> Accepted | None:
        """The order itself, unpacked for good until it is packed again; None when there is none."""
        found = self._orders.get(id)
        if not isinstance(found, int):
            return found
        accepted = self._open(found).pop(id)
        self._orders[id] = accepted
        self._ended.append(id)
        return accepted

    def is_packed(self, id: str) -> bool:
        """Whether the order stands packed."""
        return isinstance(self._orders.get(id), int)

    def values(self) -> list[Accepted]:
        """Every order, oldest first; packed ones as copies."""
        blocks = {number: self._read(number) for number in self._blocks}
        return [blocks[one][id] if isinstance(one, int) else one for id, one in self._orders.items()]

    def add(self, accepted: Accepted) -> None:
        """Takes an order in; one whose client id is there takes its place."""
        self._orders[accepted.order.client_id] = accepted
        if accepted.status.state in FINAL_STATES:
            self._ended.append(accepted.order.client_id)

    def end(self, accepted: Accepted) -> None:
        """Says that nothing more is expected of an order."""
        self._ended.append(accepted.order.client_id)

    def pack(self, lock: AbstractContextManager[object]) -> list[Accepted]:
        """Packs ended orders beyond the newest, in full blocks; those it packed. The packing itself needs no lock."""
        done: list[Accepted] = []
        for _ in range(AT_ONCE):
            with lock:
                batch = self._batch()
            if not batch:
                break
            data = zlib.compress(self._form.dump_json([seen.accepted for seen in batch]))
            with lock:
                done += self._put_away(batch, data)
        return done

    def _batch(self) -> list[_Seen]:
        if len(self._ended) < self._kept + self._block:
            return []
        batch: dict[str, _Seen] = {}
        while self._ended and len(batch) < self._block:
            id = self._ended.popleft()
            one = self._orders[id]
            if not isinstance(one, int):
                batch[id] = _Seen(one, one.status)
        return list(batch.values())

    def _put_away(self, batch: list[_Seen], data: bytes) -> list[Accepted]:
        """Those of a batch that are what they were when it was chosen; a late fill leaves an order out."""
        number, done = self._numbers, []
        for accepted, status in batch:
            id = accepted.order.client_id
            if self._orders[id] is accepted and accepted.status is status:
                self._orders[id] = number
                done.append(accepted)
            else:
                self._ended.append(id)
        if done:
            self._blocks[number] = data
            self._numbers += 1
        return done

    def _open(self, number: int) -> dict[str, Accepted]:
        if self._opened is None or self._opened[0] != number:
            self._opened = (number, self._read(number))
        return self._opened[1]

    def _read(self, number: int) -> dict[str, Accepted]:
        orders = self._form.validate_json(zlib.decompress(self._blocks[number]))
        return {accepted.order.client_id: accepted for accepted in orders}
