"""Pages of a list of orders, newest first: a desk that ran for months has more than anybody reads at once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import NamedTuple

from desk.errors import NotFound
from desk.orders import Order, OrderStatus
from desk.trading.accounts import AccountBook

AT_ONCE = 256
"""Orders read under one hold of the lock, so that nobody who trades waits for a list."""


class OrderPage(NamedTuple):
    """Newest first; `older` is the client id to go on before, or "" when there are no more."""

    orders: list[OrderStatus]
    older: str


def list_orders(
    book: AccountBook,
    lock: AbstractContextManager[object],
    wanted: Callable[[Order], bool],
    limit: int,
    before: str = "",
) -> OrderPage:
    """At most `limit` orders older than `before`. The first page also has, at its end, all older ones still open.

    NotFound for a `before` that is no order.
    """
    with lock:
        ids = list(book.orders)
        still = [accepted.status.snapshot() for accepted in book.open_orders()] if not before else []
    if before:
        if before not in book.orders:
            raise NotFound(f"order {before!r} to go on from is not known; leave `before` out for the newest")
        ids = ids[: ids.index(before)]
    page = _newest(book, lock, wanted, ids[::-1], limit)
    seen = {status.order.client_id for status in page.orders}
    rest = [one for one in reversed(still) if one.order.client_id not in seen and wanted(one.order)]
    rest.sort(key=lambda status: status.accepted_at, reverse=True)
    return OrderPage(page.orders + rest, page.older)


def _newest(
    book: AccountBook,
    lock: AbstractContextManager[object],
    wanted: Callable[[Order], bool],
    ids: list[str],
    limit: int,
) -> OrderPage:
    seen: list[OrderStatus] = []
    for start in range(0, len(ids), AT_ONCE):
        with lock:
            found = [book.orders.get(id) for id in ids[start : start + AT_ONCE]]
            statuses = [one.status.snapshot() for one in found if one is not None]
        for status in filter(lambda one: wanted(one.order), statuses):
            if len(seen) == limit:
                return OrderPage(seen, seen[-1].order.client_id)
            seen.append(status)
    return OrderPage(seen, "")
