"""What a document says of itself: inline-XBRL cover page, ownership form, front page; else what its name says."""

from __future__ import annotations

import hashlib
import html
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

from desk.filings.edgar import filing_id
from desk.filings.ownership_html import is_rendered
from desk.filings.source import Filing, Media
from rag.decoding import decode
from rag.forms import describe_records, read_records
from rag.numerals import DATE, as_date
from rag.submission import accession_in

_FORM = re.compile(r"\b(10-?[KQ](?:/A)?|8-?K(?:/A)?|20-?F|6-?K|DEF 14A|13F-?HR)\b", re.IGNORECASE)
_FRONT_FORM = re.compile(r"\bform\s+(10-[KQ](?:/A)?|8-K(?:/A)?|20-F|6-K)\b", re.IGNORECASE)
_NAME = re.compile(
    r"([A-Z][^\n.;:()]{2,70}?(?:[,.]? ?Inc\.?|[,.]? ?Corp\.?)?)\s*\(\s*Exact name of (?:the )?registrant", re.I
)
_ENDED = re.compile(r"(?:fiscal year|year|quarter(?:ly period)?|period) ended:?\s", re.IGNORECASE)
_BREAK = re.compile(r"</?(?:p|div|br|tr|table|td|h\d|center|hr|title)\b[^>]{0,2000}>", re.IGNORECASE)
_PERIODIC = frozenset({"10-K", "10-K/A", "10-Q", "10-Q/A", "20-F"})
UNNAMED = "document"
"""The form of a document that names none."""


def describe_file(name: str, raw: bytes, media: Media, accession: str = "") -> Filing:
    """The filing that a file holds.

    Its id is the accession's where the file or its name tells it, so that the same filing from two places is one;
    for a periodic report with a cover page it follows from company, form and period, so that a changed copy replaces
    the one before; else from the bytes.
    """
    stem = Path(name).stem
    filing = Filing(id="", company=re.split(r"[_\s.]", stem)[0], form=UNNAMED, source=f"your file {name}", media=media)
    if media == "xml" or (media == "html" and is_rendered(raw)):
        filing = _from_records(filing, raw)
    elif media == "html":
        filing = _from_front(filing, raw)
    filing = _from_name(filing, stem)
    if media == "html" and filing.form != UNNAMED:
        filing = with_cover(filing, raw)
    found = accession or accession_in(name)
    return replace(filing, id=filing_id(found) if found else _own_id(filing, raw))


def with_cover(filing: Filing, raw: bytes) -> Filing:
    """The filing with what the document's own inline-XBRL cover page says; as it is when there is none."""
    cover = _cover(raw) if filing.media == "html" else {}
    if not cover:
        return filing
    focus, ended = cover.get("DocumentFiscalYearFocus", ""), DATE.search(cover.get("DocumentPeriodEndDate", ""))
    form = cover.get("DocumentType") or filing.form
    return replace(
        filing,
        company=_company(cover.get("EntityRegistrantName") or filing.company),
        form=form,
        cik=cover.get("EntityCentralIndexKey") or filing.cik,
        ticker=cover.get("TradingSymbol") or filing.ticker,
        fiscal_year=int(focus) if focus.isdigit() else filing.fiscal_year,
        fiscal_period=cover.get("DocumentFiscalPeriodFocus", "FY" if form == "10-K" else filing.fiscal_period),
        period_end=as_date(ended) if ended else filing.period_end,
        filed=filing.filed or _signed(raw),
    )


def _from_records(filing: Filing, raw: bytes) -> Filing:
    return replace(filing, **describe_records(read_records(filing, raw)))  # type: ignore[arg-type]


def _from_front(filing: Filing, raw: bytes) -> Filing:
    """Form, company and period from the first page of a document without a cover in XBRL."""
    cover = _cover(raw)
    if cover:
        return with_cover(filing, raw)
    text = _front(decode(filing.source, raw)[:60_000])
    form, name, ended = _FRONT_FORM.search(text), _NAME.search(text), _ENDED.search(text)
    day = DATE.search(text, ended.end(), ended.end() + 40) if ended else None
    return replace(
        filing,
        form=form[1].upper() if form else filing.form,
        company=_company(name[1].strip()) if name else filing.company,
        period_end=as_date(day) if day else None,
        filed=_signed(raw),
    )


def _front(markup: str) -> str:
    """The first words, one line for each block."""
    lines = _BREAK.sub("\n", re.sub(r"\s+", " ", markup))
    plain = html.unescape(re.sub(r"<[^>]{0,2000}>", " ", lines))
    return "\n".join(filter(None, (" ".join(line.split()) for line in plain.splitlines())))[:6000]


def _from_name(filing: Filing, stem: str) -> Filing:
    """What is still missing, from the file's name."""
    plain = stem.replace("_", " ").replace(".", " ")
    named, year = _FORM.search(plain), re.search(r"(?:19|20)\d\d", stem)
    form = filing.form
    if form == UNNAMED and named:
        form = re.sub(r"^(10|8|20|6)-?(?=[KQF])", r"\1-", named[1].upper())
    told = filing.fiscal_year is None and filing.period_end is None and year is not None
    period = filing.fiscal_period or ("FY" if form == "10-K" else "")
    return replace(
        filing, form=form, fiscal_period=period, fiscal_year=int(year[0]) if told and year else filing.fiscal_year
    )


def _own_id(filing: Filing, raw: bytes) -> str:
    key = raw
    if filing.form in _PERIODIC and filing.cik and filing.period_end:
        key = f"{filing.cik} {filing.form} {filing.period_end}".encode()
    return f"own-{hashlib.sha256(key).hexdigest()[:12]}"


def _company(name: str) -> str:
    return name.title() if name.isupper() and len(name) > 5 else name


_TAGGED = re.compile(r"<(/?)ix:nonNumeric\b([^>]*)>")
_NAMED = re.compile(r'\bname="dei:(\w+)"')
_LONGEST = 3_000
"""Characters of markup that a fact of the cover page may have; a longer one is no name and no date."""


def _cover(raw: bytes) -> dict[str, str]:
    """The facts of an inline-XBRL cover page by name, the first of each; one may stand inside another."""
    text = raw[:600_000].decode("utf-8", errors="replace")
    found: dict[str, str] = {}
    open_: list[tuple[str, int]] = []
    for tag in _TAGGED.finditer(text):
        if not tag[1]:
            name = _NAMED.search(tag[2])
            open_.append((name[1] if name else "", tag.end()))
        elif open_:
            name_, start = open_.pop()
            if name_ and tag.start() - start <= _LONGEST:
                value = re.sub(r"<[^>]+>", " ", text[start : tag.start()])
                found.setdefault(name_, " ".join(html.unescape(value).split()))
    return found


def _signed(raw: bytes) -> date | None:
    tail = html.unescape(re.sub(r"<[^>]{0,400}>", " ", raw[-400_000:].decode("utf-8", errors="replace")))
    dates = re.findall(r"Dated?:\s*([A-Z][a-z]+\s+\d{1,2},\s+20\d\d)", tail)
    match = DATE.search(dates[-1]) if dates else None
    return as_date(match) if match else None
