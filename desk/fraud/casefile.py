"""One case as an investigator reads it: time line, parties, what to check next, past cases that resemble it.

Everything is computed from the alert, the other alerts and the store; nothing is guessed. What the desk does not hold
is said to be unknown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from desk.compliance.kyc import DONE
from desk.fraud.alerts import Alert, Edge
from desk.fraud.cases import Case
from desk.money import Money

NOT_KNOWN = "not known"
MOST_SIMILAR = 5
NEAR = 2.0
"""Amounts, counts and durations within this factor count as alike."""
_SHARE, _TYPOLOGY, _SHAPE, _AMOUNT, _TIME = 0.4, 0.3, 0.1, 0.1, 0.1


class Owners(Protocol):
    """The owners' profiles of an account; None when it is no customer account of the desk."""

    def profiles(self, account: str) -> list[Mapping[str, object]] | None:
        """See above."""
        ...


class Event(NamedTuple):
    """One payment of the case in the order of time.

    `moved` is the sum of the case's payments up to and with it, `held` what its receiver got in the case so far less
    what it had paid on; minor units both. `held` below zero: the account paid out money that came from elsewhere.
    """

    edge: Edge
    moved: int
    held: int


class Party(NamedTuple):
    """An account of the case and what the desk knows of who stands behind it; `why` says where that is from."""

    account: str
    linked: bool
    kyc: str
    sanctions: str
    why: str


class Similar(NamedTuple):
    """A past case with how much it resembles this one, from 0 to 1, and the reasons as sentences."""

    case: Case
    likeness: float
    why: tuple[str, ...]


@dataclass(frozen=True)
class CaseFile:
    """All that is shown beside the alert itself."""

    case: Case
    events: tuple[Event, ...]
    parties: tuple[Party, ...]
    similar: tuple[Similar, ...]


def open_file(case: Case, others: Iterable[Case], owners: Owners) -> CaseFile:
    """The file of a case; of `others`, all cases of the desk, those that ended before this one are compared."""
    alert = case.alert
    return CaseFile(case, time_line(alert), _parties(alert, owners), _similar(case, others))


def time_line(alert: Alert) -> tuple[Event, ...]:
    """Every payment of the alert, oldest first, with running amounts."""
    moved, held, events = 0, defaultdict[str, int](int), []
    for edge in sorted(alert.edges, key=lambda one: (one.at, alert.edges.index(one))):
        moved += edge.minor
        held[edge.source] -= edge.minor
        held[edge.target] += edge.minor
        events.append(Event(edge, moved, held[edge.target]))
    return tuple(events)


def _parties(alert: Alert, owners: Owners) -> tuple[Party, ...]:
    return tuple(read_party(name, name in alert.linked, owners) for name in alert.accounts)


def read_party(account: str, linked: bool, owners: Owners) -> Party:
    """What the desk knows of who stands behind an account; `linked`: it belongs to the case by its links alone."""
    profiles = owners.profiles(account)
    if profiles is None:
        why = "no customer account of this desk, so it holds no identification; it holds no sanctions list either"
        return Party(account, linked, NOT_KNOWN, NOT_KNOWN, why)
    states = [str(profile.get("kyc") or NOT_KNOWN).casefold() for profile in profiles]
    kyc = "complete" if states and all(state in DONE for state in states) else next(iter(states), NOT_KNOWN)
    return Party(account, linked, kyc, NOT_KNOWN, "from the owners' profiles; this desk holds no sanctions list")


def _similar(case: Case, others: Iterable[Case]) -> tuple[Similar, ...]:
    past = (other for other in others if other.alert.id != case.alert.id and other.alert.end <= case.alert.end)
    found = [_likeness(case.alert, other) for other in past]
    alike = [one for one in found if one.likeness >= _TYPOLOGY]
    alike.sort(key=lambda one: (-one.likeness, -one.case.alert.end, one.case.alert.id))
    return tuple(alike[:MOST_SIMILAR])


def _likeness(alert: Alert, other: Case) -> Similar:
    past, score, why = other.alert, 0.0, []
    shared = [name for name in alert.accounts if name in past.accounts]
    if shared:
        score += _TYPOLOGY + (_SHARE - _TYPOLOGY) * len(shared) / min(len(alert.accounts), len(past.accounts))
        shown = ", ".join(shared[:4]) + (f" and {len(shared) - 4} more" if len(shared) > 4 else "")
        why.append(f"It has {'an account' if len(shared) == 1 else 'accounts'} of this case: {shown}.")
    if past.typology == alert.typology:
        score += _TYPOLOGY
        why.append(f"It has the same typology: {past.title.lower()}.")
    if _near(len(past.accounts), len(alert.accounts)) and _near(len(past.edges), len(alert.edges)):
        score += _SHAPE
        why.append(
            f"It has about as many accounts ({len(past.accounts)} and {len(alert.accounts)}) and payments "
            f"({len(past.edges)} and {len(alert.edges)})."
        )
    if past.currency == alert.currency and _near(past.minor, alert.minor):
        score += _AMOUNT
        amounts = f"{Money(past.minor, past.currency)} and {Money(alert.minor, alert.currency)}"
        why.append(f"Its amount is alike: {amounts}.")
    if _near(max(1, past.end - past.start), max(1, alert.end - alert.start)):
        score += _TIME
        why.append("It took about as long.")
    return Similar(other, round(score, 2), tuple(why))


def _near(one: int, other: int) -> bool:
    return max(one, other) <= NEAR * max(1, min(one, other))
