"""What can be asked by name: the whole desk, one agent of it, or a raw model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from api.openai.errors import REQUEST, DoorError
from api.openai.keys import Caller
from desk.errors import Forbidden
from graphs.runtime import Runtime

DESK = "tenor"
Kind = Literal["desk", "agent", "model"]


class About(BaseModel):
    """Tenor's own words on an entry. `allowed`: whether this key may ask it. `context`: tokens, null for the desk."""

    kind: Kind
    allowed: bool
    about: str
    context: int | None
    tools: bool


class ModelEntry(BaseModel):
    """One entry of the list, as OpenAI has it; `created` is when this desk started."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str
    tenor: About


class ModelList(BaseModel):
    """Everything that can be asked by name: the desk first, then its agents, then raw models, best first."""

    object: Literal["list"] = "list"
    data: list[ModelEntry]


@dataclass(frozen=True)
class Target:
    """What answers: `name` is the agent's (empty for the whole desk) or the model's."""

    id: str
    kind: Kind
    name: str = ""

    @property
    def scope(self) -> str:
        """The scope a key needs."""
        return "raw" if self.kind == "model" else "chat"


def find_target(runtime: Runtime, id: str) -> Target:
    """The target of that id; DoorError 404 names how to list what there is."""
    if id == DESK:
        return Target(id, "desk")
    family, _, agent = id.partition("/")
    if family == DESK and agent in runtime.agents:
        return Target(id, "agent", agent)
    if id in runtime.models.models:
        return Target(id, "model", id)
    raise DoorError(
        404,
        REQUEST,
        "model_not_found",
        f"the model {id[:160]!r} does not exist; GET /v1/models lists them",
        param="model",
    )


def list_targets(runtime: Runtime) -> list[Target]:
    """Everything, in the order of the list."""
    agents = [Target(f"{DESK}/{name}", "agent", name) for name in runtime.agents]
    return [Target(DESK, "desk"), *agents, *(Target(name, "model", name) for name in runtime.models.names)]


def describe(runtime: Runtime, target: Target, caller: Caller) -> ModelEntry:
    """The target as it is listed for this caller."""
    about, owner, context, tools = "the supervisor chooses the agents", DESK, None, False
    if target.kind == "agent":
        about = runtime.agents[target.name].purpose
    elif target.kind == "model":
        spec = runtime.models.models[target.name].spec
        about, owner, context, tools = "this model itself, without the desk", spec.provider, spec.context, spec.tools
    own = About(kind=target.kind, allowed=_allowed(target, caller), about=about, context=context, tools=tools)
    return ModelEntry(id=target.id, created=int(runtime.desk.started_at.timestamp()), owned_by=owner, tenor=own)


def _allowed(target: Target, caller: Caller) -> bool:
    try:
        caller.check_scope(target.scope)
    except Forbidden:
        return False
    return True
