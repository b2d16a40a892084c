"""Takes filings in: files and folders of a person, filings of a source such as EDGAR. Resumable and idempotent.

One filing at a time is read whole, parsed, and kept whole or not at all; what is already kept is not read again. A
document that cannot be read is refused by name and the others go on; a full disk or a source that does not answer
ends the run, and the same run again goes on from there.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from desk.errors import DataError, InputError, TenorError
from desk.filings.edgar import filing_id
from desk.filings.reported import CompanyFacts
from desk.filings.source import Filing, FilingSource, Media
from rag.describe import UNNAMED, describe_file, with_cover
from rag.documents import Document
from rag.kept import LocalFilings, State
from rag.submission import Part, read_submission

_MEDIA: dict[str, Media] = {
    ".html": "html", ".htm": "html", ".txt": "text", ".pdf": "pdf", ".md": "text", ".xml": "xml",
}  # fmt: skip
_PLAIN = ("DATA", "GRAPHIC", "ZIP", "EXCEL", "XML", "JSON", "COVER")
MAX_BYTES = 100_000_000

Progress = Callable[[int, int, str], None]
"""Told before each filing: how many are done, of how many, and which is next; once more with all done."""


class Taken(NamedTuple):
    """One filing kept, and whether it is new, was known as it is, or changed."""

    filing: Filing
    state: State


class Refused(NamedTuple):
    """A document that was not taken in, and why."""

    name: str
    reason: str


@dataclass
class Report:
    """What a run came to. `facts` names companies whose XBRL facts were kept."""

    taken: list[Taken] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)


class Intake:
    """Fills a folder of kept filings. `read` parses a filing and keeps the result; `facts` keeps XBRL company facts."""

    def __init__(
        self,
        kept: LocalFilings,
        read: Callable[[Filing, bytes], Document],
        facts: Callable[[bytes], CompanyFacts],
    ) -> None:
        self._kept, self._read, self._facts = kept, read, facts

    def take_files(self, files: Sequence[Path], tell: Progress) -> Report:
        """Takes files in, in order."""
        report = Report()
        for done, path in enumerate(files):
            tell(done, len(files), path.name)
            try:
                if path.name.removesuffix(".gz").lower().endswith(".json"):
                    report.facts.append(self._facts(_bytes(path)).company)
                    continue
                report.taken += self._take_file(path)
            except (DataError, InputError) as error:
                why = error.message if path.name in error.message else f"file {path.name!r}: {error.message}"
                report.refused.append(Refused(path.name, why))
        tell(len(files), len(files), "")
        return report

    def take_from(
        self, source: FilingSource, wanted: Sequence[Filing], tell: Progress, *, again: bool = False
    ) -> Report:
        """Takes in filings of a source. A known one is not fetched, unless `again`."""
        report = Report()
        for done, filing in enumerate(wanted):
            tell(done, len(wanted), filing.title)
            if self._kept.knows(filing.id) and not again:
                report.taken.append(Taken(filing, "known"))
                continue
            try:
                raw = source.fetch(filing.id)
                report.taken.append(self._keep(with_cover(filing, raw), raw, filing.title))
            except DataError as error:
                report.refused.append(Refused(filing.title, error.message))
        tell(len(wanted), len(wanted), "")
        return report

    def _take_file(self, path: Path) -> list[Taken]:
        name = path.name.removesuffix(".gz")
        media = _MEDIA.get(Path(name).suffix.lower())
        if media is None:
            kinds = ", ".join(_MEDIA)
            raise InputError(f"file {path.name!r} cannot be read; give {kinds} (or one of these .gz)")
        raw = _bytes(path)
        submission = read_submission(raw) if media == "text" else None
        if submission is not None:
            return self._take_submission(path.name, *submission)
        try:
            filing = describe_file(name, raw, media)
        except TenorError as error:
            raise DataError(f"file {path.name!r} was not taken in: {error.message}") from None
        return [self._keep(filing, raw, path.name)]

    def _take_submission(self, name: str, accession: str, parts: list[Part]) -> list[Taken]:
        """The main document and its exhibits 99 of a complete submission."""
        taken: list[Taken] = []
        main: Filing | None = None
        for part in parts:
            media = _MEDIA.get(Path(part.name).suffix.lower())
            if media is None or part.type.startswith(_PLAIN) or (main and not part.type.startswith("EX-99")):
                continue
            filing = describe_file(part.name, part.body, media, accession)
            source = f"your file {name}, {part.name}"
            exhibit = part.type if main else ""
            if main:
                told = (main.company, main.form, main.cik, main.ticker, main.period_end, main.filed)
                company, form, cik, ticker, ended, filed = told
                filing = Filing(filing_id(accession, exhibit), company, form, cik, ticker, period_end=ended,
                                filed=filed, source=source, media=media, exhibit=exhibit)  # fmt: skip
            taken.append(self._keep(filing, part.body, f"{name} ({part.name})"))
            main = main or filing
        if not taken:
            raise DataError(f"file {name!r} is a submission without a document that can be read")
        return taken

    def _keep(self, filing: Filing, raw: bytes, name: str) -> Taken:
        try:
            document = self._read(filing, raw)
        except DataError as error:
            raise DataError(f"file {name!r} was not taken in: {error.message}") from None
        if filing.form == UNNAMED and not document.figures:
            raise DataError(
                f"file {name!r} is no filing: it names no form, and holds no table of figures; "
                "give a filing, or put the form into its name (acme_10-K_2024.html)"
            )
        return Taken(filing, self._kept.keep(filing, raw))


def _bytes(path: Path) -> bytes:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"file {path.name!r} cannot be read ({error}); fetch it again") from None
    if len(raw) > MAX_BYTES:
        raise InputError(f"file {path.name!r} has more than {MAX_BYTES:,} bytes; no more are read")
    if not raw.strip():
        raise DataError(f"file {path.name!r} is empty; fetch it again")
    return raw
