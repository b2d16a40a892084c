"""Watches the filings of chosen companies at EDGAR and says what is new, once for each filing, across crashes.

Every round asks for each company's submissions by condition, so that most answers are "nothing new". What is new is
kept in one transaction with how far was read, then told on the bus; a notice that a crash kept from being told is told
at the next start.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import structlog
from sqlalchemy import Connection, delete, insert, select, update

from desk.bus.bus import EventBus
from desk.clock import Clock, to_iso
from desk.compliance.filing_notices import Notice, classify, find_overdue
from desk.errors import BackEndUnreachable, DataError, NotFound, TenorError
from desk.filings.edgar import Company, Edgar, EdgarCompany, Submission
from desk.filings.ownership import InsiderForm, read_insider
from desk.store.engine import Store
from desk.store.filing_tables import filing_notices, watched_filers

TOPIC = "filings"
ROUND_S = 20.0
"""Between two rounds: at nine requests a second, some 150 companies are asked within a minute."""

LAG = timedelta(days=3)
"""A filing may be listed after one that was accepted later: so far back is looked again."""

MOST = 200
Record = Callable[[Connection, str, str, dict[str, object]], None]
Bring = Callable[[EdgarCompany, Company, Submission], None]
"""Takes a new filing in, so that it can be read and asked; registered by who reads filings."""


@dataclass(frozen=True)
class Watched:
    """One watched company. `failure` is why the last round could not ask for it, "" when it could."""

    cik: str
    name: str
    ticker: str
    added_by: str
    since: str
    failure: str = ""


class FilingsWatch:
    """The watch list and its notices. `edgar` None: the list can be read, and adding names the setting."""

    def __init__(self, edgar: Edgar | None, store: Store, bus: EventBus, wall: Clock, record: Record) -> None:
        self.edgar, self._store, self._bus, self._wall, self._record = edgar, store, bus, wall, record
        self._failures: dict[str, str] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.bring: Bring | None = None

    def watched(self) -> list[Watched]:
        """All watched companies, by name."""
        with self._store.read() as connection:
            rows = connection.execute(select(watched_filers).order_by(watched_filers.c.name)).all()
        return [Watched(r.cik, r.name, r.ticker, r.added_by, r.since, self._failures.get(r.cik, "")) for r in rows]

    def add(self, who: str, person: str) -> Watched:
        """Watches a company, by CIK or ticker, from its newest filing on; watched already, nothing changes.

        BackEndUnreachable without EDGAR, NotFound for a company it does not list.
        """
        edgar = self._need()
        company, found = edgar.submissions(edgar.find(who))
        newest = max((line.accepted for line in found), default="")
        row = {
            "cik": company.cik,
            "name": company.name,
            "ticker": company.ticker,
            "added_by": person,
            "since": to_iso(self._wall.now()),
            "last_accepted": newest,
            "known": " ".join(line.accession for line in found if line.accepted >= _window(newest)),
        }
        with self._store.begin() as connection:
            known = connection.execute(select(watched_filers).where(watched_filers.c.cik == company.cik)).one_or_none()
            if known is None:
                connection.execute(insert(watched_filers).values(**row))
                self._record(connection, "filings.watch", person, {"cik": company.cik, "name": company.name})
        return next(watched for watched in self.watched() if watched.cik == company.cik)

    def remove(self, who: str, person: str) -> None:
        """Watches a company no longer; its notices stay. NotFound when it is not watched."""
        word = who.strip().upper().removeprefix("CIK")
        found = next((w for w in self.watched() if word == w.ticker or word.zfill(10) == w.cik), None)
        if found is None:
            raise NotFound(f"{who!r} is not watched; list the watched companies for their numbers and tickers")
        with self._store.begin() as connection:
            connection.execute(delete(watched_filers).where(watched_filers.c.cik == found.cik))
            self._record(connection, "filings.unwatch", person, {"cik": found.cik, "name": found.name})

    def notices(self, *, cik: str = "", since: str = "", most: int = MOST) -> list[Notice]:
        """What came, the newest first; of one company, and seen after `since` (ISO), where given."""
        wanted = select(filing_notices.c.notice).order_by(filing_notices.c.seen_at.desc(), filing_notices.c.id)
        wanted = wanted.where(filing_notices.c.cik == cik) if cik else wanted
        wanted = wanted.where(filing_notices.c.seen_at > since) if since else wanted
        with self._store.read() as connection:
            rows = connection.execute(wanted.limit(most)).scalars().all()
        return [Notice.model_validate_json(row) for row in rows]

    def step(self) -> list[Notice]:
        """One round over all companies; returns what is new. A company that cannot be asked is left for the next."""
        edgar = self._need()
        new: list[Notice] = []
        for watched in self.watched():
            if self._stop.is_set():
                break
            try:
                new += self._look(edgar, watched.cik)
                self._failures.pop(watched.cik, None)
            except TenorError as error:
                self._failures[watched.cik] = error.message
                structlog.get_logger("watch").warning("company not asked", cik=watched.cik, why=error.message)
                if isinstance(error, BackEndUnreachable):
                    break
        return new

    def start(self) -> None:
        """Begins rounds on a thread of its own; nothing happens without EDGAR."""
        if self.edgar is not None and self._thread is None:
            self._thread = threading.Thread(target=self._run, name="tenor-filings-watch", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stops after the company at hand."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
        if self.edgar is not None:
            self.edgar.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.tell_untold()
                self.step()
            except Exception:  # noqa: BLE001 - the watch goes on; the next round tries again
                structlog.get_logger("watch").exception("round failed")
            self._stop.wait(ROUND_S)

    def _look(self, edgar: Edgar, cik: str) -> list[Notice]:
        company, found = edgar.submissions(cik)
        with self._store.read() as connection:
            row = connection.execute(select(watched_filers).where(watched_filers.c.cik == cik)).one_or_none()
            seen = set(connection.execute(select(filing_notices.c.id).where(filing_notices.c.cik == cik)).scalars())
        if row is None:  # removed meanwhile
            return []
        known, window = seen | set(row.known.split()), _window(row.last_accepted)
        fresh = [line for line in found if line.accepted >= window and line.accession not in known]
        fresh.sort(key=lambda line: line.accepted)
        notices = [self._keep(classify(company, line, self._insider(edgar, cik, line)), line) for line in fresh]
        late = find_overdue(company, found, self._today())
        if late is not None and late.id not in seen:
            notices.append(self._keep(late, None))
        self.tell_untold()
        for line in fresh:  # told first: reading a large filing takes seconds
            self._bring_in(edgar, company, line)
        return notices

    def _keep(self, notice: Notice, line: Submission | None) -> Notice:
        notice = notice.model_copy(update={"seen_at": to_iso(self._wall.now())})
        with self._store.begin() as connection:
            values = {"id": notice.id, "cik": notice.cik, "seen_at": notice.seen_at, "told": False}
            connection.execute(insert(filing_notices).values(**values, notice=notice.model_dump_json()))
            if line is not None:
                moved = update(watched_filers).where(watched_filers.c.cik == notice.cik)
                moved = moved.where(watched_filers.c.last_accepted < line.accepted)
                connection.execute(moved.values(last_accepted=line.accepted))
        return notice

    def tell_untold(self) -> None:
        """Puts on the bus what is kept and was not told yet."""
        wanted = select(filing_notices).where(filing_notices.c.told.is_(False)).order_by(filing_notices.c.seen_at)
        with self._store.read() as connection:
            rows = connection.execute(wanted).all()
        for row in rows:
            body = Notice.model_validate_json(row.notice).model_dump(mode="json")
            self._bus.publish(TOPIC, {"kind": "notice", "notice": body})
            with self._store.begin() as connection:
                connection.execute(update(filing_notices).where(filing_notices.c.id == row.id).values(told=True))

    def _insider(self, edgar: Edgar, cik: str, line: Submission) -> InsiderForm | None:
        """The form's records; None for other forms, and for one that cannot be read: its lateness is then not known."""
        if line.form.removesuffix("/A") not in {"3", "4", "5"}:
            return None
        try:
            return read_insider(edgar.document(cik, line.accession, line.document))
        except DataError as error:
            structlog.get_logger("watch").warning("form not read", accession=line.accession, why=error.message)
            return None

    def _bring_in(self, edgar: Edgar, company: Company, line: Submission) -> None:
        if self.bring is None:
            return
        try:
            self.bring(EdgarCompany(edgar, company.cik), company, line)
        except TenorError as error:
            structlog.get_logger("watch").warning("filing not taken in", accession=line.accession, why=error.message)

    def _need(self) -> Edgar:
        if self.edgar is None:
            raise BackEndUnreachable(
                "watching filings needs EDGAR; set TENOR_EDGAR_USER_AGENT to your name and e-mail address"
            )
        return self.edgar

    def _today(self) -> date:
        return self._wall.now().date()


def _window(accepted: str) -> str:
    """The day from which on submissions are looked at; "" when there was none yet."""
    return (date.fromisoformat(accepted[:10]) - LAG).isoformat() if accepted else ""
