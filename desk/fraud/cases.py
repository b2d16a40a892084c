"""Alerts as cases that people work: open, escalated, closing, closed; taken by one officer, handed to another.

Alerts are recomputed from the transfers; each goes on as the case it was before (`carrying.py`). What people did with
it is kept in `fraud_actions` and recorded in the audit log (`steps.py`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from desk.clock import Clock, from_iso, to_iso
from desk.errors import Conflict, NotFound
from desk.fraud.alerts import Alert, Edge
from desk.fraud.carrying import carry_on
from desk.fraud.case_rows import CaseRow, note_closing, read_rows
from desk.fraud.case_work import CaseWork, priority_of
from desk.fraud.continuity import Seen, match
from desk.fraud.feedback import Judged, LevelStep, weigh
from desk.fraud.graph import Columns, TransactionGraph, Transfer, columns_of
from desk.fraud.leads import LearnedScore
from desk.fraud.patterns import scan
from desk.fraud.steps import Act, Record, Step, Verdict, Worked, agreed_verdict, read_steps, was_worked
from desk.fraud.thresholds import STANDARD, Thresholds
from desk.fraud.versions import Version, Versions
from desk.fraud.words import listed, path_text
from desk.identity.roles import Action, Person, check_may
from desk.store.engine import Store
from desk.store.tables import transfers

NEIGHBOURS = 12


@dataclass(frozen=True)
class Case(Worked):
    """An alert and what became of it so far.

    `found`: whether the last scan found it. `version`: the thresholds that first found it. `into`: the case in which
    it goes on, empty for none.
    """

    alert: Alert
    history: tuple[Step, ...] = ()
    found: bool = True
    version: int = 0
    into: str = ""


class Effect(NamedTuple):
    """What other levels would do to the alerts of now: cases the scan would lose, and alerts it would gain."""

    goes: tuple[Alert, ...]
    comes: tuple[Alert, ...]

    def in_words(self) -> tuple[str, str]:
        """Both in sentences."""
        going = listed([f"{alert.id} ({alert.typology}, {alert.score:.2f})" for alert in self.goes])
        coming = listed([f"{alert.typology}, {alert.score:.2f}, {path_text(alert)}" for alert in self.comes])
        return f"of the alerts of now these go: {going or 'none'}", f"these come: {coming or 'none'}"


class CaseBook:
    """The desk's alerts and cases. `now` is the market clock: later transfers are not known yet.

    A graph that is lost during a scan raises, and nothing of that scan is kept: the next look scans anew.
    """

    def __init__(
        self,
        store: Store,
        now: Callable[[], datetime],
        wall: Clock,
        record: Record,
        build_graph: Callable[[Columns], TransactionGraph],
        rules: Thresholds = STANDARD,
    ) -> None:
        self._store, self._now, self._wall, self._record, self._rules = store, now, wall, record, rules
        self._build_graph, self.work = build_graph, CaseWork(store, wall, record)
        self.versions, self.learned = Versions(store, wall, record), LearnedScore(self.columns)
        self._lock = threading.Lock()
        self._scanned: tuple[tuple[int, int], Columns, dict[str, CaseRow]] | None = None

    def cases(self, last: timedelta | None = None) -> list[Case]:
        """Cases whose money moved in the `last` time before the market clock (all when None).

        The newest first, and of one instant the highest score; only alerts that reach `report_from`, and those that
        the scan no longer finds if a person worked on them.
        """
        since, rules = None if last is None else int((self._now() - last).timestamp()), self.rules
        shown = [
            case
            for case in self._all().values()
            if not case.into
            and (case.alert.score >= rules.level_of(case.alert.typology) if case.found else was_worked(case.history))
            and (since is None or case.alert.end >= since)
        ]
        return sorted(shown, key=lambda case: (-case.alert.end, -case.alert.score, case.alert.id))

    @property
    def rules(self) -> Thresholds:
        """The thresholds in force."""
        return self._rules.at(self.versions.in_force().levels)

    def weigh(self) -> list[LevelStep]:
        """What the verdicts of closed cases say of each typology's level; `feedback.py` says how."""
        return weigh(self._judged(), self.rules.levels, self._rules.report_from, self.versions.moved())

    def effect(self, levels: Mapping[str, float]) -> Effect:
        """The cases that would go and the alerts that would come if these levels, and no others, were in force now."""
        now = {case.alert.id: case.alert for case in self.cases() if case.found}
        rules = self._rules.at(levels)
        columns = self.columns()
        with self._lock:  # one scan at a time: a server holds one graph of this desk
            then = scan(self._build_graph(columns), rules)
        shown = [alert for alert in then if alert.score >= rules.level_of(alert.typology)]
        matched = match(map(Seen.of, now.values()), [Seen.of(alert) for alert in shown])
        stays = {*matched.goes_on.values(), *matched.merged}
        comes = [alert for alert in shown if alert.id not in matched.goes_on and alert.id not in matched.split]
        return Effect(tuple(alert for id, alert in now.items() if id not in stays), tuple(comes))

    def propose_step(self, person: Person, only: str = "") -> Version:
        """Proposes what the verdicts ask for, of `only` one typology if named, with its effect on the alerts of now."""
        check_may(person, Action.WORK_FRAUD)
        steps = [step for step in self.weigh() if step.after != step.before and only in {"", step.typology}]
        levels = {**self.rules.levels, **{step.typology: step.after for step in steps}}
        effect = self.effect(levels).in_words() if steps else ()
        return self.versions.propose(person, steps, effect)

    def undo_steps(self, person: Person, version: int, reason: str) -> Version:
        """Proposes to go back to an earlier version, with its effect on the alerts of now; the person's is one vote."""
        check_may(person, Action.WORK_FRAUD)
        effect = self.effect(self.versions.numbered(version).levels)
        return self.versions.undo(person, version, reason, effect.in_words())

    def _judged(self) -> list[Judged]:
        """The closed cases with a verdict, as their alert was when closing was proposed."""
        with self._store.read() as connection:
            rows, steps = read_rows(connection), read_steps(connection)
        return [
            Judged(id, row.closing.typology, row.closing.score, verdict == "confirmed", steps[id][-1].at)
            for id, row in rows.items()
            if row.closing is not None and (verdict := agreed_verdict(steps.get(id, ())))
        ]

    def case(self, id: str) -> Case:
        """One case by its id, also one that lapsed or goes on in another; NotFound otherwise."""
        found = self._all().get(id)
        if found is None:
            raise NotFound(f"alert {id!r} does not exist; `GET /v1/fraud/alerts` lists those that do")
        return found

    def priority(self, case: Case) -> float:
        """How soon to look at it, 0 to 100 as `priority_of` has it; 0 once it is closed."""
        alert = case.alert
        closed = case.state == "closed"
        return 0.0 if closed else priority_of(alert.score, float(alert.amount), alert.end, self._now())

    def columns(self) -> Columns:
        """All transfers known at the market clock."""
        self._scan()
        return self._scanned[1] if self._scanned else columns_of([])

    def transfers_known(self) -> int:
        """How many transfers the scan read."""
        return len(self.columns())

    def around(self, alert: Alert) -> list[Edge]:
        """Other transfers of the alert's accounts in its time, largest first: what surrounds the path."""
        columns = self.columns()
        inside, known = set(alert.accounts), {edge.id for edge in alert.edges}
        names, edges = columns.accounts, []
        for row in range(*columns.at.searchsorted([alert.start, alert.end + 1]).tolist()):
            source, target = names[columns.source[row]], names[columns.target[row]]
            if source in inside or target in inside:
                edges.append(Edge(columns.ids[row], source, target, int(columns.minor[row]), int(columns.at[row])))
        return sorted((e for e in edges if e.id not in known), key=lambda e: (-e.minor, e.id))[:NEIGHBOURS]

    def act(self, id: str, person: Person, action: Act, reason: str, to: str = "", verdict: Verdict = "") -> Case:
        """One person's step on a case, as `CaseWork.act` has it; Conflict too for a case that goes on in another."""
        check_may(person, Action.WORK_FRAUD)
        case = self.case(id)
        if case.into:
            raise Conflict(f"alert {id} goes on in case {case.into}; work that one")
        with self._lock:
            self.work.act(id, person, action, reason, to, verdict, lambda at: note_closing(at, case.alert))
        return self.case(id)

    def _all(self) -> dict[str, Case]:
        """Every case there ever was, by its id."""
        rows = self._scan()
        with self._store.read() as connection:
            steps = read_steps(connection)
        return {id: Case(row.alert, steps.get(id, ()), row.found, row.version, row.into) for id, row in rows.items()}

    def _scan(self) -> dict[str, CaseRow]:
        """The cases after a scan of the transfers known now; the scan before serves while there are no others."""
        moment, version = to_iso(self._now()), self.versions.in_force()
        with self._lock:
            with self._store.read() as connection:
                count = connection.execute(select(func.count()).where(transfers.c.at <= moment)).scalar_one()
                known = count, version.version
                if self._scanned is not None and self._scanned[0] == known:
                    return self._scanned[2]
                columns = columns_of(_read(connection, moment))
            alerts = scan(self._build_graph(columns), self._rules.at(version.levels))
            with self._store.begin() as connection:
                rows = carry_on(connection, alerts, version.version, to_iso(self._wall.now()), self._record)
            self._scanned = (known, columns, rows)
            return rows


def _read(connection: Connection, moment: str) -> list[Transfer]:
    query = select(transfers).where(transfers.c.at <= moment).order_by(transfers.c.at, transfers.c.id)
    return [
        Transfer(row.id, row.source, row.target, row.minor, row.currency, from_iso(row.at))
        for row in connection.execute(query)
    ]
