"""XBRL company facts: what a company reported, machine to machine, with accession, form and day for each value."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from desk.errors import DataError


@dataclass(frozen=True)
class Reported:
    """One value of one concept. `start` is None for an instant. `unit` as XBRL has it ("USD", "USD/shares")."""

    concept: str
    unit: str
    value: Decimal
    start: date | None
    end: date
    accession: str
    form: str
    filed: date

    @property
    def months(self) -> int:
        """How long it ran, in whole months; 0 for an instant."""
        return 0 if self.start is None else round((self.end - self.start).days / 30.4)


class CompanyFacts:
    """All reported values of one company, by concept."""

    def __init__(self, cik: str, company: str, facts: Sequence[Reported]) -> None:
        self.cik, self.company, self.all = cik, company, tuple(facts)

    def find(self, concepts: Sequence[str], end: date, months: int, unit: str) -> list[Reported]:
        """Values of these concepts for one period, each concept in the order given, the latest filed first."""
        rank = {concept: i for i, concept in enumerate(concepts)}
        found = [
            fact
            for fact in self.all
            if fact.concept in rank
            and fact.end == end
            and fact.unit == unit
            and abs(fact.months - months) <= (months > 0)
        ]
        return sorted(found, key=lambda fact: (rank[fact.concept], -fact.filed.toordinal()))


def read_company_facts(raw: bytes) -> CompanyFacts:
    """The facts of a `companyfacts` answer, exact. DataError when it is damaged or of another form."""
    try:
        body = json.loads(raw, parse_float=Decimal)
        return CompanyFacts(str(body["cik"]).zfill(10), str(body["entityName"]), list(_facts(body["facts"])))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"the XBRL company facts are not in the documented form ({error!r}); fetch them again"
        ) from None


def _facts(taxonomies: dict[str, dict[str, dict[str, dict[str, list[dict[str, object]]]]]]) -> Iterator[Reported]:
    for concepts in taxonomies.values():
        for concept, about in concepts.items():
            for unit, rows in about["units"].items():
                for row in rows:
                    start = row.get("start")
                    yield Reported(
                        concept=concept,
                        unit=unit,
                        value=Decimal(str(row["val"])),
                        start=date.fromisoformat(str(start)) if start else None,
                        end=date.fromisoformat(str(row["end"])),
                        accession=str(row["accn"]),
                        form=str(row["form"]),
                        filed=date.fromisoformat(str(row["filed"])),
                    )
