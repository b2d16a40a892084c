"""The suite on the learned score: its measures on graphs that can be counted by hand, and on a small world."""

from __future__ import annotations

import json

import numpy as np
import pytest

from desk.fraud.alerts import Alert
from desk.fraud.graph import columns_of
from desk.settings import Settings
from evals.fraud.learned import average_precision, mark, measure
from evals.run import run_suite
from evals.suites.fraud_learned import METRICS, means
from tests.desk.fraud.worlds import END, pay


def alert(id: str, score: float, *accounts: str) -> Alert:
    return Alert(id, "cycle", accounts, 1, "USD", 0, 1, (), score, ())


def test_measures_are_what_a_hand_counts():
    columns = columns_of([pay(name, "F", 10, END) for name in "ABCDE"])
    labelled = np.array([True, True, True, False, False, False])
    learned = np.array([0.9, 0.2, 0.9999, 0.9998, 0.1, 0.3])
    found = measure(mark(columns, labelled, learned, [alert("x", 0.8, "A", "B"), alert("y", 0.9, "E", "F")]))
    assert found["rules_precision"] == 0.5
    assert found["rules_recall"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["learned_precision"] == 0.5
    assert (found["leads"], found["leads_precision"], found["recall_with_leads"]) == (2, 0.5, 1)
    assert found["precision_with_leads"] == 0.5
    assert found["false_alerts"] == 1
    assert (found["alerts_auc_by_rules"], found["alerts_auc_by_learned"], found["alerts_auc_by_both"]) == (0, 1, 0)
    assert found["learned_auc"] == pytest.approx(6 / 9, abs=1e-4)


def test_average_precision_counts_equal_scores_together():
    labels = np.array([True, False, True, False])
    assert average_precision(np.array([4.0, 3.0, 2.0, 1.0]), labels) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision(np.ones(4), labels) == 0.5
    assert np.isnan(average_precision(np.ones(2), np.zeros(2, dtype=bool)))


def test_what_a_graph_cannot_give_is_left_out_of_the_mean():
    one = measure(mark(columns_of([pay("A", "B", 1, END)]), np.array([True, False]), np.array([0.4, 0.2]), []))
    assert one["leads_precision"] is None
    assert one["rules_precision"] is None
    two = {**one, "leads_precision": 0.5}
    assert means([one, two])["leads_precision"] == 0.5
    assert means([one])["leads_precision"] is None


async def test_the_suite_runs_on_a_small_world(tmp_path):
    cases = tmp_path / "worlds.jsonl"
    case = {"id": "w", "seed": 164, "variant": "known", "accounts": 4_000, "per_typology": 8}
    cases.write_text(json.dumps(case))
    result = await run_suite("fraud_learned", Settings(), cases)
    assert set(result.metrics) == set(METRICS)
    auc, with_leads, rules = (
        result.metrics[f"known_{name}"] or 0.0 for name in ("learned_auc", "recall_with_leads", "rules_recall")
    )
    assert auc > 0.95
    assert with_leads >= rules > 0
    assert result.metrics["world_learned_auc"] is None
