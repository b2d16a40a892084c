"""Market alerts as cases: kept as soon as they are found, by whoever looked, and worked like the others.

A case outlives looks and restarts; `continuity.py` says which one an alert goes on. When one grows the desk says so
(`grow`), and opens it again (`reopen`) when it grew materially since closing was proposed. Cases never lapse: what was
seen of orders and bars stays seen, though a later look may not reach back that far.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, insert, select, update

from desk.clock import Clock, to_iso
from desk.errors import NotFound
from desk.fraud.abuse.continuity import find_case, grew_materially, joined, new_rows
from desk.fraud.abuse.records import MARKET, MarketAlert
from desk.fraud.abuse.sources import MarketSource
from desk.fraud.case_work import CaseWork, priority_of
from desk.fraud.steps import DESK, Act, Record, Step, Turn, Verdict, Worked, read_steps, state_after, write_step
from desk.identity.roles import Person
from desk.store.engine import Store
from desk.store.tables import market_cases


@dataclass(frozen=True)
class MarketCase(Worked):
    """An alert, under its case's id, and what became of it so far. `currency` is empty where the amount is units."""

    alert: MarketAlert
    currency: str
    history: tuple[Step, ...] = ()


class _Row(NamedTuple):
    alert: MarketAlert
    closing: MarketAlert | None


def is_market(id: str) -> bool:
    """Whether a case's id is that of a market case."""
    return id.startswith(MARKET)


class MarketBook:
    """The desk's market alerts and their cases; `source` is what they are looked for in."""

    def __init__(self, store: Store, source: MarketSource, wall: Clock, record: Record) -> None:
        self._store, self.source, self._wall, self._record = store, source, wall, record
        self.work, self._lock = CaseWork(store, wall, record), threading.Lock()

    def keep(self, alerts: Iterable[MarketAlert]) -> dict[str, str]:
        """Carries alerts into their cases, new ones where none goes on; the case's id of each by the alert's.

        In one transaction. The same alerts again write nothing.
        """
        placed: dict[str, str] = {}
        found = sorted(alerts, key=lambda one: (one.start, one.id))
        if not found:
            return placed
        with self._lock, self._store.begin() as connection:
            rows = _read_rows(connection, market_cases.c.instrument.in_({alert.instrument for alert in found}))
            for alert in found:
                case = find_case((row.alert for row in rows.values()), alert)
                if case is None:
                    values = {"id": alert.id, "instrument": alert.instrument, "since": to_iso(self._wall.now())}
                    connection.execute(insert(market_cases).values(**values, alert=_written(alert), closing=""))
                    rows[alert.id] = _Row(alert, None)
                else:
                    row = rows[case.id]
                    rows[case.id] = row._replace(alert=self._go_on(connection, row, alert))
                placed[alert.id] = case.id if case else alert.id
        return placed

    def cases(self) -> list[MarketCase]:
        """All of them, the newest first, and of one instant the highest score."""
        with self._store.read() as connection:
            rows, steps = _read_rows(connection), read_steps(connection)
        made = [self._case(row.alert, steps.get(id, ())) for id, row in rows.items()]
        return sorted(made, key=lambda case: (-case.alert.end, -case.alert.score, case.alert.id))

    def case(self, id: str) -> MarketCase:
        """One case by its id; NotFound otherwise."""
        with self._store.read() as connection:
            row, steps = _read_rows(connection, market_cases.c.id == id).get(id), read_steps(connection, id)
        if row is None:
            raise NotFound(f"alert {id!r} does not exist; `GET /v1/fraud/alerts` lists those that do")
        return self._case(row.alert, steps.get(id, ()))

    def act(self, id: str, person: Person, action: Act, reason: str, to: str = "", verdict: Verdict = "") -> MarketCase:
        """One person's step on a case, as `CaseWork.act` has it."""
        with self._lock:
            alert = self.case(id).alert
            self.work.act(id, person, action, reason, to, verdict, lambda at: _note_closing(at, alert))
        return self.case(id)

    def priority(self, case: MarketCase) -> float:
        """How soon to look at it, 0 to 100 as `priority_of` has it; 0 once it is closed."""
        alert, now = case.alert, self.source.feed.now()
        return 0.0 if case.state == "closed" else priority_of(alert.score, alert.amount, alert.end, now)

    def _case(self, alert: MarketAlert, history: tuple[Step, ...]) -> MarketCase:
        priced = any(row.price is not None for row in alert.evidence)
        return MarketCase(alert, self.source.currency(alert.instrument) if priced else "", history)

    def _go_on(self, connection: Connection, row: _Row, alert: MarketAlert) -> MarketAlert:
        was, now = row.alert, joined(row.alert, alert)
        if now is was:
            return was
        connection.execute(update(market_cases).where(market_cases.c.id == was.id).values(alert=_written(now)))
        came = [name for name in now.accounts if name not in was.accounts]
        by = f", with {', '.join(came)} new in it" if came else ""
        named = f"; it is now: {now.title.lower()} (was: {was.title.lower()})" if now.kind != was.kind else ""
        rows, sums = new_rows(was, now), f"{was.amount:,.2f} to {now.amount:,.2f}"
        told = f"{rows} {'row' if rows == 1 else 'rows'} of evidence joined{by}; amount {sums}{named}"
        self._tell(connection, was.id, "grow", told)
        state = state_after(read_steps(connection, was.id).get(was.id, ()))
        if state in {"closing", "closed"} and row.closing is not None and grew_materially(row.closing, now):
            what = "it was closed" if state == "closed" else "closing was proposed"
            self._tell(connection, was.id, "reopen", f"the alert has grown materially since {what}")
        return now

    def _tell(self, connection: Connection, id: str, turn: Turn, reason: str) -> None:
        step = Step(DESK, turn, reason, to_iso(self._wall.now()))
        state = state_after((*read_steps(connection, id).get(id, ()), step))
        write_step(connection, id, step, state, self._record)


def _read_rows(connection: Connection, *which: ColumnElement[bool]) -> dict[str, _Row]:
    """Those cases, or all of them, the oldest first."""
    query = select(market_cases).where(*which).order_by(market_cases.c.since, market_cases.c.id)
    return {
        row.id: _Row(_read(row.alert), _read(row.closing) if row.closing else None) for row in connection.execute(query)
    }


def _note_closing(connection: Connection, alert: MarketAlert) -> None:
    changed = update(market_cases).where(market_cases.c.id == alert.id)
    connection.execute(changed.values(closing=_written(alert)))


def _written(alert: MarketAlert) -> str:
    return _form().dump_json(alert).decode()


def _read(text: str) -> MarketAlert:
    return _form().validate_json(text)


@cache
def _form() -> TypeAdapter[MarketAlert]:
    return TypeAdapter(MarketAlert)
