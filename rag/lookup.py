"""Reads one figure for a metric, a period and a qualifier, or says why not.

A wrong number is far worse than none: two candidates of equal standing with different values
are no answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from rag.asked import Asked
from rag.documents import Document, Figure
from rag.metrics import Metric
from rag.metrics import metric as load
from rag.periods import matches, own_period
from rag.words import label_words, stem, tokens

_FREE = frozenset(map(stem, ("total", "net", "and", "of", "the", "in", "for", "from", "a")))


_COSTS = frozenset(map(stem, ("cost", "expense", "spending")))
_CHANGE = stem("changes")
"""A heading over rows of a cash flow statement that carry the names of rows of the balance sheet."""


@dataclass(frozen=True)
class Reading:
    """A figure found, with the document it stands in; `value` has the sign a person expects."""

    document: Document
    figure: Figure
    value: Decimal
    name: str


class _Candidate(NamedTuple):
    standing: tuple[int, ...]
    document: Document
    figure: Figure


def read_metric(documents: Sequence[Document], metric: Metric, asked: Asked) -> Reading | None:
    """The metric for the whole company; None when absent or ambiguous."""
    found = _choose(_metric_candidates(documents, metric, asked))
    if found and metric.added and found.document.core_pages and _page(found) not in found.document.core_pages:
        found = None if read_added(documents, metric, asked) else found
    if found and metric.sign == "tax":
        return _taxed(found, metric, asked)
    return _reading(found, metric, metric_name(found.document, metric)) if found else None


def _taxed(found: _Candidate, metric: Metric, asked: Asked) -> Reading | None:
    """Income tax, a benefit below zero: statements print either with either sign, income before and after it tells."""
    ends = [_choose(_metric_candidates([found.document], load(id), asked)) for id in ("pretax_income", "net_income")]
    printed = Decimal(found.figure.value)
    before, after = (Decimal(end.figure.value) if end else None for end in ends)
    value = abs(printed)
    if before is not None and after is not None and abs(before + value - after) < abs(before - value - after):
        value = -value
    return Reading(found.document, found.figure, value, metric_name(found.document, metric))


def read_added(documents: Sequence[Document], metric: Metric, asked: Asked) -> list[Reading]:
    """The lines that make the metric up where no total is printed: two or more of one table; empty without them."""
    for document in sorted(documents, key=lambda document: _age(document, asked)):
        found = [
            figure
            for figure in document.figures
            if figure.plain
            and figure.unit == metric.unit
            and document.blocks[figure.block].statement == metric.statement
            and document.blocks[figure.block].page in document.core_pages
            and metric.is_part(figure)
            and matches(document.filing, figure.period, asked)
        ]
        if len(found) > 1 and len({figure.block for figure in found}) == 1:
            return [Reading(document, figure, abs(Decimal(figure.value)), figure.label) for figure in found]
    return []


def read_part(documents: Sequence[Document], metric: Metric, asked: Asked, part: Sequence[str]) -> Reading | None:
    """The metric for a part of the company (segment, product, region), by its row label."""
    found = _choose(_part_candidates(documents, metric, asked, frozenset(part)))
    if found is None:
        return None
    figure = found.figure
    label = figure.label if set(part) & label_words(figure.label) else figure.group
    return _reading(found, metric, f"{label} {metric_name(found.document, metric)}")


def read_row(documents: Sequence[Document], words: Sequence[str], asked: Asked) -> Reading | None:
    """The row whose label is exactly these words, whatever the statement."""
    wanted = frozenset(words) - _FREE
    found = _row(documents, wanted, asked)
    if found is None and wanted & _COSTS:  # "fulfillment costs": a row of an income statement leaves "costs" out
        found = _row(documents, wanted - _COSTS, asked)
        income = found is not None and found.document.blocks[found.figure.block].statement == "income"
        found = found if income else None
    return Reading(found.document, found.figure, Decimal(found.figure.value), found.figure.label) if found else None


def _row(documents: Sequence[Document], wanted: frozenset[str], asked: Asked) -> _Candidate | None:
    """The row with exactly these words, outside of changes in the cash flow statement unless they are meant."""

    def fits(figure: Figure) -> bool:
        moves = _CHANGE in label_words(figure.group) and _CHANGE not in wanted
        return label_words(figure.label) - _FREE == wanted and figure.unit not in {"", "%"} and not moves

    return _choose(_row_candidates(documents, asked, fits)) if wanted else None


def metric_name(document: Document, metric: Metric) -> str:
    """The metric in the filing's own word where it has two: net sales or revenues."""
    if metric.id != "revenue":
        return metric.name
    own = any("revenue" in f.label.lower() for f in document.figures if metric.rank(f) == 2 or metric.rank(f) == 1)
    return "revenues" if own else metric.name


def part_exists(documents: Iterable[Document], part: Sequence[str]) -> bool:
    """Whether some row label or group consists of these words: a segment or product is named."""
    wanted = frozenset(part) - _FREE
    return bool(wanted) and any(
        wanted in (label_words(figure.label) - _FREE, label_words(figure.group) - _FREE)
        for document in documents
        for figure in document.figures
    )


def _page(found: _Candidate) -> int:
    return found.document.blocks[found.figure.block].page


def _reading(found: _Candidate, metric: Metric, name: str) -> Reading:
    value = Decimal(found.figure.value)
    return Reading(found.document, found.figure, abs(value) if metric.sign == "abs" else value, name)


def _choose(candidates: Iterator[_Candidate]) -> _Candidate | None:
    ranked = sorted(candidates, key=lambda c: c.standing)
    if not ranked:
        return None
    best = [c for c in ranked if c.standing == ranked[0].standing]
    return best[0] if len({Decimal(c.figure.value) for c in best}) == 1 else None


def _age(document: Document, asked: Asked) -> tuple[int, int]:
    """Filings about the period itself first, then the latest."""
    own = own_period(document.filing)
    direct = 0 if (own.year, own.quarter) == (asked.year, asked.quarter) else 1
    return direct, -(document.filing.filed or document.filing.period_end or date.min).toordinal()


def _metric_candidates(documents: Sequence[Document], metric: Metric, asked: Asked) -> Iterator[_Candidate]:
    for document in documents:
        age = _age(document, asked)
        for figure in document.figures:
            if figure.unit != metric.unit or not figure.plain:
                continue
            rank = metric.rank(figure)
            if rank is None or not matches(document.filing, figure.period, asked):
                continue
            statement = document.blocks[figure.block].statement
            if statement == metric.statement:
                tier = 0
            elif statement == "" or metric.statement == "":
                tier = 1
            else:
                continue
            other = document.blocks[figure.block].page not in document.core_pages
            yield _Candidate((tier, *age, int(other), rank), document, figure)


def _part_candidates(
    documents: Sequence[Document], metric: Metric, asked: Asked, part: frozenset[str]
) -> Iterator[_Candidate]:
    names = {word for phrase in metric.ask for word in tokens(phrase)} | set(tokens(metric.name)) | _FREE
    phrases = [words for phrase in metric.ask if (words := frozenset(tokens(phrase)) - _FREE)]
    wanted = part - _FREE
    for document in documents:
        totals = {figure.block for figure in document.figures if metric.rank(figure) is not None}
        age = _age(document, asked)
        for figure in document.figures:
            if figure.unit != metric.unit:
                continue
            label, group = label_words(figure.label), label_words(figure.group)
            named = any(phrase <= (label | group) - wanted for phrase in phrases)
            standing = _part_standing(label, group, wanted, frozenset(names), named, figure.block in totals)
            if standing is not None and matches(document.filing, figure.period, asked):
                yield _Candidate((standing, *age), document, figure)


def _part_standing(
    label: frozenset[str],
    group: frozenset[str],
    wanted: frozenset[str],
    names: frozenset[str],
    named: bool,
    in_total: bool,
) -> int | None:
    if not wanted or not wanted <= label | group or (label - wanted - names) or (group - wanted - names):
        return None
    by_label, by_group = wanted <= label, wanted <= group
    if by_label and named:
        return 0
    if by_group and not by_label:
        return 0 if named else None
    return 1 if by_label and in_total and not group - wanted else None


def _row_candidates(
    documents: Sequence[Document], asked: Asked, fits: Callable[[Figure], bool]
) -> Iterator[_Candidate]:
    for document in documents:
        age = _age(document, asked)
        for figure in document.figures:
            if fits(figure) and matches(document.filing, figure.period, asked):
                statement = document.blocks[figure.block].statement
                standing = (0 if statement in {"income", "balance", "cash"} else 1, *age)
                yield _Candidate(standing, document, figure)
