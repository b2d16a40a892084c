"""Suites and their runs."""

from __future__ import annotations

import asyncio
import secrets
from typing import Literal

import structlog
from fastapi import APIRouter, Request
from pydantic import BaseModel
from sqlalchemy import insert, select, update

from api.deps import EvalReader, Evaluator, RuntimeDep
from desk.clock import to_iso
from desk.errors import NotFound
from desk.store.tables import eval_runs
from evals.dataset import SuiteResult
from evals.run import find_suite, run_suite, suites
from graphs.runtime import Runtime

router = APIRouter(prefix="/v1/evals", tags=["evals"])


class SuiteView(BaseModel):
    """One suite."""

    name: str
    description: str
    cases: int
    metrics: list[str]


class RunView(BaseModel):
    """One run; `done` counts finished cases while it runs."""

    id: str
    suite: str
    state: Literal["running", "done", "failed"]
    started_at: str
    done: int
    cases: int
    result: SuiteResult | None


class EvalsView(BaseModel):
    """Suites, and runs newest first."""

    suites: list[SuiteView]
    runs: list[RunView]


class Started(BaseModel):
    """The run that began."""

    id: str


def _runs(runtime: Runtime, progress: dict[str, int], id: str = "") -> list[RunView]:
    query = select(eval_runs).order_by(eval_runs.c.started_at.desc()).limit(50)
    with runtime.desk.store.read() as connection:
        rows = connection.execute(query.where(eval_runs.c.id == id) if id else query).all()
    counts = {suite.name: suite.cases for suite in suites().values()}
    views = []
    for row in rows:
        lost = row.state == "running" and row.id not in progress
        result = None if row.result == "{}" else SuiteResult.model_validate_json(row.result)
        views.append(
            RunView(
                id=row.id,
                suite=row.suite,
                state="failed" if lost else row.state,
                started_at=row.started_at,
                done=progress.get(row.id, 0 if result is None else result.cases),
                cases=counts.get(row.suite, 0),
                result=result,
            )
        )
    return views


def _progress(request: Request) -> dict[str, int]:
    if not hasattr(request.app.state, "eval_progress"):
        request.app.state.eval_progress = {}
        request.app.state.eval_tasks = set()
    progress: dict[str, int] = request.app.state.eval_progress
    return progress


@router.get("")
def list_evals(request: Request, runtime: RuntimeDep, person: EvalReader) -> EvalsView:
    """Every suite and the last runs."""
    found = [
        SuiteView(name=s.name, description=s.description, cases=s.cases, metrics=list(s.metrics))
        for s in suites().values()
    ]
    return EvalsView(suites=found, runs=_runs(runtime, _progress(request)))


@router.post("/{suite}/runs", status_code=202)
async def start_run(suite: str, request: Request, runtime: RuntimeDep, person: Evaluator) -> Started:
    """Starts a suite on a private desk."""
    find_suite(suite)
    id, progress = secrets.token_hex(8), _progress(request)
    row = {"id": id, "suite": suite, "state": "running", "started_at": to_iso(runtime.desk.wall.now()), "result": "{}"}
    with runtime.desk.store.begin() as connection:
        connection.execute(insert(eval_runs).values(row))
    progress[id] = 0
    task = asyncio.create_task(_work(runtime, suite, id, progress))
    request.app.state.eval_tasks.add(task)
    task.add_done_callback(request.app.state.eval_tasks.discard)
    return Started(id=id)


@router.get("/runs/{id}")
def read_run(id: str, request: Request, runtime: RuntimeDep, person: EvalReader) -> RunView:
    """One run."""
    found = _runs(runtime, _progress(request), id)
    if not found:
        raise NotFound(f"run {id!r} does not exist")
    return found[0]


async def _work(runtime: Runtime, suite: str, id: str, progress: dict[str, int]) -> None:
    state, result = "failed", "{}"
    try:
        done = await run_suite(suite, runtime.desk.settings, progress=lambda n: progress.__setitem__(id, n))
        state, result = "done", done.model_dump_json()
    except Exception:  # noqa: BLE001 - a failed run is a result that the page shows
        structlog.get_logger("evals").exception("run failed", suite=suite)
    with runtime.desk.store.begin() as connection:
        connection.execute(update(eval_runs).where(eval_runs.c.id == id).values(state=state, result=result))
    progress.pop(id, None)
