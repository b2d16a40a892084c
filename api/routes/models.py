"""The desk's own record of its language models: every call and its cost, and how each model is doing."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.deps import ModelReader, RuntimeDep
from desk.llm.calls import CallRecord
from desk.llm.models import NANOS, ModelSpec
from desk.llm.router import DeadlineRouter

router = APIRouter(prefix="/v1", tags=["models"])


class AttemptView(BaseModel):
    """One model asked in a call; `reason` is empty when its answer was used. Milliseconds from the call's start."""

    model: str
    began_ms: float
    first_ms: float | None
    ms: float
    reason: str
    raw: str
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float
    estimated: bool
    notes: list[str]


class ModelCallView(BaseModel):
    """One routed call. `model`: whose answer was used, null for the plan's. `reason`: why not the first choice's."""

    id: int
    at: str
    run: str
    person: str
    task: str
    prompt: str
    model: str | None
    input_hash: str
    reason: str | None
    deadline_ms: float
    ms: float
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float
    attempts: list[AttemptView]


class ModelCallsView(BaseModel):
    """Newest first."""

    calls: list[ModelCallView]


class ModelHealthView(BaseModel):
    """One configured model: what it costs and can do, and how it has been doing since the desk started.

    `circuit`: closed (asked), open (left alone for `rests_s`) or half_open (asked by one probe). `first_ms`: the
    moving average of its first token, null before the first answer. Prices in USD per million tokens. `ends`: the day
    its provider stops serving it, null when none is known.
    """

    model: str
    provider: str
    family: str
    residency: str
    ends: date | None
    price_in: float
    price_out: float
    context: int
    tools: bool
    json_mode: Literal["schema", "object", "none"]
    circuit: Literal["closed", "open", "half_open"]
    rests_s: float
    first_ms: float | None
    calls: int
    failures: int
    last_fault: str


class ModelsHealthView(BaseModel):
    """In the order they are preferred."""

    models: list[ModelHealthView]


@router.get("/model-calls")
def list_model_calls(
    runtime: RuntimeDep,
    person: ModelReader,
    run: Annotated[str, Query(max_length=64)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> ModelCallsView:
    """Decision records, of one run or of all."""
    return ModelCallsView(calls=[call_view(record) for record in runtime.models.book.newest(limit, run)])


@router.get("/model-health")
def list_model_health(runtime: RuntimeDep, person: ModelReader) -> ModelsHealthView:
    """Every configured model."""
    return health_views(runtime.models)


def call_view(record: CallRecord) -> ModelCallView:
    """A decision record as it travels."""
    attempts = [
        AttemptView(
            **{name: getattr(a, name) for name in AttemptView.model_fields if name not in ("cost_usd", "notes")},
            cost_usd=a.nanos / NANOS,
            notes=list(a.notes),
        )
        for a in record.attempts
    ]
    same = {
        name: getattr(record, name)
        for name in ModelCallView.model_fields
        if name not in ("model", "reason", "cost_usd", "attempts")
    }
    return ModelCallView(
        **same,
        model=record.model or None,
        reason=record.reason or None,
        cost_usd=record.nanos / NANOS,
        attempts=attempts,
    )


def health_views(models: DeadlineRouter) -> ModelsHealthView:
    """Every model of a router as it travels."""
    return ModelsHealthView(models=[_health(models, model.spec) for model in models.models.values()])


def _health(models: DeadlineRouter, spec: ModelSpec) -> ModelHealthView:
    health, circuit, rests_s = models.health.read(spec.id)
    return ModelHealthView(
        model=spec.id,
        provider=spec.provider,
        family=spec.family,
        residency=spec.residency,
        ends=spec.ends,
        price_in=float(spec.price_in),
        price_out=float(spec.price_out),
        context=spec.context,
        tools=spec.tools,
        json_mode=spec.json_mode,
        circuit=circuit,
        rests_s=rests_s,
        first_ms=None if health.first_ms is None else round(health.first_ms, 1),
        calls=health.calls,
        failures=health.failures,
        last_fault=health.last_fault,
    )
