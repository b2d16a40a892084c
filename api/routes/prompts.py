"""Versions of the agents' prompts: which one is production, which one is tried, and how the trial goes."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.deps import EvalReader, ModelChooser, RuntimeDep
from graphs.runtime import Runtime
from prompts.labels import Labels, Tally
from prompts.library import all_prompts

router = APIRouter(prefix="/v1", tags=["evals"])


class TallyView(BaseModel):
    """Runs of one side of a trial; rates and means are null without runs."""

    runs: int
    fault_rate: float | None
    mean_ms: float | None
    mean_usd: float | None


class AgentPrompts(BaseModel):
    """One agent's versions and trial; `yours` is what the reader is assigned, `stopped` why the last trial ended."""

    agent: str
    versions: list[str]
    production: str
    candidate: str | None
    share: int
    yours: str
    stopped: str
    production_runs: TallyView
    candidate_runs: TallyView


class PromptsView(BaseModel):
    """All agents, by name."""

    agents: list[AgentPrompts]


class LabelForm(BaseModel):
    """What to make of a version; `share` is per cent of people, for a candidate."""

    label: Literal["production", "candidate"]
    share: int = Field(default=50, ge=1, le=99)


class StopForm(BaseModel):
    """Why a trial ends."""

    reason: str = Field(default="", max_length=500)


@router.get("/prompts")
def list_prompts(runtime: RuntimeDep, person: EvalReader) -> PromptsView:
    """Every agent's versions, labels and trial."""
    agents = sorted({prompt.id for prompt in all_prompts()})
    return PromptsView(agents=[_view(runtime, runtime.prompts.of(agent), person.name) for agent in agents])


@router.post("/prompts/{prompt}/label")
def label_prompt(prompt: str, body: LabelForm, runtime: RuntimeDep, person: ModelChooser) -> AgentPrompts:
    """Makes a version production, or the candidate of a trial."""
    return _view(runtime, runtime.prompts.set_label(prompt, body.label, person.name, body.share), person.name)


@router.post("/prompts/{agent}/stop")
def stop_prompt_trial(agent: str, body: StopForm, runtime: RuntimeDep, person: ModelChooser) -> AgentPrompts:
    """Ends a trial: everybody is back on production."""
    return _view(runtime, runtime.prompts.stop(agent, person.name, body.reason), person.name)


def _view(runtime: Runtime, labels: Labels, person: str) -> AgentPrompts:
    tallies = runtime.prompts.tallies(labels)
    return AgentPrompts(
        agent=labels.agent,
        versions=[prompt.label for prompt in all_prompts() if prompt.id == labels.agent],
        production=labels.production,
        candidate=labels.candidate or None,
        share=labels.share,
        yours=runtime.prompts.assigned(labels.agent, person).label,
        stopped=labels.stopped,
        production_runs=_runs(tallies["production"]),
        candidate_runs=_runs(tallies["candidate"]),
    )


def _runs(tally: Tally) -> TallyView:
    return TallyView(runs=tally.runs, fault_rate=tally.fault_rate, mean_ms=tally.mean_ms, mean_usd=tally.mean_usd)
