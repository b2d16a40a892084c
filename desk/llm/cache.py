"""Kept answers: the same person asking the same model the very same thing within a day, where the caller allows it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import timedelta

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, delete, insert, select

from desk.clock import Clock, to_iso
from desk.llm.chat import Completion, Request
from desk.llm.models import ModelSpec
from desk.store.engine import Store
from desk.store.model_tables import model_answers

FORM = 1
"""Of what is kept; an answer in an older form has another key and is never found."""
KEPT = timedelta(days=1)

_COMPLETION = TypeAdapter(Completion)


class AnswerCache:
    """The kept answers of a store."""

    subject_rows = "kept model answers"

    def __init__(self, store: Store, wall: Clock, version: str) -> None:
        self._store, self._wall, self._version = store, wall, f"{FORM}/{version}"

    def find(self, spec: ModelSpec, request: Request, person: str) -> Completion | None:
        """The answer kept for this person, now at no cost; None when there is none that can be read."""
        since = to_iso(self._wall.now() - KEPT)
        query = select(model_answers.c.answer).where(
            model_answers.c.key == self._key(spec, request, person), model_answers.c.at >= since
        )
        with self._store.read() as connection:
            kept = connection.execute(query).scalar_one_or_none()
        if kept is None:
            return None
        try:
            return _COMPLETION.validate_python({**json.loads(kept), "cost_usd": 0.0})
        except (ValueError, ValidationError):
            return None

    def keep(self, spec: ModelSpec, request: Request, person: str, completion: Completion) -> None:
        """Keeps an answer; a second one to the same question replaces the first."""
        key, now = self._key(spec, request, person), self._wall.now()
        row = {"key": key, "person": person, "at": to_iso(now), "answer": json.dumps(asdict(completion))}
        with self._store.begin() as connection:
            old = (model_answers.c.key == key) | (model_answers.c.at < to_iso(now - KEPT))
            connection.execute(delete(model_answers).where(old))
            connection.execute(insert(model_answers).values(**row))

    def erase_subject(self, connection: Connection, person: str) -> int:
        """Deletes the person's answers."""
        return connection.execute(delete(model_answers).where(model_answers.c.person == person)).rowcount

    def _key(self, spec: ModelSpec, request: Request, person: str) -> str:
        asked = [self._version, spec.id, spec.route, spec.address, person, request.to_wire()]
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
