"""Whether a shown narrative says what its case has, judged from the alert alone.

Written apart from the desk's guard and from its fact table, neither of which it trusts: amounts, counts, days and
accounts are taken from the alert's payments, and each clause that tells of a payment is looked up among them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from desk.fraud.alerts import Alert, Edge
from desk.fraud.words import innocent
from evals.grounding.numerals import runs

_LINK = re.compile(r"\[([^\]]*)\]\(#fact-[^)]*\)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_CLAUSE = re.compile(r"\n+|(?<=[.;!?]) +")
_NAME = re.compile(r"(?<=[a-z0-9,;:] )[A-Z][\w-]*[a-z]\w*|\b[A-Z]+-?\d[\w-]*")
_GIVER = re.compile(r"\bfrom\s+$")


class Claim(NamedTuple):
    """One numeral or name, and whether the case has it where it stands."""

    words: str
    holds: bool


@dataclass(frozen=True)
class _Case:
    alert: Alert

    @property
    def amounts(self) -> set[Decimal]:
        """Every sum that may be told of the case as a whole or of one payment."""
        minors = [edge.minor for edge in self.alert.edges]
        sums = {*minors, self.alert.minor, minors[0] - minors[-1], sum(minors)}
        return {Decimal(minor) / 100 for minor in sums | {sum(minors[n:]) for n in range(1, len(minors))}}

    @property
    def counts(self) -> dict[str, set[int]]:
        """By unit."""
        payments, accounts = len(self.alert.edges), len(self.alert.accounts)
        return {"transfers": set(range(1, payments + 1)), "accounts": {accounts, len(self.alert.linked)}}

    @property
    def words(self) -> str:
        """Texts of the desk that may stand whole, numerals and all."""
        return " ".join((*(rule.text for rule in self.alert.rules), innocent(self.alert), self.alert.title))


def claims(alert: Alert, shown: str) -> list[Claim]:
    """Every numeral and every name of a shown text (slots filled, each a link), in order."""
    case, found = _Case(alert), list[Claim]()
    for clause in filter(None, _CLAUSE.split(shown)):
        bare = clause.strip().removeprefix("Rules that fired: ").removeprefix("It may be innocent: ")
        if bare and bare in case.words:
            found += [Claim(run.text, True) for run in runs(bare)]
        else:
            found += _of_clause(case, bare)
    return found


def _of_clause(case: _Case, clause: str) -> list[Claim]:
    links = [match[1] for match in _LINK.finditer(clause)]
    told = _payment(case, clause)
    found = [Claim(link, _link_holds(case, link) and told is not False) for link in links]
    rest = _LINK.sub(" ", clause)
    days = _DAY.findall(rest)
    found += [Claim(day, _day_holds(case, day, told)) for day in days]
    rest = _DAY.sub(" ", rest)
    for name in _NAME.findall(rest):
        found.append(Claim(name, (name in case.alert.accounts and told is not False) or name in case.words))
        rest = rest.replace(name, " ", 1)
    return found + [Claim(run.text, False) for run in runs(rest)]


def _payment(case: _Case, clause: str) -> Edge | bool | None:
    """The payment that a clause tells of; None when it tells of none, False when the case has none such."""
    plain = _LINK.sub(r"\1", clause)
    places = [
        (m.start(), name) for name in case.alert.accounts for m in re.finditer(rf"(?<!\w){re.escape(name)}\b", plain)
    ]
    money = [Decimal(m[1].partition(" ")[0].replace(",", "")) for m in _LINK.finditer(clause) if " USD" in m[1]]
    if len(places) != 2 or not money:
        loose = bool(places) and not all(name in case.alert.linked for _, name in places)
        return False if loose else None
    (first, giver), (second, taker) = sorted(places)
    if _GIVER.search(plain[:second]) and not _GIVER.search(plain[:first]):
        giver, taker = taker, giver
    days = _DAY.findall(plain)
    for edge in case.alert.edges:
        right = (edge.source, edge.target, Decimal(edge.minor) / 100) == (giver, taker, money[0])
        if right and all(day == _day_of(edge.at) for day in days):
            return edge
    return False


def _link_holds(case: _Case, words: str) -> bool:
    number, _, unit = words.replace(",", "").partition(" ")
    value = Decimal(number)
    if unit in case.counts:
        return value in case.counts[unit]
    return value in case.amounts if unit == case.alert.currency else value == Decimal(str(case.alert.score))


def _day_holds(case: _Case, day: str, told: Edge | bool | None) -> bool:
    if isinstance(told, Edge):
        return day == _day_of(told.at)
    return told is None and day in {_day_of(case.alert.start), _day_of(case.alert.end)}


def _day_of(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
