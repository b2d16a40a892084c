"""The learned score beside the rules on one graph: as a detector alone, as an order of alerts, as leads to accounts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from desk.fraud.alerts import Alert
from desk.fraud.boosting import Labels
from desk.fraud.gnn import LEAD
from desk.fraud.graph import Columns, Floats
from evals.fraud.roc import area

MEASURES = (
    "learned_auc",
    "learned_average_precision",
    "rules_average_precision",
    "learned_precision",
    "rules_precision",
    "rules_recall",
    "leads",
    "leads_precision",
    "recall_with_leads",
    "precision_with_leads",
    "false_alerts",
    "alerts_auc_by_rules",
    "alerts_auc_by_learned",
    "alerts_auc_by_both",
)
"""`learned_precision`: of the accounts with the highest scores, as many as the rules flag. `leads`: accounts from the
score `LEAD` on that no alert holds. `alerts_auc_*`: how well each tells alerts mostly of labelled accounts from others;
`both`: the rules' score first, the learned one among equals.
"""
STEP = 0.001
"""The rules' scores are whole hundredths."""


class Marked(NamedTuple):
    """Per account of a graph: labelled, its learned score, the best score of an alert that holds it (0 for none).

    Per alert: whether at least half of its accounts are labelled, its own score, its accounts' mean learned score.
    """

    labelled: Labels
    learned: Floats
    ruled: Floats
    true: Labels
    alert_ruled: Floats
    alert_learned: Floats


def mark(columns: Columns, labelled: Labels, learned: Floats, alerts: Sequence[Alert]) -> Marked:
    """A graph's accounts and alerts as both see them."""
    place = {name: row for row, name in enumerate(columns.accounts)}
    ruled, true, means = np.zeros(len(place)), [], []
    for alert in alerts:
        rows = [place[name] for name in alert.accounts]
        ruled[rows] = np.maximum(ruled[rows], alert.score)
        true.append(2 * int(labelled[rows].sum()) >= len(rows))
        means.append(float(learned[rows].mean()))
    scores = np.array([alert.score for alert in alerts])
    return Marked(labelled, learned, ruled, np.array(true, dtype=np.bool_), scores, np.array(means))


def measure(marked: Marked) -> dict[str, float | None]:
    """`MEASURES` of one graph; None where there is nothing to divide by."""
    labelled, flagged = marked.labelled, marked.ruled > 0
    first = np.argsort(-marked.learned, kind="stable")[: int(flagged.sum())]
    leads = ~flagged & (marked.learned >= LEAD)
    both = flagged | leads
    found = {
        "learned_auc": area(marked.learned, labelled),
        "learned_average_precision": average_precision(marked.learned, labelled),
        "rules_average_precision": average_precision(marked.ruled, labelled),
        "learned_precision": _mean(labelled[first]),
        "rules_precision": _mean(labelled[flagged]),
        "rules_recall": _mean(flagged[labelled]),
        "leads": float(leads.sum()),
        "leads_precision": _mean(labelled[leads]),
        "recall_with_leads": _mean(both[labelled]),
        "precision_with_leads": _mean(labelled[both]),
        "false_alerts": float((~marked.true).sum()),
        "alerts_auc_by_rules": area(marked.alert_ruled, marked.true),
        "alerts_auc_by_learned": area(marked.alert_learned, marked.true),
        "alerts_auc_by_both": area(marked.alert_ruled + STEP * marked.alert_learned, marked.true),
    }
    return {name: None if np.isnan(value) else round(float(value), 4) for name, value in found.items()}


def average_precision(said: Floats, labels: Labels) -> float:
    """The mean over labelled rows of the precision down to their score; equal scores count together."""
    order = np.argsort(-said, kind="stable")
    ordered, hits = said[order], np.cumsum(labels[order])
    last = np.append(ordered[:-1] != ordered[1:], True) if len(said) else np.zeros(0, dtype=np.bool_)
    precision, found = hits[last] / (np.flatnonzero(last) + 1), np.diff(hits[last], prepend=0)
    return float((precision * found).sum() / labels.sum()) if labels.any() else float("nan")


def _mean(flags: Labels) -> float:
    return float(flags.mean()) if len(flags) else float("nan")
