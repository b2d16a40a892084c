"""The benches' flow and their correctness gates."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.calibration import calibrate
from bench.flow import Flow, Spec, mixed_flow, tape_hash
from bench.kernel import is_correct, standing_of
from bench.peers import Standing
from bench.simulate import RECORD_TYPE, Shard, _checked, _messages, _whole
from desk.trading.matching import build_engine
from desk.trading.messages import Message, Op, Tif
from tests.desk.trading.flow import Flow as RandomFlow

SPEC = Spec(30_000, symbols=2, live=300)


@pytest.fixture(scope="module")
def flow(tmp_path_factory: pytest.TempPathFactory) -> Flow:
    return mixed_flow(SPEC, folder=tmp_path_factory.mktemp("flow"))


def test_the_mixed_flow_has_its_shape(flow: Flow):
    ops, tifs = flow.mixed["op"], flow.mixed["tif"]
    takers = (ops == Op.NEW) & (tifs == Tif.IOC)
    assert 0.48 < ((ops == Op.NEW) & ~takers).mean() < 0.52
    assert 0.36 < (ops == Op.CANCEL).mean() < 0.40
    assert 0.10 < takers.mean() < 0.14
    engine = build_engine(2, 4_000)
    for part in flow[:2]:
        statuses = bytearray(len(part))
        events = engine.run(part.data.cast("B"), statuses)
        assert min(statuses) >= 15, "nothing is refused"
    assert 0.20 < events / len(flow.mixed) < 0.25
    assert 2 * 240 < engine.live < 2 * 360
    engine.run(flow.close.data.cast("B"), bytearray(len(flow.close)))
    assert engine.live == 0


def test_the_same_spec_is_the_same_flow_made_or_read(flow: Flow, tmp_path: Path):
    made, read = mixed_flow(SPEC, folder=tmp_path), mixed_flow(SPEC, folder=tmp_path)
    for part in range(3):
        assert np.array_equal(flow[part], made[part])
        assert np.array_equal(flow[part], read[part])
    other = mixed_flow(Spec(30_000, symbols=2, live=300, seed=1), folder=tmp_path)
    assert not np.array_equal(other.mixed, made.mixed)


def test_the_tape_tells_one_lot_more_apart_and_the_twin_from_nobody(flow: Flow):
    small = Flow(flow.warm, flow.mixed[:5_000], flow.close[:0])
    native, twin = (tape_hash(build_engine(2, 4_000, native=kernel), small) for kernel in (None, False))
    assert native == twin
    changed = small.mixed.copy()
    taker = np.flatnonzero((changed["op"] == Op.NEW) & (changed["tif"] == Tif.IOC))[0]
    changed["qty"][taker] += 1
    assert tape_hash(build_engine(2, 4_000), small._replace(mixed=changed)) != native


def test_a_journal_slice_is_checked_and_turns_back_into_its_messages():
    engine = build_engine(3, 5_000, journal=True)
    sent = [message for message in RandomFlow(9).take(2_000) if message.op in (Op.NEW, Op.CANCEL)]
    statuses = bytearray(len(sent))
    engine.run(b"".join(message.pack() for message in sent), statuses)
    raw = bytearray(engine.journal())
    records = np.frombuffer(bytes(raw), RECORD_TYPE)
    assert _checked(records)
    back = [Message._make(row.tolist()) for row in _messages(records)]
    kept = [message for message, status in zip(sent, statuses, strict=True) if status >= 15]
    assert back == kept
    raw[1_000] ^= 1
    assert not _checked(np.frombuffer(bytes(raw), RECORD_TYPE))


def test_the_gate_of_the_kernel_benches_fails_on_another_tape_and_on_another_flow(flow: Flow):
    short = Flow(flow.warm, flow.mixed[:5_000], flow.close[:0])
    tape = tape_hash(build_engine(2, 4_000), short)
    assert is_correct(SPEC, short, tape)
    assert not is_correct(SPEC, short, "0" * 64)
    assert not is_correct(SPEC, short._replace(mixed=short.mixed[:-1]), tape)


def test_the_gate_of_the_simulation_fails_on_a_damaged_ring_and_on_a_message_without_record(flow: Flow):
    shard = Shard(flow, build_engine(2, 4_000, journal=True))
    shard.run(0.001)
    passes, rest = divmod(shard.messages, len(flow.warm) + len(flow.mixed) + len(flow.close))
    assert (passes > 0, rest) == (True, 0)
    assert shard.engine.live == 0, "a pass leaves the books empty"
    assert _whole(shard)
    shard.ring[100] ^= 1
    assert not _whole(shard)
    shard.ring[100] ^= 1
    shard.messages += 1
    assert not _whole(shard)


def test_the_standing_of_a_book_is_what_a_peer_is_compared_by():
    engine = build_engine(1, 10)
    assert standing_of(engine) == Standing(0, 0, 0, 0, 0)
    for id, side, price, lots in ((1, 0, 99, 5), (2, 0, 98, 7), (3, 1, 101, 4), (4, 1, 99, 3)):
        engine.submit(id, 0, 1, side, price, lots) if id < 4 else engine.submit(id, 0, 2, side, price, lots)
    assert standing_of(engine) == Standing(3, 9, 4, 99, 101)


def test_the_calibration_line_has_its_names():
    line = calibrate()
    assert {"cpu_ms", "wall_ms", "spin_gap_percent", "spin_gap_ms"} <= set(line)
    probed = {"load_32k_ns", "load_512k_ns", "load_8m_ns", "mispredict_ns"} & set(line)
    assert len(probed) in (0, 4), "all of them with a C compiler, none without"
