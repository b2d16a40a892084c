from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from desk.errors import DataError
from desk.forecast.boosted import LEAST, REFIT, fit, predict_boosted
from desk.forecast.features import Vector, build_features, build_targets
from desk.forecast.registry import Registry


def crossed(days: int = 2600, edge: float = 0.5) -> Vector:
    """Closes whose return two days on goes with the product of two signs: no line sees it."""
    source, logs = np.random.default_rng(4), np.zeros(days)
    for day in range(3, days):
        logs[day] = 0.01 * (edge * np.sign(logs[day - 2] * logs[day - 3]) + source.normal())
    return np.asarray(100 * np.exp(np.cumsum(logs)))


def test_trees_find_what_no_line_sees() -> None:
    closes = crossed()
    predicted, targets = predict_boosted(closes, 1400, Registry()), build_targets(closes)
    assert not predicted[:1400].any()
    assert np.corrcoef(predicted[1400:-2], targets[1400:-2])[0, 1] > 0.25


def test_a_stopped_walk_goes_on_and_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    closes, seen = crossed(2000), list[tuple[int, int]]()
    whole = predict_boosted(closes, 1400, Registry(tmp_path / "one"))
    cut = predict_boosted(closes[: 1400 + REFIT], 1400, Registry(tmp_path / "two"))
    files = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "two").iterdir()}
    again = predict_boosted(closes, 1400, Registry(tmp_path / "two"), progress=lambda *at: seen.append(at))
    assert np.array_equal(whole, again)
    assert np.array_equal(cut, whole[: cut.size])
    assert len(files) == 2
    assert all((tmp_path / "two" / name).stat().st_mtime_ns == at for name, at in files.items())
    for path in (tmp_path / "one").glob("*.model"):
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert not np.array_equal(predict_boosted(closes, 1400, Registry(), seed=8), whole)


def test_a_model_file_with_another_hash_is_refused(tmp_path: Path) -> None:
    closes = crossed(1900)
    predict_boosted(closes, 1700, Registry(tmp_path))
    (path,) = tmp_path.glob("*.model")
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(DataError, match=r"has the hash \w{12}, its record says \w{12}; delete both"):
        predict_boosted(closes, 1700, Registry(tmp_path))
    path.with_suffix(".json").unlink()
    with pytest.raises(DataError, match="cannot be read"):
        predict_boosted(closes, 1700, Registry(tmp_path))


def test_too_short_a_history_and_a_constant_one() -> None:
    with pytest.raises(DataError, match="too few to fit trees on"):
        predict_boosted(crossed(500), LEAST, Registry())
    assert not predict_boosted(np.full(700, 5.0), 400, Registry()).any()


def test_rows_are_not_shared_between_origins() -> None:
    closes, models = crossed(700), Registry()
    rows, targets = build_features(closes)[100:600], build_targets(closes)[100:600]
    one = fit(rows, targets, 1, models).save_raw("ubj")
    assert fit(rows, targets, 1, models).save_raw("ubj") == one
    assert fit(rows, targets, 2, models).save_raw("ubj") != one
    assert fit(rows, -targets, 1, models).save_raw("ubj") != one
