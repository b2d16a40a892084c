"""General questions are answered from the knowledge base, by whichever agent they reached; all others go on.

A question is general when it asks in general words and is about no instrument, order, amount, day or
holding: those are the agents' own work. What the knowledge base does not cover goes to the plan unchanged.
"""

from __future__ import annotations

import re
from dataclasses import replace

from agents.agent import Agent, Plan, Turn
from agents.answers import AgentAnswer, Card, Citation
from agents.request import Request
from tools.knowledge import PREFIX, TITLE, AskGlossary, Explained, glossary

LONGEST = 30
"""Words of a general question; longer ones tell a case."""

_ASKS = re.compile(
    r"^(?:(?:hi|hello|hey|please|so|ok|okay|and|well|sorry|quick question)\b[,:!. ]*)*"
    r"(?:what|which|who|whom|whose|when|where|why|how|is|are|am|can|could|do|does|did|may|must|should|will|would|"
    r"explain|define|describe|tell me|i (?:want|would like|need|wonder|do ?n[o']t understand)|"
    r"i'd like|give me (?:a |an |the )?(?:definition|explanation|meaning)|meaning of|definition of|difference between|"
    r"(?:\w+[ -]?){1,4}(?: meaning| definition| explained|\?$))"
)
_OWN_CASE = re.compile(
    r"\b(?:my|our|his|her|their) (?:own )?(?:\w+ )?(?:portfolio|holdings?|positions?|book|stocks?|shares|exposure|p&l|"
    r"investments?|performance|bonds?|clients?|customers?|desk|fund|wife|husband|kids?|brother|sister|mate)\b"
    r"|\b(?:today|tonight|tomorrow|yesterday|right now|at the moment|currently|latest|so far)\b"
    r"|\bthis (?:morning|week|month|quarter|year|share|stock|client|customer|order|trade|alert|company|coin|fund)\b"
    r"|\b(?:last|next|past) (?:\w+ )?(?:day|week|month|quarter|year|night)s?\b"
    r"|\b(?:what|which) (?:\w+ )?do (?:i|we) (?:own|hold|have|owe)\b|\bof our\b"
    r"|\bwe (?:owe|compliant)\b|^(?:are we|(?:is|are|has|have) any\w*)\b"
)
_FORM = re.compile(r"\b(?:10-?[kq]|8-?k|13-?[dfg]|def ?14a|forms? [345](?:,? (?:and )?[45])*|t\+[12]|401-?k)\b")


def is_general(request: Request) -> bool:
    """Whether the question may be one for the knowledge base; says nothing about whether an entry covers it."""
    words = request.words.replace("’", "'").strip(" \"'")
    if request.order is not None or request.instruments or len(words.split()) > LONGEST:
        return False
    if re.search(r"\d", _FORM.sub(" ", words)) or _OWN_CASE.search(words):
        return False
    return _ASKS.search(words) is not None


def look_up(turn: Turn) -> Explained:
    """What the knowledge base says to the question; nothing (`fit` "") when it is not general."""
    if not is_general(turn.request):
        return Explained()
    return turn.call(glossary, AskGlossary(question=turn.request.question))


def answers_generally(agent: Agent) -> Agent:
    """The agent with the knowledge base before its plan, and behind it where the plan abstains."""
    plan: Plan = agent.plan

    def explain_first(turn: Turn) -> AgentAnswer:
        found = look_up(turn)
        if found.fit == "sure":
            return _answer(found)
        own = plan(turn)
        return _answer(found) if found.fit and own.abstained else own

    return replace(agent, plan=explain_first, tools=(*agent.tools, glossary))


def _answer(found: Explained) -> AgentAnswer:
    document = f"{TITLE}, {found.entry} ({found.as_of})"
    quote = found.title
    citation = Citation(
        document=document,
        filing=f"{PREFIX}:{found.entry}",
        page=None,
        section=found.topic,
        quote=quote,
        start=0,
        end=len(quote),
    )
    related = tuple(each.question for each in found.related)
    card = Card(
        kind="related",
        title="Read on",
        body={"entry": found.entry, "questions": [{"id": r.id, "question": r.question} for r in found.related]},
    )
    return AgentAnswer(
        text=f"**{found.title}**\n\n{found.answer}",
        citations=(citation,),
        quoted=(*found.names, found.title, document, *related),
        cards=(card,) if found.related else (),
    )
