"""Questions on filings and the filings they are asked of.

A folder holds `documents.jsonl` {doc_name, company, doc_type, doc_period}, `pages.jsonl` or `pages.jsonl.gz` {doc, page
(from zero), text} and `questions.jsonl` {financebench_id or id, question, answer, question_type, doc_name,
evidence: [{doc_name, evidence_page_num (from zero)}]}: the form of FinanceBench (Islam et al. 2023). A file of
questions alone is asked of the filings in the box, whose ids are the document names.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from desk.errors import InputError
from desk.filings.source import Filing
from rag.documents import Document
from rag.parse import parse_pages

_FORMS = {"10k": "10-K", "10q": "10-Q", "8k": "8-K", "earnings": "earnings release"}
_QUARTER = re.compile(r"(?:19|20)\d\d(Q[1-4])")
_DATED = re.compile(r"((?:19|20)\d\d)-(\d\d)-(\d\d)")
_BARE = re.compile(
    r"\s*[-(]?\s*[$€£]?\s*[-(]?\s*(?:\d[\d,]*(?:\.\d+)?|\.\d+)\s*\)?\s*"
    r"(?:%|percent|(?:thousand|million|billion|trillion)s?|mn|bn)?\s*\)?\s*\.?\s*",
    re.IGNORECASE,
)
_VERDICT = re.compile(r"\s*(yes|no)\b", re.IGNORECASE)


Row = TypeVar("Row", bound=BaseModel)


class _Evidence(BaseModel):
    model_config = ConfigDict(frozen=True)

    evidence_page_num: int = Field(ge=0)
    doc_name: str = ""


class Question(BaseModel):
    """One question. `numeric`: its answer is one bare number."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(default="", alias="financebench_id")
    company: str = ""
    doc_name: str
    question_type: str = ""
    question: str = Field(min_length=1)
    answer: str
    evidence: tuple[_Evidence, ...] = Field(min_length=1)

    @property
    def gold(self) -> frozenset[tuple[str, int]]:
        """The pages that hold the answer: document and page, from zero."""
        return frozenset((place.doc_name or self.doc_name, place.evidence_page_num) for place in self.evidence)

    @property
    def numeric(self) -> bool:
        """Whether the gold answer is one number with optional sign, currency, percent or scale word."""
        return _BARE.fullmatch(self.answer) is not None

    @property
    def verdict(self) -> str:
        """Yes or No where the gold answer begins with one of them, else ""."""
        found = _VERDICT.match(self.answer)
        return found[1].capitalize() if found else ""


class _Named(BaseModel):
    model_config = ConfigDict(frozen=True)

    doc_name: str = Field(min_length=1)
    company: str = Field(min_length=1)
    doc_type: str
    doc_period: int


class _Page(BaseModel):
    model_config = ConfigDict(frozen=True)

    doc: str
    page: int = Field(ge=0)
    text: str


def load_questions(path: Path) -> list[Question]:
    """The questions of a folder or of a file; InputError names the line and field that is wrong."""
    file = path / "questions.jsonl" if path.is_dir() else path
    found = []
    for number, line in enumerate(_lines(file), start=1):
        raw = _object(file, number, line)
        raw.setdefault("financebench_id", str(raw.get("id", number)))
        found.append(_read(Question, file, number, raw))
    if not found:
        raise InputError(f"{file.name} holds no question")
    return found


def load_filings(folder: Path) -> list[Document]:
    """The filings of a folder, read page by page; one whose pages are missing is an InputError."""
    names = folder / "documents.jsonl"
    listed = [_read(_Named, names, n, _object(names, n, line)) for n, line in enumerate(_lines(names), start=1)]
    dump = next((p for name in ("pages.jsonl.gz", "pages.jsonl") if (p := folder / name).exists()), None)
    if dump is None:
        raise InputError(f"{folder.name} holds neither pages.jsonl nor pages.jsonl.gz")
    pages: dict[str, dict[int, str]] = {}
    for number, line in enumerate(_lines(dump), start=1):
        page = _read(_Page, dump, number, _object(dump, number, line))
        pages.setdefault(page.doc, {})[page.page] = page.text
    missing = [one.doc_name for one in listed if one.doc_name not in pages]
    if missing:
        raise InputError(f"{dump.name} holds no page of {', '.join(missing)}")
    return [_document(one, pages[one.doc_name]) for one in listed]


def _document(named: _Named, pages: dict[int, str]) -> Document:
    texts = [pages.get(number, "") for number in range(max(pages) + 1)]
    return parse_pages(describe(named), "\f".join(texts).encode(), texts)


def describe(named: _Named) -> Filing:
    """What the list of documents says of a filing."""
    form = _FORMS.get(named.doc_type.casefold(), named.doc_type)
    quarter, dated = _QUARTER.search(named.doc_name), _DATED.search(named.doc_name)
    current = form == "8-K"
    return Filing(
        id=named.doc_name,
        company=named.company,
        form=form,
        fiscal_year=None if current else named.doc_period,
        fiscal_period="" if current else quarter[1] if quarter else "FY",
        period_end=date(*map(int, dated.groups())) if current and dated else None,
        source="outside data set",
        media="pages",
    )


def _lines(path: Path) -> Iterator[str]:
    """The lines that hold something. InputError for a file that is not there or cannot be read."""
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise InputError(f"{path.name} cannot be read ({error})") from None
    return (line for line in text.splitlines() if line.strip())


def _object(path: Path, number: int, line: str) -> dict[str, object]:
    try:
        raw = json.loads(line)
    except ValueError as error:
        raise InputError(f"{path.name} line {number}: not JSON ({error})") from None
    if not isinstance(raw, dict):
        raise InputError(f"{path.name} line {number}: not an object")
    return raw


def _read(form: type[Row], path: Path, number: int, raw: dict[str, object]) -> Row:
    try:
        return form.model_validate(raw)
    except ValidationError as error:
        fault = error.errors()[0]
        field = ".".join(str(part) for part in fault["loc"])
        raise InputError(f"{path.name} line {number}, {field}: {fault['msg']}") from None
