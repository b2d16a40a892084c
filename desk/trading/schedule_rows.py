"""Schedules in the store: one row each, and one row for each child.

A child's row is written before the gate is asked: its client id is never given to another order.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from decimal import Decimal

from sqlalchemy import Connection, Row, insert, select, update

from desk.clock import from_iso, to_iso
from desk.instruments import AssetClass, Instrument, Instruments
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


def load(store: Store, instruments: Instruments) -> list[Schedule]:
    """The newest 500, oldest first, with their children; what became of the orders is not known here.

    One of an older version, which kept no instrument, has the one of now; it is left out when that is gone.
    """
    with store.read() as connection:
        rows = connection.execute(select(schedules).order_by(schedules.c.created_at.desc()).limit(KEPT)).all()
        made = (_schedule(row, instruments) for row in reversed(rows))
        found = {schedule.id: schedule for schedule in made if schedule is not None}
        wanted = schedule_children.c.schedule.in_(list(found))
        kept = select(schedule_children).where(wanted).order_by(schedule_children.c.schedule, schedule_children.c.n)
        for row in connection.execute(kept):
            found[row.schedule].children.append(_child(row))
    return list(found.values())


def _body(schedule: Schedule) -> str:
    progress = asdict(schedule.progress)
    for name in _TIMES:
        progress[name] = to_iso(progress[name]) if progress[name] else None
    body = {"terms": schedule.terms.to_dict(), "by": schedule.by, "reason": schedule.reason, "progress": progress,
            "instrument": _plain(schedule.instrument)}  # fmt: skip
    return json.dumps(body, sort_keys=True)


def _plain(instrument: Instrument) -> dict[str, str]:
    return {"name": instrument.name, "asset_class": instrument.asset_class.value, "currency": instrument.currency,
            "tick": str(instrument.tick), "lot": str(instrument.lot)}  # fmt: skip


def _instrument(id: str, kept: dict[str, str] | None, instruments: Instruments) -> Instrument | None:
    """What it was when the schedule began; all but its steps, name and currency as it is now, if it is."""
    now = instruments.known(id)
    if kept is None:
        return now
    tick, lot = Decimal(kept["tick"]), Decimal(kept["lot"])
    if now is not None:
        return replace(now, tick=tick, lot=lot)
    kind = AssetClass(kept["asset_class"])
    return Instrument(id, kept["name"], kind, kept["currency"], tick, lot, tradable=False)


def _schedule(row: Row[tuple[str, str, str, str, str, str]], instruments: Instruments) -> Schedule | None:
    body = json.loads(row.body)
    instrument = _instrument(body["terms"]["instrument"], body.get("instrument"), instruments)
    if instrument is None:
        return None
    progress = body["progress"]
    for name in _TIMES:
        progress[name] = from_iso(progress[name]) if progress[name] else None
    return Schedule(
        id=row.id,
        terms=Terms.from_dict(body["terms"]),
        instrument=instrument,
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
