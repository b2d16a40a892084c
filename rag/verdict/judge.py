"""Judges a claim by the figures it is about: "Yes" or "No" with both of them, how they were computed, and the change.

Each figure is asked for as a question of its own, so that it is read, computed and cited as any other; where one is
missing, of another unit, or of another kind of period, there is no verdict.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from desk.facts import Fact
from rag.asked import Asked
from rag.draft import Draft
from rag.figures import change_fact, difference_fact
from rag.metrics import load_metrics
from rag.verdict.claim import Claim, Side

Figures = Callable[[str], Draft]
Place = Callable[[Asked], Asked | None]
_LESS_IS_BETTER = re.compile(
    r"\b(?:costs?|cogs|expenses?|expenditure of|liabilit\w+|debt|leverage|days (?:sales|inventory|of inventory)|dso|dio"
    r"|cash conversion cycle|tax rate|loss(?:es)?|equity multiplier|payout)\b",
    re.IGNORECASE,
)
_MORE_IS_BETTER = re.compile(
    r"\b(?:ratio|margins?|income|profits?|profitability|earnings|eps|revenues?|sales|cash|returns?|roa|roe|turnover"
    r"|coverage|equity|working capital|ebitda|conversion)\b",
    re.IGNORECASE,
)
_RATE = re.compile(r"\bmargins?\b|\breturn on\b|\brate\b", re.IGNORECASE)
_COVERED = re.compile(r"\bcoverage|covered\b", re.IGNORECASE)


class _Value(NamedTuple):
    """A figure with when it is of, and how it was read."""

    fact: Fact
    when: str
    how: Draft


def judge(draft: Draft, claim: Claim, asked: Sequence[Asked], place: Place, figures: Figures) -> bool:
    """Writes the verdict into the draft; false, and nothing written, when it cannot be given.

    `place` gives the fiscal place of a date, `figures` the figures that a question asks for.
    """
    if claim.kind == "moved":
        return _judge_move(draft, claim, asked, place, figures)
    if len(asked) != 1:
        return False
    when = asked[0]
    value = _value(claim.side, when, figures, claim.kind == "exists")
    if value is None:
        return False
    if claim.kind == "beats":
        other = _value(claim.other, when, figures) if claim.other else None
        if other is None or other.fact.unit != value.fact.unit:
            return False
        yes = _sign(value.fact, other.fact) == claim.sign
        _write(draft, f"{_yes(yes)}: {_said(draft, value)}, against {_said(draft, other)}", value, other)
    elif claim.kind == "bound":
        over = value.fact.value - claim.bound
        yes = over > 0 if claim.sign > 0 else over < 0
        _write(draft, f"{_yes(yes)}: {_said(draft, value)}", value)
    else:
        _write(draft, f"{_yes(value.fact.value != 0)}: {_said(draft, value)}", value)
    return True


def _judge_move(draft: Draft, claim: Claim, asked: Sequence[Asked], place: Place, figures: Figures) -> bool:
    pair = _pair(claim, asked, place)
    first, last = (_value(claim.side, when, figures) for when in pair) if pair else (None, None)
    if pair is None or first is None or last is None or first.fact.unit != last.fact.unit:
        return False
    if _kind(pair[0]) != _kind(pair[1]) and not (_of_a_day(first) and _of_a_day(last)):
        return False
    moved = _sign(last.fact, first.fact)
    wanted = claim.sign * _better(claim.side.item) if claim.quality else claim.sign
    if claim.open or (claim.quality and not wanted):
        verdict = _open(claim, moved)
    elif claim.sign == 0:
        verdict = _yes(moved != 0)
    else:
        verdict = _yes(moved == wanted)
    way = {1: "rose", -1: "fell", 0: "did not change"}[moved]
    ends = f"from {draft.add(first.fact)} ({first.when}) to {draft.add(last.fact)} ({last.when})"
    change = _change(first.fact, last.fact)
    tail = f", change {draft.add(change)}" if change and moved else ""
    _write(draft, f"{verdict}: {last.fact.label} {way} {ends}{tail}", first, last)
    return True


def _open(claim: Claim, moved: int) -> str:
    """Both ways were offered, or which way is better is a matter of opinion: what happened, and no yes or no."""
    better = _better(claim.side.item) * moved if claim.quality else 0
    if moved == 0:
        return "No change"
    return {1: "Improved", -1: "Worsened", 0: "Up" if moved > 0 else "Down"}[better]


def _pair(claim: Claim, asked: Sequence[Asked], place: Place) -> tuple[Asked, Asked] | None:
    """The period compared with and the one that is spoken of."""
    if claim.told:
        return asked[1], asked[0]
    placed = [place(when) for when in asked]
    known = [when for when in placed if when is not None and when.year]
    if len(known) < len(asked):
        return None
    if len(asked) == 1:
        only = known[0]
        return replace(only, year=(only.year or 0) - 1), only
    order = sorted(range(len(asked)), key=lambda i: (known[i].year or 0, known[i].quarter or "Q4"))
    return asked[order[0]], asked[order[-1]]


def _value(side: Side, when: Asked, figures: Figures, zero: bool = False) -> _Value | None:
    """The one figure asked for; with `zero` a line that its statement lacks is none of it."""
    rate = ", in percent" if _RATE.search(side.item) else ""
    none = " If none is reported, answer 0." if zero else ""
    how = figures(f"What was {side.company}'s {side.item} in {when.words}{rate}?{none}")
    computed = [fact for fact in how.facts.values() if fact.inputs]
    found = computed[-1:] or list(how.facts.values())
    if len(how.lines) != 1 or len(found) != 1 or how.missing:
        return None
    return _Value(found[0], when.words, how)


def _kind(when: Asked) -> tuple[bool, int]:
    return bool(when.quarter), when.months


def _of_a_day(value: _Value) -> bool:
    """Whether all that it rests on stands in a balance sheet, so that any two days may be compared."""
    kinds = {entry.id: entry.statement for entry in load_metrics()}
    printed = [fact for fact in value.how.facts.values() if not fact.inputs]
    return all(len(fact.about) == 2 and kinds.get(fact.about[1].partition(".")[0]) == "balance" for fact in printed)


def _better(item: str) -> int:
    """1 when more of it is better, -1 when less is, 0 when that is a matter of opinion."""
    if _LESS_IS_BETTER.search(item) and not _COVERED.search(item):
        return -1
    return 1 if _MORE_IS_BETTER.search(item) else 0


def _sign(one: Fact, other: Fact) -> int:
    return (one.value > other.value) - (one.value < other.value)


def _change(first: Fact, last: Fact) -> Fact | None:
    if last.unit in {"%", "ratio", "days"}:
        return difference_fact(first, last)
    return change_fact([first, last])


def _yes(yes: bool) -> str:
    return "Yes" if yes else "No"


def _said(draft: Draft, value: _Value) -> str:
    return f"{value.fact.label} {draft.add(value.fact)} ({value.when})"


def _write(draft: Draft, verdict: str, *values: _Value) -> None:
    """The verdict, then how each computed figure came about; every cell is cited."""
    draft.lines.append(f"- {verdict}")
    for value in values:
        draft.facts |= {id: fact for id, fact in value.how.facts.items() if id not in draft.facts}
        draft.citations |= value.how.citations
        if value.fact.inputs or value.fact.value == 0:
            draft.lines += [line for line in value.how.lines if line not in draft.lines]
