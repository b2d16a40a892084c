"""A model's second vote on the headlines that carry a score: a label each, beside the rules' own.

Headlines are fenced and the answer can only be labels of a fixed set, so nothing a headline says can do more than
spoil its own label. Names and years are disguised, so that a model cannot label old news by how things went on.
The vote never changes a score: it is shown apart, and where it disagrees with the rules the
confidence shown is lower. Without a model, or when it is late or wrong, there is no vote.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

from pydantic import JsonValue

from agents.agent import Models, Opinion, Turn
from agents.answers import AgentAnswer, Card
from agents.driver import VOTED_AS, purse_of
from desk.clock import to_iso
from desk.facts import Fact
from desk.llm.chat import Message
from desk.llm.router import Ask, Routed
from desk.news.disguise import Disguise
from prompts.library import newest_prompt

PROMPT = "sentiment_vote"
LABELS = ("positive", "neutral", "negative")
DOUBT = 0.6
"""What is left of the rules' confidence in a headline that the model labels otherwise."""


async def second_vote(turn: Turn, answer: AgentAnswer, models: Models, only: str = "") -> Opinion:
    """The answer with the model's labels on its headline cards; all cards are asked about at once."""
    asked = await asyncio.gather(*(_ask(turn, card, models, only) for card in answer.cards))
    voted = [_vote(turn, card, routed) for card, routed in zip(answer.cards, asked, strict=True)]
    said = "\n\n".join(text for _, text in voted if text)
    text = f"{answer.text}\n\n{said}" if said else answer.text
    return Opinion(
        answer.model_copy(update={"text": text, "cards": tuple(card for card, _ in voted)}),
        tokens_in=sum(attempt.prompt_tokens for routed in asked for attempt in routed.attempts),
        tokens_out=sum(attempt.completion_tokens for routed in asked for attempt in routed.attempts),
        cost_usd=sum(routed.cost_usd for routed in asked),
    )


async def _ask(turn: Turn, card: Card, models: Models, only: str) -> Routed:
    titles, person = [str(row["title"]) for row in _rows(card)], turn.context.person
    prompt, disguise = newest_prompt(PROMPT), Disguise(turn.context.sight.instruments, turn.context.run)
    lines = "\n".join(f"{number}. {disguise.hide(title)}" for number, title in enumerate(titles, 1))
    system, user = prompt.render(asset=disguise.name(str(card.body["instrument"])), headlines=lines)
    labels: dict[str, JsonValue] = {
        "type": "array",
        "items": {"enum": list(LABELS)},
        "minItems": len(titles),
        "maxItems": len(titles),
    }
    schema: dict[str, JsonValue] = {
        "type": "object",
        "properties": {"labels": labels},
        "required": ["labels"],
        "additionalProperties": False,
    }
    messages = (Message("system", system), Message("user", user))
    run, purse = turn.context.run, purse_of(person)
    ask = Ask(VOTED_AS, messages, schema=schema, prompt=prompt.label, run=run, person=person.name, purse=purse)
    return await models.complete(replace(ask, models=(only,)) if only else ask)


def _vote(turn: Turn, card: Card, routed: Routed) -> tuple[Card, str]:
    """The card with the labels, and a line about them; unchanged when there is no whole vote."""
    labels, rows = _labels(routed), _rows(card)
    if routed.completion is None or len(labels) != len(rows):
        return card, ""
    model, agreed = routed.completion.model, 0
    new: list[JsonValue] = []
    for row, label in zip(rows, labels, strict=True):
        agrees = label == row["label"]
        agreed += agrees
        sure = float(str(row["confidence"])) * (1 if agrees else DOUBT)
        new.append({**row, "model_label": label, "agrees": agrees, "confidence": round(sure, 3)})
    text = _sentence(turn, str(card.body["instrument"]), model, agreed, len(rows))
    return card.model_copy(update={"body": {**card.body, "headlines": new, "second_vote": model}}), text


def _sentence(turn: Turn, instrument: str, model: str, agreed: int, cast: int) -> str:
    key, now = instrument.partition(":")[2].lower().replace("/", ""), turn.context.sight.now()

    def fact(name: str, label: str, value: int) -> str:
        how = "the model's labels set against the rules'"
        made = Fact(f"{key}_{name}", label, Decimal(value), "count", to_iso(now), f"second vote by {model}", how)
        return turn.context.facts.add(made)

    both, all_of = (
        fact("votes_agreed", "headlines on which both agree", agreed),
        fact("votes", "headlines voted on", cast),
    )
    lower = "" if agreed == cast else "; where it does not, confidence is lower than the rules alone would have it"
    return f"Second vote by a model on {instrument}: agrees on {both} of {all_of}{lower}."


def _labels(routed: Routed) -> list[str]:
    data = routed.completion.data if routed.completion and routed.by_model else None
    labels = data.get("labels") if isinstance(data, dict) else None
    known = isinstance(labels, list) and all(label in LABELS for label in labels)
    return [str(label) for label in labels] if known and isinstance(labels, list) else []


def _rows(card: Card) -> list[dict[str, JsonValue]]:
    rows = card.body.get("headlines")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
