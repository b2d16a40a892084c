from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from desk.orders import Fill, OrderState, Side
from desk.trading.accounts import AccountBook
from desk.trading.broker import Placement
from desk.trading.order_shelf import BLOCK, KEPT, OrderShelf
from desk.trading.venue_held import KEPT as REMEMBERED
from tests.desk.trading.desks import open_desk
from tests.desk.trading.fake_feed import AAPL, START, instruments
from tests.desk.trading.test_gateway import buy, sell
from tests.desk.trading.test_snapshots import replayed, steps, trade

LOCK = threading.RLock()


class Repeated(AbstractContextManager[None]):
    """A context manager that may be entered again."""

    def __init__(self, make: Callable[[], AbstractContextManager[None]]) -> None:
        self._make, self._entered = make, list[AbstractContextManager[None]]()

    def __enter__(self) -> None:
        self._entered.append(self._make())
        self._entered[-1].__enter__()

    def __exit__(self, *why: Any) -> None:
        self._entered.pop().__exit__(*why)


@settings(max_examples=25, deadline=None)
@given(steps=steps)
def test_a_book_that_packs_at_every_turn_is_the_same_book(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    desk = open_desk(tmp_path_factory.mktemp("desk"))
    trade(desk, steps)
    assert desk.journal.wait_durable(desk.accounts.seq, 10)
    packing = AccountBook(instruments(), OrderShelf(kept=0, block=1))
    for record in desk.journal.replay():
        packing.apply(record)
        packing.pack(LOCK)
    plain = replayed(desk.journal)
    assert packing.state_hash() == plain.state_hash() == desk.accounts.state_hash()
    assert list(packing.orders) == list(plain.orders)
    assert packing.orders.packed == sum(a.status.state not in (OrderState.ACCEPTED, OrderState.WORKING)
                                        for a in plain.orders.values())  # fmt: skip
    for accepted in plain.orders.values():
        assert packing.find(accepted.order.client_id) == accepted
        assert all(packing.has_fill(fill) for fill in accepted.status.fills)
    desk.close()


def test_an_order_that_is_packed_keeps_its_id_and_takes_a_late_fill_once(tmp_path: Path) -> None:
    desk = open_desk(tmp_path)
    desk.accounts.orders = OrderShelf(kept=0, block=2)
    desk.gate.submit(buy(5, id="first"))
    desk.gate.submit(sell(5, id="second"))
    desk.poll()
    assert desk.accounts.orders.packed == 2
    assert desk.gate.submit(buy(5, id="first")).repeated
    before = desk.cash()
    fill = Fill("late", "first", "desk", AAPL, Side.BUY, Decimal(1), 17_000, 1, "USD", START)
    for _ in range(2):
        desk.settlement.book(Placement("first", (fill,), OrderState.FILLED))
        assert desk.status("first").filled == 6
    assert desk.cash() != before
    assert desk.journal.wait_durable(desk.accounts.seq, 10)
    assert desk.accounts.state_hash() == replayed(desk.journal).state_hash()
    desk.close()
    again = open_desk(tmp_path)
    assert again.status("first").filled == 6
    again.close()


def test_an_order_that_changes_while_it_is_being_packed_is_left_out(tmp_path: Path) -> None:
    desk = open_desk(tmp_path)
    desk.gate.submit(buy(5, id="first"))
    accepted = desk.accounts.order("first")
    shelf = OrderShelf(kept=0, block=1)
    shelf.add(accepted)

    @contextmanager
    def lock() -> Iterator[None]:
        """Whoever waited for the lock changes the order before the packing takes it again."""
        yield
        accepted.status = accepted.status.snapshot()

    assert (shelf.pack(Repeated(lock)), shelf.packed) == ([], 0)
    assert shelf.get("first") is accepted
    desk.close()


def test_ended_orders_beyond_the_newest_stand_packed_and_the_venue_forgets_them(tmp_path: Path) -> None:
    desk = open_desk(tmp_path)
    many = KEPT + 2 * BLOCK + REMEMBERED
    for n in range(many):
        desk.gate.submit((buy if n % 2 else sell)(1, id=f"o-{n}"))
        if n % 200 == 0:
            desk.poll()
    desk.poll()
    assert many - KEPT - BLOCK < desk.accounts.orders.packed <= many - KEPT
    assert [status.order.client_id for status in desk.orders()] == [f"o-{n}" for n in range(many)]
    assert {status.state for status in desk.orders()} == {OrderState.FILLED}
    assert desk.venue.cancel("o-0") is None
    assert desk.gate.submit(sell(1, id="o-0")).repeated, "the desk's own book keeps doubles out"
    assert desk.journal.wait_durable(desk.accounts.seq, 10)
    assert desk.accounts.state_hash() == replayed(desk.journal).state_hash()
    desk.close()
