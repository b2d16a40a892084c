"""Computes what a question wants from the printed figures of a company's filings; every figure used is a fact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from desk.facts import Fact
from rag.documents import Document
from rag.figures import reading_fact
from rag.formula.ask import Wanted
from rag.formula.tree import dimension, evaluate, write
from rag.lookup import Reading, read_metric
from rag.metrics import Metric, metric
from rag.query import Asked
from rag.targets import Target


@dataclass(frozen=True)
class Part:
    """A printed figure that a result rests on."""

    fact: Fact
    reading: Reading


@dataclass(frozen=True)
class Result:
    """A computed figure and the printed ones it comes from, each once."""

    fact: Fact
    parts: tuple[Part, ...]
    formula: str


class _Readings:
    """Readings of one company, each taken once and noted."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents, self.parts = documents, dict[str, Part]()

    def __call__(self, metric: Metric, year: int) -> Decimal | None:
        reading = read_metric(self._documents, metric, Asked(year))
        if reading is None:
            return self._computed(metric, year)
        fact = reading_fact(Target(metric.id, metric.name, metric), reading)
        self.parts.setdefault(fact.id, Part(fact, reading))
        return reading.value

    def _computed(self, wanted: Metric, year: int) -> Decimal | None:
        """A line item that is not printed, from the two that the table computes it from."""
        formula = wanted.formula
        if formula is None:
            return None
        first, second = (self(metric(id), year) for id in formula.ratio or formula.difference or ())
        if first is None or second is None:
            return None
        if formula.difference:
            return first - second
        return first / second * (100 if formula.percent else 1) if second else None


def compute(wanted: Wanted, documents: Sequence[Document], company: str) -> list[Result]:
    """One result for each year, or one over all of them; a year that lacks a figure has none."""
    if wanted.over:
        read = _Readings(documents)
        values = [evaluate(wanted.formula, year, read) for year in wanted.years]
        known = [value for value in values if value is not None]
        value = _over(wanted, known) if len(known) == len(values) else None
        return [] if value is None else [_result(wanted, value, read, company, wanted.years)]
    out = []
    for year in wanted.years:
        read = _Readings(documents)
        value = evaluate(wanted.formula, year, read)
        if value is not None:
            out.append(_result(wanted, value, read, company, (year,)))
    return out


def _over(wanted: Wanted, values: list[Decimal]) -> Decimal | None:
    if wanted.over == "mean":
        return sum(values, start=Decimal(0)) / len(values)
    first, last, years = values[0], values[-1], wanted.years[-1] - wanted.years[0]
    if first <= 0 or last <= 0 or years < 1:
        return None
    return Decimal(str((float(last) / float(first)) ** (1 / years) - 1))


def _result(wanted: Wanted, value: Decimal, read: _Readings, company: str, years: Sequence[int]) -> Result:
    power = 0 if wanted.over == "cagr" else dimension(wanted.formula)
    unit = "%" if wanted.percent else wanted.unit or ("USD" if power == 1 else "ratio")
    exact = (value * 100 if wanted.percent else value).quantize(Decimal("1") if unit == "USD" else Decimal("0.0001"))
    parts = tuple(read.parts.values())
    span = f"FY{years[0]}" if len(years) == 1 else f"FY{years[0]} to FY{years[-1]}"
    over = {"mean": "mean of ", "cagr": "compound annual growth of ", "": ""}[wanted.over]
    formula = f"{over}{write(wanted.formula)}{' × 100' if wanted.percent else ''}"
    key = "-".join(
        word for word in wanted.name.casefold().replace("%", "pct").replace("&", "n").split() if word.isalnum()
    )
    first = parts[0]
    return Result(
        fact=Fact(
            id=f"{first.reading.document.filing.id}.{key}.{years[0]}-{years[-1]}",
            label=f"{company} {wanted.name}",
            value=exact,
            unit=unit,
            as_of=span,
            source=", ".join(dict.fromkeys(part.fact.source for part in parts)),
            locator=f"derived: {formula}, of {', '.join(part.fact.id for part in parts)}",
            currency="USD" if unit == "USD" else None,
            inputs=tuple(part.fact.id for part in parts),
        ),
        parts=parts,
        formula=formula,
    )
