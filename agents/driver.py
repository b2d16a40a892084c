"""The two drivers behind one contract: the chat model, when there is one, and the plan.

Both choose tool calls and write text around slots. The plan serves when there is no model, when
the model is late or failed, and when what it wrote does not pass the guardrails.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, replace

from agents.agent import Agent, Opinion, Turn
from agents.answers import AgentAnswer, Reply, ShownFact
from agents.guardrails import find_faults
from desk.errors import InputError, TenorError
from desk.identity.roles import Person
from desk.llm.chat import Completion, Message, ToolSchema
from desk.llm.router import Ask, DeadlineRouter
from desk.llm.spending import Purse
from prompts.library import Prompt, fence

NARRATOR = "offline narrator"
ROUNDS = 4


@dataclass(frozen=True)
class Written:
    """What a model wrote, or why it is not used."""

    text: str
    model: str
    tokens: int
    prompt_tokens: int
    cost_usd: float
    fault: str | None


ASKED_AS = "chat"
"""The task class of an agent's words: its deadlines, budget and length."""


async def run_agent(agent: Agent, turn: Turn, models: DeadlineRouter, prompt: Prompt) -> Reply:
    """One agent's reply: the plan first, then the model's words under `prompt` when there is a model.

    Tool and input errors of the plan pass through; a model's failure never does.
    """
    began = time.perf_counter()
    answer = await asyncio.to_thread(agent.plan, turn)
    speaks = bool(models.names) and not answer.abstained and answer.refusal is None
    opinion = await agent.second(turn, answer, models) if speaks and agent.second else Opinion(answer)
    answer = opinion.answer
    written = await _ask_model(agent, turn, models, prompt, answer) if speaks else None
    fault = None if written is None else written.fault or _fault(written.text, turn, answer)
    shown, model = answer.text, NARRATOR
    if written is not None and fault is None:
        shown, model = written.text, written.model
    return Reply(
        agent=agent.name,
        answer=AgentAnswer(**{n: getattr(answer, n) for n in AgentAnswer.model_fields if n != "text"}, text=shown),
        typed=answer.model_dump(mode="json", exclude=set(AgentAnswer.model_fields)),
        facts=tuple(ShownFact.of(fact) for fact in turn.context.facts.all()),
        model=model,
        fallback=fault,
        prompt=prompt.label,
        asked_model=written is not None,
        tokens=opinion.tokens + (written.tokens if written else 0),
        prompt_tokens=opinion.prompt_tokens + (written.prompt_tokens if written else 0),
        cost_usd=opinion.cost_usd + (written.cost_usd if written else 0.0),
        ms=round((time.perf_counter() - began) * 1000, 3),
    )


def _fault(text: str, turn: Turn, answer: AgentAnswer) -> str | None:
    quoted = (*answer.quoted, turn.request.question)
    faults = find_faults(text, turn.context.facts, quoted)
    return f"the model's text was not used: {faults[0]}" if faults else None


async def _ask_model(agent: Agent, turn: Turn, models: DeadlineRouter, prompt: Prompt, planned: AgentAnswer) -> Written:
    """A model's words within one deadline for all rounds; the plan's, already there, when it has none in time."""
    ends = time.perf_counter() + models.task(ASKED_AS).total_s
    system, user = prompt.render(question=turn.request.question, history=_conversation(turn, prompt))
    shots = [m for shot in prompt.shots for m in (Message("user", shot.user), Message("assistant", shot.answer))]
    messages = [Message("system", system), *shots, Message("user", user)]
    schemas = tuple(ToolSchema(t.name, t.description, t.schema()) for t in agent.tools)
    run, person = turn.context.run, turn.context.person
    tokens, read, cost = 0, 0, 0.0
    for _ in range(ROUNDS):
        ask = Ask(ASKED_AS, tuple(messages), schemas, prompt=prompt.label, run=run, person=person.name, ends=ends)
        ask = replace(ask, purse=purse_of(person))
        routed = await models.complete(ask, last=lambda: Completion(NARRATOR, planned.text))
        done = routed.completion
        tokens += routed.tokens
        read += routed.prompt_tokens
        cost += routed.cost_usd
        if done is None or not routed.by_model:
            return Written("", "", tokens, read, cost, routed.reason or "no model answered")
        if not done.calls:
            return Written(done.text, done.model, tokens, read, cost, None)
        messages.append(Message("assistant", done.text, calls=done.calls))
        for call in done.calls:
            content = await asyncio.to_thread(_call_tool, agent, turn, call.name, call.arguments)
            messages.append(Message("tool", content, call_id=call.id))
    return Written("", "", tokens, read, cost, f"the model called tools in all {ROUNDS} rounds and never answered")


def purse_of(person: Person) -> Purse | None:
    """The budget of the key through which a program asks for the person; None without one."""
    grant = person.via
    return None if grant is None or grant.budget_nanos is None else Purse(grant.key, grant.budget_nanos)


def _conversation(turn: Turn, prompt: Prompt) -> str:
    """What was said before. What came with the question is fenced, whether or not the prompt fences its history."""
    asked, came = "\n".join(turn.history), "\n".join(turn.background)
    if came and "history" not in prompt.untrusted:
        came = fence(came)
    return "\n".join(filter(None, (asked, came))) or "none"


def _call_tool(agent: Agent, turn: Turn, name: str, arguments: dict[str, object]) -> str:
    """The tool's result as JSON, with the slots of the facts it registered; an error as a sentence."""
    known = {tool.name: tool for tool in agent.tools}
    if name not in known:
        return json.dumps({"error": f"there is no tool {name!r}; choose from {', '.join(known)}"})
    before = {fact.id for fact in turn.context.facts.all()}
    try:
        result = known[name].call_json(turn.caller, arguments)
    except InputError as error:
        return json.dumps({"error": error.message, "retry": True})
    except TenorError as error:
        return json.dumps({"error": error.message, "retry": False})
    fresh = [fact for fact in turn.context.facts.all() if fact.id not in before]
    slots = [{"slot": f"{{{{f:{f.id}}}}}", "label": f.label, "value": str(f.value), "unit": f.unit} for f in fresh]
    return json.dumps({"result": result.model_dump(mode="json"), "facts": slots})
