"""Fraud: the laundering detectors against planted patterns; labels are read for scoring only.

A shipped case is a seeded world (`evals/fraud/worlds.py`): ordinary life, seven kinds of benign twin, ten planted
typologies, plain or under one kind of stealth. `--data` takes other such lines, or an AMLSim archive. `account_*`: all
flagged accounts against all labelled ones (of plain worlds: those of a plant). `account_f1_observed`: the accounts
that alerts show a payment of the pattern for, against labelled accounts with at least one pattern transfer.
`typology_named`: of the alerts with a pattern transfer, the share with the right name (of plain worlds: of the plants
found).
`structure_*`: the archive with repeats collapsed and every amount set to its sender's constant. `world_*` and, by
stealth, `slow_*`, `known_*`, `usual_*`: flagged accounts in a plant, plants found, plants found and named, and accounts
falsely flagged a world.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from desk.errors import InputError
from desk.fraud.alerts import Alert
from desk.fraud.amlsim import read_transfers
from desk.fraud.graph import Columns
from desk.fraud.local import LocalGraph
from desk.fraud.patterns import scan
from evals.dataset import CASES, CaseResult, Identified, SuiteResult, read_cases, share, summarise
from evals.fraud.archive import Truth, read_truth, structure_alone
from evals.fraud.build import build_world
from evals.fraud.scoring import Accounts, Tally, acting_by, flagged_by, share_named
from evals.fraud.worlds import FULL, PLANTED, VARIANTS, Plan, Variant
from graphs.runtime import Runtime

DESCRIPTION = "Laundering typologies in seeded worlds with benign twins, or in an AMLSim archive: found, named, false."
NAMES: dict[Variant, str] = {"plain": "world", **{variant: variant for variant in VARIANTS[1:]}}
METRICS = (
    "account_precision",
    "account_recall",
    "account_f1",
    "typology_named",
    "account_f1_observed",
    "structure_precision",
    "structure_recall",
    "structure_f1",
    "structure_named",
    *(f"{name}_{what}" for name in NAMES.values() for what in ("precision", "recall", "named", "false_accounts")),
    *(f"{what}_{kind}" for what in ("precision", "recall") for kind in PLANTED),
)
FILE = CASES / "fraud.jsonl"


@dataclass(frozen=True)
class Bars:
    """What a case must reach to pass."""

    precision: float
    recall: float
    named: float


PLAIN, STEALTH = Bars(0.97, 0.88, 0.92), Bars(0.80, 0.85, 0.0)
LEAST_F1 = 0.86


class WorldCase(Identified):
    """A world to build: its seed, how the patterns hide, how large it is."""

    seed: int = Field(ge=0)
    variant: Variant = "plain"
    accounts: int = Field(default=FULL, ge=1_000, le=200_000)
    per_typology: int = Field(default=40, ge=1, le=100)

    @property
    def plan(self) -> Plan:
        """The world's plan."""
        return Plan(self.seed, self.variant, self.accounts, per_typology=self.per_typology)


async def run(_: Runtime, data: Path | None, progress: Callable[[int], None]) -> SuiteResult:
    """Scans an archive or every world. InputError for an archive without labels or a line that is no case."""
    if data is not None and data.suffix in {".tgz", ".gz"}:
        result = await asyncio.to_thread(_of_archive, data)
        progress(result.cases)
        return result
    cases = read_cases(data or FILE, WorldCase, check_plants)
    tallies = {variant: Tally() for variant in VARIANTS}
    results = []
    for done, case in enumerate(cases, 1):
        results.append(await asyncio.to_thread(_of_world, case, tallies[case.variant]))
        progress(done)
    return summarise("fraud", results, _measure(tallies))


def check_plants(case: WorldCase) -> None:
    """InputError for more plants than the accounts can hold."""
    most = case.accounts // 500
    if case.per_typology > most:
        raise InputError(f"per_typology: {case.per_typology} is too many for {case.accounts} accounts; at most {most}")


def _of_world(case: WorldCase, total: Tally) -> CaseResult:
    world = build_world(case.plan)
    began = time.perf_counter()
    alerts = scan(LocalGraph(world.columns))
    ms = round((time.perf_counter() - began) * 1000, 1)
    tally, bars = Tally(), PLAIN if case.variant == "plain" else STEALTH
    tally.add(world, alerts)
    total.add(world, alerts)
    reached = (tally.precision or 0.0, tally.recall or 0.0, tally.named_share or 0.0)
    passed = all(value >= bar for value, bar in zip(reached, (bars.precision, bars.recall, bars.named), strict=True))
    said = "precision {:.3f}, recall {:.3f}, named {:.3f}".format(*reached) + f", {tally.false} accounts falsely"
    return CaseResult(
        id=case.id,
        passed=passed,
        score=round(reached[1], 4),
        reason="" if passed else said,
        ms=ms,
        cost_usd=0.0,
        notes={"false_accounts": tally.false, **{kind: dict(row) for kind, row in tally.table().items()}},
    )


def _measure(tallies: dict[Variant, Tally]) -> dict[str, float | None]:
    metrics: dict[str, float | None] = dict.fromkeys(METRICS)
    plain = tallies["plain"]
    metrics |= {
        "account_precision": plain.precision,
        "account_recall": share(plain.right, plain.labelled),
        "account_f1": share(2 * plain.right, plain.flagged + plain.labelled),
        "typology_named": plain.named_share,
    }
    for variant, tally in tallies.items():
        name = NAMES[variant]
        metrics[f"{name}_precision"], metrics[f"{name}_recall"] = tally.precision, tally.recall
        metrics[f"{name}_named"] = tally.named_share
        metrics[f"{name}_false_accounts"] = round(tally.false / tally.worlds, 1) if tally.worlds else None
    for kind, row in plain.table().items():
        metrics[f"precision_{kind}"], metrics[f"recall_{kind}"] = row["precision"], row["recall"]
    return metrics


def _of_archive(path: Path) -> SuiteResult:
    columns = read_transfers(path).columns
    truth = read_truth(path, columns)
    metrics: dict[str, float | None] = dict.fromkeys(METRICS)
    given, alerts = _scored("as given", columns, truth, LEAST_F1)
    whole = Accounts.of(flagged_by(alerts), truth.accounts)
    metrics |= {
        "account_precision": whole.precision,
        "account_recall": whole.recall,
        "account_f1": whole.f1,
        "account_f1_observed": Accounts.of(acting_by(alerts), truth.acting(columns)).f1,
        "typology_named": share_named(alerts, truth),
    }
    bare, alerts = _scored("structure and time alone", structure_alone(columns, truth), truth, 0.0)
    alone = Accounts.of(flagged_by(alerts), truth.accounts)
    metrics |= {
        "structure_precision": alone.precision,
        "structure_recall": alone.recall,
        "structure_f1": alone.f1,
        "structure_named": share_named(alerts, truth),
    }
    return summarise("fraud", [given, bare], metrics)


def _scored(id: str, columns: Columns, truth: Truth, least: float) -> tuple[CaseResult, list[Alert]]:
    began = time.perf_counter()
    alerts = scan(LocalGraph(columns))
    ms = round((time.perf_counter() - began) * 1000, 1)
    f1 = Accounts.of(flagged_by(alerts), truth.accounts).f1 or 0.0
    reason = "" if f1 >= least else f"F1 {f1:.3f} over all labelled accounts, under {least}"
    return CaseResult(id=id, passed=f1 >= least, score=f1, reason=reason, ms=ms, cost_usd=0.0), alerts
