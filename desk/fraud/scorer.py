"""Every order, fill and transfer scored as it happens: the kernel `desk._core.Stream` and its readable twin.

A payment of `a` at time t from s to r; decays are T / (T + elapsed), so nothing but + - * / is needed and both give
the same bits on processors that do not fuse products. Of the sender, before the payment:

    rate     payments, decayed over an hour, and this one
    z        (a - mean) / (spread + mean / 4), from the fifth payment on, not below 0; mean and mean absolute deviation
             of what it sent, exponentially weighted by 1/16
    through  the smaller part of inflow and outflow over the larger, both decayed over two days, where the inflow is
             above three usual payments
    fresh    1 - filled / 64 for a receiver whose bit of 64 is not set yet (a one-hash Bloom filter, Bloom 1970): a
             sender with many receivers fills it, and novelty says less
    woken    1 when it sent nothing for 90 days

    raw   = 0.15 min(z, 20) + 0.1 min(max(rate - 3, 0), 20) + 0.8 through + 0.3 fresh + 0.9 woken
    score = raw / (1 + raw)

Weights are set by hand: the score puts payments in order for a person's look and is no probability. A payment older
than the last counts as at the same time. An order goes from an account to an instrument, a fill between both sides.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from desk.errors import InputError

try:
    from desk import _core
except ImportError:
    _NATIVE = False
else:
    _NATIVE = True

PAYMENT = np.dtype([("source", "<u4"), ("target", "<u4"), ("at", "<i8"), ("amount", "<f8")])
_FLOWS = [(name, "<f8") for name in ("mean", "spread", "rate", "inflow", "outflow")]
ROW = np.dtype([*_FLOWS, ("known", "<u8"), *((name, "<u4") for name in ("last", "last_sent", "count", "bits"))])
"""64 bytes an account."""
SIGNS = ("velocity", "amount", "pass_through", "new_counterpart", "woken")
HOUR, WINDOW, ASLEEP, KNOWN_FROM = 3600.0, 172_800.0, 7_776_000, 5
LATEST, LARGEST, MOST_ACCOUNTS = 2**32 - 1, 1e18, 1 << 24


class Score(NamedTuple):
    """0 to below 1, and the signs that fired, in the order of `SIGNS`."""

    value: float
    signs: tuple[str, ...]


class Stream(Protocol):
    """What both are. ValueError for what is no payment between known accounts; a batch changes all or nothing."""

    def run(self, events: memoryview, scores: memoryview, signs: memoryview, /) -> None:
        """Scores `PAYMENT` records into float64 and one byte each."""
        ...

    def one(self, source: int, target: int, at: int, amount: float, /) -> tuple[float, int]:
        """Scores one: the score, and bit i for `SIGNS[i]`."""
        ...

    def rows(self) -> bytes:
        """The state: `ROW` records."""
        ...


class PlainStream:
    """The twin: the formula as written above."""

    def __init__(self, accounts: int) -> None:
        self._rows = np.zeros(accounts, ROW)

    def run(self, events: memoryview, scores: memoryview, signs: memoryview, /) -> None:
        """See `Stream.run`."""
        payments = np.frombuffer(events, PAYMENT)
        values, bits = np.frombuffer(scores, np.float64), np.frombuffer(signs, np.uint8)
        if not len(payments) == len(values) == len(bits):
            raise ValueError("one score and one byte of signs a payment")
        for number, payment in enumerate(payments.tolist()):
            self._check(number, *payment)
        for number, payment in enumerate(payments.tolist()):
            values[number], bits[number] = self._step(*payment)

    def one(self, source: int, target: int, at: int, amount: float, /) -> tuple[float, int]:
        """See `Stream.one`."""
        self._check(0, source, target, at, amount)
        return self._step(source, target, at, float(amount))

    def rows(self) -> bytes:
        """See `Stream.rows`."""
        return self._rows.tobytes()

    def _check(self, number: int, source: int, target: int, at: int, amount: float) -> None:
        known = 0 <= source < len(self._rows) and 0 <= target < len(self._rows)
        if not (known and 0 <= at <= LATEST and 0 < amount <= LARGEST):
            raise ValueError(f"payment {number} is no payment between accounts of this stream")

    def _step(self, source: int, target: int, at: int, amount: float) -> tuple[float, int]:
        mean, spread, rate, inflow, outflow, known, last, last_sent, count, bits = self._rows[source].tolist()
        quiet, keep = max(at - last_sent, 0), WINDOW / (WINDOW + max(at - last, 0))
        rate = rate * (HOUR / (HOUR + quiet)) + 1.0 if count else 1.0
        inflow, outflow, away = inflow * keep, outflow * keep + amount, amount - mean
        z = away / (spread + mean * 0.25) if count >= KNOWN_FROM and away > 0 else 0.0
        through = min(inflow, outflow) / max(inflow, outflow) if count and inflow > 3.0 * mean else 0.0
        bit = 1 << ((target * 2654435769 & LATEST) >> 26)
        strange = not known & bit
        fresh = 1.0 - bits / 64 if strange and count else 0.0
        woken = 1.0 if count and quiet > ASLEEP else 0.0
        raw = _weigh(z, rate, through, fresh, woken)
        fired = (rate > 10.0, z > 4.0, through > 0.8, fresh > 0.5, woken > 0.0)
        if count:
            spread, mean = spread + (abs(away) - spread) * 0.0625, mean + away * 0.0625
        else:
            mean = amount
        times = max(last, at), max(last_sent, at), min(count + 1, LATEST), bits + strange
        self._rows[source] = (mean, spread, rate, inflow, outflow, known | bit, *times)
        self._receive(target, at, amount)
        return raw / (1.0 + raw), sum(one << place for place, one in enumerate(fired))

    def _receive(self, target: int, at: int, amount: float) -> None:
        row = self._rows[target]
        keep = WINDOW / (WINDOW + max(at - int(row["last"]), 0))
        row["inflow"] = float(row["inflow"]) * keep + amount
        row["outflow"] = float(row["outflow"]) * keep
        row["last"] = max(int(row["last"]), at)


def _weigh(z: float, rate: float, through: float, fresh: float, woken: float) -> float:
    many = min(rate - 3.0 if rate > 3.0 else 0.0, 20.0)
    return 0.15 * min(z, 20.0) + 0.1 * many + 0.8 * through + 0.3 * fresh + 0.9 * woken


def native_stream() -> bool:
    """Whether the C kernel is there."""
    return _NATIVE


def build_stream(accounts: int, native: bool = _NATIVE) -> Stream:
    """A stream that has seen nothing, for accounts 0 to `accounts` - 1; ValueError outside 1 to 2**24."""
    if not 1 <= accounts <= MOST_ACCOUNTS:
        raise ValueError("a stream has 1 to 2**24 accounts")
    if not native:
        return PlainStream(accounts)
    if not _NATIVE:
        raise ImportError("desk._core is absent; install with a C compiler or use the twin")
    return _core.Stream(accounts)


class Scorer:
    """A stream with names for its accounts, in bounded memory: 64 bytes and a name for each of `capacity`.

    Names beyond the capacity share rows by their CRC-32; `shared` counts the payments that met one. Not thread-safe.
    """

    def __init__(self, capacity: int = 1 << 17, native: bool = _NATIVE) -> None:
        self._stream = build_stream(capacity, native)
        self._one, self._capacity = self._stream.one, capacity
        self._places: dict[str, int] = {}
        self.shared = 0

    def score_one(self, source: str, target: str, at: int, amount: float) -> Score:
        """Scores a payment of `amount` at `at` (seconds since 1970) and learns from it.

        InputError for an amount outside 0 to 1e18, or a time outside 1970 to 2106.
        """
        try:
            value, signs = self._one(self._place(source), self._place(target), at, amount)
        except ValueError:
            raise InputError(f"{amount} at {at} is no payment; amounts are above 0, times from 1970 to 2106") from None
        return Score(value, tuple(sign for place, sign in enumerate(SIGNS) if signs >> place & 1) if signs else ())

    def score_batch(self, payments: NDArray[np.void]) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
        """Scores `PAYMENT` records whose accounts are places below the capacity; ValueError and no change otherwise."""
        scores, signs = np.empty(len(payments)), np.empty(len(payments), np.uint8)
        self._stream.run(np.ascontiguousarray(payments).view(np.uint8).data, scores.data, signs.data)
        return scores, signs

    def state_hash(self) -> str:
        """SHA-256 of the rows and the names: equal after the same payments."""
        names: Sequence[str] = list(self._places)
        return hashlib.sha256(self._stream.rows() + "\n".join(names).encode()).hexdigest()

    def _place(self, name: str) -> int:
        place = self._places.get(name)
        if place is not None:
            return place
        if len(self._places) < self._capacity:
            return self._places.setdefault(name, len(self._places))
        self.shared += 1
        return zlib.crc32(name.encode()) % self._capacity
