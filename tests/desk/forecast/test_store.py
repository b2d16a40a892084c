from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from desk.errors import DataError, InputError
from desk.forecast.store import FeatureStore

DAYS = np.arange(100, 110)
VALUES = np.linspace(1.0, 2.0, 10)
KNOWN = np.linspace(0.0, 90.0, 10)


def test_an_instant_shows_what_was_known_then_also_after_a_correction(tmp_path: Path) -> None:
    store = FeatureStore(tmp_path / "aapl.npz")
    assert store.learn("close", DAYS, VALUES, KNOWN, now=95.0) == 10
    early = store.as_of("close", 45.0)
    assert early.days.tolist() == [100, 101, 102, 103, 104]
    corrected = VALUES.copy()
    corrected[2] = 9.0
    assert store.learn("close", DAYS, corrected, KNOWN, now=200.0) == 1
    assert store.as_of("close", 45.0).sha256 == early.sha256
    assert store.as_of("close", 199.0).values[2] == VALUES[2]
    assert store.as_of("close", 200.0).values[2] == 9.0
    assert store.as_of("close", 200.0).days.size == 10


def test_learning_the_same_again_or_the_future_changes_nothing_before(tmp_path: Path) -> None:
    store = FeatureStore(tmp_path / "aapl.npz")
    store.learn("close", DAYS[:6], VALUES[:6], KNOWN[:6], now=60.0)
    before = store.as_of("close", 60.0)
    assert store.learn("close", DAYS[:6], VALUES[:6], KNOWN[:6], now=61.0) == 0
    store.learn("close", DAYS[6:], np.full(4, 1e9), KNOWN[6:], now=95.0)
    store.learn("mood", DAYS[:3], np.array([0.5, np.nan, -0.5]), KNOWN[:3], now=95.0)
    assert store.as_of("close", 59.0).sha256 == before.sha256
    assert store.as_of("mood", 95.0).days.tolist() == [100, 102]
    assert store.as_of("mood", -1.0).days.size == 0
    assert FeatureStore(tmp_path / "other.npz").as_of("close", 1.0).values.size == 0


def test_what_cannot_be_known_or_read_is_refused(tmp_path: Path) -> None:
    store = FeatureStore(tmp_path / "aapl.npz")
    with pytest.raises(InputError, match="known only after now"):
        store.learn("close", DAYS, VALUES, KNOWN, now=50.0)
    with pytest.raises(InputError, match="do not ascend"):
        store.learn("close", DAYS[::-1].copy(), VALUES, KNOWN, now=95.0)
    (tmp_path / "aapl.npz").write_bytes(b"nonsense")
    with pytest.raises(DataError, match="cannot be read"):
        store.as_of("close", 1.0)
