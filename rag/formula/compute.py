"""Computes what a question wants from the printed figures of a company's filings; every figure used is a fact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from desk.facts import Fact
from rag.asked import Asked
from rag.documents import Document
from rag.figures import reading_fact
from rag.formula.ask import Wanted
from rag.formula.tree import Formula, Item, dimension, evaluate, items, plain_item, write
from rag.lookup import Reading, read_added
from rag.metrics import Metric, metric
from rag.periods import fiscal
from rag.targets import Target
from rag.words import label_key

_MONTHS = {3: "three", 6: "six", 9: "nine", 12: "twelve"}


@dataclass(frozen=True)
class Part:
    """A printed figure that a result rests on."""

    fact: Fact
    reading: Reading


@dataclass(frozen=True)
class Result:
    """A computed figure and the printed ones it comes from, each once; `formula` is "" where its items are no terms."""

    fact: Fact
    parts: tuple[Part, ...]
    formula: str


class _Readings:
    """Readings of one company, each taken once and noted: of a year, or of the part of it that `within` says."""

    def __init__(self, documents: Sequence[Document], within: Asked) -> None:
        self._documents, self._within, self.parts = documents, within, dict[str, Part]()

    def __call__(self, item: Item, year: int) -> Decimal | None:
        asked = Asked(year, self._within.quarter, "", self._within.months)
        for target in item.targets:
            reading = target.read(self._documents, asked)
            if reading is not None and reading.figure.unit == item.unit:
                return self._note(target, reading)
        wanted = item.target
        return None if wanted.metric is None or wanted.part else self._computed(wanted.metric, year, asked)

    def _note(self, target: Target, reading: Reading) -> Decimal:
        fact = reading_fact(target, reading)
        self.parts.setdefault(fact.id, Part(fact, reading))
        return reading.value

    def _computed(self, wanted: Metric, year: int, asked: Asked) -> Decimal | None:
        """A line item that is not printed, from the lines or the two items that the table computes it from."""
        added = read_added(self._documents, wanted, asked)
        if added:
            targets = [Target(f"{wanted.id}.{label_key(r.name).replace(' ', '-')}", r.name, None) for r in added]
            return sum((self._note(*pair) for pair in zip(targets, added, strict=True)), start=Decimal(0))
        formula = wanted.formula
        if formula is None:
            return None
        first, second = (self(plain_item(metric(id)), year) for id in formula.inputs)
        return None if first is None or second is None else formula.combine(first, second)


def compute(wanted: Wanted, documents: Sequence[Document], company: str) -> list[Result]:
    """One result for each year, or one over all of them; a year that lacks a figure has none."""
    within = place(wanted.within, documents)
    if within is None:
        return []
    wanted = replace(wanted, years=(within.year,)) if within.year else wanted
    if wanted.over:
        read = _Readings(documents, within)
        values = [evaluate(wanted.formula, year, read) for year in wanted.years]
        known = [value for value in values if value is not None]
        value = _over(wanted, known) if len(known) == len(values) else None
        return [] if value is None else [_result(wanted, value, read, company, wanted.years, within)]
    out = []
    for year in wanted.years:
        read = _Readings(documents, within)
        value = evaluate(wanted.formula, year, read)
        if value is not None:
            out.append(_result(wanted, value, read, company, (year,), within))
    return out


def place(within: Asked, documents: Sequence[Document]) -> Asked | None:
    """The fiscal place of a date, from the filing that reports on it; None when none does."""
    if not within.date:
        return within
    for document in documents:
        for figure in document.figures:
            place = fiscal(document.filing, figure.period) if figure.period.end.startswith(within.date) else None
            if place and figure.period.end:
                annual = place.quarter == 4 and within.months in {0, 12}
                months = within.months or (0 if annual else 3 * place.quarter)
                quarter = "" if annual or months != 3 else f"Q{place.quarter}"
                return Asked(place.year, quarter, "", 0 if annual else months)
    return None


def _over(wanted: Wanted, values: list[Decimal]) -> Decimal | None:
    if wanted.over in {"mean", "sum"}:
        return sum(values, start=Decimal(0)) / (len(values) if wanted.over == "mean" else 1)
    first, last, years = values[0], values[-1], wanted.years[-1] - wanted.years[0]
    if first <= 0 or last <= 0 or years < 1:
        return None
    return Decimal(str((float(last) / float(first)) ** (1 / years) - 1))


def _plain_unit(formula: Formula, power: int | None) -> str:
    """The unit of a figure for which none was asked: of the item itself, of money, or none."""
    if isinstance(formula, Item):
        return formula.unit
    return "USD" if power == 1 else "ratio"


def _result(
    wanted: Wanted, value: Decimal, read: _Readings, company: str, years: Sequence[int], within: Asked
) -> Result:
    power = 0 if wanted.over == "cagr" else dimension(wanted.formula)
    unit = wanted.unit or ("%" if wanted.percent else _plain_unit(wanted.formula, power))
    exact = (value * 100 if wanted.percent else value).quantize(Decimal("0.01" if unit == "USD" else "0.0001"))
    parts = tuple(read.parts.values())
    span = f"FY{years[0]}" if len(years) == 1 else f"FY{years[0]} to FY{years[-1]}"
    span = (
        f"{within.quarter} {span.replace('FY', '')}"
        if within.quarter
        else f"the first {_MONTHS[within.months]} months of {span}"
        if within.months
        else span
    )
    over = {"mean": "mean of ", "sum": "sum of ", "cagr": "compound annual growth of ", "": ""}[wanted.over]
    formula = f"{over}{write(wanted.formula)}{' × 100' if wanted.percent else ''}"
    key = "-".join(
        word for word in wanted.name.casefold().replace("%", "pct").replace("&", "n").split() if word.isalnum()
    )
    first = parts[0]
    return Result(
        fact=Fact(
            id=f"{first.reading.document.filing.id}.{key}.{years[0]}-{years[-1]}{within.quarter}{within.months or ''}",
            label=f"{company} {wanted.name}",
            value=Decimal(format(exact.normalize(), "f")),
            unit=unit,
            as_of=span,
            source=", ".join(dict.fromkeys(part.fact.source for part in parts)),
            locator=f"derived: {formula}, of {', '.join(part.fact.id for part in parts)}",
            currency="USD" if unit == "USD" else None,
            inputs=tuple(part.fact.id for part in parts),
        ),
        parts=parts,
        formula=_shown(wanted.formula, over),
    )


def _shown(formula: Formula, over: str) -> str:
    """The formula in accounting terms; "" for one of rows by their own labels and for a plain item."""
    terms = all(item.target.metric for item in items(formula))
    return f"{over}{write(formula)}" if terms and (over or not isinstance(formula, Item)) else ""
