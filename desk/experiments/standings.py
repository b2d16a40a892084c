"""Champions on the audit log: every nomination, switch and way home is one record, and the newest one is the state."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from desk.errors import Conflict
from desk.experiments.arms import ARMS
from desk.experiments.champion import LOOK, Standing, gains_of, promote, walk
from desk.experiments.closes import Closes
from desk.experiments.forecasters import compare
from desk.forecast.registry import Registry
from desk.ledger.reader import find_body, load_page
from desk.trading.services import Services

KIND = "experiment.champion"


class Watched(NamedTuple):
    """The standing now, the changes that this watch made, and why some arms could not decide."""

    standing: Standing
    changes: list[Standing]
    failed: dict[str, str]


class Standings:
    """The champions of a desk, kept in its audit log."""

    def __init__(self, services: Services, models: Registry) -> None:
        self._services, self._models = services, models

    def now(self, closes: Closes) -> Standing:
        """The standing on an instrument; the baseline's when none was recorded. Conflict when its day is not there."""
        body = find_body(self._services.store, KIND, "instrument", closes.instrument.id)
        if body is None:
            return Standing(since=closes.first, looked=closes.first)
        rows = {name: self._row(closes, str(body[name])) for name in ("since", "nominated", "looked")}
        return Standing(str(body["champion"]), challenger=str(body["challenger"]), why=str(body["why"]), **rows)

    def watch(self, closes: Closes, by: str) -> Watched:
        """Looks at every quarter since the last look; each change, and the last look, becomes a record."""
        standing = self.now(closes)
        gains, failed = gains_of(closes, self._models)
        changes = walk(closes, gains, standing)
        looks = max(0, (closes.values.size - 1 - standing.looked) // LOOK)
        now = replace(changes[-1] if changes else standing, looked=standing.looked + looks * LOOK)
        for change in changes:
            self._record(closes, change, by)
        if now != (changes[-1] if changes else standing):
            self._record(closes, now, by)
        return Watched(now, changes, failed)

    def promote(self, closes: Closes, arm: str, by: str) -> Standing:
        """A person's promotion, after a comparison of all arms on the closes; see `champion.promote`.

        Conflict for an arm that does not trade the instrument itself.
        """
        if not ARMS[arm].trades_itself:
            raise Conflict(f"{arm} trades a basket, not {closes.instrument.id}; it cannot be its champion")
        standing = self.now(closes)
        study = compare(closes, self._models)
        now = promote(standing, arm, study.selection.winner, closes.values.size - 1)
        self._record(closes, now, by)
        return now

    def history(self, limit: int = 100) -> list[dict[str, object]]:
        """What was recorded, the newest first."""
        return [dict(each.body) for each in load_page(self._services.store, kind=KIND, limit=limit)]

    def _record(self, closes: Closes, standing: Standing, by: str) -> None:
        days = {name: closes.days[getattr(standing, name)].isoformat() for name in ("since", "nominated", "looked")}
        body: dict[str, object] = {
            "instrument": closes.instrument.id,
            "champion": standing.champion,
            "challenger": standing.challenger,
            "why": standing.why,
            "by": by,
            **days,
        }
        with self._services.store.begin() as connection:
            self._services.record(connection, KIND, by, body)

    def _row(self, closes: Closes, day: str) -> int:
        days = np.array(closes.days, dtype="datetime64[D]")
        row = int(np.searchsorted(days, np.datetime64(day)))
        if row >= days.size or str(days[row]) != day:
            raise Conflict(f"{closes.instrument.id} has no close on {day}, the day its champion was recorded for")
        return row
