"""The scan: every rule in its order.

Each rule reads the graph, claims the transfers it explains, and leaves the rest to the next: the more special a shape,
the earlier its rule. Only structure, time and amounts are read, never a label. Same transfers, same alerts.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from desk.fraud.alerts import Alert, Finding, build_alert, shown_score
from desk.fraud.character import find_unusual
from desk.fraud.graph import Flags, TransactionGraph
from desk.fraud.hubs import find_hubs
from desk.fraud.layers import find_layers
from desk.fraud.nests import add_nests
from desk.fraud.paths import find_chains, find_rings, find_scatter_gather
from desk.fraud.scene import Scene
from desk.fraud.structuring import find_structuring
from desk.fraud.thresholds import STANDARD, Thresholds

RULES = (find_rings, find_scatter_gather, find_layers, find_structuring, find_hubs, find_chains, find_unusual)


def scan(
    graph: TransactionGraph, thresholds: Thresholds = STANDARD, progress: Callable[[int, int], None] = lambda *_: None
) -> list[Alert]:
    """Every alert, the highest score first, then by id; empty when nothing stands out.

    `progress` hears after each rule how many of how many are done.
    """
    if not len(graph.columns):
        return []
    scene = Scene(graph, thresholds)
    taken: Flags = np.zeros(len(graph.columns), dtype=np.bool_)
    found: list[Finding] = []
    for done, rule in enumerate(RULES, 1):
        findings = [finding for finding in rule(scene, taken) if _admitted(finding, thresholds)]
        taken[[row for finding in findings for row in finding.rows]] = True
        found += findings
        progress(done, len(RULES))
    found = add_nests(scene, found, taken)
    alerts = [build_alert(graph.columns, finding, thresholds) for finding in found]
    return sorted(alerts, key=lambda alert: (-alert.score, alert.id))


def _admitted(finding: Finding, thresholds: Thresholds) -> bool:
    """Whether it reaches its typology's level; without one, whether chance explains it no more than usual."""
    level = thresholds.levels.get(finding.typology)
    if level is None:
        return "beyond_chance" not in finding.rules or finding.score >= thresholds.report_from
    return shown_score(finding.score) >= level
