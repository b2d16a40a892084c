"""A graph neural network that says how much an account looks like one of a laundering pattern: inference.

GraphSAGE with mean aggregation (Hamilton, Ying, Leskovec 2017), who pays and who is paid apart, two layers:

    h0 = (x - centre) / spread, cut at 5
    h' = relu(W [h | mean of h over payers | mean of h over payees] + b)
    score = squash(slope (w h2 + b) + shift)

`x` is `desk.fraud.conduct`; slope and shift are Platt's, fitted on worlds that the network did not see. The weights
were made by `evals.fraud.learning`, on seeded worlds alone; `gnn.json` is their training record. A score was calibrated
where one account in seven is in a pattern: it puts accounts in order and is no probability elsewhere.
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from desk.errors import DataError
from desk.fraud import drift
from desk.fraud.conduct import NAMES, Neighbours, conduct, neighbours
from desk.fraud.graph import Columns, Floats
from desk.fraud.local import LocalGraph
from desk.fraud.scene import Scene
from desk.fraud.thresholds import STANDARD

WEIGHTS = Path(__file__).with_name("gnn.npz")
CUT, DEPTH = 5.0, 2
LEAD = 0.9997
"""The score from which an account that no alert holds is a lead. Scores are calibrated over all accounts, and what the
rules passed over is a plant less often at the same score, so this was chosen among those alone
(docs/fraud-learning.md).
"""
AGAIN = "train again: make train-fraud (docs/fraud-learning.md)"


class Layer(NamedTuple):
    """`weights` (out, in) and `bias` (out,)."""

    weights: Floats
    bias: Floats


class Reading(NamedTuple):
    """Per account of the graph, in its order: the features (n, k), and the score (n,) from 0 to 1."""

    features: Floats
    scores: Floats


@dataclass(frozen=True)
class Network:
    """The weights, and what the features looked like in training. `about` is the training record's own words."""

    centre: Floats
    spread: Floats
    layers: tuple[Layer, ...]
    head: Layer
    slope: float
    shift: float
    trained_on: drift.Record
    about: dict[str, object]

    def logits(self, features: Floats, near: Neighbours) -> Floats:
        """What the head says of each row (n,), before calibration."""
        h: Floats = standard(features, self.centre, self.spread)
        for layer in self.layers:
            seen = np.concatenate([h, near.payers @ h, near.payees @ h], axis=1)
            h = np.maximum(seen @ layer.weights.T + layer.bias, 0.0)
        found: Floats = (h @ self.head.weights.T + self.head.bias)[:, 0]
        return found

    def read(self, columns: Columns) -> Reading:
        """Every account of these transfers; nothing without any. Same transfers, same scores.

        All that is asked of the graph follows from the columns, whatever back end holds them.
        """
        scene = Scene(LocalGraph(columns), STANDARD)
        features = conduct(scene)
        if not len(features):
            return Reading(features, np.zeros(0))
        odds = self.slope * self.logits(features, neighbours(scene)) + self.shift
        return Reading(features, 1 / (1 + np.exp(-np.clip(odds, -60, 60))))

    def watch(self, columns: Columns) -> drift.Comparison:
        """These transfers' accounts against those that the network learned from."""
        return drift.compare(self.trained_on, conduct(Scene(LocalGraph(columns), STANDARD)))


def standard(features: Floats, centre: Floats, spread: Floats) -> Floats:
    """Features as the first layer takes them."""
    found: Floats = np.clip((features - centre) / spread, -CUT, CUT)
    return found


def load_network(path: Path = WEIGHTS) -> Network:
    """The weights with their record, the `.json` beside them.

    DataError when either is missing or damaged, when the weights are not those that the record tells of, and when they
    were learned from other features.
    """
    try:
        content = path.read_bytes()
        about: dict[str, object] = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"the learned weights {path.name} cannot be read ({type(error).__name__}); {AGAIN}") from None
    found = hashlib.sha256(content).hexdigest()
    if found != about.get("sha256"):
        raise DataError(
            f"{path.name} has the hash {found[:12]}, its record says {str(about.get('sha256'))[:12]}; {AGAIN}"
        )
    if about.get("features") != list(NAMES):
        raise DataError(f"{path.name} was learned from other features than conduct.py has now; {AGAIN}")
    return unpack(content, about)


def unpack(content: bytes, about: dict[str, object]) -> Network:
    """The network in the bytes of an `.npz`, as `pack` wrote them."""
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        parts = {name: file[name].astype(np.float64) for name in file.files}
    record = drift.Record(NAMES, tuple(parts["drift_edges"]), tuple(parts["drift_shares"]))
    layers = tuple(Layer(parts[f"weights{n}"], parts[f"bias{n}"]) for n in range(DEPTH + 1))
    slope, shift = parts["calibration"].tolist()
    return Network(parts["centre"], parts["spread"], layers[:DEPTH], layers[DEPTH], slope, shift, record, about)


def pack(network: Network) -> bytes:
    """The weights as an `.npz`; of a feature with fewer bins, edges are filled up with infinity and shares with 0."""
    parts = {
        "centre": network.centre,
        "spread": network.spread,
        "calibration": np.array([network.slope, network.shift]),
    }
    for n, layer in enumerate((*network.layers, network.head)):
        parts |= {f"weights{n}": layer.weights.astype(np.float32), f"bias{n}": layer.bias.astype(np.float32)}
    then, bins = network.trained_on, drift.BINS
    parts["drift_edges"] = np.stack([np.pad(e, (0, bins - 1 - len(e)), constant_values=np.inf) for e in then.edges])
    parts["drift_shares"] = np.stack([np.pad(shares, (0, bins - len(shares))) for shares in then.shares])
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, **parts)
    return content.getvalue()
