"""The policy before a model's tool calls, and the word it leaves on a proposal.

A model calls the tools of its own agent, and after it has read text of others only what the plan has called itself:
what may be looked up is settled before anybody else has spoken. A write tool runs for a model only when all of its
arguments are the person's. What is refused is noted on the step list and in the log.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import structlog

from agents.agent import Agent, Turn
from agents.answers import AgentAnswer
from tools.declared import declared
from tools.provenance import Channel, Effect, Outside, Sources, Taint, find_taints

ECHO, ECHO_SIGNS = 24, 10
"""So many letters in a row are an echo; fewer of scripts in which a sign is a word."""
_LETTERS = re.compile(r"[\W_]+")
SIDES = {"buy": ("purchase", "close", "invest", "put", "spend"), "sell": ("short", "close", "trim", "cut", "reduce")}


@dataclass
class ModelCalls:
    """Decides on each call of one model in one turn. `planned` are the calls the plan has made, by `key_of`."""

    agent: Agent
    turn: Turn
    planned: frozenset[str]
    read: set[Channel] = field(default_factory=set)
    heard: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.read |= {text.channel for text in outside_of(self.turn)}
        self.heard += self.turn.background

    def refusal(self, name: str, arguments: Mapping[str, object]) -> str:
        """Why the call does not run, as a sentence for the model; empty when it may."""
        if name not in self.agent.allowed:
            return f"there is no tool {name!r}; choose from {', '.join(self.agent.allowed)}"
        if key_of(name, arguments) in self.planned:
            return ""
        if self.read:
            may = "; ".join(sorted(self.planned)) or "none"
            return f"after text from outside ({', '.join(sorted(self.read))}) only these calls are open: {may}"
        taints = find_taints(declared(name), arguments, sources_of(self.turn))
        return f"this needs a person: {'; '.join(t.sentence() for t in taints)}" if taints else ""

    def note_result(self, name: str, result: str = "") -> None:
        """After a call: its result may have brought text of others."""
        channel = declared(name).outside
        if channel is not None:
            self.read.add(channel)
            self.heard.append(result)

    def find_echo(self, text: str, may_repeat: Sequence[str]) -> str | None:
        """Why a model's words cannot be shown: they repeat text of others that neither plan nor person has."""
        said = _letters(text)
        for size in (ECHO, ECHO_SIGNS):
            pieces = _pieces(said, size)
            if not pieces:
                continue
            heard = {piece for each in self.heard for piece in _pieces(_letters(each), size)}
            if pieces & heard - _pieces(_letters(" ".join(may_repeat)), size):
                return "the model's text was not used: it repeats words from outside that the plan does not quote"
        return None

    def note_refusal(self, name: str, arguments: dict[str, object], why: str) -> None:
        """Puts it on the step list and in the log."""
        self.turn.caller.refuse(name, arguments, why)
        structlog.get_logger("agents").warning("refused a model's call", agent=self.agent.name, tool=name, why=why)


def _letters(text: str) -> str:
    return _LETTERS.sub("", text).casefold()


def _pieces(letters: str, size: int) -> set[str]:
    """Every run of so many letters; of the short size only those without a Latin letter."""
    runs = (letters[at : at + size] for at in range(len(letters) - size + 1))
    return {run for run in runs if size == ECHO or not any(sign.isascii() for sign in run)}


def key_of(name: str, arguments: Mapping[str, object]) -> str:
    """A call as one word; what an argument leaves out and what it sets to null are the same."""
    given = {key: value for key, value in arguments.items() if value is not None}
    return f"{name} {json.dumps(given, sort_keys=True, ensure_ascii=False)}"


def planned_calls(agent: Agent, turn: Turn) -> frozenset[str]:
    """The calls made in this turn so far, also as a model may write them: without what has its default."""
    schemas = {tool.name: tool.schema() for tool in agent.tools}
    return frozenset(
        key
        for called in turn.caller.made
        for key in (
            key_of(called.tool, called.arguments),
            key_of(called.tool, _without_defaults(called.arguments, schemas[called.tool])),
        )
    )


def _without_defaults(arguments: Mapping[str, object], schema: Mapping[str, object]) -> dict[str, object]:
    known = schema.get("properties")
    fields = known if isinstance(known, dict) else {}
    return {name: value for name, value in arguments.items() if fields.get(name, {}).get("default", ...) != value}


def outside_of(turn: Turn) -> tuple[Outside, ...]:
    """The text of others that came with the question."""
    return tuple(Outside(Channel.CHAT, text) for text in turn.background)


def sources_of(turn: Turn) -> Sources:
    """What an argument in this turn may stem from: the person's turns, their accounts, and names of instruments."""
    names = {i.id: (i.symbol, i.name, *i.aliases) for i in turn.context.sight.instruments}
    agents = tuple(Outside(Channel.AGENT, reply.answer.text, reply.agent) for reply in turn.earlier)
    return Sources(
        own=(turn.request.question, *turn.history),
        records=frozenset(turn.context.person.accounts),
        amounts=_worked_out_units(turn),
        names={**names, **SIDES},
        outside=(*outside_of(turn), *agents),
    )


def _worked_out_units(turn: Turn) -> frozenset[Decimal]:
    """The units of a part that the person asked for ("half of it"), or of what their money buys, as the desk counted.

    The tools that count write no fact unless the share or the amount is the person's.
    """
    order = turn.request.order
    if order is None or (order.share is None and not order.amount):
        return frozenset()
    return frozenset(
        fact.value
        for fact in turn.context.facts.all()
        if fact.id == "order_quantity" and fact.source in {"account book", "your request"}
    )


def mark_draft(answer: AgentAnswer, turn: Turn) -> AgentAnswer:
    """The answer with its proposal's provenance for the person who is asked; unchanged without a proposal.

    `taints` are the arguments that nobody who may decide has said, `outside` the ways by which text of others came
    into the turn. The reason that is shown says so too.
    """
    if answer.draft is None:
        return answer
    writes = [called for called in turn.caller.made if declared(called.tool).effect is Effect.WRITE]
    sources = sources_of(turn)
    taints = [taint for called in writes for taint in find_taints(declared(called.tool), called.arguments, sources)]
    ways = sorted({text.channel.value for text in outside_of(turn)})
    evidence = {
        **answer.draft.evidence,
        "provenance": {"taints": [t.sentence() for t in taints], "outside": [*ways]},
        "why": _why(str(answer.draft.evidence.get("why", "")), taints, ways),
    }
    return answer.model_copy(update={"draft": answer.draft.model_copy(update={"evidence": evidence})})


def _why(why: str, taints: list[Taint], ways: list[str]) -> str:
    notes = [f"Not in your own words: {taint.sentence()}." for taint in taints]
    if ways:
        notes.append(f"Text of others stood in this turn ({', '.join(ways)}); nothing of it was used.")
    return " ".join((why, *notes)).strip()
