"""The learned score: as torch said it, the same every time, for any names; damaged weights are refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array

from desk.errors import DataError
from desk.fraud.conduct import NAMES, Neighbours, conduct, neighbours
from desk.fraud.drift import LEAST
from desk.fraud.gnn import WEIGHTS, load_network, pack, unpack
from desk.fraud.graph import Columns, build_columns, columns_of
from desk.fraud.local import LocalGraph
from desk.fraud.scene import Scene
from desk.fraud.thresholds import STANDARD
from evals.fraud.build import build_world
from evals.fraud.learning import code_hash
from evals.fraud.roc import area
from evals.fraud.worlds import Plan
from tests.desk.fraud.worlds import END, pay

TORCH = Path(__file__).with_name("gnn_torch.npz")


@pytest.fixture(scope="module")
def network():
    return load_network()


@pytest.fixture(scope="module")
def world():
    """A tenth of a world that nobody learned from."""
    return build_world(Plan(160, accounts=4_000, per_typology=8))


def scene_of(columns: Columns) -> Scene:
    return Scene(LocalGraph(columns), STANDARD)


def test_the_formula_gives_what_torch_gave_for_these_weights(network):
    with np.load(TORCH) as kept:
        near = Neighbours(*(csr_array(kept[name]) for name in ("payers", "payees")))
        said = network.logits(kept["features"], near)
        assert np.abs(said - kept["said"]).max() < 1e-5 * np.abs(kept["said"]).max()
        assert np.ptp(kept["said"]) > 1


def test_it_tells_members_from_others_in_a_world_of_another_seed_and_size(network, world):
    found = network.read(world.columns)
    assert found.features.shape == (4_000, len(NAMES))
    assert found.scores.min() >= 0
    assert found.scores.max() <= 1
    assert area(found.scores, world.planted) > 0.95
    assert np.array_equal(network.read(world.columns).scores, found.scores)


def test_other_names_another_unit_and_another_year_change_no_score(network, world):
    c = world.columns
    order = np.random.default_rng(1).permutation(len(c.accounts))
    names = [f"N{order[row]:05d}" for row in range(len(c.accounts))]
    source, target = ([names[account] for account in end] for end in (c.source, c.target))
    there = build_columns(c.ids, source, target, c.minor * 10, c.at + 31_536_000)
    scores = dict(zip(there.accounts, network.read(there).scores, strict=True))
    here = network.read(c).scores
    paying = np.unique(np.concatenate([c.source, c.target])).tolist()
    assert [scores[names[account]] for account in paying] == pytest.approx(here[paying], abs=1e-6)


def test_nothing_and_one_account_have_their_rows(network):
    nothing = network.read(columns_of([]))
    assert nothing.features.shape == (0, len(NAMES))
    assert nothing.scores.shape == (0,)
    assert [len(part.data) for part in neighbours(scene_of(columns_of([])))] == [0, 0]
    one = network.read(columns_of([pay("A", "A", 10, END)]))
    assert one.scores.shape == (1,)
    assert np.isfinite(one.features).all()


def test_neighbours_are_means_over_who_paid_and_who_was_paid():
    columns = columns_of([pay("A", "C", 10, END), pay("B", "C", 20, END), pay("C", "D", 30, END)])
    payers, payees = (part.toarray() for part in neighbours(scene_of(columns)))
    assert payers.tolist() == [[0, 0, 0, 0], [0, 0, 0, 0], [0.5, 0.5, 0, 0], [0, 0, 1, 0]]
    assert payees.tolist() == [[0, 0, 1, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 0, 0]]


def test_features_tell_how_money_is_passed_on():
    columns = columns_of([pay("A", "B", 100, END), pay("B", "C", 95, END.replace(hour=14)), pay("D", "E", 50, END)])
    rows = dict(zip(columns.accounts, conduct(scene_of(columns)), strict=True))
    passed, balance = NAMES.index("passed"), NAMES.index("balance")
    assert [rows[name][passed] for name in "ABCDE"] == [0, np.log(2), 0, 0, 0]
    assert rows["B"][balance] == pytest.approx(0.95)
    assert rows["D"][balance] == 0


def test_weights_come_back_as_they_were_packed(network):
    again = unpack(pack(network), network.about)
    assert pack(again) == pack(network) == WEIGHTS.read_bytes()
    assert again.trained_on.names == NAMES


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda npz, record: npz.write_bytes(npz.read_bytes()[:-1] + b"x"), "its record says"),
        (lambda npz, record: record.write_text(json.dumps({"sha256": "0" * 64})), "its record says 000000000000"),
        (lambda npz, record: record.write_text("{"), "cannot be read"),
        (lambda npz, record: npz.unlink(), "cannot be read"),
    ],
)
def test_weights_that_are_not_those_of_the_record_are_refused(tmp_path, damage, told):
    paths = [Path(shutil.copy(path, tmp_path)) for path in (WEIGHTS, WEIGHTS.with_suffix(".json"))]
    load_network(paths[0])
    damage(*paths)
    with pytest.raises(DataError, match=f"{told}.*train again: make train-fraud"):
        load_network(paths[0])


def test_weights_of_other_features_are_refused(tmp_path):
    paths = [Path(shutil.copy(path, tmp_path)) for path in (WEIGHTS, WEIGHTS.with_suffix(".json"))]
    record = json.loads(paths[1].read_text())
    paths[1].write_text(json.dumps({**record, "features": record["features"][::-1]}))
    with pytest.raises(DataError, match="other features"):
        load_network(paths[0])


def test_the_weights_belong_to_the_present_code_of_the_features(network):
    assert network.about["code"] == code_hash(), "conduct.py changed since: make train-fraud"


def test_the_watch_sees_no_drift_in_another_world_and_drift_where_seven_accounts_get_everything(network, world):
    same = network.watch(world.columns)
    assert (same.rows, same.enough, same.shifted) == (4_000, True, ())
    c = world.columns
    half = c.accounts[: len(c.accounts) // 2]
    fewer = build_columns(
        c.ids,
        [half[account % len(half)] for account in c.source],
        [half[account % 7] for account in c.target],
        c.minor,
        c.at,
    )
    moved = network.watch(fewer)
    assert {"out_others", "out_rate"} <= set(moved.shifted)
    assert moved.psi[moved.shifted[0]] == max(moved.psi.values())
    small = network.watch(columns_of([pay("A", "B", 10, END)]))
    assert (small.enough, small.shifted) == (False, ())
    assert small.rows < LEAST
