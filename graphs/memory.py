"""What a conversation keeps: the questions and answers of one person's threads, in the store."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update

from desk.clock import Clock, to_iso
from desk.errors import NotFound
from desk.identity.roles import Person
from desk.store.engine import Store
from desk.store.tables import threads, turns
from graphs.following.completing import remembered

REMEMBERED = 6
"""Questions that the next one is read with."""
KEPT = 200
"""Turns of one thread that are kept; the oldest go first. The audit record of every run stays."""
TITLE = 80


@dataclass(frozen=True)
class Thread:
    """One conversation; `title` is the beginning of its first question."""

    id: str
    title: str
    updated_at: str


class Conversations:
    """Threads belong to the person who began them; nobody else can read or continue one."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def begin(self, person: Person, thread: str, question: str) -> list[str]:
        """The last questions of the thread as they were understood, oldest first; makes a thread when there is none."""
        now = to_iso(self._clock.now())
        with self._store.begin() as connection:
            row = connection.execute(select(threads).where(threads.c.id == thread)).one_or_none()
            if row is None:
                title = " ".join(question.split())[:TITLE]
                connection.execute(insert(threads).values(id=thread, person=person.name, title=title, updated_at=now))
                return []
            if row.person != person.name:
                raise NotFound(f"conversation {thread!r} does not exist")
            connection.execute(update(threads).where(threads.c.id == thread).values(updated_at=now))
            query = select(turns).where(turns.c.thread == thread).order_by(turns.c.asked_at.desc())
            last = list(reversed(connection.execute(query.limit(REMEMBERED)).all()))
        return [_understood(row.question, json.loads(row.answer)) for row in last]

    def keep(self, thread: str, run: str, question: str, answer: dict[str, object]) -> None:
        """Stores one finished turn, and lets the oldest go beyond KEPT."""
        with self._store.begin() as connection:
            connection.execute(
                insert(turns).values(
                    run=run,
                    thread=thread,
                    asked_at=to_iso(self._clock.now()),
                    question=question,
                    answer=json.dumps(answer),
                )
            )
            order = (turns.c.asked_at.desc(), turns.c.run)
            older = select(turns.c.run).where(turns.c.thread == thread).order_by(*order).offset(KEPT)
            connection.execute(delete(turns).where(turns.c.run.in_(older.scalar_subquery())))

    def all(self, person: Person) -> list[Thread]:
        """The person's threads, newest first, at most 100."""
        query = select(threads).where(threads.c.person == person.name).order_by(threads.c.updated_at.desc()).limit(100)
        with self._store.read() as connection:
            return [Thread(row.id, row.title, row.updated_at) for row in connection.execute(query)]

    def turns(self, person: Person, thread: str) -> list[dict[str, object]]:
        """The kept turns of one's own thread, oldest first; NotFound for another's."""
        self._own(person, thread)
        query = select(turns).where(turns.c.thread == thread).order_by(turns.c.asked_at)
        with self._store.read() as connection:
            return [
                {"asked_at": row.asked_at, "question": row.question, "answer": json.loads(row.answer)}
                for row in connection.execute(query)
            ]

    def forget(self, person: Person, thread: str) -> None:
        """Deletes one's own thread with its turns."""
        self._own(person, thread)
        with self._store.begin() as connection:
            connection.execute(delete(turns).where(turns.c.thread == thread))
            connection.execute(delete(threads).where(threads.c.id == thread))

    def _own(self, person: Person, thread: str) -> None:
        query = select(threads.c.id).where(threads.c.id == thread, threads.c.person == person.name)
        with self._store.read() as connection:
            own = connection.execute(query).one_or_none()
        if own is None:
            raise NotFound(f"conversation {thread!r} does not exist")


def _understood(question: str, answer: dict[str, object]) -> str:
    read = answer.get("read_as")
    return remembered(read if isinstance(read, str) else question, answer)
