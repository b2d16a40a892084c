"""Which case an alert goes on: the one that holds most of its payments, so that growing does not lose its history.

A case goes on in an alert when they share payments, and
- their typologies are of one family, and what they share is at least half of the payments of the smaller, or the
  accounts they share are at least half of the accounts of the smaller; or
- the families differ, and the alert has at least four fifths of the case's payments.

One case, one alert: an alert of exactly the case's payments first, then cases that a person worked on, then by shared
payments, shared accounts, and the older case. A case that is left over goes into the case of the alert that has most of
it (a merge). An alert that is left over is a case of its own that came from the case it shares most with (a split); a
case that was merged before takes its name back. The order of cases and alerts makes no difference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from desk.fraud.alerts import Alert

Standing = Literal["found", "lapsed", "merged"]
"""The last scan found it; it did not; it went on in another case."""
HALF, MOST = 0.5, 0.8
FIFTH = 1.2
"""A case has grown materially when its money or its payments are this many times what they were."""
_FAMILIES = {
    "cycle": "line",
    "pass_through": "line",
    "fan_in": "hub",
    "fan_out": "hub",
    "gather_scatter": "hub",
    "scatter_gather": "hub",
    "dormant": "hub",
    "stack": "layers",
    "bipartite": "layers",
}


class Seen(NamedTuple):
    """A case or an alert as it is compared. `since` is when the case was first found; empty for an alert."""

    id: str
    typology: str
    parts: frozenset[str]
    accounts: frozenset[str]
    since: str = ""
    standing: Standing = "found"
    worked: bool = False

    @classmethod
    def of(cls, alert: Alert, since: str = "", standing: Standing = "found", worked: bool = False) -> Seen:
        """An alert by its payments and accounts."""
        parts = frozenset(edge.id for edge in alert.edges)
        return cls(alert.id, alert.typology, parts, frozenset(alert.accounts), since, standing, worked)

    def goes_on_in(self, alert: Seen) -> bool:
        """Whether the alert is this case a scan later."""
        shared = len(self.parts & alert.parts)
        if not shared:
            return False
        if _FAMILIES.get(self.typology, self.typology) != _FAMILIES.get(alert.typology, alert.typology):
            return shared >= MOST * len(self.parts)
        accounts = len(self.accounts & alert.accounts)
        return shared >= HALF * min(len(self.parts), len(alert.parts)) or accounts >= HALF * min(
            len(self.accounts), len(alert.accounts)
        )


class Matched(NamedTuple):
    """`goes_on`: the case of each alert that is no new one. `merged`: a case to the alert that has most of it now.

    `split`: an alert, new or taking its name back, to the case that it came from.
    """

    goes_on: dict[str, str]
    merged: dict[str, str]
    split: dict[str, str]


def match(known: Iterable[Seen], found: Sequence[Seen]) -> Matched:
    """The case of every alert, by the rule of this module."""
    cases = sorted(known)
    pairs = sorted(_pairs(cases, found), key=lambda pair: _rank(*pair))
    goes_on: dict[str, str] = {}
    placed: set[str] = set()
    for case, alert in pairs:
        if case.standing != "merged" and case.id not in placed and alert.id not in goes_on:
            goes_on[alert.id] = case.id
            placed.add(case.id)
    begun = frozenset(goes_on)
    merged: dict[str, str] = {}
    split: dict[str, str] = {}
    for case, alert in pairs:
        if case.standing == "merged":
            continue
        if alert.id not in begun:
            split.setdefault(alert.id, case.id)
        elif case.id not in placed and (case.worked or case.standing == "found"):
            merged.setdefault(case.id, alert.id)
    for case, alert in pairs:
        if case.standing == "merged" and case.id not in placed and alert.id not in goes_on:
            goes_on[alert.id] = case.id
            placed.add(case.id)
    return Matched(goes_on, merged, split)


def _pairs(cases: Sequence[Seen], found: Sequence[Seen]) -> list[tuple[Seen, Seen]]:
    """Cases and alerts that share a payment and go on in each other."""
    holders: dict[str, list[Seen]] = defaultdict(list)
    for case in cases:
        for part in case.parts:
            holders[part].append(case)
    pairs = []
    for alert in found:
        near = {case.id: case for part in alert.parts for case in holders.get(part, ())}
        pairs += [(case, alert) for case in near.values() if case.goes_on_in(alert)]
    return pairs


def _rank(case: Seen, alert: Seen) -> tuple[bool, bool, int, int, str, str, str]:
    shared, accounts = len(case.parts & alert.parts), len(case.accounts & alert.accounts)
    exact = case.parts == alert.parts
    return not exact, not case.worked, -shared, -accounts, case.since, case.id, alert.id


def grew_materially(before: Alert, now: Alert) -> bool:
    """Whether an account joined by payments of its own, or money or payments are a fifth more than they were."""
    joined = set(now.accounts) - set(now.linked) - set(before.accounts)
    return bool(joined) or now.minor >= FIFTH * before.minor or len(now.edges) >= FIFTH * len(before.edges)
