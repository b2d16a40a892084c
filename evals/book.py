"""The runs of a desk: a row in the store for each, and its file in the data folder while it is not finished."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import insert, select, update

from desk.clock import Clock, to_iso
from desk.errors import Conflict, InputError, NotFound
from desk.settings import Settings
from desk.store.engine import Store
from desk.store.tables import eval_runs
from evals.dataset import Origin, SuiteResult
from evals.journal import Journal, check_same, count_done, is_held, read_origin
from evals.origin import read_origin_of

State = Literal["running", "done", "failed", "stopped"]


@dataclass(frozen=True)
class Kept:
    """One run. `stopped`: its process ended before it did; it can go on. `done`: results so far,
    of `expected` (0: not known).
    """

    id: str
    suite: str
    state: State
    started_at: str
    done: int
    expected: int
    result: SuiteResult | None


class EvalBook:
    """Runs of one desk. Cheap to make."""

    def __init__(self, store: Store, folder: Path, wall: Clock) -> None:
        self._store, self._folder, self._wall = store, folder / "evals", wall

    def begin(
        self,
        suite: str,
        settings: Settings,
        cases: Path,
        data: str = "",
        model: str = "",
        prompts: Sequence[str] = (),
        trials: int = 1,
        resume: bool = False,
    ) -> Journal:
        """A new run, or with `resume` the newest one of this suite that was stopped.

        `cases` is the file or folder that is read, `data` how it was named. InputError when none was stopped; Conflict
        that says what changed since, or that the run goes on elsewhere.
        """
        id, at = secrets.token_hex(8), to_iso(self._wall.now())
        origin = read_origin_of(settings, cases, data, model, prompts, trials, id, at)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if resume:
            return self._resume(suite, origin.model_copy(update={"run": "", "started_at": ""}))
        journal = Journal(self._path(id), origin)
        journal.begin()
        with self._store.begin() as connection:
            row = {"id": id, "suite": suite, "state": "running", "started_at": at, "result": "{}"}
            connection.execute(insert(eval_runs).values(row))
        return journal

    def finish(self, journal: Journal, result: SuiteResult) -> None:
        """Keeps the result, and drops the file."""
        self._end(journal, "done", result.model_dump_json())

    def abandon(self, journal: Journal) -> None:
        """Ends a run that could not be finished: it can go on when something was done, else it failed."""
        if count_done(journal.path):
            journal.close()
        else:
            self._end(journal, "failed", "{}")

    def _end(self, journal: Journal, state: State, body: str) -> None:
        with self._store.begin() as connection:
            chosen = update(eval_runs).where(eval_runs.c.id == journal.origin.run)
            connection.execute(chosen.values(state=state, result=body))
        journal.path.unlink(missing_ok=True)
        journal.close()

    def runs(self, most: int = 50) -> list[Kept]:
        """Newest first."""
        with self._store.read() as connection:
            query = select(eval_runs).order_by(eval_runs.c.started_at.desc(), eval_runs.c.id).limit(most)
            rows = connection.execute(query).all()
        return [self._kept(row.id, row.suite, row.state, row.started_at, row.result) for row in rows]

    def get(self, id: str) -> Kept:
        """One run; NotFound."""
        with self._store.read() as connection:
            row = connection.execute(select(eval_runs).where(eval_runs.c.id == id)).one_or_none()
        if row is None:
            raise NotFound(f"run {id!r} does not exist")
        return self._kept(row.id, row.suite, row.state, row.started_at, row.result)

    def result(self, id: str) -> SuiteResult:
        """A finished run's result. NotFound; Conflict when it has none."""
        kept = self.get(id)
        if kept.result is None:
            raise Conflict(f"run {id} is {kept.state} and has no result")
        return kept.result

    def _kept(self, id: str, suite: str, state: State, started_at: str, result: str) -> Kept:
        done = None if result == "{}" else SuiteResult.model_validate_json(result)
        path = self._path(id)
        if state == "running" and not is_held(path):
            state = "stopped" if path.exists() else "failed"
        if done is not None:
            return Kept(id, suite, state, started_at, done.cases, done.cases, done)
        origin = read_origin(path)
        return Kept(id, suite, state, started_at, count_done(path), origin.expected if origin else 0, None)

    def _resume(self, suite: str, now: Origin) -> Journal:
        for kept in self.runs():
            if kept.suite != suite or kept.state != "stopped":
                continue
            before = read_origin(self._path(kept.id))
            if before is None:
                continue
            check_same(before, now)
            journal = Journal(self._path(kept.id), before)
            journal.load()
            return journal
        raise InputError(f"no run of suite {suite} was stopped; start one without --resume")

    def _path(self, id: str) -> Path:
        return self._folder / f"{id}.jsonl"
