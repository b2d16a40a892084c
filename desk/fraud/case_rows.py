"""Cases as the store keeps them: the alert each was last found as, so that it outlives a scan and a restart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from pydantic import TypeAdapter
from sqlalchemy import Connection, insert, select, update

from desk.fraud.alerts import Alert
from desk.fraud.continuity import Standing
from desk.ledger.canonical import canonical_json
from desk.store.tables import fraud_cases


@dataclass(frozen=True)
class CaseRow:
    """A case that was found once. `alert` bears the case's id, and is as the last scan that found it had it.

    `version`: the thresholds that first found it. `into`: the case in which it goes on. `closing`: the alert when
    closing was last proposed; None before.
    """

    alert: Alert
    since: str
    version: int
    found: bool = True
    into: str = ""
    closing: Alert | None = None

    @property
    def id(self) -> str:
        """That of the first alert."""
        return self.alert.id

    @property
    def standing(self) -> Standing:
        """What the last scan made of it."""
        return "merged" if self.into else "found" if self.found else "lapsed"


def read_rows(connection: Connection) -> dict[str, CaseRow]:
    """Every case by its id."""
    return {
        row.id: CaseRow(
            _read(row.alert), row.since, row.version, row.found, row.into, _read(row.closing) if row.closing else None
        )
        for row in connection.execute(select(fraud_cases).order_by(fraud_cases.c.id))
    }


def write_rows(connection: Connection, before: dict[str, CaseRow], after: Iterable[CaseRow]) -> None:
    """Keeps what is new or differs."""
    new = [row for row in after if row.id not in before]
    if new:
        connection.execute(insert(fraud_cases), [_values(row) for row in new])
    for row in after:
        if row.id in before and before[row.id] != row:
            connection.execute(update(fraud_cases).where(fraud_cases.c.id == row.id).values(**_values(row)))


def note_closing(connection: Connection, alert: Alert) -> None:
    """Keeps the alert on which an officer proposes to close its case."""
    changed = update(fraud_cases).where(fraud_cases.c.id == alert.id)
    connection.execute(changed.values(closing=_written(alert)))


def _values(row: CaseRow) -> dict[str, object]:
    return {
        "id": row.id,
        "since": row.since,
        "version": row.version,
        "found": row.found,
        "into": row.into,
        "alert": _written(row.alert),
        "closing": _written(row.closing) if row.closing else "",
    }


def _written(alert: Alert) -> str:
    return canonical_json({**vars(alert), "score": str(alert.score)})


def _read(text: str) -> Alert:
    return _reader().validate_json(text)


@cache
def _reader() -> TypeAdapter[Alert]:
    return TypeAdapter(Alert)
