"""What a change came to: who depends on the changed value is read from the record, never from what changed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from evals.mutation.changes import Hits
from evals.mutation.play import Said, behind

Outcome = Literal["changed", "equal", "stepped", "missed", "leaked"]
STEPS = (
    (r"_(var|cvar|score)$|_var_(before|after)$", "a quantile moves only with the days at and beyond it"),
    (r"_drawdown$|^study_\w+_drawdown$", "the deepest fall moves only with its own peak and trough"),
    (r"_case_(for|against)$", "a count of points moves only when a value passes its threshold"),
    (r"^alerts_|^transfers_scanned$|_hops$|^al_\w+_score$", "a count of transfers, or a score by steps"),
    (r"_headlines$", "a count of headlines"),
    (r"_quantity$", "whole lots"),
    (r"^plan_(needed_saving|affordable_income|other_income)$", "whole dollars a month: little is rounded away"),
    (r"^plan_(stocks|bonds|cash)$", "the mix follows the suitability band, which moves by steps"),
    (r"^plan_(return|volatility|chance|worst_until)$", "follows the band, the floor of a volatility, or whole paths"),
    (r"^study_\w+_turnover$", "positions change by whole signals"),
    (r"_target$", "a weight at its bound stays there"),
    (r"_commission$", "the least commission, or whole cents of it"),
    (r"_spread$", "half the spread in whole ticks"),
    (r"^study_\w+_yearly$", "what is held across a day does not see where that day closed"),
    (
        r"^study_(naive|moving_average|smoothing|momentum|mean_reversion|ridge|xgboost|lstm|sentiment|regime)"
        r"_(sharpe|difference|low|high)$",
        "nothing may be held on the day, or across it; or the same as by the baseline",
    ),
)
"""Figures that may rightly stay when a value behind them changes, by id, and why."""


@dataclass(frozen=True)
class Judged:
    """One answer under one change. `why` names what did not move as it should, or why it need not."""

    case: str
    outcome: Outcome
    why: str = ""


def judge(before: Said, after: Said, hits: Hits) -> Judged:
    """`changed` and `equal` are as they must be; `stepped` is dependent, unchanged, and explained."""
    dependent = [id for id, read in behind(before.facts, before.shown).items() if any(map(hits, read))]
    differs = before.words != after.words
    if not dependent:
        return Judged(before.case, "leaked", _first_change(before, after)) if differs else Judged(before.case, "equal")
    if differs:
        return Judged(before.case, "changed")
    stuck = still(before, after, hits)
    if stuck:
        return Judged(before.case, "missed", ", ".join(stuck))
    return Judged(before.case, "stepped", "; ".join(sorted({why_stepped(id) for id in dependent} - {""})))


def still(before: Said, after: Said, hits: Hits) -> list[str]:
    """Facts shown that depend on the value, show the same after the change, and have no reason to.

    Reasons: the figure moves by steps; or all of it that depends on the value comes from inputs that stayed themselves.
    """
    read = behind(before.facts, before.facts)

    def stuck(id: str, path: frozenset[str] = frozenset()) -> bool:
        fact, now = before.facts[id], after.facts.get(id)
        if now is None or now.value != fact.value or why_stepped(id):
            return False
        if any(map(hits, fact.reads)):
            return True
        behind_it = [each for each in fact.inputs if any(map(hits, read.get(each, ()))) and each not in path]
        return any(after.facts[e].value != before.facts[e].value for e in behind_it if e in after.facts) or any(
            stuck(each, path | {id}) for each in behind_it
        )

    return [id for id in before.shown if any(map(hits, read[id])) and stuck(id)]


def moved(before: Said, after: Said, hits: Hits) -> list[str]:
    """Facts shown before and after that do not depend on the value and yet show another."""
    read = behind(before.facts, before.shown)
    return [
        id
        for id in before.shown
        if not any(map(hits, read[id])) and id in after.shown and after.facts[id].value != before.facts[id].value
    ]


def why_stepped(id: str) -> str:
    """Why a figure may stay; empty when it may not."""
    return next((why for pattern, why in STEPS if re.search(pattern, id)), "")


def _first_change(before: Said, after: Said) -> str:
    at = next((n for n, (a, b) in enumerate(zip(before.words, after.words, strict=False)) if a != b), 0)
    return f"…{before.words[max(0, at - 60) : at + 60]}… became …{after.words[max(0, at - 20) : at + 60]}…"
