"""Suites and their runs; cases made of conversations."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import structlog
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, JsonValue

from api.deps import EvalReader, Evaluator, RuntimeDep
from evals.book import EvalBook, Kept, State
from evals.comparing import Comparison, compare
from evals.dataset import SuiteResult
from evals.journal import Journal
from evals.run import How, Suite, check_how, find_suite, run_suite, suites
from evals.sets import CaseSets
from graphs.runtime import Runtime

router = APIRouter(prefix="/v1/evals", tags=["evals"])


class SuiteView(BaseModel):
    """One suite."""

    name: str
    description: str
    cases: int
    metrics: list[str]


class SetView(BaseModel):
    """Cases that people made of conversations."""

    name: str
    cases: int


class RunView(BaseModel):
    """One run; `done` counts finished cases while it runs. In lists the result has no cases."""

    id: str
    suite: str
    state: State
    started_at: str
    done: int
    cases: int
    result: SuiteResult | None


class EvalsView(BaseModel):
    """Suites, sets, and runs newest first."""

    suites: list[SuiteView]
    sets: list[SetView]
    runs: list[RunView]


class Started(BaseModel):
    """The run that began."""

    id: str


class StartBody(BaseModel):
    """How to run: over a named set instead of the shipped cases, with a model, several times, or a stopped run on."""

    set: str = ""
    model: str = ""
    trials: Annotated[int, Field(ge=1, le=100)] = 1
    parallel: Annotated[int, Field(ge=1, le=64)] = 1
    resume: bool = False


class CaseBody(BaseModel):
    """A case for a named set; `user`: in whose name it asks."""

    set: str
    id: str
    input: str = Field(max_length=4000)
    user: str = "analyst"
    target: dict[str, JsonValue]


class Added(BaseModel):
    """How many cases the set has now."""

    set: str
    id: str
    cases: int


@router.get("")
def list_evals(runtime: RuntimeDep, person: EvalReader) -> EvalsView:
    """Every suite, every set and the last runs."""
    found = [
        SuiteView(name=s.name, description=s.description, cases=s.cases, metrics=list(s.metrics))
        for s in suites().values()
    ]
    counts = {each.name: each.cases for each in found}
    sets = [SetView(name=name, cases=cases) for name, cases in CaseSets(runtime.desk.folder).counts().items()]
    return EvalsView(suites=found, sets=sets, runs=[_short(each, counts) for each in _book(runtime).runs()])


@router.post("/{suite}/runs", status_code=202)
async def start_run(
    suite: str, request: Request, runtime: RuntimeDep, person: Evaluator, body: StartBody | None = None
) -> Started:
    """Starts a suite on a private desk, or goes on with its newest run that was stopped."""
    chosen, body = find_suite(suite), body or StartBody()
    how = How(body.trials, body.parallel)
    check_how(chosen, how, body.resume)
    data = CaseSets(runtime.desk.folder).find(body.set) if body.set else None
    book = _book(runtime)
    journal = book.begin(
        suite,
        runtime.desk.settings,
        data or chosen.file,
        data=body.set,
        model=body.model,
        trials=body.trials,
        resume=body.resume,
    )
    task = asyncio.create_task(_work(runtime, chosen, data, body.model, how, journal))
    if not hasattr(request.app.state, "eval_tasks"):
        request.app.state.eval_tasks = set()
    tasks: set[asyncio.Task[None]] = request.app.state.eval_tasks
    tasks.add(task)
    task.add_done_callback(tasks.discard)
    return Started(id=journal.origin.run)


@router.get("/runs/{id}")
def read_run(id: str, runtime: RuntimeDep, person: EvalReader) -> RunView:
    """One run with its cases."""
    kept = _book(runtime).get(id)
    return _view(kept, {suite.name: suite.cases for suite in suites().values()}, kept.result)


@router.get("/compare")
def compare_runs(a: str, b: str, runtime: RuntimeDep, person: EvalReader) -> Comparison:
    """Run B against run A of the same suite."""
    book = _book(runtime)
    return compare(book.result(a), book.result(b))


@router.post("/cases", status_code=201)
def add_case(body: CaseBody, runtime: RuntimeDep, person: Evaluator) -> Added:
    """Adds a case to a named set, and makes the set when there is none."""
    cases = CaseSets(runtime.desk.folder).add(body.set, body.id, body.input, body.user, body.target)
    return Added(set=body.set, id=body.id, cases=cases)


def _book(runtime: Runtime) -> EvalBook:
    return EvalBook(runtime.desk.store, runtime.desk.folder, runtime.desk.wall)


def _short(kept: Kept, counts: dict[str, int]) -> RunView:
    return _view(kept, counts, kept.result and kept.result.model_copy(update={"cases_detail": ()}))


def _view(kept: Kept, counts: dict[str, int], result: SuiteResult | None) -> RunView:
    cases = kept.expected or counts.get(kept.suite, 0) if result is None else result.cases
    return RunView(
        id=kept.id,
        suite=kept.suite,
        state=kept.state,
        started_at=kept.started_at,
        done=kept.done,
        cases=cases,
        result=result,
    )


async def _work(runtime: Runtime, suite: Suite, data: Path | None, model: str, how: How, journal: Journal) -> None:
    book = _book(runtime)
    try:
        result = await run_suite(suite.name, runtime.desk.settings, data, model, how=how, journal=journal)
    except asyncio.CancelledError:
        book.abandon(journal)
        raise
    except Exception:  # noqa: BLE001 - a failed run is a result that the page shows
        structlog.get_logger("evals").exception("run failed", suite=suite.name)
        book.abandon(journal)
    else:
        book.finish(journal, result)
