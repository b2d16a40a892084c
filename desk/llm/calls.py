"""The decision record of every routed call: what was asked of whom, what came back, when, for how much, and why.

Written by a thread in small groups, so that an answer never waits for the disk; a process that is killed loses the
last moments' records (never their money, see `desk.llm.spending`). Kept for a month.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import timedelta

from sqlalchemy import Connection, Row, delete, insert, select, update

from desk.clock import Clock, to_iso
from desk.llm.redaction import Redaction
from desk.store.engine import Store
from desk.store.later import LaterWriter
from desk.store.model_tables import model_calls
from desk.store.statements import Statement

KEPT_DAYS = 31
MOST_RAW = 16_384
"""Characters of raw output that are kept of one attempt."""
ERASED = "erased"


@dataclass(frozen=True)
class Attempt:
    """One model asked: `reason` says why its answer was not used, empty when it was. Milliseconds from the start.

    `first_ms` is None when nothing came. `estimated` when the provider did not count the tokens. `kind` is the
    fault's (`ModelError.kind`), empty without one.
    """

    model: str
    began_ms: float
    first_ms: float | None
    ms: float
    reason: str
    raw: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    nanos: int = 0
    estimated: bool = False
    notes: tuple[str, ...] = ()
    kind: str = ""


@dataclass(frozen=True)
class CallRecord:
    """One routed call. `model` is whose answer was used, empty when the caller's own plan was or nothing."""

    at: str
    run: str
    person: str
    task: str
    prompt: str
    model: str
    input_hash: str
    reason: str
    deadline_ms: float
    ms: float
    attempts: tuple[Attempt, ...]
    id: int = 0

    @property
    def prompt_tokens(self) -> int:
        """Of all attempts."""
        return sum(attempt.prompt_tokens for attempt in self.attempts)

    @property
    def completion_tokens(self) -> int:
        """Of all attempts."""
        return sum(attempt.completion_tokens for attempt in self.attempts)

    @property
    def nanos(self) -> int:
        """Nano-dollars of all attempts."""
        return sum(attempt.nanos for attempt in self.attempts)


_COLUMNS = tuple(column.name for column in model_calls.columns if column.name != "id")
_ADD = Statement(insert(model_calls), *_COLUMNS)


class CallBook:
    """The records of a store, cleaned of keys before they are kept."""

    subject_rows = "model calls"

    def __init__(self, store: Store, wall: Clock, redaction: Redaction) -> None:
        self._store, self._wall, self._redaction = store, wall, redaction
        self._writer = LaterWriter(store, "tenor-model-calls")

    def keep(self, record: CallRecord) -> None:
        """Takes a record; it is on disk a moment later, and at once for whoever reads."""
        self._writer.add(_ADD, lambda: self._row(record))

    def newest(self, most: int = 100, run: str = "") -> list[CallRecord]:
        """The newest records first, of one run or of all."""
        self._writer.flush()
        query = select(model_calls).order_by(model_calls.c.id.desc()).limit(most)
        with self._store.read() as connection:
            return [_record(row) for row in connection.execute(query.where(model_calls.c.run == run) if run else query)]

    def erase_subject(self, connection: Connection, person: str) -> int:
        """Makes the person's records nobody's: name, hash, words and reasons go, figures stay.

        `flush` before the transaction, for records that still wait.
        """
        mine = model_calls.c.person == person
        rows = connection.execute(select(model_calls.c.id, model_calls.c.attempts).where(mine)).all()
        blank = {"person": "", "input_hash": "", "reason": ""}
        for id, attempts in rows:
            bare = [a | {"raw": "", "reason": ERASED if a["reason"] else "", "notes": []} for a in json.loads(attempts)]
            connection.execute(
                update(model_calls).where(model_calls.c.id == id).values(attempts=json.dumps(bare), **blank)
            )
        return len(rows)

    def flush(self) -> None:
        """Writes what waits."""
        self._writer.flush()

    def close(self) -> None:
        """Writes what waits, forgets what is older than a month, ends the thread; safe to call twice."""
        if not self._writer.close():
            return
        oldest = to_iso(self._wall.now() - timedelta(days=KEPT_DAYS))
        with self._store.begin() as connection:
            connection.execute(delete(model_calls).where(model_calls.c.at < oldest))

    def _row(self, record: CallRecord) -> tuple[object, ...]:
        """The row, in the order of the columns."""
        clean = self._redaction.clean
        shown = [asdict(a) | {"raw": clean(a.raw)[:MOST_RAW], "reason": clean(a.reason)} for a in record.attempts]
        return (
            record.at,
            record.run,
            record.person,
            record.task,
            record.prompt,
            record.model,
            record.input_hash,
            clean(record.reason),
            round(record.deadline_ms * 1000),
            round(record.ms * 1000),
            record.prompt_tokens,
            record.completion_tokens,
            record.nanos,
            json.dumps(shown, ensure_ascii=False),
        )


def reasons(attempts: Iterable[Attempt]) -> str:
    """Why the answers before the used one were not used, in one line; empty when the first one was."""
    return "; ".join(f"{attempt.model}: {attempt.reason}" for attempt in attempts if attempt.reason)


def _record(row: Row[tuple[object, ...]]) -> CallRecord:
    kept = row._mapping
    attempts = tuple(Attempt(**(a | {"notes": tuple(a["notes"])})) for a in json.loads(str(kept["attempts"])))
    same = {
        name: kept[name] for name in ("at", "run", "person", "task", "prompt", "model", "input_hash", "reason", "id")
    }
    return CallRecord(**same, deadline_ms=kept["deadline_micros"] / 1000, ms=kept["micros"] / 1000, attempts=attempts)
