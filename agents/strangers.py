"""What is asked of a name that the desk does not know is not answered with something else.

Before an agent's plan the names that are no instrument are looked up. When a question names nothing else, the agent
abstains, says which name it does not know and what is known; when it names known things beside, they are answered and
the stranger is named. Agents whose questions are about people, transfers or plans are left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agents.agent import Agent, Plan, Turn
from agents.answers import AgentAnswer
from agents.general import READER
from agents.naming import Stranger
from agents.request import Request, read_request
from desk.instruments import Instruments
from tools.names import MOST, FoundNames, LookUpNames, NameRow, look_up_names

ABOUT_INSTRUMENTS = frozenset(
    {"market_data", "sentiment", "risk", "portfolio", "compliance", "ab_testing", "execution"}
)
NOTHING = {
    "market_data": "there is no price",
    "sentiment": "there are no headlines",
    "risk": "there is nothing to measure",
    "portfolio": "no account can hold it",
    "compliance": "there is nothing to check the rules on",
    "ab_testing": "there is no history to compare forecasters on",
    "execution": "nothing can be traded",
}
"""What an agent has on a name that is no instrument."""


def knows_names(agent: Agent) -> Agent:
    """The agent with names looked up before its plan; the same agent when its questions are about other things."""
    if agent.name != READER and agent.name not in ABOUT_INSTRUMENTS:
        return agent
    plan = agent.plan

    def plan_named(turn: Turn) -> AgentAnswer:
        if turn.request.order is not None:
            return plan(turn)
        return _read(plan, turn) if agent.name == READER else _priced(agent, plan, turn)

    return replace(agent, plan=plan_named, tools=(*agent.tools, look_up_names))


def _look_up(turn: Turn, names: Sequence[str]) -> FoundNames:
    return turn.call(look_up_names, LookUpNames(names=tuple(dict.fromkeys(names))[:MOST]))


def _read(plan: Plan, turn: Turn) -> AgentAnswer:
    """An instrument has no filings either, unless its company has: what the filings know is looked up."""
    request = turn.request
    beside = [stranger for stranger in request.strangers if stranger.joined]
    if beside:
        turn = replace(turn, request=_without(request, beside, turn.context.sight.instruments))
    own = plan(turn)
    names = [s.words for s in (beside if not own.abstained else request.strangers) if s.certain]
    if own.abstained:
        names += [request.question[m.start : m.end] for m in request.mentions]
    if not names:
        return own
    found = _look_up(turn, names)
    unknown = [row for row in found.rows if not row.company]
    if not unknown:
        return plan(replace(turn, request=request)) if beside else own
    quoted = (*own.quoted, *found.companies, *(row.name for row in unknown))
    held = f"there is none of {_names(unknown)} here"
    if own.abstained:
        text = f"Not in the filing: {held}. There are filings of {', '.join(found.companies) or 'no company'}."
        return own.model_copy(update={"text": text, "quoted": quoted})
    return own.model_copy(update={"text": f"{own.text}\n\nNot in the filing: {held}.", "quoted": quoted})


def _without(request: Request, strangers: Sequence[Stranger], instruments: Instruments) -> Request:
    """The question about what is known alone."""
    text, spans = request.question, [(m.start, m.end) for m in request.mentions]
    for stranger in sorted(strangers, key=lambda s: s.start, reverse=True):
        behind = max((end for _, end in spans if end <= stranger.start), default=None)
        ahead = min((start for start, _ in spans if start >= stranger.end), default=None)
        if behind is not None:
            text = f"{text[: _past_possessive(text, behind)]}{text[stranger.end :]}"
        elif ahead is not None:
            text = f"{text[: stranger.start]}{text[ahead:]}"
    return read_request(text, instruments)


def _past_possessive(text: str, at: int) -> int:
    return at + 2 if text[at : at + 2] in {"'s", "\u2019s"} else at


def _priced(agent: Agent, plan: Plan, turn: Turn) -> AgentAnswer:
    strangers = turn.request.strangers
    if not strangers:
        return plan(turn)
    if turn.request.instruments:
        beside = [stranger.words for stranger in strangers if stranger.joined]
        return _with_note(plan(turn), beside) if beside else plan(turn)
    found = _look_up(turn, [stranger.words for stranger in strangers])
    quoted = (*(row.name for row in found.rows), *found.known, *(row.near for row in found.rows))
    text = _no_instrument(agent.name, turn, found)
    return agent.answer(text=text, abstained=True, quoted=tuple(word for word in quoted if word))


def _with_note(own: AgentAnswer, names: Sequence[str]) -> AgentAnswer:
    said = " and ".join(f"“{name}”" for name in names)
    text = f"{own.text}\n\nNot known here, so not answered: {said}."
    return own.model_copy(update={"text": text, "quoted": (*own.quoted, *names)})


def _names(rows: Sequence[NameRow]) -> str:
    return " and ".join(f"“{row.name}”" for row in rows)


def _no_instrument(agent: str, turn: Turn, found: FoundNames) -> str:
    """Which name is not known; what it may be, what else there is on it, and, once in a run, what is known."""
    rows = found.rows
    verb = "are no instruments" if len(rows) > 1 else "is no instrument"
    parts = [f"{_names(rows)} {verb} of this desk, so {NOTHING[agent]}."]
    parts += [f"Did you mean {row.near}?" for row in rows if row.near]
    parts += [
        f"There are filings of {row.company} here: ask what they say, for example its revenue."
        for row in rows
        if row.company
    ]
    if not turn.earlier and not any(row.near or row.company for row in rows):
        parts.append(f"Known are {'; '.join(found.known)}, and more of each.")
    return " ".join(parts)
