"""The studies that people keep: a row each, the newest of a person's, gone when the person is erased."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from desk.clock import Clock, to_iso
from desk.errors import Conflict, NotFound
from desk.store.engine import Store
from desk.store.study_tables import studies

MOST = 40
"""Studies that a person keeps; the oldest go first."""
State = Literal["running", "done", "failed", "cancelled"]
Paper = Literal["html", "pdf"]
_SHOWN = (studies.c.id, studies.c.at, studies.c.state, studies.c.asked, studies.c.error, studies.c.result)


@dataclass(frozen=True)
class Kept:
    """One study: `asked` and `result` are JSON, `result` empty until it is done; `error` says why it is not."""

    id: str
    at: str
    state: State
    asked: str
    error: str
    result: str


class Shelf:
    """The kept studies of a desk. Another person's is not found."""

    subject_rows = "studies"

    def __init__(self, store: Store, wall: Clock) -> None:
        self._store, self._wall = store, wall

    def begin(self, person: str, id: str, asked: str) -> None:
        """A study that now runs, in the place of one of the same id that failed or was cancelled."""
        row = {"id": id, "person": person, "at": to_iso(self._wall.now()), "state": "running", "asked": asked}
        mine = studies.c.person == person
        newest = select(studies.c.id).where(mine).order_by(studies.c.at.desc(), studies.c.id).limit(MOST)
        with self._store.begin() as connection:
            connection.execute(delete(studies).where(studies.c.id == id, mine))
            connection.execute(insert(studies).values(**row, error="", result="", html=b"", pdf=b""))
            kept = list(connection.execute(newest).scalars())
            connection.execute(delete(studies).where(mine, studies.c.id.not_in(kept)))

    def finish(self, id: str, result: str, html: bytes, pdf: bytes) -> None:
        """What it came to. Nothing happens when the study is no longer running here."""
        self._set(id, state="done", result=result, html=html, pdf=pdf)

    def end(self, id: str, state: State, error: str) -> None:
        """It came to nothing, and why."""
        self._set(id, state=state, error=error)

    def abandon(self) -> None:
        """Every study still called running failed: no process works on it. For a desk that begins."""
        with self._store.begin() as connection:
            chosen = update(studies).where(studies.c.state == "running")
            connection.execute(chosen.values(state="failed", error="the desk ended before it did; ask again"))

    def all_of(self, person: str) -> list[Kept]:
        """The person's, newest first."""
        wanted = select(*_SHOWN).where(studies.c.person == person).order_by(studies.c.at.desc(), studies.c.id)
        with self._store.read() as connection:
            return [_kept(row) for row in connection.execute(wanted).mappings()]

    def find(self, person: str, id: str) -> Kept | None:
        """One of the person's; None when there is none."""
        wanted = select(*_SHOWN).where(studies.c.person == person, studies.c.id == id)
        with self._store.read() as connection:
            row = connection.execute(wanted).mappings().one_or_none()
        return None if row is None else _kept(row)

    def get(self, person: str, id: str) -> Kept:
        """One of the person's; NotFound."""
        found = self.find(person, id)
        if found is None:
            raise NotFound(f"study {id!r} does not exist, or is not yours")
        return found

    def paper(self, person: str, id: str, form: Paper) -> bytes:
        """The tear sheet. NotFound; Conflict when the study has none."""
        kept = self.get(person, id)
        if kept.state != "done":
            raise Conflict(f"study {id} is {kept.state}; it has no tear sheet")
        with self._store.read() as connection:
            found: bytes = connection.execute(select(studies.c[form]).where(studies.c.id == id)).scalar_one()
        return found

    def remove(self, person: str, id: str) -> None:
        """Takes one off the shelf; NotFound when there is none, Conflict while it runs."""
        if self.get(person, id).state == "running":
            raise Conflict(f"study {id} is running; cancel it first")
        with self._store.begin() as connection:
            connection.execute(delete(studies).where(studies.c.person == person, studies.c.id == id))

    def erase_subject(self, connection: Connection, person: str) -> int:
        """See `desk.store.subjects.SubjectStore`."""
        return connection.execute(delete(studies).where(studies.c.person == person)).rowcount

    def _set(self, id: str, **values: object) -> None:
        with self._store.begin() as connection:
            chosen = update(studies).where(studies.c.id == id, studies.c.state == "running")
            connection.execute(chosen.values(**values))


def _kept(row: RowMapping) -> Kept:
    return Kept(**row)
