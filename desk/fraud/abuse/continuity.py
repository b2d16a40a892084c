"""Which case a market alert goes on, and what the case then holds.

An alert goes on a case of its family (spoofing and layering are one, each other kind is its own) in the same instrument
when they share an account, or neither names any, and their times are at most the family's window apart. Of several
such cases the one with most shared rows, then accounts, then the older takes it.

What a case was found in is never lost: rows join, none leave. So a look that sees less, or the same again, changes
nothing, in whichever order looks come. A row is known by what it says of which order, trade or form; a bar or a
message by its time, because their numbers depend on where a look began. Of rows that say one thing of one order, as
parts of a fill do, the side with more of them counts, else those first seen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from desk.fraud.abuse.limits import DAY, STANDARD
from desk.fraud.abuse.records import Evidence, MarketAlert
from desk.fraud.abuse.words import Kind

FIFTH = 1.2
"""A case has grown materially when its money or its rows are this many times what they were."""
FAMILY: dict[Kind, str] = {"layering": "spoofing"}
WINDOW: dict[Kind, float] = {
    "pump_and_dump": STANDARD.rise_spans[-1] * DAY,
    "insider_trading": STANDARD.insider_before * DAY,
    "late_report": STANDARD.insider_before * DAY,
}
"""Seconds between the end of one and the start of the other; a day for the kinds not named."""
_COUNTED: dict[Kind, tuple[frozenset[str], float]] = {
    "spoofing": (frozenset({"cancelled"}), 1.0),
    "layering": (frozenset({"cancelled"}), 1.0),
    "wash_trading": (frozenset({"bought"}), 1.0),
    "matched_orders": (frozenset({"order"}), 0.5),
    "insider_trading": (frozenset({"buy", "sell", "buy option", "sell option"}), 1.0),
    "late_report": (frozenset({"event"}), 1.0),
}
"""Which rows make a kind's amount, and how much of each; for the kinds not named the larger alert says it."""

Rows = dict[tuple[str, str], tuple[Evidence, ...]]


def find_case(cases: Iterable[MarketAlert], alert: MarketAlert) -> MarketAlert | None:
    """The case, oldest first in `cases`, that the alert goes on; None for a new one."""
    near = [case for case in cases if _goes_on(case, alert)]
    return max(near, key=lambda case: _rank(case, alert)) if near else None


def joined(case: MarketAlert, alert: MarketAlert) -> MarketAlert:
    """The case with what the alert adds; the case itself when that is nothing. Its id stays."""
    before, found = _rows(case), _rows(alert)
    rows = {key: max(before.get(key, ()), found.get(key, ()), key=len) for key in {**before, **found}}
    if rows == before:
        return case
    evidence = tuple(
        sorted((row for each in rows.values() for row in each), key=lambda row: (row.at, row.id, row.what))
    )
    larger = max(case, alert, key=lambda one: len(one.evidence))
    return replace(
        larger,
        id=case.id,
        accounts=tuple(dict.fromkeys((*case.accounts, *alert.accounts))),
        amount=_amount(larger, evidence) if larger.kind in _COUNTED else max(case.amount, alert.amount),
        start=evidence[0].at,
        end=evidence[-1].at,
        rules=tuple(dict.fromkeys((*case.rules, *alert.rules))),
        score=max(case.score, alert.score),
        evidence=evidence,
        known_at=max(case.known_at, alert.known_at),
    )


def new_rows(before: MarketAlert, now: MarketAlert) -> int:
    """How many rows joined."""
    return len(now.evidence) - len(before.evidence)


def grew_materially(before: MarketAlert, now: MarketAlert) -> bool:
    """Whether an account joined, or money or rows are a fifth more than they were."""
    more = len(now.evidence) >= FIFTH * len(before.evidence)
    return bool(set(now.accounts) - set(before.accounts)) or more or now.amount > FIFTH * before.amount


def _goes_on(case: MarketAlert, alert: MarketAlert) -> bool:
    family = FAMILY.get(case.kind, case.kind)
    if family != FAMILY.get(alert.kind, alert.kind) or case.instrument != alert.instrument:
        return False
    theirs, ours = set(case.accounts), set(alert.accounts)
    if not (theirs & ours if theirs or ours else True):
        return False
    return max(alert.start - case.end, case.start - alert.end) <= WINDOW.get(case.kind, DAY)


def _rank(case: MarketAlert, alert: MarketAlert) -> tuple[int, int]:
    return len(_rows(case).keys() & _rows(alert).keys()), len(set(case.accounts) & set(alert.accounts))


def _rows(alert: MarketAlert) -> Rows:
    rows: Rows = defaultdict(tuple)
    for row in alert.evidence:
        rows[row.what, f"{row.account} {row.id}" if row.account else str(row.at)] += (row,)
    return dict(rows)


def _amount(alert: MarketAlert, evidence: Iterable[Evidence]) -> float:
    counted, part = _COUNTED[alert.kind]
    return round(part * sum((row.price or 1.0) * (row.quantity or 0.0) for row in evidence if row.what in counted), 2)
