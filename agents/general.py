"""General questions are answered from the knowledge base, by whichever agent they reached; all others go on.

A question is general when it asks in general words and is about no instrument, order, amount, day or
holding: those are the agents' own work. What the knowledge base does not cover goes to the plan unchanged.
"""

from __future__ import annotations

import re
from dataclasses import replace

from pydantic import JsonValue

from agents.advising import comes_first
from agents.agent import Agent, Plan, Turn
from agents.answers import AgentAnswer, Card, Citation
from agents.hanging import hung_on
from agents.request import Request
from rag.knowledge.search import Fit
from tools.knowledge import PREFIX, SURELY, TITLE, AskGlossary, Explained, glossary

READER = "customer_query"
"""Whose abstention means that nobody knows: it offers the nearest questions."""

ASKS_BACK = frozenset({"robo_advisor"})
"""Whose abstention asks for what it needs to go on; it is not interrupted."""

SHORTEST, LONGEST = 3, 30
"""Words of a general question: shorter ones ask for a thing of a conversation, longer ones tell a case."""

LONGEST_MEANING = 9
"""Words of a question for the meaning of a word."""
_DEFINES = re.compile(
    r"\W*(?:(?:hi|hello|hey|ok|okay|so|and|but|then|please|sorry|hm+)\b[,:!. ]*)*"
    r"(?:what(?:'s|s| is| are| does| do)|(?:is|are) [\w -]{2,40} the same (?:as|thing)"
    r"|define|explain|meaning of)\b(?! (?:my|our|your|happening|going|new|up|next)\b)"
)

_WISH = re.compile(
    r"^(?:(?:hi|hello|hey|please|so|ok|okay|and|then|now|could you|can you|i (?:want|would like) (?:you )?to)\b"
    r"[,:!. ]*)*"
    r"(?:buy|sell|short|trade|place|execute|cancel|rebalance|optimi[sz]e|allocate|put|move|transfer|invest|liquidate|close|"
    r"run|scan|show|compare|forecast|predict|backtest|test|plan|approve|halt|resume|find|check|get|make|look|measure|"
    r"compute|calculate|pull|fetch|summari[sz]e|draft|prepare|propose|price|verify|confirm|reconcile|list|escalate|freeze|"
    r"block|flag|monitor|remind)\b(?! (?:order|limit|and hold|sentence))"
)
"""What asks for something to be done, not explained."""

_OWN_CASE = re.compile(
    r"\b(?:my|our|his|her|their) (?:own )?(?:\w+ )?(?:portfolio|holdings?|positions?|book|stocks?|shares|exposure|p&l|"
    r"investments?|performance|bonds?|clients?|customers?|desk|fund|wife|husband|kids?|brother|sister|mate)\b"
    r"|\b(?:today|tonight|tomorrow|yesterday|right now|at the moment|currently|latest|so far)\b"
    r"|\bthis (?:morning|week|month|quarter|year|share|stock|client|customer|order|trade|alert|company|coin|fund)\b"
    r"|\b(?:last|next|past) (?:\w+ )?(?:day|week|month|quarter|year|night)s?\b"
    r"|\b(?:what|which) (?:\w+ )?do (?:i|we) (?:own|hold|have|owe)\b|\bof our\b"
    r"|\b(?:on|of|for|in) the (?:\w+ )?(?:accounts?|books?|desk|fund)\b|\bmy risk\b|^is this an? (?!demo|game)"
    r"|\b[a-z]+-\d+\b|\bwhich (?:\w+ )+(?:is|are|was|has been|does) (?:the )?(?:best|better|most|worst)\b"
    r"|\b(?:alert|account|case|client|customer)s? #?\d|\b(?:due|deadline|by what date|by when)\b"
    r"|\b(?:suitable|right|fine) (?:\w+ )?for me\b|\b(?:suits?|fits?) me\b"
    r"|\brisks? (?:of|in|on|to) (?:my|our)\b|\bhow (?:risky|safe|volatile) (?:is|are) (?:my|our)\b"
    r"|\b(?:i|we) lose\b.{0,12}\b(?:day|week|month|overnight|year)\b"
    r"|\b(?:should|shall|can|could|do|must) (?:i|we)(?: need to)? re-?balance\b"
    r"|\b(?:that|those|these|them)\W*$|\bwe (?:owe|compliant)\b|^(?:are we|(?:is|are|has|have) any\w*)\b"
)
_AMOUNT = re.compile(
    r"[$€£]\s?\d|(?<![\d,.])\d[\d,.]{0,30}\s?(?:%|percent|bps?|k|m|usd|eur|dollars?|euros?|shares?|units?|years?)\b|\d,\d{3}"
)


_EXPLAINS = re.compile(
    r"^\W*(?:(?:hi|hello|hey|ok|okay|so|and|but|please|sorry|just curious|quick question)\b[,:!. ]*)*"
    r"(?:what(?:'s| is| are| does| happens| do you mean| on earth)|whats|why|how (?:do|does|is|are|can|come|would|long)"
    r"|explain|can (?:i|you|someone|somebody|people|we|it)|could (?:someone|somebody|it)|is (?:it|there|that|my)"
    r"|are (?:there|these|my)|do (?:you|i|they|we)|does|difference|when (?:can|do|does|is)|where (?:can|do|does)"
    r"|who (?:is|has|decides|can|does|gets|sees)|which|tell me (?:about|what|why|how)|meaning of|define)\b"
)
"""What asks for an explanation."""

_NOW_AND_HERE = re.compile(
    r"\b(?:on|of|for|in) the (?:\w+ )?(?:accounts?|books?|desk|fund|portfolio)\b|\b[a-z]+-\d+\b"
    r"|\b(?:today|tonight|yesterday|right now|currently|latest|this (?:week|month|quarter|year))\b"
    r"|\b(?:the|our|my) \d[\d.]* ?(?:%|per ?cent) \w|\b(?:that|those|these|them)\W*$"
)
"""What asks for how things stand, however it is put."""
_DEMANDS = re.compile(r"^\W*(?:please )?(?:give|show|get|tell) me (?:the|a|an|my)\b")
"""What asks for data; an entry that is merely likely is no answer to it from an agent that has none."""
_MEANING = re.compile(
    r"^(?:what (?:is|are|does|do|counts)|why (?:is|are)|how (?:is|are)) (?!there\b)|^who (?:sees|can|may|reads)\b"
)
"""What asks for the meaning of a word, and for nobody's data."""


def asks_meaning(request: Request) -> bool:
    """Whether it is short and begins as a question for the meaning of a word does."""
    words = request.words.replace("\u2019", "'")
    return len(words.split()) <= LONGEST_MEANING and _DEFINES.match(words) is not None


def is_general(request: Request) -> bool:
    """Whether the question may be one for the knowledge base; says nothing about whether an entry covers it."""
    words = request.words.replace("’", "'").strip(" \"'")
    if not _is_impersonal(request):
        return False
    return not any(pattern.search(words) for pattern in (_AMOUNT, _OWN_CASE, _WISH))


def _is_impersonal(request: Request) -> bool:
    """Whether it names nothing and orders nothing, and is short."""
    named = request.instruments or any(stranger.certain for stranger in request.strangers)
    return request.order is None and not named and len(request.words.split()) <= LONGEST


def look_up(turn: Turn) -> Explained:
    """What the knowledge base says to the question; nothing (`fit` "") when it is not general.

    A question for an explanation that speaks of an amount or of one's own things counts when an entry fits for certain.
    """
    general = is_general(turn.request)
    if hung_on(turn.request, turn.history, turn.context.sight.instruments):
        return Explained()
    if not general and not may_explain(turn.request):
        return Explained()
    found = turn.call(glossary, AskGlossary(question=turn.request.question))
    return found if general or found.fit == "certain" else Explained()


def may_explain(request: Request) -> bool:
    """Whether it asks for an explanation of nothing named."""
    words = request.words.replace("’", "'")
    return _is_impersonal(request) and _EXPLAINS.search(words) is not None and not _NOW_AND_HERE.search(words)


def goes_first(request: Request, fit: Fit) -> bool:
    """Whether an entry of this fit is given before any agent's own work."""
    if is_general(request):
        return fit in SURELY and (len(request.words.split()) >= SHORTEST or asks_meaning(request))
    return fit == "certain" and may_explain(request)


def answers_generally(agent: Agent) -> Agent:
    """The agent with the knowledge base before its plan where an entry surely fits, and behind it where it abstains."""
    plan: Plan = agent.plan

    def explain_first(turn: Turn) -> AgentAnswer:
        if comes_first(turn.context.person, turn.request.question, turn.request.instruments, turn.history):
            return plan(turn)
        found = look_up(turn)
        if (
            found.fit in SURELY
            if agent.name == READER
            else found.fit == "certain" and goes_first(turn.request, found.fit)
        ):
            return _answer(found)
        own = plan(turn)
        if found.fit and own.refusal is not None and own.refusal.rule == "role" and _MEANING.search(turn.request.words):
            return _answer(found)  # the data is for others, the word is for everybody
        if not own.abstained or own.refusal is not None or agent.name in ASKS_BACK:
            return own
        if found.fit in SURELY or (found.fit and (agent.name == READER or not _DEMANDS.search(turn.request.words))):
            return _answer(found)
        return _offer(own, found) if agent.name == READER else own

    return replace(agent, plan=explain_first, tools=(*agent.tools, glossary))


def _offer(own: AgentAnswer, found: Explained) -> AgentAnswer:
    """The abstention with the nearest questions that could be answered."""
    card = _card("Near to your question", found)
    return own.model_copy(update={"cards": (*own.cards, *card)})


def _card(title: str, found: Explained) -> tuple[Card, ...]:
    """Questions to go on with; none when there are none."""
    body: dict[str, JsonValue] = {
        "entry": found.entry,
        "questions": [{"id": r.id, "question": r.question} for r in found.related],
    }
    return (Card(kind="related", title=title, body=body),) if found.related else ()


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
    return AgentAnswer(
        text=f"**{found.title}**\n\n{found.answer}",
        citations=(citation,),
        quoted=(*found.names, found.title, document),
        cards=_card("Read on" if found.fit in SURELY else "Did you mean", found),
    )
