"""Runs a suite on a private demonstration desk, so that no run leaves a trace on the real one."""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from desk.errors import InputError
from desk.factory import open_desk
from desk.settings import Settings
from desk.store.folder import DataFolder
from evals.dataset import SuiteResult
from evals.journal import Journal
from evals.stepwise import ByCase
from evals.suites import (
    agents,
    books,
    filings,
    fraud,
    fraud_accounts,
    fraud_feedback,
    fraud_learned,
    grader,
    grounding,
    injection,
    knowledge,
    mutation,
    narratives,
    numbers,
    performance,
    pump,
    refusal,
    routing,
    sentiment,
    smoke,
    suitability,
    tools_local,
    triage,
)
from evals.suites import surveillance as abuse
from evals.summary import sum_up, sum_up_wholes
from graphs.runtime import Runtime, open_runtime

Run = Callable[[Runtime, Path | None, Callable[[int], None]], Awaitable[SuiteResult]]
RunTrained = Callable[[Path, Path, Callable[[int], None]], Awaitable[SuiteResult]]


def count_lines(path: Path) -> int:
    """How many cases a file holds that has one a line."""
    return sum(bool(line.strip()) for line in path.read_text(encoding="utf-8").splitlines())


@dataclass(frozen=True)
class Suite:
    """A suite by name; `cases` counts the shipped ones. `trained` scores data by what it learns from another file."""

    name: str
    description: str
    metrics: tuple[str, ...]
    file: Path
    run: Run
    count: Callable[[Path], int] = count_lines
    trained: RunTrained | None = None

    @property
    def cases(self) -> int:
        """How many cases are shipped."""
        return self.count(self.file)


def suites() -> dict[str, Suite]:
    """All suites by name."""
    return {
        "smoke": Suite("smoke", smoke.DESCRIPTION, smoke.METRICS, smoke.FILE, smoke.run),
        "routing": Suite("routing", routing.DESCRIPTION, routing.METRICS, routing.FILE, routing.run),
        "knowledge": Suite("knowledge", knowledge.DESCRIPTION, knowledge.METRICS, knowledge.FILE, knowledge.run),
        "injection": Suite("injection", injection.DESCRIPTION, injection.METRICS, injection.FILE, injection.run),
        "agents": Suite("agents", agents.DESCRIPTION, agents.METRICS, agents.FILE, agents.run),
        "suitability": Suite(
            "suitability", suitability.DESCRIPTION, suitability.METRICS, suitability.FILE, suitability.run
        ),
        "refusal": Suite("refusal", refusal.DESCRIPTION, refusal.METRICS, refusal.FILE, refusal.run),
        "performance": Suite(
            "performance", performance.DESCRIPTION, performance.METRICS, performance.FILE, performance.run
        ),
        "books": Suite("books", books.DESCRIPTION, books.METRICS, books.FILE, books.run),
        **_fraud_suites(),
        "filings": Suite("filings", filings.DESCRIPTION, filings.METRICS, filings.FILE, filings.run),
        "grounding": Suite("grounding", grounding.DESCRIPTION, grounding.METRICS, grounding.FILE, grounding.run),
        "mutation": Suite("mutation", mutation.DESCRIPTION, mutation.METRICS, mutation.FILE, mutation.run),
        "numbers": Suite(
            "numbers", numbers.DESCRIPTION, numbers.METRICS, numbers.FILE, numbers.run, numbers.count_questions
        ),
        "grader": Suite("grader", grader.DESCRIPTION, grader.METRICS, grader.FILE, grader.run),
        "sentiment": Suite("sentiment", sentiment.DESCRIPTION, sentiment.METRICS, sentiment.FILE, sentiment.run),
        "tools_local": Suite(
            "tools_local", tools_local.DESCRIPTION, tools_local.METRICS, tools_local.FILE, tools_local.run
        ),
    }


def _fraud_suites() -> dict[str, Suite]:
    return {
        "fraud": Suite("fraud", fraud.DESCRIPTION, fraud.METRICS, fraud.FILE, fraud.run),
        "fraud_learned": Suite(
            "fraud_learned", fraud_learned.DESCRIPTION, fraud_learned.METRICS, fraud_learned.FILE, fraud_learned.run
        ),
        "pump": Suite("pump", pump.DESCRIPTION, pump.METRICS, pump.FILE, pump.run),
        "surveillance": Suite("surveillance", abuse.DESCRIPTION, abuse.METRICS, abuse.FILE, abuse.run),
        "fraud_feedback": Suite(
            "fraud_feedback",
            fraud_feedback.DESCRIPTION,
            fraud_feedback.METRICS,
            fraud_feedback.FILE,
            fraud_feedback.run,
        ),
        "fraud_accounts": Suite(
            "fraud_accounts",
            fraud_accounts.DESCRIPTION,
            fraud_accounts.METRICS,
            fraud_accounts.FILE,
            fraud_accounts.run,
            fraud_accounts.count_cases,
            fraud_accounts.run_trained,
        ),
        "narratives": Suite(
            "narratives",
            narratives.DESCRIPTION,
            narratives.METRICS,
            narratives.FILE,
            narratives.run,
            narratives.count_stories,
        ),
        "triage": Suite("triage", triage.DESCRIPTION, triage.METRICS, triage.FILE, triage.run, triage.count_triage),
    }


def find_suite(name: str) -> Suite:
    """The suite; InputError names those there are."""
    known = suites()
    if name not in known:
        raise InputError(f"suite {name!r} is not known; there are: {', '.join(known)}")
    return known[name]


@dataclass(frozen=True)
class How:
    """How a suite is run. `prompts`: labels AGENT.vN that serve instead of the newest; `train`: what to learn from."""

    trials: int = 1
    parallel: int = 1
    prompts: tuple[str, ...] = ()
    train: Path | None = None


def check_how(suite: Suite, how: How, resume: bool = False, data: bool = True) -> None:
    """InputError for numbers out of range, or what this suite cannot do. `data`: whether the run is given any."""
    if how.train and suite.trained is None:
        raise InputError(f"suite {suite.name} learns nothing and cannot --train; run it without")
    if how.train and not data:
        raise InputError("--train says what to learn from; say with --data what to score")
    for name, value, most in (("trials", how.trials, 100), ("parallel", how.parallel, 64)):
        if not 1 <= value <= most:
            raise InputError(f"--{name} is 1 to {most}, not {value}")
    if not isinstance(suite.run, ByCase) and (how.parallel > 1 or resume):
        asked = "--resume" if resume else "--parallel"
        raise InputError(f"suite {suite.name} reads its cases as a whole and cannot {asked}; run it without")


async def run_suite(
    name: str,
    settings: Settings,
    data: Path | None = None,
    model: str = "",
    progress: Callable[[int], None] = lambda _: None,
    how: How | None = None,
    journal: Journal | None = None,
) -> SuiteResult:
    """Runs a suite on a fresh private desk in a temporary folder.

    With a journal, what it holds is not run again, and each further result is kept there at once.
    """
    suite, how = find_suite(name), how or How()
    check_how(suite, how, data=data is not None)
    chosen = replace(settings, llm_model=model) if model else settings
    with tempfile.TemporaryDirectory(prefix="tenor-evals-") as path:
        folder = DataFolder(Path(path))
        folder.hold({"command": "evals"})
        desk = open_desk(chosen, folder)
        try:
            async with open_runtime(desk) as runtime:
                await runtime.models.ready()
                for prompt in how.prompts:
                    runtime.prompts.set_label(prompt, "production", "evals")
                return await _run(suite, runtime, data, progress, how, journal)
        finally:
            desk.close()
            folder.release()


async def _run(
    suite: Suite,
    runtime: Runtime,
    data: Path | None,
    progress: Callable[[int], None],
    how: How,
    journal: Journal | None,
) -> SuiteResult:
    origin = journal.origin if journal else None
    if isinstance(suite.run, ByCase):
        kept = (journal.done, journal.keep) if journal else ()
        trials = await suite.run.walk(runtime, data, progress, how.trials, how.parallel, *kept)
        return sum_up(suite.run, trials, suite.run.besides(runtime), how.parallel, origin)
    wholes = [await _whole(suite, runtime, data, progress, how.train) for _ in range(how.trials)]
    return sum_up_wholes(wholes, origin)


async def _whole(
    suite: Suite, runtime: Runtime, data: Path | None, progress: Callable[[int], None], train: Path | None
) -> SuiteResult:
    if train is None or data is None or suite.trained is None:
        return await suite.run(runtime, data, progress)
    return await suite.trained(train, data, progress)


def failed_bounds(result: SuiteResult, bounds: list[str]) -> list[str]:
    """Which of `METRIC=X` are not met, as sentences. InputError for a bound that cannot be read."""
    faults = []
    for bound in bounds:
        name, _, least = bound.partition("=")
        if name not in result.metrics:
            raise InputError(f"--fail-under {bound!r}: metrics of {result.suite} are {', '.join(result.metrics)}")
        try:
            floor = float(least)
        except ValueError:
            raise InputError(f"--fail-under {bound!r} has no number behind =") from None
        value = result.metrics[name]
        if value is None or value < floor:
            faults.append(f"{name} is {value}, under {floor}")
    return faults
