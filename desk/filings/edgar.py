"""SEC EDGAR: companies, their submissions, documents of the archive, full-text search, XBRL company facts.

An answer that is not in EDGAR's documented form raises DataError; nothing is guessed from half of one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from desk.errors import DataError, NotFound
from desk.filings.edgar_wire import EdgarWire
from desk.filings.source import Filing, Media

DATA, WWW, SEARCH = "https://data.sec.gov", "https://www.sec.gov", "https://efts.sec.gov"
ACCESSION = re.compile(r"\d{10}-\d{2}-\d{6}")
READ_FORMS = frozenset(
    {"10-K", "10-K/A", "10-Q", "10-Q/A", "8-K", "8-K/A", "20-F", "40-F", "6-K", "DEF 14A"}
    | {"3", "3/A", "4", "4/A", "5", "5/A", "144", "144/A", "13F-HR", "13F-HR/A"}
)
"""Forms that the readers know."""

_MEDIA: dict[str, Media] = {"htm": "html", "html": "html", "txt": "text", "pdf": "pdf", "xml": "xml"}
_PERIODIC = ("10-K", "10-Q", "20-F", "40-F")


@dataclass(frozen=True)
class Company:
    """A filer. `cik` has ten digits; `year_end` is MMDD or ""; `category` such as "Large accelerated filer"."""

    cik: str
    name: str
    ticker: str = ""
    year_end: str = ""
    category: str = ""


@dataclass(frozen=True)
class Submission:
    """One line of a company's submissions. `reported` is the period's or event's date; `items` those of an 8-K."""

    accession: str
    form: str
    filed: date
    accepted: str
    reported: date | None
    items: tuple[str, ...]
    document: str
    size: int

    @property
    def id(self) -> str:
        """The filing's id here, the same wherever its bytes come from."""
        return filing_id(self.accession)


@dataclass(frozen=True)
class Hit:
    """One filing that the full-text index found."""

    accession: str
    document: str
    form: str
    filed: date
    company: str
    cik: str


def filing_id(accession: str, exhibit: str = "") -> str:
    """`sec-0000320193-24-000123`, with `-ex99-1` for an exhibit."""
    tail = re.sub(r"[^a-z0-9]+", "-", exhibit.lower().replace("ex-", "ex")).strip("-")
    return f"sec-{accession}" + (f"-{tail}" if tail else "")


class Edgar:
    """EDGAR over a wire. Every read raises as the wire does, DataError for an answer in another form."""

    label = "SEC EDGAR"

    def __init__(self, wire: EdgarWire) -> None:
        self._wire = wire

    def find(self, who: str) -> str:
        """The ten-digit CIK of a CIK or ticker. NotFound when EDGAR lists no such ticker."""
        word = who.strip().upper()
        if re.fullmatch(r"(?:CIK)?0*\d{1,10}", word):
            return word.removeprefix("CIK").zfill(10)[-10:]
        rows = self._json(f"{WWW}/files/company_tickers.json")
        for row in rows.values():
            if isinstance(row, dict) and str(row.get("ticker", "")).upper() == word:
                return str(row.get("cik_str", "")).zfill(10)
        raise NotFound(f"EDGAR lists no company with the ticker {who!r}; give its CIK, or check the ticker")

    def submissions(self, cik: str, *, older: bool = False) -> tuple[Company, list[Submission]]:
        """The company and its submissions, the newest first: about the last thousand, or with `older` all of them."""
        body = self._json(f"{DATA}/submissions/CIK{cik}.json")
        try:
            company = Company(
                cik=str(body["cik"]).zfill(10),
                name=str(body["name"]),
                ticker=next(iter(body.get("tickers") or []), ""),
                year_end=str(body.get("fiscalYearEnd") or ""),
                category=str(body.get("category") or ""),
            )
            found = list(_lines(body["filings"]["recent"]))
            for part in body["filings"].get("files", []) if older else []:
                found += _lines(self._json(f"{DATA}/submissions/{part['name']}"))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise DataError(f"EDGAR's submissions of {cik} are not in the documented form ({error!r})") from None
        return company, found

    def document(self, cik: str, accession: str, name: str) -> bytes:
        """A document of an accession, from the archive."""
        raw = re.sub(r"^xsl[^/]*/", "", name)
        return self._wire.get(f"{_folder(cik, accession)}/{raw}", lasting=True, whole=_ends)

    def search(self, text: str, *, forms: Sequence[str] = (), cik: str = "", most: int = 20) -> list[Hit]:
        """What the full-text index finds for `text`, its best first."""
        asked = {"q": text, "forms": ",".join(forms), "ciks": cik}
        query = urlencode({name: value for name, value in asked.items() if value})
        body = self._json(f"{SEARCH}/LATEST/search-index?{query}")
        try:
            return list(islice(map(_hit, body["hits"]["hits"]), most))
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise DataError(f"EDGAR's full-text index answered in another form ({error!r})") from None

    def company_facts(self, cik: str) -> bytes:
        """The company's XBRL facts, as JSON; `desk.filings.reported` reads them."""
        return self._wire.get(f"{DATA}/api/xbrl/companyfacts/CIK{cik}.json", whole=_is_json)

    def close(self) -> None:
        """Ends the session."""
        self._wire.close()

    def _json(self, url: str) -> dict[str, Any]:
        found = json.loads(self._wire.get(url, whole=_is_json))
        if not isinstance(found, dict):
            raise DataError(f"EDGAR's answer for {url.partition('?')[0]} is no JSON object")
        return found


class EdgarCompany:
    """FilingSource over the submissions of one company: primary documents of the forms that are read."""

    def __init__(self, edgar: Edgar, cik: str) -> None:
        self._edgar, self._cik = edgar, cik
        self._known: dict[str, Submission] = {}

    @property
    def label(self) -> str:
        """See `FilingSource`."""
        return f"{Edgar.label}, CIK {self._cik}"

    def filings(self) -> Sequence[Filing]:
        """The company's filings, the newest first."""
        company, found = self._edgar.submissions(self._cik)
        read = [line for line in found if line.form in READ_FORMS and line.document]
        self._known = {line.id: line for line in read}
        return [describe(company, line) for line in read]

    def fetch(self, id: str) -> bytes:
        """See `FilingSource`."""
        if not self._known:
            self.filings()
        line = self._known.get(id)
        if line is None:
            raise NotFound(f"EDGAR has no filing {id!r} of CIK {self._cik} in a form that is read here")
        return self._edgar.document(self._cik, line.accession, line.document)


def describe(company: Company, line: Submission) -> Filing:
    """What the submissions tell of a filing; a periodic report's year and quarter follow from the year's end."""
    year, period = fiscal(line.form, line.reported, company.year_end)
    suffix = line.document.rpartition(".")[2].lower()
    return Filing(
        id=line.id,
        company=company.name,
        form=line.form,
        cik=company.cik,
        ticker=company.ticker,
        fiscal_year=year,
        fiscal_period=period,
        period_end=line.reported,
        filed=line.filed,
        source=f"SEC EDGAR, accession {line.accession}",
        media=_MEDIA.get(suffix, "text"),
    )


def fiscal(form: str, ended: date | None, year_end: str) -> tuple[int | None, str]:
    """The fiscal year and period of a periodic report that ended then; a year is named by the year it ends in.

    Quarters of 52 or 53 weeks end some days beside the month's end: the nearest quarter counts. The filing's own
    cover, once read, goes before this.
    """
    if ended is None or not form.startswith(_PERIODIC):
        return None, ""
    if not form.startswith("10-Q"):
        return ended.year, "FY"
    if not year_end[:2].isdigit():
        return ended.year, ""
    ahead = (int(year_end[:2]) - ended.month) % 12
    quarter = min(max(4 - round(ahead / 3), 1), 3)
    return ended.year + (ended.month - 1 + ahead) // 12, f"Q{quarter}"


def _folder(cik: str, accession: str) -> str:
    return f"{WWW}/Archives/edgar/data/{int(cik)}/{accession.replace('-', '')}"


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except ValueError:
        return False
    return True


def _ends(body: bytes) -> bool:
    """Whether a document's markup, where it has any, is closed."""
    if b"<html" in body[:20_000].lower():
        return b"</html" in body[-20_000:].lower()
    return not body.lstrip().startswith(b"<?xml") or body.rstrip().endswith(b">")


def _lines(table: dict[str, list[str]]) -> Iterator[Submission]:
    for i, accession in enumerate(table["accessionNumber"]):
        reported = table["reportDate"][i]
        yield Submission(
            accession=accession,
            form=table["form"][i],
            filed=date.fromisoformat(table["filingDate"][i]),
            accepted=table["acceptanceDateTime"][i],
            reported=date.fromisoformat(reported) if reported else None,
            items=tuple(filter(None, table["items"][i].split(","))),
            document=table["primaryDocument"][i],
            size=int(table["size"][i]),
        )


def _hit(row: dict[str, Any]) -> Hit:
    accession, _, document = str(row["_id"]).partition(":")
    about = row["_source"]
    return Hit(
        accession=accession,
        document=document,
        form=str(about["form"]),
        filed=date.fromisoformat(about["file_date"]),
        company=str(about["display_names"][0]),
        cik=str(about["ciks"][0]).zfill(10),
    )


def open_edgar(user_agent: str, base_url: str, cache: Path) -> Edgar | None:
    """EDGAR for a declared user agent; None without one. Asks nothing yet."""
    return Edgar(EdgarWire(user_agent, cache, base_url)) if user_agent else None
