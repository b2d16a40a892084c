"""What was found odd in market data, kept: gaps, outliers, disagreements; each once, and closed when it is mended."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import RowMapping, delete, insert, select, update

from desk.clock import Clock, from_iso, to_iso
from desk.market.events import from_us, to_us
from desk.market.quality import Finding, Kind
from desk.store.engine import Store
from desk.store.market_tables import market_findings

MOST = 5_000
"""Findings that are kept; the oldest go first."""


class Findings:
    """The kept findings of a store."""

    def __init__(self, store: Store, wall: Clock) -> None:
        self._store, self._wall = store, wall

    def add(self, found: Iterable[Finding]) -> int:
        """Keeps those that are not kept yet; returns how many."""
        rows = {_key(each): each for each in found}
        if not rows:
            return 0
        with self._store.begin() as connection:
            wanted = select(market_findings.c.key).where(market_findings.c.key.in_(list(rows)))
            known = set(connection.execute(wanted).scalars())
            fresh = [self._row(key, each) for key, each in rows.items() if key not in known]
            if fresh:
                connection.execute(insert(market_findings), fresh)
            newest = select(market_findings.c.key).order_by(market_findings.c.found_at.desc(), market_findings.c.key)
            connection.execute(delete(market_findings).where(market_findings.c.key.not_in(newest.limit(MOST))))
        return len(fresh)

    def close(self, kind: Kind, instrument: str, until_us: int) -> None:
        """Marks open findings of a kind that end by then as mended."""
        table, now = market_findings.c, to_iso(self._wall.now())
        wanted = update(market_findings).where(table.kind == kind, table.instrument == instrument)
        wanted = wanted.where(table.ends <= to_iso(from_us(until_us)), table.closed_at == "")
        with self._store.begin() as connection:
            connection.execute(wanted.values(closed_at=now))

    def open(self, instrument: str = "") -> list[Finding]:
        """What is not mended, of one instrument or all, by time."""
        table = market_findings.c
        wanted = select(market_findings).where(table.closed_at == "").order_by(table.begins, table.key)
        wanted = wanted.where(table.instrument == instrument) if instrument else wanted
        with self._store.read() as connection:
            return [_finding(row) for row in connection.execute(wanted).mappings()]

    def _row(self, key: str, each: Finding) -> dict[str, str]:
        return {
            "key": key,
            "kind": each.kind,
            "instrument": each.instrument,
            "source": each.source,
            "begins": to_iso(from_us(each.start_us)),
            "ends": to_iso(from_us(each.end_us)),
            "detail": each.detail,
            "found_at": to_iso(self._wall.now()),
            "closed_at": "",
        }


def _key(each: Finding) -> str:
    return f"{each.kind} {each.instrument} {each.source} {each.start_us}"


def _finding(told: RowMapping) -> Finding:
    begins, ends = (to_us(from_iso(told[field])) for field in ("begins", "ends"))
    return Finding(told["kind"], told["instrument"], begins, ends, told["detail"], told["source"])
