"""Both fraud kernels on buffers that are cut, shifted or hold anything: ValueError or the twin's answer, never a fault.

Runs against the shipped extension and, by `tests/native`, against one built with the sanitisers.
"""

from __future__ import annotations

import numpy as np
import pytest

from desk.fraud.measures import Rows, rank_rows
from desk.fraud.scorer import PAYMENT, PlainStream, build_stream, native_stream

if native_stream():
    from desk import _core

pytestmark = pytest.mark.skipif(not native_stream(), reason="desk._core is absent: build it with a C compiler")
ROUNDS = 400
WILD = np.array([0, 1, 2, 7, 2**31 - 1, 2**31, 2**32 - 2, 2**32 - 1], np.uint64)


def sound(dice):
    """Rows of a small random graph; an account may have no edge, and slots may be shared."""
    n = int(dice.integers(1, 30))
    counts = dice.integers(0, 9, n)
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    sources = dice.integers(0, n + 1, starts[-1]).astype(np.uint32)
    return [starts, sources, dice.permutation(n).astype(np.uint32), dice.choice([0.0, 0.5, 1.0], n)]


def shifted(dice, column):
    """The bytes of a column at an address that no number may have."""
    room = bytearray(column.nbytes + 8)
    at = int(dice.integers(1, 8))
    room[at : at + column.nbytes] = column.tobytes()
    return memoryview(room)[at : at + column.nbytes]


def spoilt(dice, columns):
    """The columns with one of them cut, shifted, or holding numbers from anywhere."""
    given, one, how = [column.copy() for column in columns], int(dice.integers(4)), int(dice.integers(3))
    if how == 0:
        return [c.tobytes()[: int(dice.integers(c.nbytes + 1))] if n == one else c.data for n, c in enumerate(given)]
    if how == 1:
        return [shifted(dice, c) if n == one else c.data for n, c in enumerate(given)]
    if len(given[one]):
        place, value = int(dice.integers(len(given[one]))), WILD[dice.integers(len(WILD))]
        given[one][place] = value.astype(given[one].dtype) if dice.integers(2) or one != 0 else -int(value)
    return [c.data for c in given]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_ranks_of_sound_rows_are_right_and_spoilt_rows_harm_nothing(seed):
    dice, refused = np.random.default_rng(seed), 0
    for _ in range(ROUNDS):
        columns = starts, sources, slots, shares = sound(dice)
        ranks = np.zeros(len(shares))
        _core.rank_rows(starts.data, sources.data, slots.data, shares.data, 0.85, 7, ranks.data)
        wanted = rank_rows(Rows(starts, sources, slots, shares, np.arange(len(ranks))), 0.85, 7)
        assert ranks == pytest.approx(wanted, rel=1e-5, abs=1e-9)
        try:
            one, two, three, four = spoilt(dice, columns)
            _core.rank_rows(one, two, three, four, 0.85, 7, np.zeros(len(ranks)).data)
        except ValueError:
            refused += 1
    assert ROUNDS // 4 < refused < ROUNDS


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_payments_from_anywhere_are_scored_right_or_all_refused(seed):
    dice, refused = np.random.default_rng(seed), 0
    ours, twin = build_stream(5), PlainStream(5)
    for _ in range(ROUNDS):
        payments = np.zeros(int(dice.integers(0, 40)), PAYMENT)
        payments["source"], payments["target"] = dice.integers(0, 5, (2, len(payments)))
        payments["at"] = dice.integers(0, 2**32, len(payments))
        payments["amount"] = dice.lognormal(5, 3, len(payments))
        if len(payments) and dice.integers(3) == 0:
            place = int(dice.integers(len(payments)))
            wild = {
                "source": 2**32 - 1,
                "target": 5,
                "at": dice.choice([-1, 2**32, -(2**63), 2**63 - 1]),
                "amount": dice.choice([0.0, -1.0, np.nan, np.inf, 1e19, 5e-324]),
            }
            name = str(dice.choice(list(wild)))
            payments[name][place] = wild[name]
        results = [(np.zeros(len(payments)), np.zeros(len(payments), np.uint8)) for _ in range(2)]
        ends = [_outcome(stream, payments, *made) for stream, made in zip((ours, twin), results, strict=True)]
        assert ends[0] == ends[1]
        refused += ends[0] == "refused"
        assert ours.rows() == twin.rows()
        if ends[0] == "scored":
            assert [each.tobytes() for each in results[0]] == [each.tobytes() for each in results[1]]
    assert 0 < refused < ROUNDS // 2


def test_buffers_that_do_not_fit_are_refused_and_change_nothing():
    dice, stream = np.random.default_rng(4), build_stream(5)
    payments = np.ones(9, PAYMENT)
    raw, before = payments.view(np.uint8), stream.rows()
    scores, signs = np.zeros(9), np.zeros(9, np.uint8)
    for given in (
        (shifted(dice, raw), scores.data, signs.data),
        (raw.data, shifted(dice, scores), signs.data),
        (raw[:-1].data, scores.data, signs.data),
        (raw.data, scores[:-1].data, signs.data),
        (raw.data, scores.data, signs[:-1].data),
    ):
        with pytest.raises(ValueError, match="payment"):
            stream.run(*given)
        assert stream.rows() == before


def _outcome(stream, payments, scores, signs):
    try:
        stream.run(payments.view(np.uint8).data, scores.data, signs.data)
    except ValueError:
        return "refused"
    return "scored"
