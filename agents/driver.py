"""The two drivers behind one contract: the chat model, when there is one, and the plan.

Both choose tool calls and write text around slots. The plan serves when there is no model, when
the model is late or failed, and when what it wrote does not pass the guardrails.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, replace

from agents.agent import Agent, Models, Opinion, Turn
from agents.answers import AgentAnswer, Reply, ShownFact
from agents.misplaced import find_misplaced
from agents.provenance import ModelCalls, mark_draft, planned_calls
from agents.vetting import find_foreign
from desk.errors import Contradiction, DataError, InputError, TenorError
from desk.identity.roles import Person
from desk.llm.chat import Completion, Message, ToolSchema
from desk.llm.choices import Voice
from desk.llm.router import Ask, Routed
from desk.llm.spending import Purse
from prompts.library import Prompt, fence

NARRATOR = "offline narrator"
ROUNDS = 4
DESK_ORDER = Voice()


@dataclass
class Written:
    """What a model wrote, or why it is not used. `first_ms` counts from the first call.

    `passed` says why it is not the words of the model that was first in order.
    """

    text: str = ""
    model: str = ""
    asked: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float = 0.0
    first_ms: float | None = None
    fault: str | None = None
    passed: str = ""

    def add(self, routed: Routed) -> None:
        """Counts a call in."""
        self.asked = self.asked or next((a.model for a in routed.attempts), "")
        self.tokens_in += sum(a.prompt_tokens for a in routed.attempts)
        self.tokens_out += sum(a.completion_tokens for a in routed.attempts)
        self.cost_usd += routed.cost_usd
        self.passed = self.passed or routed.reason or ""


ASKED_AS = "chat"
"""The task class of an agent's words: its deadlines, budget and length."""
VOTED_AS = "classify"
"""The task class of a second opinion on a plan's answer."""


async def run_agent(agent: Agent, turn: Turn, models: Models, prompt: Prompt, voice: Voice = DESK_ORDER) -> Reply:
    """One agent's reply: the plan first, then a model's words under `prompt` when `voice` has one speak.

    Data that is missing makes the agent abstain and say which; what was asked wrongly or by the wrong person passes
    through, and a model's failure never does.
    """
    began = time.perf_counter()
    answer = await asyncio.to_thread(_plan, agent, turn)
    may = voice.speaks and not answer.abstained and answer.refusal is None
    votes = may and isinstance(answer, agent.answer) and models.serves(VOTED_AS)  # on its own work, not on an entry
    second = agent.second if votes else None
    opinion = await second(turn, answer, models, voice.only) if second else Opinion(answer)
    answer, speaks = opinion.answer, may and models.serves(ASKED_AS)
    asking = time.perf_counter()
    written = await _ask_model(agent, turn, models, prompt, answer, voice) if speaks else Written()
    fault = written.fault or (_fault(written.text, turn, answer) if speaks else None)
    used = speaks and fault is None
    first = written.first_ms if used else None
    return Reply(
        agent=agent.name,
        answer=AgentAnswer(
            **{n: getattr(answer, n) for n in AgentAnswer.model_fields if n != "text"},
            text=written.text if used else answer.text,
        ),
        typed=answer.model_dump(mode="json", exclude=set(AgentAnswer.model_fields)),
        facts=_facts(turn),
        model=written.model if used else NARRATOR,
        fallback=fault,
        passed=written.passed,
        prompt=prompt.label,
        asked=written.asked,
        tokens_in=opinion.tokens_in + written.tokens_in,
        tokens_out=opinion.tokens_out + written.tokens_out,
        cost_usd=opinion.cost_usd + written.cost_usd,
        first_ms=None if first is None else _ms(asking - began) + first,
        ms=_ms(time.perf_counter() - began),
    )


def _facts(turn: Turn) -> tuple[ShownFact, ...]:
    """The facts that this agent was first to register: a table grows only at its end."""
    known = sum(len(reply.facts) for reply in turn.earlier)
    return tuple(ShownFact.of(fact) for fact in turn.context.facts.all()[known:])


def _plan(agent: Agent, turn: Turn) -> AgentAnswer:
    """The plan's answer. Missing or damaged data is an abstention in the agent's own type, with the error's words."""
    try:
        return mark_draft(agent.plan(turn), turn)
    except Contradiction as error:
        return _both(agent, turn, error)
    except DataError as error:
        text = f"I cannot answer this part: {error.message}."
        return agent.answer(text=text, abstained=True, quoted=(error.message,))


def _both(agent: Agent, turn: Turn, error: Contradiction) -> AgentAnswer:
    """Both values with their sources, neither chosen; nothing is built on either."""
    found = [turn.context.facts.get(id) for id in error.facts]
    lines = [f"- {{{{f:{fact.id}}}}} as of {fact.as_of}, {fact.source}, {fact.locator}" for fact in found]
    text = "\n".join((f"Two sources contradict each other on {found[0].label}; I choose neither:", "", *lines))
    known = tuple(words for fact in found for words in (fact.label, fact.as_of, fact.source, fact.locator))
    return agent.answer(text=text, quoted=known)


def _fault(text: str, turn: Turn, answer: AgentAnswer) -> str | None:
    facts, said = turn.context.facts, turn.request.question
    instruments = turn.context.sight.instruments
    faults = find_foreign(text, answer.text, facts, answer.quoted, instruments, said, turn.history)
    faults = faults or find_misplaced(text, answer.text, facts.all(), instruments)
    return f"the model's text was not used: {faults[0]}" if faults else None


async def _ask_model(
    agent: Agent, turn: Turn, models: Models, prompt: Prompt, planned: AgentAnswer, voice: Voice
) -> Written:
    """A model's words within one deadline for all rounds; the plan's, already there, when it has none in time."""
    began = time.perf_counter()
    messages, gate = _begin(turn, prompt), ModelCalls(agent, turn, planned_calls(agent, turn))
    ask = Ask(
        ASKED_AS,
        tuple(messages),
        tuple(ToolSchema(t.name, t.description, t.schema()) for t in agent.tools),
        schema=prompt.output_schema,
        prompt=prompt.label,
        run=turn.context.run,
        person=turn.context.person.name,
        models=(voice.only,) if voice.only else (),
        first=voice.first,
        purse=purse_of(turn.context.person),
        ends=began + models.task(ASKED_AS).total_s,
    )
    written = Written()
    for _ in range(ROUNDS):
        asked_at = time.perf_counter()
        routed = await models.complete(
            replace(ask, messages=tuple(messages)), last=lambda: Completion(NARRATOR, planned.text)
        )
        done = routed.completion
        written.add(routed)
        if done is None or not routed.by_model:
            return replace(written, fault=routed.reason or "no model answered")
        if not done.calls:
            first = routed.first_ms
            at = None if first is None else _ms(asked_at - began) + first
            words = _words(done)
            echo = gate.find_echo(words, (*planned.quoted, planned.text, turn.request.question, *turn.history))
            return replace(written, text=words, model=done.model, first_ms=at, fault=echo)
        messages.append(Message("assistant", done.text, calls=done.calls))
        for call in done.calls:
            content = await asyncio.to_thread(_call_tool, gate, call.name, call.arguments)
            messages.append(Message("tool", content, call_id=call.id))
    return replace(written, fault=f"the model called tools in all {ROUNDS} rounds and never answered")


def _words(done: Completion) -> str:
    """What is shown: the text, or the `text` of an answer that keeps its prompt's schema."""
    return str(done.data["text"]) if isinstance(done.data, dict) else done.text


def _begin(turn: Turn, prompt: Prompt) -> list[Message]:
    """System text, worked examples, and the question with the conversation's last ones."""
    system, user = prompt.render(question=turn.request.question, history=_conversation(turn, prompt))
    shots = [m for shot in prompt.shots for m in (Message("user", shot.user), Message("assistant", shot.answer))]
    return [Message("system", system), *shots, Message("user", user)]


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)


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


def _call_tool(gate: ModelCalls, name: str, arguments: dict[str, object]) -> str:
    """The tool's result as JSON, with the slots of the facts it registered; an error or a refusal as a sentence."""
    why, turn = gate.refusal(name, arguments), gate.turn
    if why:
        gate.note_refusal(name, arguments, why)
        return json.dumps({"error": why, "retry": False})
    known = {tool.name: tool for tool in gate.agent.tools}
    before = {fact.id for fact in turn.context.facts.all()}
    try:
        result = known[name].call_json(turn.caller, arguments)
    except InputError as error:
        return json.dumps({"error": error.message, "retry": True})
    except TenorError as error:
        return json.dumps({"error": error.message, "retry": False})
    except (ValueError, ArithmeticError, LookupError) as error:  # a model's odd argument must not end the run
        return json.dumps({"error": f"arguments of {name}: {str(error)[:200]}", "retry": True})
    fresh = [fact for fact in turn.context.facts.all() if fact.id not in before]
    slots = [{"slot": f"{{{{f:{f.id}}}}}", "label": f.label, "value": str(f.value), "unit": f.unit} for f in fresh]
    told = json.dumps({"result": result.model_dump(mode="json"), "facts": slots}, ensure_ascii=False)
    gate.note_result(name, told)
    return told
