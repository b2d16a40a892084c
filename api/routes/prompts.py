"""Versions of the agents' prompts: which one is production, which one is tried, and how the trial goes."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.deps import EvalReader, ModelChooser, RuntimeDep
from graphs.runtime import Runtime
from prompts.labels import Labels, Tally
from prompts.library import all_prompts, diff, find_prompt

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


class PromptView(BaseModel):
    """One version as it is released. `untrusted` variables are fenced when it is rendered."""

    id: str
    agent: str
    version: int
    purpose: str
    variables: list[str]
    untrusted: list[str]
    output: str
    system: str
    user: str


class DiffView(BaseModel):
    """A unified diff, empty when two versions say the same."""

    one: str
    other: str
    diff: str


class RenderForm(BaseModel):
    """A value for each of the version's variables, and for no other."""

    values: dict[str, str] = Field(max_length=20)


class RenderedView(BaseModel):
    """What a model is sent."""

    prompt: str
    system: str
    user: str


@router.get("/prompts")
def list_prompts(runtime: RuntimeDep, person: EvalReader) -> PromptsView:
    """Every agent's versions, labels and trial."""
    agents = sorted({prompt.id for prompt in all_prompts()})
    return PromptsView(agents=[_view(runtime, runtime.prompts.of(agent), person.name) for agent in agents])


@router.get("/prompts/{prompt}")
def read_prompt(prompt: str, person: EvalReader) -> PromptView:
    """One version."""
    found = find_prompt(prompt)
    same = {name: getattr(found, name) for name in PromptView.model_fields if name not in ("id", "agent")}
    return PromptView(id=found.label, agent=found.id, **same)


@router.get("/prompts/{prompt}/diff/{other}")
def compare_prompts(prompt: str, other: str, person: EvalReader) -> DiffView:
    """What two versions differ in."""
    return DiffView(one=prompt, other=other, diff=diff(find_prompt(prompt), find_prompt(other)))


@router.post("/prompts/{prompt}/render")
def render_prompt(prompt: str, body: RenderForm, person: EvalReader) -> RenderedView:
    """The texts with these values put in; missing and unknown variables are named."""
    system, user = find_prompt(prompt).render(**body.values)
    return RenderedView(prompt=prompt, system=system, user=user)


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
