"""The reading room: every filing at hand, read, searched and answered from."""

from __future__ import annotations

import builtins
import gzip
import re
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from desk.errors import DataError, DataFolderError, InputError, NotFound
from desk.filings.current import read_items
from desk.filings.edgar import READ_FORMS, Company, Submission, describe
from desk.filings.reported import CompanyFacts, read_company_facts
from desk.filings.source import Filing, FilingSource
from desk.store.whole import write_whole
from rag.answer import Answerer
from rag.cache import load_document
from rag.chunking import cut_passages
from rag.crosscheck import check_finding
from rag.documents import Block, Document, Finding, Passage, Section
from rag.forms import Records, read_records
from rag.index import FilingIndex
from rag.intake import Intake, Progress, Report
from rag.kept import LocalFilings
from rag.lines import ProductLines
from rag.retrieve import Retriever
from rag.vectors import BackgroundVectors


def _untold(_: int, __: int, ___: str) -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class _Shelf:
    """All documents of one moment; replaced whole when a filing is taken in."""

    documents: dict[str, Document]

    @cached_property
    def retriever(self) -> Retriever:
        documents = list(self.documents.values())
        return Retriever(documents, [p for document in documents for p in cut_passages(document)])

    @cached_property
    def answerer(self) -> Answerer:
        return Answerer(list(self.documents.values()))


class Filings:
    """Filings of a source plus the person's own. Safe to call from several threads.

    Nothing is read before the first call. `failed` names filings that could not be read (id →
    why); they are left out, the others serve.
    """

    def __init__(self, source: FilingSource, folder: Path, vectors: Callable[[], BackgroundVectors]) -> None:
        self._source, self._folder = source, folder
        self._local = LocalFilings(folder / "ingested")
        self._intake = Intake(self._local, self._load, self.take_company_facts)
        self._make_vectors = vectors
        self._vectors: BackgroundVectors | None = None
        self._shelf: _Shelf | None = None
        self._lock = threading.RLock()
        self._facts: dict[str, CompanyFacts] = {}
        self.failed: dict[str, str] = {}

    def list(self) -> list[Filing]:
        """Every filing at hand, in the source's order, own files last."""
        return [*self._source.filings(), *self._local.filings()]

    def filing(self, id: str) -> Document:
        """The filing, read: text, sections, blocks, figures. NotFound for an unknown id."""
        document = self._documents().get(id)
        if document is None:
            if id in self.failed:
                raise DataError(self.failed[id])
            raise NotFound(f"no filing has the id {id!r}; list the filings for their ids")
        return document

    def blocks(
        self, id: str, section: str | None = None, start: int | None = None, end: int | None = None
    ) -> tuple[Section | None, builtins.list[Block]]:
        """Blocks of a section, or those touching characters `[start, end)`, and the section there.

        Without either the whole filing. NotFound for an unknown section.
        """
        document = self.filing(id)
        if section is not None:
            chosen = next((s for s in document.sections if s.id == section), None)
            if chosen is None:
                raise NotFound(f"filing {id!r} has no section {section!r}; its sections are listed with it")
            return chosen, [b for b in document.blocks if chosen.start <= b.start < chosen.end]
        low, high = start or 0, len(document.text) if end is None else end
        if high < low:
            raise InputError(f"characters {low} to {high} are no range; give start before end")
        touched = [b for b in document.blocks if b.start < max(high, low + 1) and b.end > low]
        return document.section_at(low), touched

    def search(self, question: str, k: int = 5) -> builtins.list[Passage]:
        """The `k` best passages, best first, each with its score."""
        retriever = self._ready().retriever
        vectors = self._background(retriever.passages)
        return retriever.search(question, k, vectors.near(question, 50))

    def answer(self, question: str) -> Finding:
        """Figures and sentences that answer, or an abstention with its reason."""
        shelf = self._ready()
        found = shelf.answerer.answer(question)
        cited = (replace(c, version=shelf.documents[c.filing].sha256) for c in found.citations)
        return check_finding(replace(found, citations=tuple(cited)), shelf.documents, self.company_facts)

    @property
    def lines(self) -> ProductLines | None:
        """The product lines of the filings; None until they have been read, which this does not do."""
        shelf = self._shelf
        return shelf.answerer.lines if shelf is not None else None

    def ingest(self, path: Path, tell: Progress = _untold) -> Report:
        """Takes in a file, or every file of a folder; the same content twice is one filing.

        Refused files are named in the report, and the others go on. DataFolderError when there is no room: the same
        call again goes on from there.
        """
        if not path.exists():
            raise InputError(f"path {str(path)!r} does not exist; give a filing or a folder of filings")
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        with self._renewing():
            return self._intake.take_files(files, tell)

    def ingest_from(
        self, source: FilingSource, wanted: Sequence[Filing], tell: Progress = _untold, *, again: bool = False
    ) -> Report:
        """Takes in filings of a source, such as a company at EDGAR; known ones are not fetched unless `again`."""
        with self._renewing():
            return self._intake.take_from(source, wanted, tell, again=again)

    def bring(self, source: FilingSource, company: Company, line: Submission) -> None:
        """Takes in a watched company's new filing, when it is of a form that is read."""
        if line.form in READ_FORMS and line.document:
            self.ingest_from(source, [describe(company, line)])

    def take_company_facts(self, raw: bytes) -> CompanyFacts:
        """Keeps a company's XBRL facts, against which its figures are checked from now on. DataError when damaged."""
        facts = read_company_facts(raw)
        try:
            write_whole(self._facts_file(facts.cik), gzip.compress(raw, 5, mtime=0))
        except OSError as error:
            raise DataFolderError(f"the facts of {facts.company} cannot be kept ({error.strerror or error})") from None
        self._facts[facts.cik] = facts
        return facts

    def company_facts(self, cik: str) -> CompanyFacts | None:
        """A company's XBRL facts; None when none were taken in, or the file is damaged."""
        if cik and cik not in self._facts and self._facts_file(cik).is_file():
            try:
                self._facts[cik] = read_company_facts(gzip.decompress(self._facts_file(cik).read_bytes()))
            except (OSError, EOFError, zlib.error, DataError) as error:
                self.failed[f"facts of {cik}"] = str(error)
        return self._facts.get(cik)

    def _facts_file(self, cik: str) -> Path:
        return self._folder / "facts" / f"{re.sub('[^0-9]', '', cik)}.json.gz"

    def version(self, id: str, sha256: str) -> Document:
        """A filing as it was when it was cited: by the SHA-256 of its bytes. NotFound for one nobody has seen."""
        current = self.filing(id)
        if current.sha256 == sha256:
            return current
        filing, raw = self._local.version(id, sha256)
        return self._load(filing, raw)

    def versions(self, id: str) -> builtins.list[str]:
        """The hashes of a filing's earlier versions."""
        return self._local.versions(id)

    def records(self, id: str) -> Records:
        """The typed records of an ownership form, a holdings table, or an 8-K's items. DataError for another kind."""
        document = self.filing(id)
        if document.filing.form.startswith(("8-K", "6-K")):
            return tuple(read_items(document.text))
        source = self._local if self._local.knows(id) else self._source
        return read_records(document.filing, source.fetch(id))

    def vectors(self) -> BackgroundVectors:
        """The vectors in the making; starts them when nobody has."""
        return self._background(self._ready().retriever.passages)

    def index(self) -> tuple[FilingIndex, Sequence[Passage]]:
        """The vector index, opened, and every passage that should be in it."""
        vectors, passages = self.vectors(), self._ready().retriever.passages
        return vectors.index(), passages

    def close(self) -> None:
        """Stops background work."""
        if self._vectors:
            self._vectors.close()

    def _background(self, passages: Sequence[Passage]) -> BackgroundVectors:
        with self._lock:
            if self._vectors is None:
                self._vectors = self._make_vectors()
            if not self._vectors.ready or self._vectors.progress[1] != len(passages):
                self._vectors.start(passages)
            return self._vectors

    @contextmanager
    def _renewing(self) -> Iterator[None]:
        """Whatever came in is seen by the next question, also when the run ends early."""
        try:
            yield
        finally:
            with self._lock:
                self._shelf = None

    def _load(self, filing: Filing, raw: bytes) -> Document:
        return load_document(filing, raw, self._folder / "parsed")

    def _documents(self) -> dict[str, Document]:
        return self._ready().documents

    def _ready(self) -> _Shelf:
        with self._lock:
            if self._shelf is None:
                self._shelf = _Shelf(self._read_all())
            return self._shelf

    def _read_all(self) -> dict[str, Document]:
        out: dict[str, Document] = {}
        for source in (self._source, self._local):
            for filing in source.filings():
                try:
                    out[filing.id] = self._load(filing, source.fetch(filing.id))
                except DataError as error:
                    self.failed[filing.id] = error.message
        return out
