"""Opinions of a model on borderline alerts: kept, shown as opinions, and used for nothing but the order of the queue.

A borderline alert scores less than `BAND` above the level from which its kind is shown. Opinions put the borderline
cases of the queue in another order among the places that these have: no other case moves, no score and no state
changes. An opinion holds while the alert has the payments, typology and score that it was about.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple, get_args

from pydantic import BaseModel, ConfigDict
from sqlalchemy import delete, insert, select

from desk.clock import Clock, to_iso
from desk.fraud.alerts import Alert
from desk.fraud.cases import Case
from desk.fraud.steps import Record
from desk.fraud.thresholds import Thresholds
from desk.identity.roles import Action, Person, check_may
from desk.store.engine import Store
from desk.store.tables import fraud_opinions

BAND = 0.10
"""On seeds 0 and 1 it holds a quarter of the alerts and half of the false ones."""
Word = Literal["escalate", "keep", "likely_innocent"]
WORDS: tuple[Word, ...] = get_args(Word)
_EARLIER: dict[str, int] = {"escalate": 0, "likely_innocent": 2}


class Cited(BaseModel):
    """A fact as it was when the opinion was given."""

    model_config = ConfigDict(frozen=True)

    id: str
    label: str
    text: str


class Reason(BaseModel):
    """A sentence of the model and the facts that it cites, at least one."""

    model_config = ConfigDict(frozen=True)

    text: str
    facts: tuple[Cited, ...]


class Opinion(BaseModel):
    """What a model said of an alert; `about` is `state_of` it then, `cost_usd` what asking cost in all."""

    model_config = ConfigDict(frozen=True)

    alert: str
    about: str
    word: Word
    reasons: tuple[Reason, ...]
    model: str
    prompt: str
    cost_usd: float
    at: str = ""


class Standing(NamedTuple):
    """A case's place in the queue before opinions: the higher priority first, then the later one, then the id."""

    id: str
    priority: float
    end: float
    borderline: bool

    @property
    def key(self) -> tuple[float, float, str]:
        """What sorts."""
        return -self.priority, -self.end, self.id


def is_borderline(alert: Alert, rules: Thresholds) -> bool:
    """Whether an alert scores in the band above the level of its kind."""
    level = rules.level_of(alert.typology)
    return round(level, 4) <= alert.score < round(level + BAND, 4)


def may_be_asked(case: Case, rules: Thresholds) -> bool:
    """Whether a model's opinion is of use: borderline, found by the last scan, and nobody has decided on it."""
    return case.found and not case.into and case.state == "open" and is_borderline(case.alert, rules)


def state_of(alert: Alert) -> str:
    """What an opinion is about, as a hash: another payment, typology or score makes it one of the past."""
    named = "\n".join([alert.typology, f"{alert.score:.2f}", *sorted(edge.id for edge in alert.edges), *alert.linked])
    return hashlib.sha256(named.encode()).hexdigest()[:16]


def order_queue(standing: Iterable[Standing], words: Mapping[str, str]) -> list[str]:
    """The ids in order: borderline cases share their own places by what was said of them, escalate first.

    Without words it is the order of priorities.
    """
    queue = sorted(standing, key=lambda one: one.key)
    moved = iter(
        sorted((one for one in queue if one.borderline), key=lambda one: (rank_of(words.get(one.id, "")), one.key))
    )
    return [(next(moved) if one.borderline else one).id for one in queue]


def rank_of(word: str) -> int:
    """Where a word puts a case among the borderline ones: 0 first, 2 last; 1 for `keep` and where nothing was said."""
    return _EARLIER.get(word, 1)


class OpinionBook:
    """The last opinion on each alert, kept and recorded in the audit log."""

    def __init__(self, store: Store, wall: Clock, record: Record) -> None:
        self._store, self._wall, self._record = store, wall, record

    def keep(self, opinion: Opinion, person: Person) -> Opinion:
        """Keeps an opinion in the place of the one before; `person` asked for it."""
        check_may(person, Action.WORK_FRAUD)
        kept = opinion.model_copy(update={"at": to_iso(self._wall.now())})
        with self._store.begin() as connection:
            connection.execute(delete(fraud_opinions).where(fraud_opinions.c.alert == kept.alert))
            connection.execute(insert(fraud_opinions).values(alert=kept.alert, opinion=kept.model_dump_json()))
            body: dict[str, object] = {
                **person.named(),
                **kept.model_dump(mode="json"),
                "cost_usd": f"{kept.cost_usd:.9f}",
            }
            self._record(connection, "fraud.opinion", kept.alert, body)
        return kept

    def of(self, alerts: Sequence[Alert]) -> dict[str, Opinion]:
        """The opinions that hold for these alerts as they are now, by id."""
        now = {alert.id: state_of(alert) for alert in alerts}
        with self._store.read() as connection:
            rows = connection.execute(select(fraud_opinions)).all()
        kept = (Opinion.model_validate_json(row.opinion) for row in rows)
        return {one.alert: one for one in kept if now.get(one.alert) == one.about}
