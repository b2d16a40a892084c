"""`tenor bench run simulate`: how many trades a second this machine simulates in one process.

The mixed flow on twenty stocks whose middle prices walk along real daily bars, one shard of ten stocks
per core, each with its own engine: limits, book, positions, and a checksummed journal record a message
that goes into a ring. Rates are trades per CPU second of each thread, summed. A slice of a second is
written to a file, read back, checked record by record, replayed into a fresh engine and compared.

This is an in-process simulation rate. No network, no disk on the measured path, no order of anybody.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.flow import ACCOUNTS, MESSAGE_TYPE, Flow, Messages, Spec, mixed_flow, tape_hash
from bench.report import Report, describe_machine
from desk.instruments import AssetClass
from desk.market.history import History
from desk.trading.matching import MatchingEngine, build_engine, kernel_name

SHARDS, STOCKS, BARS = 2, 10, 60
CPU_S, SLICE_S, BATCH, PREFIX = 30.0, 1.0, 4_096, 20_000
RING = 1 << 22
RECORD_TYPE = np.dtype([("seq", "<u4"), ("body", "u1", 24), ("crc", "<u4")])
STEP = 1 << 23
"""How far ids move from one pass over the flow to the next."""


@dataclass
class Shard:
    """One engine on one thread, and what it came to."""

    flow: Flow
    engine: MatchingEngine
    ring: bytearray = field(default_factory=lambda: bytearray(RING))
    at: int = 0
    messages: int = 0
    trades: int = 0
    recorded: int = 0
    cpu_s: float = 0.0

    def run(self, seconds: float) -> None:
        """Passes over the flow again and again until so much CPU time is spent; each leaves the books empty."""
        started = time.thread_time()
        while time.thread_time() - started < seconds:
            for part in self.flow:
                self._send(part)
        self.cpu_s = time.thread_time() - started

    def _send(self, messages: Messages) -> None:
        packed, statuses, size = messages.data.cast("B"), bytearray(BATCH), BATCH * messages.itemsize
        engine, ring, at = self.engine, self.ring, self.at
        for start in range(0, len(packed), size):
            self.trades += engine.run(packed[start : start + size], statuses)
            before, at = at, engine.drain(ring, at)
            self.recorded += (at - before) % RING  # bytes; a batch never fills the ring
        self.at = at
        self.messages += len(messages)


def run() -> Report:
    """The figures; `correct` when twin, ring and replay agree."""
    flows = [_flow(number) for number in range(SHARDS)]
    report = Report("simulate", all(_twin_agrees(flow) for flow in flows), {})
    if kernel_name() != "native":
        report.missing.append("native kernel")
    shards = [Shard(flow, _engine()) for flow in flows]
    _together([shard.run for shard in shards], 1.0)  # first touch of memory
    shards = [Shard(shard.flow, shard.engine) for shard in shards]
    before = _rss_mb()
    _together([shard.run for shard in shards], CPU_S)
    growth = _rss_mb() - before
    report.correct = report.correct and all(_whole(shard) for shard in shards)
    replayed = _replays(flows[0])
    report.correct = report.correct and replayed > 0
    messages, trades = (sum(getattr(shard, name) for shard in shards) for name in ("messages", "trades"))
    report.metrics = {
        "trades_per_s": round(sum(shard.trades / shard.cpu_s for shard in shards)),
        "messages_per_s": round(sum(shard.messages / shard.cpu_s for shard in shards)),
        "fills_per_message": round(trades / messages, 4),
        "rss_growth_mb": round(growth, 1),
        "journal_bytes_per_s": round(sum(shard.recorded / shard.cpu_s for shard in shards)),
        "cpu_s": round(sum(shard.cpu_s for shard in shards), 1),
        "symbols": SHARDS * STOCKS,
        "shards": SHARDS,
        "replayed_records": replayed,
    }
    report.notes.append(
        f"an in-process simulation rate, not an order rate: {SHARDS} threads on {os.cpu_count()} cores of "
        f"{describe_machine()['processor']}, trades per CPU second of each summed; no network and no disk on the "
        "measured path"
    )
    return report


def _flow(number: int) -> Flow:
    history = History()
    stocks = [each for each in history.instruments if each.asset_class is AssetClass.STOCK]
    chosen = stocks[number * STOCKS : (number + 1) * STOCKS]
    paths = []
    for stock in chosen:
        closes = [int(bar.close / stock.tick) for bar in history.bars(stock.id)[-BARS:]]
        paths.append(np.interp(np.linspace(0, BARS - 1, 200 * BARS), np.arange(BARS), closes))
    middles: NDArray[np.int64] = np.rint(np.array(paths)).astype(np.int64)
    return mixed_flow(Spec(1_000_000, symbols=STOCKS, live=140, seed=77 + number), middles)


def _engine(native: bool | None = None) -> MatchingEngine:
    engine = build_engine(STOCKS, 16_384, pages=8_192, accounts=ACCOUNTS, journal=True, native=native)
    for account in range(ACCOUNTS):
        engine.limit(account, 1_000, 100_000_000, 1 << 40)
    return engine


def _twin_agrees(flow: Flow) -> bool:
    part = Flow(flow.warm, flow.mixed[:PREFIX], flow.close[:0])
    kernels = (True, False) if kernel_name() == "native" else (False,)
    return len({tape_hash(_engine(native), part) for native in kernels}) == 1


def _moved(messages: Messages, passes: int) -> Messages:
    moved = messages.copy()
    moved["id"] += np.uint32(passes * STEP & 0xFFFFFFFF)
    return moved


def _together(runs: list[Callable[[float], None]], seconds: float) -> None:
    threads = [threading.Thread(target=run, args=(seconds,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _rss_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1]) if Path("/proc/self/statm").exists() else 0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _records(raw: bytes) -> NDArray[np.void]:
    return np.frombuffer(raw, RECORD_TYPE)


def _whole(shard: Shard) -> bool:
    """Whether every message was carried out and recorded, and what stands in the ring is sound."""
    written = bytes(shard.ring[: min(shard.recorded, RING)])
    return shard.recorded == shard.messages * RECORD_TYPE.itemsize and _checked(_records(written))


def _checked(records: NDArray[np.void]) -> bool:
    """Whether every record's CRC-32C is right."""
    table = _crc_table()
    for start in range(0, len(records), 1 << 20):
        some = records[start : start + (1 << 20)]
        data = some.view(np.uint8).reshape(len(some), 32)
        crc = np.full(len(some), 0xFFFFFFFF, np.uint32)
        for column in range(28):
            crc = (crc >> np.uint32(8)) ^ table[(crc ^ data[:, column]) & np.uint32(0xFF)]
        if not np.array_equal(~crc, some["crc"]):
            return False
    return True


def _crc_table() -> NDArray[np.uint32]:
    value = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        value = np.where(value & 1, (value >> np.uint32(1)) ^ np.uint32(0x82F63B78), value >> np.uint32(1))
    return value.astype(np.uint32)


def _replays(flow: Flow) -> int:
    """Records of a second's slice that came back from a file and led to the same state; 0 when they did not."""
    engine, started, passes = _engine(), time.thread_time(), 0
    with tempfile.TemporaryFile() as file:
        while time.thread_time() - started < SLICE_S:
            for part in (*flow[:2], flow.close[: len(flow.close) // 2]):  # half of the orders stay
                packed, size = _moved(part, passes).data.cast("B"), BATCH * MESSAGE_TYPE.itemsize
                for start in range(0, len(packed), size):
                    engine.run(packed[start : start + size], bytearray(BATCH))
                    file.write(engine.journal())
            passes += 1
        file.flush()
        os.fsync(file.fileno())
        file.seek(0)
        records = _records(file.read())
    in_order = np.array_equal(records["seq"], np.arange(1, len(records) + 1, dtype=np.uint32))
    if not (in_order and _checked(records)):
        return 0
    again = _engine()
    messages = _messages(records).data.cast("B")
    for start in range(0, len(messages), BATCH * 32):
        again.run(messages[start : start + BATCH * 32], bytearray(BATCH))
    return len(records) if again.state_hash() == engine.state_hash() else 0


def _messages(records: NDArray[np.void]) -> Messages:
    """The messages that records were written from; a record that begins with 0xFF holds the rest of the one before."""
    rest = records["body"][:, 0] == 0xFF
    raw = np.zeros((int((~rest).sum()), 32), np.uint8)
    raw[:, :24] = records["body"][~rest]
    owners = np.cumsum(~rest)[rest] - 1
    raw[owners, 24:] = records["body"][rest][:, 4:12]
    return raw.reshape(-1).view(MESSAGE_TYPE)
