"""Recorded runs: from words to order, the origin of each fact, the bundle, and its replay."""

from __future__ import annotations

import asyncio
from dataclasses import asdict

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.deps import Asker, RuntimeDep
from api.tracing import RunTrace, origin_view, run_view
from graphs.replay.bundle import Sealed
from graphs.replay.comparing import Comparison, FactChange, Spent, ToolChange, WordChange
from graphs.replay.origins import FactOrigin
from graphs.replay.rerunning import Wish, rerun
from graphs.replay.versions import code_hash

router = APIRouter(prefix="/v1/runs", tags=["runs"])


class ReplayForm(BaseModel):
    """What is to be different; all empty replays the run as it was. `prompts`: AGENT=vN.

    `anyway`: although the code is another than the recorded run's.
    """

    model: str = Field(default="", max_length=128)
    prompts: list[str] = Field(default=[], max_length=16)
    anyway: bool = False


class ReplayView(BaseModel):
    """The record beside its replay. `same_code` false: the comparison proves nothing."""

    run: str
    hash: str
    same_code: bool
    identical: bool
    fields: list[str]
    facts: list[FactChange]
    tools: list[ToolChange]
    words: list[WordChange]
    before: Spent
    after: Spent


@router.get("/{id}")
def trace_run(id: str, runtime: RuntimeDep, person: Asker) -> RunTrace:
    """A run from words to order: one's own; evaluators and compliance, signed in, read those of others."""
    return run_view(runtime, id, person)


@router.get("/{id}/facts/{fact}")
def trace_fact(id: str, fact: str, runtime: RuntimeDep, person: Asker) -> FactOrigin:
    """Where a fact of a run comes from, and every place that shows it; read by whom the run may be read."""
    return origin_view(runtime, id, fact, person)


@router.get("/{id}/bundle")
def read_bundle(id: str, runtime: RuntimeDep, person: Asker) -> Sealed:
    """A run's bundle with its hash: one's own; evaluators and compliance, signed in, read those of others."""
    return runtime.runs.get(id, person)


@router.post("/{id}/replay")
async def replay_run(id: str, body: ReplayForm, runtime: RuntimeDep, person: Asker) -> ReplayView:
    """Replays a run offline; with another model or prompt, for evaluators, it asks that from their budget."""
    sealed = await asyncio.to_thread(runtime.runs.get, id, person)
    found = await rerun(runtime, sealed.bundle, person, Wish(body.model, tuple(body.prompts), body.anyway))
    return _view(sealed, found)


def _view(sealed: Sealed, found: Comparison) -> ReplayView:
    same = sealed.bundle.code == code_hash()
    return ReplayView(run=sealed.bundle.run, hash=sealed.hash, same_code=same, **asdict(found))
