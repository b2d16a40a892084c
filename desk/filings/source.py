"""The filing source protocol: which filings there are, and the bytes of each.

Empty means absent; failure raises (`DataError`, `NotFound`, `BackEndUnreachable`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

Media = Literal["html", "text", "pdf", "pages", "xml"]


@dataclass(frozen=True)
class Filing:
    """What is known of a filing without reading it.

    `fiscal_year` and `fiscal_period` ("FY", "Q1" … "Q4", "" for a current report) are the
    company's own; `period_end` is the last day reported on; `filed` the day it became public.
    `source` says where the bytes come from. `exhibit` names a part such as "EX-99.1".
    """

    id: str
    company: str
    form: str
    cik: str = ""
    ticker: str = ""
    fiscal_year: int | None = None
    fiscal_period: str = ""
    period_end: date | None = None
    filed: date | None = None
    source: str = ""
    media: Media = "html"
    exhibit: str = ""

    @property
    def period(self) -> str:
        """`FY2024`, `FY2024 Q3`, or the date of a current report; "" when unknown."""
        if self.fiscal_year is None:
            return self.period_end.isoformat() if self.period_end else ""
        quarter = "" if self.fiscal_period in {"", "FY"} else f" {self.fiscal_period}"
        return f"FY{self.fiscal_year}{quarter}"

    @property
    def title(self) -> str:
        """`Apple Inc. 10-K FY2024`."""
        return " ".join(part for part in (self.company, self.form, self.exhibit, self.period) if part)


class FilingSource(Protocol):
    """One place that filings come from."""

    @property
    def label(self) -> str:
        """Where the filings come from, for a person."""
        ...

    def filings(self) -> Sequence[Filing]:
        """Every filing this source holds, in a stable order."""
        ...

    def fetch(self, id: str) -> bytes:
        """The document's bytes, uncompressed. NotFound for an unknown id, DataError when damaged."""
        ...
