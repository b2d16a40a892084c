from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from desk.errors import DataError
from desk.forecast.features import build_targets
from desk.forecast.recurrent import WEIGHTS, load_network, pack, predict_recurrent, unpack
from desk.forecast.sequences import FIRST, build_rows, build_windows
from desk.market.history import History
from evals.research.recurrent import CUTOFFS, code_hash

PANEL = History().closes(["XNYS:KO"])
CLOSES, DAYS = PANEL.closes[:, 0], [day.item() for day in PANEL.days]
START = DAYS.index(date(2003, 6, 2))


def test_the_shipped_weights_are_those_of_their_record_and_of_this_code() -> None:
    network = load_network()
    assert network.days == CUTOFFS
    assert network.about["code"] == code_hash()
    assert pack(network) == pack(unpack(pack(network), {}))


def test_numpy_says_what_torch_said() -> None:
    """`lstm_torch.npz` holds windows and what torch made of them with each cut-off day's weights (make train-lstm)."""
    with np.load(Path(__file__).with_name("lstm_torch.npz"), allow_pickle=False) as file:
        starts, means, deviations = file["starts"], file["means"], file["deviations"]
    network, (_, scale) = load_network(), build_rows(CLOSES)
    for cutoff, start, mean, deviation in zip(network.days, starts.tolist(), means, deviations, strict=True):
        rows = slice(start, start + 20)
        assert DAYS[start] > cutoff
        said = predict_recurrent(CLOSES[: start + 20], DAYS[: start + 20], start, network)
        assert said.mean[rows] / scale[rows] == pytest.approx(mean, abs=1e-5)
        assert said.deviation[rows] / scale[rows] == pytest.approx(deviation, rel=1e-5)


def test_a_day_is_forecast_from_closes_up_to_it_and_weights_cut_off_before_it() -> None:
    network = load_network()
    whole = predict_recurrent(CLOSES, DAYS, START, network)
    for row in (START, START + 1, START + 700, 6000):
        poisoned = CLOSES.copy()
        poisoned[row + 1 :] *= np.exp(np.cumsum(np.random.default_rng(row).normal(0, 0.1, CLOSES.size - row - 1)))
        again = predict_recurrent(poisoned, DAYS, START, network)
        assert np.array_equal(again.mean[: row + 1], whole.mean[: row + 1])
        assert np.array_equal(again.deviation[: row + 1], whole.deviation[: row + 1])
    cut = predict_recurrent(CLOSES[:6000], DAYS[:6000], START, network)
    assert cut.mean == pytest.approx(whole.mean[:6000], abs=1e-12)
    assert not whole.mean[:START].any()


def test_its_deviation_tells_wild_days_from_calm_ones() -> None:
    said, targets = predict_recurrent(CLOSES, DAYS, START, load_network()), build_targets(CLOSES)
    sizes = np.abs(targets[START:-2])
    assert np.corrcoef(said.deviation[START:-2], sizes)[0, 1] > 0.3
    assert float(np.mean((targets[START:-2] / said.deviation[START:-2]) ** 2)) == pytest.approx(1.0, abs=0.35)


def test_what_it_cannot_forecast_is_named(tmp_path: Path) -> None:
    network = load_network()
    with pytest.raises(DataError, match="oldest weights were learned up to 1999-12-31, and 1996-"):
        predict_recurrent(CLOSES, DAYS, 1700, network)
    with pytest.raises(DataError, match="too few for windows"):
        predict_recurrent(CLOSES, DAYS, FIRST - 1, network)
    said = predict_recurrent(np.full(3500, 7.0), DAYS[:3500], START, network)
    assert np.isfinite(said.mean).all()
    assert np.abs(said.mean).max() < 1e-8
    for name in ("lstm.npz", "lstm.json"):
        shutil.copy(WEIGHTS.with_name(name), tmp_path / name)
    (tmp_path / "lstm.npz").write_bytes(WEIGHTS.read_bytes() + b"x")
    with pytest.raises(DataError, match=r"lstm\.npz has the hash"):
        load_network(tmp_path / "lstm.npz")
    shutil.copy(WEIGHTS, tmp_path / "lstm.npz")
    about = json.loads((tmp_path / "lstm.json").read_text())
    (tmp_path / "lstm.json").write_text(json.dumps({**about, "features": ["other"]}))
    with pytest.raises(DataError, match="other features"):
        load_network(tmp_path / "lstm.npz")


def test_windows_end_at_their_row() -> None:
    rows, _ = build_rows(CLOSES)
    windows = build_windows(rows, 500)
    assert np.array_equal(windows[0], rows[481:501])
    assert np.array_equal(windows[-1], rows[-20:])
