"""A model's opinion on a borderline alert: escalate, keep or likely innocent, with reasons that cite the case's facts.

The model sees facts in which no account is named (`desk/fraud/grounds.py`), and can answer with a word and reasons of
letters only. An opinion that cites a fact the case has not, or brings along a figure or a name, is refused whole.
Nothing here raises for a model's failure, and nothing here changes a case.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from agents.agent import Models
from agents.driver import purse_of
from agents.vetting import find_foreign
from desk.facts import FactTable
from desk.fraud.alerts import Alert
from desk.fraud.triage import WORDS, Cited, Opinion, Reason, Word, state_of
from desk.fraud.words import innocent
from desk.identity.roles import Person
from desk.instruments import Instruments
from desk.llm.chat import Message
from desk.llm.router import Ask
from prompts.library import newest_prompt

PROMPT = ASKED_AS = "triage"
"""The prompt and the task class."""
MOST_REASONS, LONGEST = 2, 100
_PLAIN = "^[A-Za-z][A-Za-z ,.;'-]{8,98}$"
"""A reason has no digit, bracket or mark to write a figure or a link with; a model is asked for it, and checked."""


@dataclass(frozen=True)
class Asked:
    """An opinion, or why there is none; `cost_usd` is what asking cost either way."""

    opinion: Opinion | None
    why: str
    cost_usd: float


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str = Field(max_length=LONGEST, pattern=_PLAIN)
    facts: tuple[str, ...] = Field(min_length=1, max_length=3)


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    word: Word
    reasons: tuple[_Said, ...] = Field(min_length=1, max_length=MOST_REASONS)


async def ask_opinion(
    alert: Alert, facts: FactTable, models: Models, instruments: Instruments, person: Person, run: str
) -> Asked:
    """The opinion of the first model that answers validly in time."""
    prompt = newest_prompt(PROMPT)
    system, user = prompt.render(
        title=alert.title,
        rule=" ".join(rule.text for rule in alert.rules),
        innocent=innocent(alert),
        facts="\n".join(f"{fact.id}: {fact.label}: {fact.text()}" for fact in facts.all()),
    )
    messages = (Message("system", system), Message("user", user))
    ask = Ask(
        ASKED_AS,
        messages,
        schema=schema_of(facts),
        prompt=prompt.label,
        run=run,
        person=person.name,
        purse=purse_of(person),
    )
    routed = await models.complete(ask)
    done, cost = routed.completion, routed.cost_usd
    if done is None or not routed.by_model:
        return Asked(None, routed.reason or "no model answered", cost)
    read = read_answer(done.text, facts, instruments)
    if isinstance(read, str):
        return Asked(None, f"the model's opinion was not used: {read}", cost)
    word, reasons = read
    made = Opinion(
        alert=alert.id,
        about=state_of(alert),
        word=word,
        reasons=reasons,
        model=done.model,
        prompt=prompt.label,
        cost_usd=cost,
    )
    return Asked(made, "", cost)


def schema_of(facts: FactTable) -> Mapping[str, object]:
    """The form of an answer about these facts; a model that is held to it while it writes can cite no other."""
    ids: list[JsonValue] = [fact.id for fact in facts.all()]
    cited: dict[str, JsonValue] = {"type": "array", "items": {"enum": ids}, "minItems": 1, "maxItems": 3}
    reason: dict[str, JsonValue] = {
        "type": "object",
        "properties": {"text": {"type": "string", "pattern": _PLAIN}, "facts": cited},
        "required": ["text", "facts"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {
            "reasons": {"type": "array", "items": reason, "minItems": 1, "maxItems": MOST_REASONS},
            "word": {"enum": list(WORDS)},
        },
        "required": ["reasons", "word"],
        "additionalProperties": False,
    }


def read_answer(text: str, facts: FactTable, instruments: Instruments) -> tuple[Word, tuple[Reason, ...]] | str:
    """The word and its reasons, or why they are refused: other form, an invented fact, a figure or name of its own."""
    try:
        answer = _Answer.model_validate(json.loads(text))
    except (ValueError, ValidationError):
        return "it is not of the form asked for"
    known = {fact.id: fact for fact in facts.all()}
    invented = sorted({id for reason in answer.reasons for id in reason.facts} - set(known))
    if invented:
        return f"it cites {invented[0]!r}, which is no fact of the case"
    labels = tuple(fact.label for fact in known.values())
    for reason in answer.reasons:
        foreign = find_foreign(reason.text, " ".join(labels), facts, labels, instruments)
        if foreign:
            return foreign[0]
    return answer.word, tuple(
        Reason(
            text=reason.text,
            facts=tuple(
                Cited(id=id, label=known[id].label, text=known[id].text()) for id in dict.fromkeys(reason.facts)
            ),
        )
        for reason in answer.reasons
    )
