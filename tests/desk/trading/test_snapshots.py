from __future__ import annotations

import threading
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.orders import Fill, OrderType, Side
from desk.trading.accounts import AccountBook
from desk.trading.broker import Placement
from desk.trading.desk_book import TradingDesk
from desk.trading.journal import Record, SegmentJournal
from desk.trading.lines import frame
from desk.trading.snapshots import KEPT, Snapshots, copy_book
from tests.desk.trading.desks import open_desk
from tests.desk.trading.fake_feed import AAPL, START, FakeFeed, instruments
from tests.desk.trading.test_gateway import buy, sell

STEPS = ("buy", "sell", "rest", "cancel", "late fill")


def trade(desk: TradingDesk, steps: Sequence[tuple[str, int]], tag: str = "o") -> None:
    """Market orders, resting orders, cancels, and fills that reach an order after it was cancelled."""
    for n, (step, size) in enumerate(steps):
        id = f"{tag}-{n}"
        if step in ("buy", "sell"):
            desk.gate.submit((buy if step == "buy" else sell)(size, id=id))
            continue
        desk.gate.submit(buy(size, id=id, type=OrderType.LIMIT, limit_ticks=17_000))
        if step != "rest":
            desk.cancel(id)
        if step == "late fill":
            fill = Fill(f"late-{id}", id, "desk", AAPL, Side.BUY, Decimal(size), 17_000, 1, "USD", START)
            order = desk.accounts.order(id)
            desk.settlement.book(Placement(id, (fill,), order.status.state, order.status.reason))


def replayed(journal: SegmentJournal) -> AccountBook:
    book = AccountBook(instruments())
    for record in journal.replay():
        book.apply(record)
    return book


def replay_from_snapshot(folder: Path, journal: SegmentJournal) -> tuple[int, AccountBook]:
    book = AccountBook(instruments())
    taken = Snapshots(folder / "snapshots", journal=journal, book=book, lock=threading.RLock()).restore()
    for record in journal.replay(book.seq):
        book.apply(record)
    return taken, book


steps = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(1, 50)), max_size=8)


@settings(max_examples=15, deadline=None)
@given(parts=st.lists(steps, min_size=1, max_size=4))
def test_a_snapshot_and_the_rest_is_the_same_state_as_all_records(
    tmp_path_factory: pytest.TempPathFactory, parts: list[list[tuple[str, int]]]
) -> None:
    folder = tmp_path_factory.mktemp("desk")
    desk = open_desk(folder)
    for n, part in enumerate(parts):
        trade(desk, part, f"p{n}")
        if n + 1 < len(parts):
            desk.snapshots.take()
    assert desk.journal.wait_durable(desk.accounts.seq, 10)
    taken, book = replay_from_snapshot(folder, desk.journal)
    assert taken == desk.snapshots.taken
    assert book.state_hash() == desk.accounts.state_hash() == replayed(desk.journal).state_hash()
    assert [order.order.client_id for order in book.open_orders()] == [
        order.order.client_id for order in desk.accounts.open_orders()
    ]
    desk.close()
    again = open_desk(folder)
    assert again.accounts.state_hash() == replayed(again.journal).state_hash()
    again.close()


def test_the_hash_tells_states_apart(tmp_path: Path) -> None:
    desk = open_desk(tmp_path)
    seen = {desk.accounts.state_hash()}
    trade(desk, [("buy", 1), ("rest", 2), ("cancel", 3)])
    seen.add(desk.accounts.state_hash())
    desk.accounts.account("desk").cash["USD"] += 1
    seen.add(desk.accounts.state_hash())
    assert len(seen) == 3
    desk.close()


def test_damaged_newer_and_foreign_snapshots_are_passed_over(tmp_path: Path) -> None:
    desk = open_desk(tmp_path)
    trade(desk, [("buy", 5), ("rest", 2)])
    assert desk.snapshots.take() == desk.accounts.seq
    trade(desk, [("sell", 5), ("cancel", 2)], "q")
    desk.close()
    folder = tmp_path / "snapshots"
    first, last = sorted(folder.glob("snapshot-*.json"))
    journal = SegmentJournal(tmp_path / "journal")
    whole = replayed(journal).state_hash()
    assert replay_from_snapshot(tmp_path, journal)[0] == journal.last_seq
    good = last.read_bytes()
    for damaged in (good[:-9], good.replace(b'"seq"', b'"sec"'), b"", good[:20] + b"!" + good[21:]):
        last.write_bytes(damaged)
        taken, book = replay_from_snapshot(tmp_path, journal)
        assert (taken, book.state_hash()) == (int(first.stem[9:]), whole)
    last.write_bytes(good)
    ahead = last.with_name("snapshot-000000999999.json")
    ahead.write_bytes(reframed(good, b'"seq":%d,"parts"' % journal.last_seq, b'"seq":999999,"parts"'))
    assert replay_from_snapshot(tmp_path, journal)[0] == journal.last_seq
    ahead.write_bytes(reframed(good, b'{"v":1,', b'{"v":2,'))
    assert replay_from_snapshot(tmp_path, journal)[0] == journal.last_seq
    for part in folder.glob("*.part"):
        part.write_bytes(part.read_bytes()[:-5])
    taken, book = replay_from_snapshot(tmp_path, journal)
    assert (taken, book.state_hash()) == (0, whole)
    journal.close()


def reframed(line: bytes, old: bytes, new: bytes) -> bytes:
    text = line.rstrip(b"\n")[9:]
    assert old in text
    return frame(text.replace(old, new))


def test_two_are_kept_and_segments_stay(tmp_path: Path) -> None:
    desk = open_desk(tmp_path, journal=SegmentJournal(tmp_path / "journal", segment_bytes=1_000))
    for n in range(5):
        trade(desk, [("buy", 1)], f"k{n}")
        assert desk.snapshots.take()
        assert desk.snapshots.take() == 0
    assert len(list((tmp_path / "snapshots").glob("snapshot-*.json"))) == KEPT
    assert len(list((tmp_path / "journal").glob("journal-*.log"))) > 2
    desk.close()
    for part in (tmp_path / "snapshots").glob("*.part"):
        part.unlink()
    again = open_desk(tmp_path)
    trade(again, [("buy", 1)], "again")
    whole = again.accounts.state_hash()
    for n in range(3):
        trade(again, [("sell", 1)], f"l{n}")
        assert again.snapshots.take()
    parts = {path.name for path in (tmp_path / "snapshots").glob("*.part")}
    assert len(parts) <= 4
    assert whole != again.accounts.state_hash() == replayed(again.journal).state_hash()
    again.close()


def test_one_is_taken_by_itself_and_a_late_fill_does_not_change_what_it_copied(tmp_path: Path) -> None:
    journal = SegmentJournal(tmp_path / "journal")
    book, lock = AccountBook(FakeFeed().instruments), threading.RLock()
    snapshots = Snapshots(tmp_path / "snapshots", journal=journal, book=book, lock=lock, every=5)
    snapshots.start()
    taken = threading.Event()

    def notice(group: list[Record]) -> None:
        snapshots.notice(group[-1].seq)
        taken.set()

    journal.on_durable(notice)
    for _ in range(12):
        with lock:
            book.apply(journal.append("note", {}, subject_id="x", event_time="", knowledge_time=""))
    assert taken.wait(10)
    assert journal.wait_durable(12, 10)
    snapshots.close()
    assert snapshots.taken == 12
    journal.close()
    (tmp_path / "other").mkdir()
    desk = open_desk(tmp_path / "other")
    trade(desk, [("cancel", 3)])
    copy = copy_book(desk.accounts)
    before = [repr(order) for order in copy.ended]
    trade(desk, [("late fill", 3)], "z")
    status = desk.accounts.order("o-0").status
    fill = Fill("late", "o-0", "desk", AAPL, Side.BUY, Decimal(3), 17_000, 1, "USD", START)
    desk.settlement.book(Placement("o-0", (fill,), status.state))
    assert desk.accounts.order("o-0").status.fills
    assert [repr(order) for order in copy.ended] == before
    desk.close()
