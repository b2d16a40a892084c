"""Which version of an agent's prompt each person gets on this desk, and the trial of a candidate.

Assignment is sticky: a hash of agent, candidate and person decides, so the same person keeps the
same version for as long as a trial lasts. Every run of a trial is tallied; a candidate that is
worse than production in faults, latency or cost is stopped, and everybody is back on production.
All changes go to the audit ledger.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from sqlalchemy import Connection, RowMapping, insert, select, update

from desk.clock import Clock, to_iso
from desk.errors import Conflict, InputError
from desk.store.engine import Store
from desk.store.known import Known
from desk.store.prompt_tables import prompt_labels, prompt_tallies
from prompts.library import Prompt, find_prompt, newest_prompt

Record = Callable[[Connection, str, str, dict[str, object]], None]
LEAST_RUNS = 20
"""Runs of each side before a candidate is judged."""

FAULT_MARGIN = 0.05
"""A candidate's fault rate must be worse by more than this and by two standard errors."""

WORSE_BY = 1.5
"""Mean latency and cost may be at most so many times production's."""

LABELS = ("production", "candidate")


@dataclass(frozen=True)
class Tally:
    """Runs of one version since the trial began."""

    runs: int = 0
    faults: int = 0
    micros: int = 0
    micro_usd: int = 0

    @property
    def fault_rate(self) -> float | None:
        """Share of runs whose text was not used; None without runs."""
        return self.faults / self.runs if self.runs else None

    @property
    def mean_ms(self) -> float | None:
        """Mean milliseconds of a run; None without runs."""
        return self.micros / self.runs / 1000 if self.runs else None

    @property
    def mean_usd(self) -> float | None:
        """Mean cost of a run; None without runs."""
        return self.micro_usd / self.runs / 1e6 if self.runs else None


@dataclass(frozen=True)
class Labels:
    """What one agent uses here; `candidate` is empty without a trial, `stopped` says why the last ended."""

    agent: str
    production: str
    candidate: str = ""
    share: int = 0
    since: str = ""
    set_by: str = ""
    stopped: str = ""


def gets_candidate(labels: Labels, person: str) -> bool:
    """Whether this person is in the candidate's share."""
    key = f"{labels.agent}:{labels.candidate}:{person}".encode()
    return bool(labels.candidate) and int.from_bytes(hashlib.sha256(key).digest()[:8]) % 100 < labels.share


def find_harm(production: Tally, candidate: Tally) -> str | None:
    """Why the candidate is worse, or None; None too while either side has fewer than LEAST_RUNS runs."""
    if min(production.runs, candidate.runs) < LEAST_RUNS:
        return None
    old, new = production.faults / production.runs, candidate.faults / candidate.runs
    pooled = (production.faults + candidate.faults) / (production.runs + candidate.runs)
    error = (pooled * (1 - pooled) * (1 / production.runs + 1 / candidate.runs)) ** 0.5
    if new - old > max(FAULT_MARGIN, 2 * error):
        return f"fault rate {new:.0%} against {old:.0%} of production"
    for name, unit, was, now in (
        ("latency", "ms", production.mean_ms, candidate.mean_ms),
        ("cost", "USD", production.mean_usd, candidate.mean_usd),
    ):
        if was and now and now > WORSE_BY * was:
            return f"mean {name} {now:.4g} {unit} against {was:.4g} {unit} of production"
    return None


class PromptLabels:
    """Labels of every agent on one desk, in the store."""

    def __init__(self, store: Store, clock: Clock, record: Record) -> None:
        self._store, self._clock, self._record = store, clock, record
        self._known = Known[Labels]()

    def of(self, agent: str) -> Labels:
        """The agent's labels; its newest version is production until somebody chose. NotFound: no such agent."""
        return self._known.get(agent, lambda: self._read(agent))

    def assigned(self, agent: str, person: str) -> Prompt:
        """The version this person gets."""
        labels = self.of(agent)
        return find_prompt(labels.candidate if gets_candidate(labels, person) else labels.production)

    def set_label(self, prompt: str, label: str, person: str, share: int = 50) -> Labels:
        """Makes a version production (a trial ends) or the candidate for `share` per cent of people.

        NotFound for a version that does not exist, InputError for another label or share, Conflict
        for a candidate that is production already.
        """
        found = find_prompt(prompt)
        if label not in LABELS:
            raise InputError(f"label {label!r} is not known; labels are {', '.join(LABELS)}")
        if not 1 <= share <= 99:
            raise InputError(f"a candidate's share is 1 to 99 per cent of people, not {share}")
        with self._known.changing(found.id), self._store.begin() as connection:
            before = self._of(connection, found.id)
            now = {"since": to_iso(self._clock.now()), "set_by": person, "stopped": ""}
            if label == "production":
                after = replace(before, production=prompt, candidate="", share=0, **now)
            elif prompt == before.production:
                raise Conflict(f"{prompt} is production already; choose another version as candidate")
            else:
                after = replace(before, candidate=prompt, share=share, **now)
            self._write(connection, after)
            self._record(connection, "prompt.labelled", found.id, {"label": label, "by": person, **asdict(after)})
        return after

    def stop(self, agent: str, person: str, reason: str = "") -> Labels:
        """Ends a trial; everybody is back on production. Conflict when there is none."""
        with self._known.changing(agent), self._store.begin() as connection:
            labels = self._of(connection, agent)
            if not labels.candidate:
                raise Conflict(f"agent {agent} tries no candidate; nothing to stop")
            return self._stop(connection, labels, person, reason or f"stopped by {person}")

    def tallies(self, labels: Labels) -> dict[str, Tally]:
        """Runs of production and candidate since the trial began, by label."""
        with self._store.read() as connection:
            return self._tallies(connection, labels)

    def note(self, prompt: str, fault: bool, ms: float, cost_usd: float) -> None:
        """Counts one model run of a trial and stops the candidate when it is worse; outside a trial nothing."""
        agent = prompt.split(".v")[0]
        labels = self.of(agent)
        if not labels.candidate or prompt not in (labels.production, labels.candidate):
            return
        with self._known.changing(agent), self._store.begin() as connection:
            labels = self._of(connection, agent)
            if not labels.candidate:
                return
            self._count(
                connection, (prompt, labels.since), Tally(1, int(fault), round(ms * 1000), round(cost_usd * 1e6))
            )
            found = self._tallies(connection, labels)
            harm = find_harm(found["production"], found["candidate"])
            if harm is not None:
                self._stop(connection, labels, "guard", harm)

    def _stop(self, connection: Connection, labels: Labels, by: str, reason: str) -> Labels:
        tallies = {name: asdict(tally) for name, tally in self._tallies(connection, labels).items()}
        after = replace(labels, candidate="", share=0, stopped=f"{labels.candidate}: {reason}")
        self._write(connection, after)
        body: dict[str, object] = {"candidate": labels.candidate, "by": by, "reason": reason, "tallies": tallies}
        self._record(connection, "prompt.stopped", labels.agent, body)
        return after

    def _read(self, agent: str) -> Labels:
        with self._store.read() as connection:
            return self._of(connection, agent)

    def _of(self, connection: Connection, agent: str) -> Labels:
        row = connection.execute(select(prompt_labels).where(prompt_labels.c.agent == agent)).mappings().one_or_none()
        return Labels(**row) if row else Labels(agent, newest_prompt(agent).label)

    def _write(self, connection: Connection, labels: Labels) -> None:
        row = asdict(labels)
        done = connection.execute(update(prompt_labels).where(prompt_labels.c.agent == labels.agent).values(row))
        if done.rowcount == 0:
            connection.execute(insert(prompt_labels).values(row))

    def _tallies(self, connection: Connection, labels: Labels) -> dict[str, Tally]:
        rows = connection.execute(select(prompt_tallies).where(prompt_tallies.c.since == labels.since)).mappings()
        found = {row["prompt"]: _tally(row) for row in rows}
        return {name: found.get(getattr(labels, name), Tally()) for name in LABELS}

    def _count(self, connection: Connection, key: tuple[str, str], one: Tally) -> None:
        table, row = prompt_tallies, asdict(one)
        where = (table.c.prompt == key[0]) & (table.c.since == key[1])
        added = {name: table.c[name] + value for name, value in row.items()}
        if connection.execute(update(table).where(where).values(added)).rowcount == 0:
            connection.execute(insert(table).values(prompt=key[0], since=key[1], **row))


def _tally(row: RowMapping) -> Tally:
    return Tally(*(int(str(row[name])) for name in ("runs", "faults", "micros", "micro_usd")))
