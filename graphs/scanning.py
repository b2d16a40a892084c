"""Answers that were shown already, scanned again in the background: what of them is scanned, and what was found.

The guards that stand before an answer are plain functions and quick; a scan runs the whole set of validators in a
process of its own (`agents.scan.process`) and only tells: nothing waits for it, and nothing is withheld by it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from pydantic import TypeAdapter
from sqlalchemy import delete, insert, select

from agents.answers import Frozen, ShownFact
from agents.scan.finding import Cited, Finding, Material
from agents.scan.process import Scan, Text, run_scan
from agents.scan.validators import VALIDATORS
from desk.clock import Clock, to_iso
from desk.errors import DataError, NotFound, TenorError
from desk.facts import Fact
from desk.instruments import Instrument
from desk.locales import locale_of
from desk.store.bundle_tables import run_bundles, run_scans
from desk.store.engine import Store
from graphs.replay.book import RunBook
from graphs.replay.bundle import Bundle
from rag.filings import Filings

MOST = 200
"""Runs of one scan: the library is loaded once for all of them."""
Scanner = Callable[[Sequence[Text], Sequence[str]], Scan]
_FINDINGS = TypeAdapter(tuple[Finding, ...])
_INSTRUMENTS = TypeAdapter(tuple[Instrument, ...])


class RunScan(Frozen):
    """What the scanner said of a run: when, by which library, and what it found."""

    run: str
    at: str
    library: str
    passed: bool
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Answered:
    """An answer as a door gives it, the person's words, and names that may be said."""

    answer: Mapping[str, object]
    said: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


def text_of(answered: Answered, filings: Filings) -> Text:
    """The answer's words with all that is known around them; its citations are looked up again in the filings."""
    answer = answered.answer
    rows = [{**row, "value": Decimal(str(row["value"]))} for row in _rows(answer.get("facts"))]
    facts = {str(row["id"]): ShownFact.model_validate(row) for row in rows}
    about = (w for f in facts.values() for w in (f.label, f.as_of, f.source, f.locator))
    material = Material(
        facts={id: _shown(fact.fact, str(answer.get("locale") or "")) for id, fact in facts.items()},
        known=tuple(dict.fromkeys((*answered.said, *answered.names, *about, *_told(answer)))),
        symbols=answered.symbols,
        citations=tuple(_cited(row, filings, answered) for row in _rows(answer.get("citations"))),
        checked=True,
        suitable=_is_suitable(answer),
    )
    return Text(text=str(answer["answer"]), material=material)


def text_of_bundle(bundle: Bundle, filings: Filings) -> Text:
    """The same from a recorded run."""
    instruments = _INSTRUMENTS.validate_json(bundle.instruments)
    symbols = tuple(name for each in instruments for name in (each.id, each.symbol))
    names = (*(each.name for each in instruments), *bundle.person.accounts, bundle.person.display_name)
    said = (bundle.question, bundle.asked, *bundle.history, *_registered(bundle))
    return text_of(Answered(json.loads(bundle.answer), said, symbols, names), filings)


class ScanBook:
    """What was found in the runs of a store. Cheap to make; one scan at a time."""

    def __init__(self, store: Store, wall: Clock, runs: RunBook, filings: Filings, scan: Scanner = run_scan) -> None:
        self._store, self._wall, self._runs, self._filings, self._scan = store, wall, runs, filings, scan
        self._lock = threading.Lock()

    def scan_new(self, since: str = "", again: bool = False, most: int = MOST) -> list[RunScan]:
        """Scans runs that were not yet, newest first, of `since` (ISO) or later; with `again` those that were, too.

        Runs whose record is damaged are left out. DataError when the scanner itself fails.
        """
        with self._lock:
            self._runs.flush()
            waiting = list(self._texts(since, again, most))
            scan = self._scan([text for _, text in waiting], list(VALIDATORS))
            return [self._keep(bundle, scan, n) for n, (bundle, _) in enumerate(waiting)]

    def of(self, run: str) -> RunScan | None:
        """What was found in a run; None when it was not scanned yet. Whoever asks has read the run's rights before."""
        with self._store.read() as connection:
            row = connection.execute(select(run_scans).where(run_scans.c.run == run)).one_or_none()
        if row is None:
            return None
        found = _FINDINGS.validate_json(row.findings)
        return RunScan(run=run, at=row.at, library=row.library, passed=row.passed, findings=found)

    def _texts(self, since: str, again: bool, most: int) -> Iterator[tuple[Bundle, Text]]:
        with self._store.begin() as connection:
            known = select(run_bundles.c.run)
            connection.execute(delete(run_scans).where(run_scans.c.run.not_in(known)))
            wanted = select(run_bundles.c.run).where(run_bundles.c.at >= since).order_by(run_bundles.c.at.desc())
            if not again:
                wanted = wanted.where(run_bundles.c.run.not_in(select(run_scans.c.run)))
            runs = connection.execute(wanted.limit(most)).scalars().all()
        for run in runs:
            try:
                bundle = self._runs.get(run, None).bundle
            except TenorError:
                continue
            yield bundle, text_of_bundle(bundle, self._filings)

    def _keep(self, bundle: Bundle, scan: Scan, number: int) -> RunScan:
        result, now = scan.results[number], to_iso(self._wall.now())
        found = json.dumps([one.model_dump() for one in result.findings], ensure_ascii=False)
        row = {"run": bundle.run, "person": bundle.person.name, "at": now, "library": scan.library}
        with self._store.begin() as connection:
            connection.execute(delete(run_scans).where(run_scans.c.run == bundle.run))
            connection.execute(insert(run_scans).values(**row, passed=result.passed, findings=found))
        return RunScan(run=bundle.run, at=now, library=scan.library, passed=result.passed, findings=result.findings)


def _shown(fact: Fact, tag: str) -> tuple[str, ...]:
    """What a fact may be shown as: an answer's JSON keeps no zeros at the end of a number."""
    cents = replace(fact, value=fact.value.quantize(Decimal("0.01"))) if fact.currency else fact
    locale = locale_of(tag)
    return tuple(dict.fromkeys((cents.text(locale), fact.text(locale))))


def _cited(row: Mapping[str, object], filings: Filings, answered: Answered) -> Cited:
    """A place of a filing is read again; what is cited from a rulebook or an entry must stand there word by word."""
    quote = str(row["quote"])
    try:
        text = filings.filing(str(row["filing"])).text
        found: str | None = text[int(str(row["start"])) : int(str(row["end"]))]
    except (NotFound, DataError):
        known = (*answered.said, *answered.names)
        found = quote if str(row["filing"]).startswith("knowledge") or any(quote in words for words in known) else None
    return Cited(document=str(row["document"]), quote=quote, found=found)


def _is_suitable(answer: Mapping[str, object]) -> bool:
    details = answer.get("details")
    advice = details.get("robo_advisor") if isinstance(details, dict) else None
    return isinstance(advice, dict) and advice.get("verdict") == "advise"


def _registered(bundle: Bundle) -> Iterator[str]:
    """What tools and rules said: labels of facts, and whole sentences of results."""
    for part in bundle.parts:
        for call in part.calls:
            yield from (fact.label for fact in call.facts)
            yield from _strings(json.loads(call.result)) if call.result else ()
            if call.error:
                yield call.error.message


def _told(answer: Mapping[str, object]) -> Iterator[str]:
    """What else the answer's record says beside its words: cards, refusal, details."""
    for name in ("cards", "refusal", "details", "read_as", "approval"):
        yield from _strings(answer.get(name))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, Sequence):
        for inner in value:
            yield from _strings(inner)


def _rows(value: object) -> Iterable[dict[str, object]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
