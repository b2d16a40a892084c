"""Readings as facts, and the facts derived from them: change, ratio, difference.

A derived fact's locator names its inputs by fact id and the formula.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from desk.facts import Fact
from desk.filings.source import Filing
from rag.asked import Asked
from rag.computed import Computed
from rag.documents import Document, Figure
from rag.lookup import Reading, read_metric
from rag.metrics import Formula, Metric, metric
from rag.periods import as_of
from rag.targets import Target


def reading_fact(target: Target, reading: Reading) -> Fact:
    """The printed figure as a fact, exact in base units."""
    figure, filing = reading.figure, reading.document.filing
    block = reading.document.blocks[figure.block]
    key = f"{filing.id}.{target.key}.{figure.period.end or figure.period.year}.{figure.period.months}"
    return Fact(
        id=key.replace("&", "n").replace("%", "pct").replace("'", ""),
        label=f"{filing.company} {reading.name}",
        value=reading.value,
        unit=figure.unit,
        currency="USD" if figure.unit == "USD" else None,
        as_of=as_of(filing, figure.period),
        source=filing.title,
        locator=f"page {block.page}, row {figure.label!r}, column {figure.column!r}",
        reads=(cell(filing, figure),),
        about=(filing.company, target.key),
    )


def cell(filing: Filing, figure: Figure) -> str:
    """What the figure is read from, by the name of `tools.reads`."""
    return f"filing:{filing.id}:{figure.block}:{figure.row}:{figure.period.end or figure.period.year}"


def change_fact(facts: Sequence[Fact]) -> Fact | None:
    """The change from the first to the last in percent; None without a positive start."""
    if len(facts) < 2 or facts[0].value <= 0 or facts[0].unit in {"%", "ratio"}:
        return None
    first, last = facts[0], facts[-1]
    change = ((last.value - first.value) / first.value * 100).quantize(Decimal("0.01"))
    return Fact(
        id=f"{last.id}.change",
        label=f"{last.label}, change from {first.as_of}",
        value=change,
        unit="%",
        as_of=last.as_of,
        source=last.source,
        locator=f"derived: ({last.id} − {first.id}) ÷ {first.id} × 100",
        inputs=(last.id, first.id),
    )


def difference_fact(first: Fact, last: Fact) -> Fact:
    """The last less the first of a rate or ratio: of per cents in points, else in its own unit."""
    return Fact(
        id=f"{last.id}.difference",
        label=f"{last.label}, difference from {first.as_of}",
        value=last.value - first.value,
        unit="percentage points" if last.unit == "%" else last.unit,
        currency=last.currency,
        as_of=last.as_of,
        source=last.source,
        locator=f"derived: {last.id} − {first.id}",
        inputs=(last.id, first.id),
    )


def derive(
    documents: Sequence[Document], wanted: Metric, asked: Asked
) -> tuple[Fact, list[tuple[Target, Reading]]] | None:
    """A metric with a formula, from its printed inputs of one filing; None when one is missing."""
    formula = wanted.formula
    if formula is None:
        return None
    names = formula.inputs
    inputs: list[tuple[Target, Reading]] = []
    for name in names:
        entry = metric(name)
        reading = read_metric(documents, entry, asked)
        if reading is None:
            return None
        inputs.append((Target(entry.id, entry.name, entry), reading))
    if len({reading.document.filing.id for _, reading in inputs}) != 1:
        return None
    first, second = (reading_fact(target, reading) for target, reading in inputs)
    combined = _combine(wanted, first, second)
    return None if combined is None else (combined, inputs)


def _combine(wanted: Metric, first: Fact, second: Fact) -> Fact | None:
    formula = wanted.formula or Formula()
    sign = "÷" if formula.ratio else "−" if formula.difference else "+"
    exact = formula.combine(first.value, second.value)
    if exact is None:
        return None
    value = exact.quantize(Decimal("0.0001"))
    how = f"{first.id} {sign} {second.id}{' × 100' if formula.percent else ''}"
    company = first.label.removesuffix(f" {metric(_first_input(wanted)).name}")
    return Fact(
        id=first.id.replace(_first_input(wanted), wanted.id, 1),
        label=f"{company} {wanted.name}",
        value=value,
        unit=wanted.unit,
        currency="USD" if wanted.unit == "USD" else None,
        as_of=first.as_of,
        source=first.source,
        locator=f"derived: {how}",
        inputs=(first.id, second.id),
    )


def _first_input(wanted: Metric) -> str:
    return wanted.formula.inputs[0] if wanted.formula else ""


def figure_facts(computed: Computed) -> list[Fact]:
    """The figures that a computation rests on, each as printed, in the order of its formula."""
    filing = computed.document.filing
    facts = []
    for figure in computed.figures:
        page = computed.document.blocks[figure.block].page
        facts.append(
            Fact(
                id=f"{filing.id}.table.{figure.block}.{figure.row}.{figure.period.end or figure.period.year}",
                label=f"{filing.company} {figure_name(figure)}",
                value=Decimal(figure.value),
                unit=figure.unit,
                currency="USD" if figure.unit == "USD" else None,
                as_of=as_of(filing, figure.period),
                source=filing.title,
                locator=f"page {page}, row {figure.label!r}, column {figure.column!r}",
                reads=(cell(filing, figure),),
            )
        )
    return facts


def figure_name(figure: Figure) -> str:
    """The figure's label with the heading above it, where there is one: `Japan, Net sales`."""
    return f"{figure.group}, {figure.label}" if figure.group else figure.label


def computed_fact(computed: Computed, facts: Sequence[Fact]) -> Fact | None:
    """What was computed, four decimals at most, money two; None for a pick, whose answer is a printed figure."""
    if computed.value is None:
        return None
    value = computed.value.quantize(Decimal("0.01" if computed.unit == "USD" else "0.0001")).normalize()
    labels = ", ".join(dict.fromkeys(fact.label for fact in facts))
    return Fact(
        id=f"{facts[0].id}.{computed.operation.replace(' ', '-')}",
        label=f"{computed.words} of {labels}",
        value=Decimal(format(value, "f")),
        unit=computed.unit,
        currency="USD" if computed.unit == "USD" else None,
        as_of=", ".join(dict.fromkeys(fact.as_of for fact in facts)),
        source=facts[0].source,
        locator=f"derived: {computed.operation} of {', '.join(fact.id for fact in facts)}",
        inputs=tuple(fact.id for fact in facts),
    )
