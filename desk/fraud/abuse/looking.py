"""The desk looks over bars, news and insiders' forms by itself, now and then: what it finds becomes cases.

Every look takes the whole window; cases are kept as for any look (`case_book.py`), so the same look again writes
nothing, and only a case that was not there before is told on the bus. A look that fails is shown and tried again. The
last look is kept in the store.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta

import structlog
from pydantic import TypeAdapter
from sqlalchemy import delete, insert, select

from desk.bus.bus import EventBus
from desk.clock import Clock, to_iso
from desk.errors import TenorError
from desk.fraud.abuse.case_book import MarketBook
from desk.fraud.abuse.records import TOPIC, frame_of
from desk.fraud.abuse.sources import OF_PRICES, OF_REPORTS, FilingShelf
from desk.store.engine import Store
from desk.store.tables import fraud_looks

WINDOW = timedelta(days=30)
FIRST_S = 60.0
"""A desk that has just started has other things to do."""


@dataclass(frozen=True)
class Looked:
    """One look: when on the wall clock, what was read, alerts found, cases that were new. `fault`: why it failed."""

    at: str
    bars: int = 0
    headlines: int = 0
    forms: int = 0
    announcements: int = 0
    alerts: int = 0
    fresh: tuple[str, ...] = ()
    fault: str = ""


class MarketLooks:
    """Looks every `every_s` seconds on a thread of its own; 0 means only when asked.

    `shelf` gives the filings at hand; until it is set forms are not judged.
    """

    def __init__(
        self, book: MarketBook, store: Store, bus: EventBus, wall: Clock, every_s: float, first_s: float = FIRST_S
    ) -> None:
        self._book, self._store, self._bus, self._wall = book, store, bus, wall
        self.every_s, self._first_s = every_s, first_s
        self.shelf: FilingShelf | None = None
        self._last: Looked | None = None
        self._stop, self._turn = threading.Event(), threading.Lock()
        self._thread: threading.Thread | None = None

    @property
    def last(self) -> Looked | None:
        """The last look, also one before the desk was opened; None before the first."""
        if self._last is None:
            with self._store.read() as connection:
                written = connection.execute(select(fraud_looks.c.look)).scalar()
            self._last = TypeAdapter(Looked).validate_json(written) if written else None
        return self._last

    def look(self) -> Looked:
        """One look now; of two at once the second waits. Never raises for data that cannot be read: it says so."""
        with self._turn:
            try:
                made = self._look()
            except TenorError as error:
                structlog.get_logger("fraud").warning("not looked over", why=error.message)
                made = Looked(self._now(), fault=error.message)
            self._last = made
            with self._store.begin() as connection:
                connection.execute(delete(fraud_looks))
                connection.execute(insert(fraud_looks).values(look=json.dumps(asdict(made))))
            return made

    def start(self) -> None:
        """Begins; a second call does nothing."""
        if self.every_s > 0 and self._thread is None:
            self._thread = threading.Thread(target=self._work, name="tenor-looks", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Ends after the look that runs; safe to call twice."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def _work(self) -> None:
        wait: Callable[[float], bool] = self._stop.wait
        pause = min(self._first_s, self.every_s)
        while not wait(pause):
            try:
                self.look()
            except Exception:  # noqa: BLE001 - one damaged bar or form must not end the looks
                structlog.get_logger("fraud").exception("a look failed")
                self._last = Looked(self._now(), fault="it failed; the log says why")
            pause = self.every_s

    def _look(self) -> Looked:
        look = self._book.source.look(OF_PRICES | OF_REPORTS, last=WINDOW, shelf=self.shelf)
        known = {case.alert.id for case in self._book.cases()}
        placed, fresh = self._book.keep(look.alerts), list[str]()
        for alert in look.alerts:
            case = placed[alert.id]
            if case not in known:
                known.add(case)
                fresh.append(case)
                self._bus.publish(TOPIC, frame_of(alert, case))
        return Looked(
            self._now(), look.bars or 0, look.headlines, look.forms, look.news, len(look.alerts), tuple(fresh)
        )

    def _now(self) -> str:
        return to_iso(self._wall.now())
