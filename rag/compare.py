"""Two filings side by side: chosen metrics with their cells, and what became of each.

Every number is a fact. Each side is read from one filing for the filing's own period, or for the period one year before
where the first is compared with itself. A change is only computed between periods of one length; between companies
it is a ratio.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from desk.facts import Fact
from rag.asked import Asked
from rag.documents import Citation, Document
from rag.draft import cite
from rag.figures import change_fact, derive, reading_fact
from rag.lookup import read_metric
from rag.metrics import Metric, load_metrics
from rag.periods import own_period
from rag.targets import Target

_NEAR_DAYS = 15
UNLIKE = "the periods are not of one length"


@dataclass(frozen=True)
class Side:
    """One value, the places that print it or its inputs, and how many months it covers (0 is an instant)."""

    fact: Fact
    citations: tuple[Citation, ...]
    months: int
    inputs: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class Row:
    """One metric of both; `change` is in percent, in percentage points, or the ratio of two companies' values.

    `note` says why there is no change, empty when there is one.
    """

    metric: Metric
    first: Side | None
    second: Side | None
    change: Fact | None
    note: str


@dataclass(frozen=True)
class Comparison:
    """Rows in the order asked. `missing` are names of metrics that neither side prints."""

    rows: tuple[Row, ...]
    missing: tuple[str, ...]
    same_company: bool


def compare(first: Document, second: Document, metrics: Iterable[Metric] = ()) -> Comparison:
    """The metrics (all when none are given) of the second against the first: the first is the base of each change.

    One filing given twice is compared with the year before, as it prints it.
    """
    same_company = first.filing.company == second.filing.company
    base = _year_before(first) if first.filing.id == second.filing.id else own_period(first.filing)
    rows: list[Row] = []
    missing: list[str] = []
    for metric in tuple(metrics) or load_metrics():
        sides = _side(first, metric, base), _side(second, metric, own_period(second.filing))
        if sides == (None, None):
            missing.append(metric.name)
        else:
            rows.append(_row(metric, *sides, same_company))
    return Comparison(tuple(rows), tuple(missing), same_company)


def _year_before(document: Document) -> Asked:
    own = own_period(document.filing)
    if own.year is None:
        return Asked(date="0001-01-01")
    return replace(own, year=own.year - 1)


def _side(document: Document, metric: Metric, asked: Asked) -> Side | None:
    """The value for the period; a quarterly report that prints it only since the year's start gives that."""
    return next(
        (side for each in (asked, *_since_start(document, asked)) if (side := _read(document, metric, each))), None
    )


def _since_start(document: Document, asked: Asked) -> list[Asked]:
    """The same period reckoned from the start of the fiscal year, for a quarterly report."""
    own = document.filing.period_end
    if not asked.quarter or own is None or asked.year is None or document.filing.fiscal_year is None:
        return []
    years = document.filing.fiscal_year - asked.year
    ends = {figure.period.end for figure in document.figures if figure.period.end and figure.period.months in {6, 9}}
    near = [end for end in ends if abs((own - date.fromisoformat(end)).days - 365.25 * years) < _NEAR_DAYS]
    return [Asked(date=end, months=months) for end in near for months in (9, 6)]


def _read(document: Document, metric: Metric, asked: Asked) -> Side | None:
    target = Target(metric.id, metric.name, metric)
    reading = read_metric([document], metric, asked)
    if reading is not None:
        figure = reading.figure
        quoted = (cite(document, figure.start, figure.end),)
        return Side(reading_fact(target, reading), quoted, figure.period.months)
    derived = derive([document], metric, asked)
    if derived is None:
        return None
    fact, parts = derived
    figures = [reading.figure for _, reading in parts]
    places = {figure.start: cite(document, figure.start, figure.end) for figure in figures}
    inputs = tuple(reading_fact(part, reading) for part, reading in parts)
    return Side(fact, tuple(places.values()), max(figure.period.months for figure in figures), inputs)


def _row(metric: Metric, first: Side | None, second: Side | None, same_company: bool) -> Row:
    if first is None or second is None:
        return Row(metric, first, second, None, "only one of them prints it")
    if first.months != second.months:
        return Row(metric, first, second, None, UNLIKE)
    if not same_company:
        ratio = None if first.fact.unit in {"%", "ratio"} else _ratio(first.fact, second.fact)
        change = ratio or _points(first.fact, second.fact)
    else:
        change = change_fact([first.fact, second.fact]) or _points(first.fact, second.fact)
    note = "" if change else "not between positive values"
    return Row(metric, first, second, change, note)


def _points(first: Fact, second: Fact) -> Fact | None:
    """The difference of two percentages or ratios; None for other units."""
    if first.unit not in {"%", "ratio"}:
        return None
    return Fact(
        id=f"{second.id}.less.{first.id}",
        label=f"{second.label} less {first.label}",
        value=(second.value - first.value).quantize(Decimal("0.01")),
        unit="percentage points" if first.unit == "%" else "ratio",
        as_of=second.as_of,
        source=_sources(first, second),
        locator=f"derived: {second.id} − {first.id}",
        inputs=(second.id, first.id),
    )


def _ratio(first: Fact, second: Fact) -> Fact | None:
    """How many times the first company's value the second's is; None without two positive values."""
    if first.value <= 0 or second.value <= 0:
        return None
    return Fact(
        id=f"{second.id}.over.{first.id}",
        label=f"{second.label} ÷ {first.label}",
        value=(second.value / first.value).quantize(Decimal("0.0001")),
        unit="ratio",
        as_of=second.as_of,
        source=_sources(first, second),
        locator=f"derived: {second.id} ÷ {first.id}",
        inputs=(second.id, first.id),
    )


def _sources(*facts: Fact) -> str:
    return ", ".join(dict.fromkeys(fact.source for fact in facts))


def choose_metrics(ids: Sequence[str]) -> tuple[tuple[Metric, ...], tuple[str, ...]]:
    """The metrics of these ids in the table's order, and the ids that the table does not have."""
    known = {entry.id for entry in load_metrics()}
    return tuple(m for m in load_metrics() if m.id in set(ids)), tuple(id for id in ids if id not in known)
