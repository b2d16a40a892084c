"""What a replay differs in from its record: facts, tool calls, words, and what they cost and took."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import NamedTuple

from graphs.compose import plain_text
from graphs.replay.bundle import Bundle
from graphs.replay.recorded_tools import Made

_AROUND = 3
"""Equal words that are shown on each side of a change."""


@dataclass(frozen=True)
class FactChange:
    """A fact that the answers show differently: value with unit, None where one does not show it."""

    id: str
    label: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class ToolChange:
    """A call that only one made, or that both made with other arguments (JSON; None where there was none)."""

    agent: str
    tool: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class WordChange:
    """Words replaced by others (either may be empty), and the equal ones before and behind them."""

    lead: str
    before: str
    after: str
    tail: str


@dataclass(frozen=True)
class Spent:
    """US dollars, milliseconds of all agents, tokens, and who wrote the words, on one side."""

    cost_usd: float
    ms: float
    tokens: int
    model: str
    fallback: str | None


@dataclass(frozen=True)
class Comparison:
    """See the module. `identical`: the whole answer is the same, byte for byte. `fields`: the parts that are not."""

    identical: bool
    fields: tuple[str, ...]
    facts: tuple[FactChange, ...]
    tools: tuple[ToolChange, ...]
    words: tuple[WordChange, ...]
    before: Spent
    after: Spent


class Outcome(NamedTuple):
    """What a replay came to: the answer's text, its tool calls in order, and how long its agents took."""

    answer: str
    calls: tuple[Made, ...]
    ms: float


def compare(bundle: Bundle, outcome: Outcome) -> Comparison:
    """The recorded run beside its replay."""
    before, after = json.loads(bundle.answer), json.loads(outcome.answer)
    recorded = [Made(part.agent, call.tool, call.arguments) for part in bundle.parts for call in part.calls]
    return Comparison(
        identical=bundle.answer == outcome.answer,
        fields=tuple(name for name in {**before, **after} if before.get(name) != after.get(name)),
        facts=_facts(before["facts"], after["facts"]),
        tools=_tools(recorded, outcome.calls),
        words=_words(plain_text(before["answer"]), plain_text(after["answer"])),
        before=_spent(before, sum(part.micros for part in bundle.parts) / 1000),
        after=_spent(after, outcome.ms),
    )


def _spent(answer: dict[str, object], ms: float) -> Spent:
    fallback = answer["fallback"]
    return Spent(
        cost_usd=float(str(answer["cost_usd"])),
        ms=round(ms, 3),
        tokens=int(str(answer["tokens"])),
        model=str(answer["model"]),
        fallback=None if fallback is None else str(fallback),
    )


def _facts(before: Iterable[dict[str, object]], after: Iterable[dict[str, object]]) -> tuple[FactChange, ...]:
    old, new = ({str(fact["id"]): fact for fact in facts} for facts in (before, after))
    changed = [id for id in {**old, **new} if old.get(id) != new.get(id)]
    return tuple(
        FactChange(id, str({**old, **new}[id]["label"]), _said(old.get(id)), _said(new.get(id))) for id in changed
    )


def _said(fact: dict[str, object] | None) -> str | None:
    return None if fact is None else f"{fact['value']} {fact['unit']} ({fact['as_of']}; {fact['source']})"


def _tools(before: Iterable[Made], after: Iterable[Made]) -> tuple[ToolChange, ...]:
    """Calls of both are matched; what is left of one tool of one agent is paired in order."""
    gone, come = list(before), list[Made]()
    for made in after:
        if made in gone:
            gone.remove(made)
        else:
            come.append(made)
    found: list[ToolChange] = []
    for key in dict.fromkeys((made.agent, made.tool) for made in (*gone, *come)):
        old, new = ([m.arguments for m in side if (m.agent, m.tool) == key] for side in (gone, come))
        found += [ToolChange(*key, *pair) for pair in zip_longest(old, new)]
    return tuple(found)


def _words(before: str, after: str) -> tuple[WordChange, ...]:
    old, new = before.split(), after.split()
    found = []
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            lead, tail = old[max(0, i - _AROUND) : i], old[j : j + _AROUND]
            found.append(WordChange(*(" ".join(part) for part in (lead, old[i:j], new[k:m], tail))))
    return tuple(found)
