"""One question to one agent under a chosen model and prompt, to look at beside another: nothing comes of it.

No conversation is kept, no proposal is made, the turn does not count among the desk's own. What it costs is spent
from the budgets of whoever tries, and the calls stand among the model calls, under the run given here.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from agents.agent import Turn
from agents.answers import Reply
from agents.driver import run_agent
from agents.quoting import check_own, split_words
from agents.request import check_question, read_request
from desk.errors import InputError, NotFound
from desk.identity.roles import Action, Person, check_may
from desk.llm.choices import NONE, Voice
from desk.telemetry import bind
from graphs.compose import compose_text, plain_text
from graphs.runtime import Runtime
from prompts.library import find_prompt
from tools.context import Caller, ToolContext


@dataclass(frozen=True)
class Tried:
    """What came of it. `text` has its slots filled."""

    run: str
    text: str
    reply: Reply


async def try_agent(runtime: Runtime, person: Person, agent: str, question: str, model: str, prompt: str) -> Tried:
    """Asks with this model only, well or not; NONE is the plan's own words.

    NotFound for an agent, prompt or model that is not here, InputError for another agent's prompt and for a question
    that is none, Forbidden for who may not run evals.
    """
    check_may(person, Action.RUN_EVALS)
    question, version = check_own(check_question(question)), find_prompt(prompt)
    if agent not in runtime.agents:
        raise NotFound(f"agent {agent!r} does not exist; there are: {', '.join(runtime.agents)}")
    if version.id != agent:
        raise InputError(f"prompt {version.label} is of {version.id}; name a version of {agent}")
    if model != NONE and model not in runtime.models.models:
        there = ", ".join((NONE, *runtime.models.names))
        raise NotFound(f"model {model!r} is not configured; choose one of: {there}")
    run, chosen = f"try-{secrets.token_hex(8)}", runtime.agents[agent]
    context = ToolContext(runtime.desk, runtime.filings, runtime.knowledge, person, run)
    said = split_words(question)
    request = read_request(said.own, runtime.desk.feed.instruments)
    turn = Turn(request, Caller(context, chosen.allowed, lambda _: None), background=said.pasted)
    voice = Voice(speaks=False) if model == NONE else Voice(only=model)
    with bind(run=run, person=person.name):
        reply = await run_agent(chosen, turn, runtime.models, version, voice)
    _record(runtime, person, question, run, reply, model)
    text, _ = compose_text([reply], runtime.agents, context.facts, question)
    return Tried(run, plain_text(text), reply)


def _record(runtime: Runtime, person: Person, question: str, run: str, reply: Reply, model: str) -> None:
    body: dict[str, object] = {
        "run": run,
        "person": person.name,
        "agent": reply.agent,
        "prompt": reply.prompt,
        "model": model,
        "question": hashlib.sha256(question.encode()).hexdigest(),
    }
    with runtime.desk.store.begin() as connection:
        runtime.desk.record(connection, "agent.tried", person.name, body)
