"""Versions of the fraud thresholds: proposed from verdicts, accepted by one officer, confirmed by another.

Version 0 is the shipped one. A version is never changed or deleted: undoing proposes the levels of an earlier one as
the next. One proposal waits at a time; a new one replaces it. Every vote is a record of the audit log.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, Row, insert, select, update

from desk.clock import Clock, to_iso
from desk.errors import Conflict, InputError, NotFound
from desk.fraud.feedback import LevelStep
from desk.fraud.steps import Record
from desk.identity.roles import Action, Person, check_may
from desk.ledger.canonical import canonical_json
from desk.store.engine import Store
from desk.store.tables import fraud_thresholds as table

Standing = Literal["waiting", "accepted", "in_force", "replaced"]


@dataclass(frozen=True)
class Version:
    """Levels by typology and how they came about. `version` is 0 until it is in force; of the shipped one it is 0 too.

    `why` are sentences: the steps with their evidence, what they would have done, or what is undone.
    """

    id: int
    base: int
    version: int
    state: Standing
    levels: dict[str, float]
    why: tuple[str, ...]
    proposed_by: str
    accepted_by: str
    confirmed_by: str
    proposed_at: str
    in_force_at: str


SHIPPED = Version(0, 0, 0, "in_force", {}, ("as shipped",), "", "", "", "", "")


class Versions:
    """Kept in the store; every change writes its audit record in the same transaction."""

    def __init__(self, store: Store, wall: Clock, record: Record) -> None:
        self._store, self._wall, self._record = store, wall, record

    def all(self) -> list[Version]:
        """The shipped one and everything proposed since, oldest first."""
        with self._store.read() as connection:
            return _read_all(connection)

    def in_force(self) -> Version:
        """The last one that two officers agreed on; the shipped one before."""
        return _last(self.all())

    def moved(self) -> dict[str, str]:
        """When each typology's level last changed."""
        found: dict[str, str] = {}
        levels: Mapping[str, float] = {}
        for one in self.all():
            if one.state == "in_force":
                changed = {kind for kind in {*levels, *one.levels} if levels.get(kind) != one.levels.get(kind)}
                found |= dict.fromkeys(changed, one.in_force_at)
                levels = one.levels
        return found

    def propose(self, person: Person, steps: Sequence[LevelStep], effect: Sequence[str]) -> Version:
        """A proposal of these steps on the version in force; nobody's vote yet. InputError when none moves a level."""
        moving = [step for step in steps if step.after != step.before]
        if not moving:
            raise InputError("the verdicts ask for no step; `tenor fraud thresholds show` says why for each typology")
        base = self.in_force()
        levels = {**base.levels, **{step.typology: step.after for step in moving}}
        return self._put(person, base, levels, [*map(in_words, moving), *effect], "")

    def numbered(self, version: int) -> Version:
        """A version that is or was in force; NotFound otherwise."""
        found = next((one for one in self.all() if one.version == version and one.state == "in_force"), None)
        if found is None:
            raise NotFound(f"there is no version {version} of the thresholds; `tenor fraud thresholds show` lists them")
        return found

    def undo(self, person: Person, version: int, reason: str, effect: Sequence[str]) -> Version:
        """Proposes the levels of an earlier version, with this person's vote. Conflict when it is the one in force."""
        found = self.numbered(version)
        if not reason.strip():
            raise InputError("give a reason to undo a version")
        base = self.in_force()
        if version == base.version:
            raise Conflict(f"version {version} is in force already")
        return self._put(
            person, base, found.levels, [f"back to version {version}: {reason.strip()}", *effect], person.name
        )

    def accept(self, person: Person, id: int) -> Version:
        """A vote for a proposal: the first accepts it, another person's puts it in force.

        Conflict for a second vote of one person, and for a proposal made on a version no longer in force.
        """
        check_may(person, Action.WORK_FRAUD)
        with self._store.begin() as connection:
            known = _read_all(connection)
            found = next((one for one in known[1:] if one.id == id), None)
            if found is None:
                raise NotFound(f"there is no proposal {id} of thresholds")
            last = _last(known)
            if found.state not in {"waiting", "accepted"}:
                raise Conflict(f"proposal {id} is {found.state.replace('_', ' ')}; propose anew")
            if found.base != last.version:
                raise Conflict(
                    f"proposal {id} stands on version {found.base}, {last.version} is in force; propose anew"
                )
            if found.accepted_by == person.name:
                raise Conflict(f"{person.display_name} accepted proposal {id}; another compliance officer must confirm")
            now = to_iso(self._wall.now())
            changed: dict[str, object] = {"state": "accepted", "accepted_by": person.name}
            if found.state == "accepted":
                changed = {"state": "in_force", "confirmed_by": person.name, "in_force_at": now}
                changed["version"] = max(one.version for one in known) + 1
            connection.execute(update(table).where(table.c.id == id).values(**changed))
            made = next(one for one in _read_all(connection) if one.id == id)
            self._note(connection, "accepted" if made.state == "accepted" else "in_force", person, made)
        return made

    def _put(
        self, person: Person, base: Version, levels: Mapping[str, float], why: Sequence[str], accepted_by: str
    ) -> Version:
        check_may(person, Action.WORK_FRAUD)
        with self._store.begin() as connection:
            waits = table.c.state.in_(("waiting", "accepted"))
            connection.execute(update(table).where(waits).values(state="replaced"))
            connection.execute(
                insert(table).values(
                    base=base.version,
                    version=0,
                    state="accepted" if accepted_by else "waiting",
                    levels=canonical_json({kind: str(level) for kind, level in levels.items()}),
                    why=json.dumps(list(why), ensure_ascii=False),
                    proposed_by=person.name,
                    accepted_by=accepted_by,
                    confirmed_by="",
                    proposed_at=to_iso(self._wall.now()),
                    in_force_at="",
                )
            )
            made = _read_all(connection)[-1]
            self._note(connection, "proposed", person, made)
        return made

    def _note(self, connection: Connection, turn: str, person: Person, made: Version) -> None:
        levels = {kind: str(level) for kind, level in made.levels.items()}
        body: dict[str, object] = {**person.named(), "proposal": made.id, "version": made.version, "base": made.base}
        self._record(connection, f"fraud.thresholds.{turn}", str(made.id), {**body, "levels": levels, "why": made.why})


def in_words(step: LevelStep) -> str:
    """A step with its evidence in one sentence."""
    then, now = step.then, step.now
    return (
        f"{step.typology}: from {step.before:.2f} to {step.after:.2f}, because its {step.why}; of the verdicts at hand "
        f"{then.confirmed} confirmed and {then.cleared} cleared reach the level now, {now.confirmed} and {now.cleared} "
        f"after it (precision {then.precision:.2f} to {now.precision:.2f}, recall {step.recall:.2f})"
    )


def _last(known: Sequence[Version]) -> Version:
    return max((one for one in known if one.state == "in_force"), key=lambda one: one.version)


def _read_all(connection: Connection) -> list[Version]:
    return [SHIPPED, *map(_read, connection.execute(select(table).order_by(table.c.id)).all())]


def _read(row: Row[tuple[object, ...]]) -> Version:
    kept = {**row._mapping}
    kept["levels"] = {kind: float(level) for kind, level in json.loads(row.levels).items()}
    kept["why"] = tuple(json.loads(row.why))
    return Version(**kept)
