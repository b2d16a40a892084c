"""Schedules in the store: one row each, and one row for each child.

A child's row is written before the gate is asked: its client id is never given to another order.
"""

from __future__ import annotations

import json
from dataclasses import asdict

from sqlalchemy import Connection, Row, insert, select, update

from desk.clock import from_iso, to_iso
from desk.store.engine import Store
from desk.store.trading_tables import schedule_children, schedules
from desk.trading.schedule import Child, Progress, Schedule, State, Terms

KEPT = 500
"""How many schedules are loaded, newest first."""

_TIMES = ("base_at", "seen", "arrival_at")


def save(connection: Connection, schedule: Schedule) -> None:
    """Writes the schedule's row, new or not; its children have rows of their own."""
    about = {"state": schedule.state.value, "approval": schedule.approval, "body": _body(schedule)}
    changed = update(schedules).where(schedules.c.id == schedule.id).values(**about)
    if connection.execute(changed).rowcount == 0:
        row = {"id": schedule.id, "account": schedule.terms.account, "created_at": schedule.created_at}
        connection.execute(insert(schedules).values(**row, **about))


def save_child(connection: Connection, schedule: Schedule, child: Child) -> None:
    """Writes one child's row, new or not."""
    body = {name: getattr(child, name) for name in ("lots", "limit_ticks", "bid", "ask", "outcome", "reason")}
    text = json.dumps({**body, "at": to_iso(child.at)}, sort_keys=True)
    here = (schedule_children.c.schedule == schedule.id) & (schedule_children.c.n == child.n)
    if connection.execute(update(schedule_children).where(here).values(body=text)).rowcount == 0:
        row = {"schedule": schedule.id, "n": child.n, "client_id": child.client_id, "body": text}
        connection.execute(insert(schedule_children).values(**row))


def load(store: Store) -> list[Schedule]:
    """The newest 500, oldest first, with their children; what became of the orders is not known here."""
    with store.read() as connection:
        rows = connection.execute(select(schedules).order_by(schedules.c.created_at.desc()).limit(KEPT)).all()
        found = {row.id: _schedule(row) for row in reversed(rows)}
        wanted = schedule_children.c.schedule.in_(list(found))
        kept = select(schedule_children).where(wanted).order_by(schedule_children.c.schedule, schedule_children.c.n)
        for row in connection.execute(kept):
            found[row.schedule].children.append(_child(row))
    return list(found.values())


def _body(schedule: Schedule) -> str:
    progress = asdict(schedule.progress)
    for name in _TIMES:
        progress[name] = to_iso(progress[name]) if progress[name] else None
    body = {"terms": schedule.terms.to_dict(), "by": schedule.by, "reason": schedule.reason, "progress": progress}
    return json.dumps(body, sort_keys=True)


def _schedule(row: Row[tuple[str, str, str, str, str, str]]) -> Schedule:
    body = json.loads(row.body)
    progress = body["progress"]
    for name in _TIMES:
        progress[name] = from_iso(progress[name]) if progress[name] else None
    return Schedule(
        id=row.id,
        terms=Terms.from_dict(body["terms"]),
        by=body["by"],
        created_at=row.created_at,
        progress=Progress(**progress),
        state=State(row.state),
        reason=body["reason"],
        approval=row.approval,
    )


def _child(row: Row[tuple[str, int, str, str]]) -> Child:
    body = json.loads(row.body)
    return Child(n=row.n, client_id=row.client_id, **{**body, "at": from_iso(body["at"])})
