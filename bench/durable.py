"""`tenor bench run durable`: what a group commit costs beside a bare write and fdatasync of the same bytes.

A group gathers while the writer is busy with the one before, as on a desk under load. Its commit runs
from the moment the writer is free until it tells the group durable: taking the group, framing, write,
sync (`fdatasync_N`). Until a waiting thread has been woken it takes as long as the scheduler likes
(`waited_N`; on a busy machine most of it). The bare side appends as many bytes to a file beside the
segments and syncs. Sides alternate A B B A in one run; the figure is the median of their quotients.
Making records and their checksums is the gate's work and is in `cpu_us`, not in the quotient.

The headline `fdatasync` is the worst of groups of 1, 16 and 256 records: alone, the desk commits one
or two; at tens of thousands of orders a second and some milliseconds a sync, a few hundred gather.
4,096 stands beside for bulk loads.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from bench.report import Report, median
from desk.clock import WallClock, to_iso
from desk.ledger.log import Ledger
from desk.orders import Order, Side
from desk.store.engine import Store
from desk.store.keys import SubjectKeys
from desk.trading.journal import Record, SegmentJournal
from desk.trading.recorder import Recorder

ROUNDS = {1: 40, 16: 40, 256: 24, 4096: 6}
USED = (1, 16, 256)
ALONE, FLOOD = 200, 40_000
_KIND = "order.accepted"


class _Costs(NamedTuple):
    """Microseconds a group: committed, committed and waited for, bare; two of each a round, as measured."""

    ours: list[float]
    waited: list[float]
    bare: list[float]

    def quotient(self, side: list[float]) -> float:
        """The median over the rounds of a side by the bare one."""
        pairs = zip(side[::2], side[1::2], self.bare[::2], self.bare[1::2], strict=True)
        return median([(a + b) / (c + d) for a, b, c, d in pairs])


class _Rig:
    """A journal whose writer can be kept busy, and a bare file beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.journal = folder, SegmentJournal(folder / "journal")
        self.time, self.count = to_iso(WallClock().now()), 0
        self._free, self._freed = threading.Event(), 0.0
        self._told = 0.0
        self._free.set()
        self._bare = os.open(folder / "bare", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        self.journal.on_durable(lambda _: self._wait_free())

    def append(self) -> Record:
        """One order's record, as the gate writes it."""
        self.count += 1
        return self.journal.append(
            _KIND, body_of(self.count), subject_id="desk-1", event_time=self.time, knowledge_time=self.time
        )

    def commit(self, size: int) -> tuple[float, float, bytes]:
        """Microseconds of one group commit in the writer and for who waits, and as many bytes as it wrote."""
        self._free.clear()
        first = self.append()  # the writer syncs it, then waits in the hook
        while self.journal.last_seq < first.seq:
            time.sleep(0.0002)
        records = [self.append() for _ in range(size)]
        self._free.set()
        if not self.journal.wait_durable(records[-1].seq, 60):
            raise TimeoutError("a group did not become durable in 60 s")
        waited = (time.perf_counter() - self._freed) * 1e6
        return (
            (self._told - self._freed) * 1e6,
            waited,
            b"".join(b"%08x %s\n" % (0, record.text()) for record in records),
        )

    def bare(self, lines: bytes) -> float:
        """Microseconds of a bare write and fdatasync of as many bytes, one record's before it as in `commit`."""
        self._sync_bare(lines[: lines.index(b"\n") + 1])
        began = time.perf_counter()
        self._sync_bare(lines)
        return (time.perf_counter() - began) * 1e6

    def _sync_bare(self, lines: bytes) -> None:
        os.write(self._bare, lines)
        getattr(os, "fdatasync", os.fsync)(self._bare)

    def close(self) -> None:
        self._free.set()
        self.journal.close()
        os.close(self._bare)

    def _wait_free(self) -> None:
        self._told = time.perf_counter()
        if not self._free.is_set():
            self._free.wait(60)
            self._freed = time.perf_counter()


def body_of(number: int) -> dict[str, object]:
    """The body of an accepted order, of usual length."""
    order = Order(f"bench-{number:09d}", "desk-1", "XNAS:AAPL", Side.BUY, Decimal(number % 97 + 1), by="trader")
    return {
        "order": order.to_dict(),
        "asked": "ab" * 32,
        "token": "1700000000." + "cd" * 32,
        "route": "venue",
        "reserve": 18_000 + number,
        "limits": "0123456789ab",
        "clamps": [],
    }


def run() -> Report:
    """Correct when everything acknowledged is read back, whole and in order, after opening the folder again."""
    with tempfile.TemporaryDirectory(prefix="tenor-bench-") as path:
        rig = _Rig(Path(path))
        costs = {size: _measure(rig, size, rounds) for size, rounds in ROUNDS.items()}
        waits = sorted(_alone(rig) for _ in range(ALONE))
        flood_s, flood_cpu = _flood(rig)
        rig.close()
        correct = _reads_back(rig)
    overheads = {f"fdatasync_{size}": round(cost.quotient(cost.ours), 3) for size, cost in costs.items()}
    overheads |= {f"waited_{size}": round(cost.quotient(cost.waited), 3) for size, cost in costs.items()}
    overheads["fdatasync"] = max(overheads[f"fdatasync_{size}"] for size in USED)
    metrics: dict[str, float | None] = {
        "cpu_us": round(flood_cpu / FLOOD * 1e6, 2),
        "recorded_cpu_us": round(_recorded_us(), 2),
        "p50_us": round(waits[len(waits) // 2]),
        "p99_us": round(waits[len(waits) * 99 // 100]),
        "rate": round(FLOOD / flood_s),
        **{f"group_{size}_us": round(median(cost.ours)) for size, cost in costs.items()},
        **{f"bare_{size}_us": round(median(cost.bare)) for size, cost in costs.items()},
    }
    return Report("durable", correct, metrics, overheads=overheads)


def _measure(rig: _Rig, size: int, rounds: int) -> _Costs:
    costs = _Costs([], [], [])
    *_, lines = rig.commit(size)
    for turn in "ABBA" * rounds:
        if turn == "B":
            costs.bare.append(rig.bare(lines))
            continue
        ours, waited, _ = rig.commit(size)
        costs.ours.append(ours)
        costs.waited.append(waited)
    return costs


def _alone(rig: _Rig) -> float:
    """Microseconds from append to durable of one record that nobody shares a sync with."""
    began = time.perf_counter()
    rig.journal.wait_durable(rig.append().seq, 60)
    return (time.perf_counter() - began) * 1e6


def _flood(rig: _Rig) -> tuple[float, float]:
    """Wall and CPU seconds until records that come as fast as one thread writes them are all durable."""
    bodies = [body_of(rig.count + n + 1) for n in range(FLOOD)]
    rig.count += FLOOD
    wall, cpu = time.perf_counter(), time.process_time()
    last = _write_all(rig.journal, bodies, rig.time)
    rig.journal.wait_durable(last, 120)
    return time.perf_counter() - wall, time.process_time() - cpu


def _write_all(journal: SegmentJournal, bodies: list[dict[str, object]], at: str) -> int:
    seq = 0
    for body in bodies:
        seq = journal.append(_KIND, body, subject_id="desk-1", event_time=at, knowledge_time=at).seq
    return seq


def _reads_back(rig: _Rig) -> bool:
    journal = SegmentJournal(rig.folder / "journal")
    try:
        found = enumerate(journal.replay(), start=1)
        same = all(record.seq == n and record.body == body_of(n) for n, record in found)
        return same and journal.last_seq == rig.count
    finally:
        journal.close()


def _recorded_us(count: int = 10_000) -> float:
    """CPU microseconds a record to give it its ledger leaf, in groups of a thousand: what stands behind the commit."""
    with tempfile.TemporaryDirectory(prefix="tenor-bench-") as path:
        folder = Path(path)
        store, journal = Store.in_folder(folder), SegmentJournal(folder / "journal")
        recorder = Recorder(
            store=store,
            ledger=Ledger(store, bytes(32)),
            journal=journal,
            wall=WallClock(),
            dispatch=lambda _: None,
            subjects=SubjectKeys(bytes(32)),
        )
        at = to_iso(WallClock().now())
        bodies = [body_of(n) for n in range(count)]
        journal.wait_durable(_write_all(journal, bodies, at), 60)
        spent = _cpu_seconds(recorder.catch_up)
        journal.close()
        store.close()
        return spent / count * 1e6


def _cpu_seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
