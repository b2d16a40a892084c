"""Fraud: the learned score of accounts (`desk/fraud/gnn.py`) beside the rules; labels are read for scoring only.

A shipped case is a seeded world that the network did not learn from; `--data` takes other lines of that form, or an
AMLSim archive. Metrics are means over the worlds of one kind (`world_*` plain, by stealth `slow_*`, `known_*`,
`usual_*`) or of the archive (`archive_*`); intervals draw whole worlds. Names: `evals.fraud.learned.MEASURES`.

A world passes when what the learned score adds is worth its place: the leads are labelled as often as what the rules
flag, less five points.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from desk.fraud.amlsim import read_transfers
from desk.fraud.boosting import Labels
from desk.fraud.gnn import load_network
from desk.fraud.graph import Columns
from desk.fraud.local import LocalGraph
from desk.fraud.patterns import scan
from evals.dataset import CASES, CaseResult, SuiteResult, read_cases, summarise
from evals.fraud.archive import read_truth
from evals.fraud.build import build_world
from evals.fraud.learned import MEASURES, mark, measure
from evals.statistics import bootstrap_of
from evals.suites.fraud import NAMES, WorldCase, check_plants
from graphs.runtime import Runtime

DESCRIPTION = "The learned score of accounts beside the rules, on seeded worlds or an AMLSim archive."
ARCHIVE = "archive"
METRICS = tuple(f"{name}_{what}" for name in (*NAMES.values(), ARCHIVE) for what in MEASURES)
FILE = CASES / "fraud_learned.jsonl"
SLACK = 0.05
Figures = dict[str, float | None]


async def run(_: Runtime, data: Path | None, progress: Callable[[int], None]) -> SuiteResult:
    """Scores every world or an archive. InputError as the suite `fraud`; DataError without sound weights."""
    if data is not None and data.suffix in {".tgz", ".gz"}:
        figures = await asyncio.to_thread(_of_archive, data)
        progress(1)
        return _summed([("archive", ARCHIVE, figures, 0.0)])
    rows = []
    for done, case in enumerate(read_cases(data or FILE, WorldCase, check_plants), 1):
        began = time.perf_counter()
        figures = await asyncio.to_thread(_of_world, case)
        rows.append((case.id, NAMES[case.variant], figures, round((time.perf_counter() - began) * 1000, 1)))
        progress(done)
    return _summed(rows)


def _of_world(case: WorldCase) -> Figures:
    world = build_world(case.plan)
    return _of(world.columns, world.planted)


def _of_archive(path: Path) -> Figures:
    columns = read_transfers(path).columns
    truth = read_truth(path, columns)
    return _of(columns, np.array([name in truth.accounts for name in columns.accounts], dtype=np.bool_))


def _of(columns: Columns, labelled: Labels) -> Figures:
    learned = load_network().read(columns).scores
    return measure(mark(columns, labelled, learned, scan(LocalGraph(columns))))


def _summed(rows: Sequence[tuple[str, str, Figures, float]]) -> SuiteResult:
    """Per kind of world the means, and how the worlds spread."""
    kinds: dict[str, list[Figures]] = defaultdict(list)
    for _, kind, figures, _ in rows:
        kinds[kind].append(figures)
    metrics: Figures = dict.fromkeys(METRICS)
    intervals: dict[str, tuple[float, float]] = {}
    for kind, found in kinds.items():
        metrics |= {f"{kind}_{name}": value for name, value in means(found).items()}
        if len(found) > 1:
            intervals |= {f"{kind}_{name}": (ends.low, ends.high) for name, ends in bootstrap_of(found, means).items()}
    result = summarise("fraud_learned", [_case(id, figures, ms) for id, _, figures, ms in rows], metrics)
    return result.model_copy(update={"intervals": {**result.intervals, **intervals}})


def means(found: Sequence[Figures]) -> Figures:
    """The mean of each measure over the graphs that give it."""
    given = {name: [value for one in found if (value := one[name]) is not None] for name in MEASURES}
    return {name: round(float(np.mean(values)), 4) if values else None for name, values in given.items()}


def _case(id: str, figures: Figures, ms: float) -> CaseResult:
    leads, rules = figures["leads_precision"], figures["rules_precision"]
    worse = leads is not None and rules is not None and leads < rules - SLACK
    why = f"of the leads {leads} are labelled, of what the rules flag {rules}" if worse else ""
    return CaseResult(
        id=id, passed=not worse, score=figures["learned_auc"] or 0.0, reason=why, ms=ms, cost_usd=0.0, notes={**figures}
    )
