"""Figures read from tables against what the company reported in XBRL: inline in the document, and as company facts.

Signs are left out of it: a table prints an outflow in brackets that XBRL reports as a positive payment. A value counts
as the same when rounding explains the difference. Of values reported several times (restated later, or
repeated as a comparison) one that fits is enough.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from desk.facts import Fact
from desk.filings.reported import CompanyFacts, Reported
from rag.documents import Disagreement, Document, Figure, Finding

CLOSE = Decimal("0.0005")
_UNITS = {"USD": "USD", "USD/share": "USD/shares", "shares": "shares"}
_SALES = ("RevenueFromContractWithCustomerExcludingAssessedTax", "Revenues", "SalesRevenueNet")
_LABELS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), concepts)
    for pattern, concepts in (
        (r"^total (?:net )?(?:sales|revenues?)$|^(?:net )?(?:sales|revenues?)$", _SALES),
        (r"^cost of (?:sales|revenues?|goods sold)$", ("CostOfGoodsAndServicesSold", "CostOfRevenue")),
        (r"^gross (?:profit|margin)$", ("GrossProfit",)),
        (r"^(?:operating income|income from operations)", ("OperatingIncomeLoss",)),
        (r"^net (?:income|earnings)(?: \(loss\))?$", ("NetIncomeLoss", "ProfitLoss")),
        (r"^total assets$", ("Assets",)),
        (r"^total current assets$", ("AssetsCurrent",)),
        (r"^total liabilities$", ("Liabilities",)),
        (r"^total current liabilities$", ("LiabilitiesCurrent",)),
        (r"^total (?:share|stock)holders\S* equity", ("StockholdersEquity",)),
        (r"^cash and cash equivalents", ("CashAndCashEquivalentsAtCarryingValue",)),
        (r"^inventories(?:, net)?$|^inventory$", ("InventoryNet",)),
        (r"^cash (?:generated|provided) by operating|^net cash provided by operating",
         ("NetCashProvidedByUsedInOperatingActivities",)),
        (r"^research and development", ("ResearchAndDevelopmentExpense",)),
    )
)  # fmt: skip
"""Rows of statements in general accounting language, and the elements they are reported under."""


class Checked(NamedTuple):
    """What a second source says of one figure: the same or another value, and which source and where in it."""

    same: bool
    value: Decimal
    source: str
    locator: str


def check_figure(document: Document, figure: Figure, reported: CompanyFacts | None) -> Checked | None:
    """The second source's word on a figure; None when there is none."""
    if figure.printed and not _close(Decimal(figure.printed), Decimal(figure.value)):
        where = f"page {document.blocks[figure.block].page}, row {figure.label!r}, scaled as the table says"
        return Checked(False, Decimal(figure.printed), f"{document.filing.title}, as printed", where)
    found = _reported(document, figure, reported) if reported else []
    if not found:
        return Checked(True, Decimal(figure.value), "inline XBRL", figure.concept) if figure.printed else None
    best = next((fact for fact in found if _close(fact.value, Decimal(figure.value))), None)
    fact = best or found[0]
    where = f"{fact.concept}, {f'{fact.start} to ' if fact.start else ''}{fact.end}, accession {fact.accession}"
    return Checked(best is not None, fact.value, f"XBRL company facts ({fact.form} filed {fact.filed})", where)


def check_finding(
    finding: Finding, documents: dict[str, Document], reported: Callable[[str], CompanyFacts | None]
) -> Finding:
    """The finding with what second sources say of its figures: confirmed ids, and disagreements in words and facts.

    `reported` gives a company's facts by CIK. Figures are found by the cell that a fact names in `reads`.
    """
    confirmed: list[str] = []
    odd: list[Disagreement] = []
    for fact in finding.facts:
        for document, figure in _cells(fact, documents):
            checked = check_figure(document, figure, reported(document.filing.cik))
            if checked and checked.same:
                confirmed.append(fact.id)
            elif checked:
                odd.append(_disagreement(fact, checked))
    if not odd:
        return replace(finding, confirmed=tuple(confirmed))
    return replace(
        finding,
        answer="\n\n".join([finding.answer, *(each.sentence for each in odd)]),
        facts=(*finding.facts, *(each.other for each in odd)),
        confirmed=tuple(confirmed),
        disagreements=tuple(odd),
    )


def _disagreement(fact: Fact, checked: Checked) -> Disagreement:
    other = replace(
        fact,
        id=f"{fact.id}.second",
        label=f"{fact.label}, by {checked.source}",
        value=abs(checked.value) if fact.value >= 0 else -abs(checked.value),
        source=checked.source,
        locator=checked.locator,
        reads=(),
        about=(),
    )
    said = f"The sources differ: {fact.source} gives {{{{f:{fact.id}}}}}, {checked.source} {{{{f:{other.id}}}}}."
    return Disagreement(fact, other, said)


def _cells(fact: Fact, documents: dict[str, Document]) -> Iterator[tuple[Document, Figure]]:
    """The figure that a fact was read from, when it is one figure and its value."""
    for name in fact.reads if len(fact.reads) == 1 and not fact.inputs else ():
        kind, _, place = name.partition(":")
        id, *numbers = place.split(":")
        document = documents.get(id) if kind == "filing" and len(numbers) == 3 else None
        for figure in document.figures if document else ():
            at = [str(figure.block), str(figure.row), str(figure.period.end or figure.period.year)]
            if document and at == numbers and abs(Decimal(figure.value)) == abs(fact.value):
                yield document, figure
                break


def _reported(document: Document, figure: Figure, reported: CompanyFacts) -> list[Reported]:
    """Values of the figure's concept and period, those of this very accession first."""
    unit = _UNITS.get(figure.unit)
    if not figure.period.end or unit is None or not figure.plain:
        return []
    concepts = (figure.concept.rpartition(":")[2],) if figure.concept else _by_label(figure)
    found = reported.find(concepts, date.fromisoformat(figure.period.end), figure.period.months, unit)
    accession = document.filing.id.removeprefix("sec-")[:20]
    return sorted(found, key=lambda fact: fact.accession != accession)


def _by_label(figure: Figure) -> tuple[str, ...]:
    return next((concepts for pattern, concepts in _LABELS if pattern.search(figure.label)), ())


def _close(one: Decimal, other: Decimal) -> bool:
    """Whether they differ by rounding alone: half of the coarser one's last digit, and never more than CLOSE."""
    apart, most = abs(abs(one) - abs(other)), max(abs(one), abs(other))
    return apart <= min(CLOSE * most, Decimal("0.5").scaleb(max(_zeros(one), _zeros(other))))


def _zeros(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return exponent if isinstance(exponent, int) and number else 0
