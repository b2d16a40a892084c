"""The agents and their language models: which one each asks first, and what their turns cost."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from agents.driver import NARRATOR
from api.deps import EvalReader, Evaluator, ModelChooser, RuntimeDep
from desk.llm.choices import Choice
from desk.llm.models import NANOS
from desk.llm.turns import TurnReport, TurnSummary
from graphs.runtime import Runtime
from graphs.trying import try_agent

router = APIRouter(prefix="/v1/agents", tags=["agents"])


class AgentModelView(BaseModel):
    """One agent's choice. `model`: "default" (the desk's order), "none" (the plan's own words) or a model's id.

    `configured` is false for a model that has left the settings: the agent then asks in the desk's order. `order` are
    the models as they are asked, empty when none is.
    """

    agent: str
    title: str
    model: str
    configured: bool
    order: list[str]
    set_by: str | None
    since: str | None


class AgentModelsView(BaseModel):
    """Every agent, and the models of the desk, best first."""

    agents: list[AgentModelView]
    models: list[str]


class SpreadView(BaseModel):
    """Middle and 95th percentile in milliseconds; null of none."""

    p50: float | None
    p95: float | None


class ReasonView(BaseModel):
    """Why the first model's words were not used, numbers left out, and how often."""

    reason: str
    turns: int


class TurnsView(BaseModel):
    """An agent's turns under one prompt with one model asked first; `asked` null: no model was.

    `first_ms`: until the first token of the words used. `cost_usd` is of all of them, losing calls included.
    `reasons`: the three most frequent.
    """

    agent: str
    prompt: str
    asked: str | None
    turns: int
    first_ms: SpreadView
    total_ms: SpreadView
    tokens_in: int
    tokens_out: int
    cost_usd: float
    fallbacks: int
    reasons: list[ReasonView]


class TurnReportView(BaseModel):
    """A window's turns by agent, prompt and model; `truncated` when there were too many to count all of them."""

    since: str
    truncated: bool
    rows: list[TurnsView]


class ModelForm(BaseModel):
    """`model` as in AgentModelView."""

    model: str = Field(min_length=1, max_length=128)


class TryForm(BaseModel):
    """One question, the model (or "none": the plan's own words) and the version of the agent's prompt."""

    question: str = Field(max_length=20_000)
    model: str = Field(min_length=1, max_length=128)
    prompt: str = Field(min_length=1, max_length=96)


class TriedView(BaseModel):
    """What came of it; nothing else did. `model` null: the plan's words, for `fallback` when a model was asked.

    `run` finds its calls.
    """

    run: str
    text: str
    model: str | None
    prompt: str
    fallback: str | None
    first_ms: float | None
    ms: float
    tokens_in: int
    tokens_out: int
    cost_usd: float


@router.get("/models")
def list_agent_models(runtime: RuntimeDep, person: EvalReader) -> AgentModelsView:
    """Which model each agent asks first."""
    found = [choice_view(runtime, choice) for choice in runtime.voices.all()]
    return AgentModelsView(agents=found, models=runtime.models.names)


@router.get("/turns")
def report_turns(
    runtime: RuntimeDep, person: EvalReader, window: Literal["hour", "day", "week"] = "day"
) -> TurnReportView:
    """What the agents' turns of the last hour, day or week cost, and how long they took."""
    return report_view(runtime.turns.report(window))


@router.get("/{agent}/model")
def read_agent_model(agent: str, runtime: RuntimeDep, person: EvalReader) -> AgentModelView:
    """One agent's choice."""
    return choice_view(runtime, runtime.voices.of(agent))


@router.put("/{agent}/model")
def choose_agent_model(agent: str, body: ModelForm, runtime: RuntimeDep, person: ModelChooser) -> AgentModelView:
    """Sets it, from the agent's next question on; the same choice again changes nothing."""
    return choice_view(runtime, runtime.voices.choose(agent, body.model, person.name))


@router.post("/{agent}/try")
async def ask_one_agent(agent: str, body: TryForm, runtime: RuntimeDep, person: Evaluator) -> TriedView:
    """Asks one agent under a chosen model and prompt, leaving nothing behind; the cost is the caller's."""
    tried = await try_agent(runtime, person, agent, body.question, body.model, body.prompt)
    reply = tried.reply
    same = ("prompt", "fallback", "first_ms", "ms", "tokens_in", "tokens_out", "cost_usd")
    return TriedView(
        run=tried.run,
        text=tried.text,
        model=None if reply.model == NARRATOR else reply.model,
        **{name: getattr(reply, name) for name in same},
    )


def choice_view(runtime: Runtime, choice: Choice) -> AgentModelView:
    """A choice as it travels."""
    voices = runtime.voices
    return AgentModelView(
        agent=choice.agent,
        title=runtime.agents[choice.agent].title,
        model=choice.model,
        configured=voices.is_here(choice),
        order=voices.order(choice),
        set_by=choice.set_by or None,
        since=choice.since or None,
    )


def report_view(report: TurnReport) -> TurnReportView:
    """A report as it travels."""
    return TurnReportView(since=report.since, truncated=report.truncated, rows=[_turns(s) for s in report.summaries])


def _turns(summary: TurnSummary) -> TurnsView:
    same = ("agent", "prompt", "turns", "tokens_in", "tokens_out", "fallbacks")
    return TurnsView(
        **{name: getattr(summary, name) for name in same},
        asked=summary.asked or None,
        first_ms=SpreadView(p50=summary.first.p50, p95=summary.first.p95),
        total_ms=SpreadView(p50=summary.total.p50, p95=summary.total.p95),
        cost_usd=summary.nanos / NANOS,
        reasons=[ReasonView(reason=reason, turns=count) for reason, count in summary.reasons],
    )
