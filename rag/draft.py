"""An answer in the making: its lines with slots for numbers, the facts behind them, and what they were read from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from desk.facts import Fact
from rag.asked import Asked
from rag.computed import Computed
from rag.documents import Citation, Document
from rag.figures import change_fact, computed_fact, derive, figure_facts, figure_name, reading_fact
from rag.formula.compute import Result
from rag.lookup import Reading
from rag.periods import name_period
from rag.spoken import Spoken
from rag.targets import Target
from rag.zero import Absence


@dataclass
class Draft:
    """Lines of Markdown, facts by id, citations by place, and what could not be found."""

    lines: list[str] = field(default_factory=list)
    facts: dict[str, Fact] = field(default_factory=dict)
    citations: dict[tuple[str, int], Citation] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def add(self, fact: Fact) -> str:
        """The slot of a fact, which is kept once."""
        self.facts.setdefault(fact.id, fact)
        return f"{{{{f:{fact.id}}}}}"

    def cite(self, document: Document, start: int, end: int) -> Citation:
        """The citation of a place, which is kept once."""
        return self.citations.setdefault((document.filing.id, start), cite(document, start, end))

    def lack(self, what: str) -> None:
        """Notes once what is missing."""
        if what not in self.missing:
            self.missing.append(what)


def cite(document: Document, start: int, end: int) -> Citation:
    """The citation of `[start, end)` of the document."""
    block = document.block_at(start)
    return Citation(
        document=document.filing.title,
        filing=document.filing.id,
        page=block.page if block else 1,
        section=document.section_path(start),
        quote=document.text[start:end],
        start=start,
        end=end,
    )


def write_line(draft: Draft, target: Target, found: list[Reading]) -> None:
    """A printed figure over its periods, with the change from the first to the last."""
    found = sorted(found, key=lambda reading: reading.figure.period.end or str(reading.figure.period.year))
    facts = [reading_fact(target, reading) for reading in found]
    shown: list[str] = []
    for reading, fact in zip(found, facts, strict=True):
        shown.append(f"{draft.add(fact)} ({name_period(reading.document.filing, reading.figure.period)})")
        draft.cite(reading.document, reading.figure.start, reading.figure.end)
    growth = change_fact(facts)
    tail = f"; change {draft.add(growth)}" if growth else ""
    draft.lines.append(f"- {found[0].document.filing.company}, {found[0].name}: {', '.join(shown)}{tail}")


def write_derived(draft: Draft, target: Target, documents: Sequence[Document], asked: Sequence[Asked]) -> bool:
    """A metric's own formula over printed figures, a line for each period; false when none can be computed."""
    if target.metric is None or target.part or target.also:
        return False
    done = False
    for period in asked:
        result = derive(documents, target.metric, period)
        if result is None:
            continue
        fact, inputs = result
        from_words = []
        for part, reading in inputs:
            from_words.append(f"{part.name} {draft.add(reading_fact(part, reading))}")
            draft.cite(reading.document, reading.figure.start, reading.figure.end)
        document, figure = inputs[0][1].document, inputs[0][1].figure
        when = name_period(document.filing, figure.period)
        draft.lines.append(
            f"- {document.filing.company}, {target.name}: {draft.add(fact)} ({when}), from {' and '.join(from_words)}"
        )
        done = True
    return done


def write_absence(draft: Draft, target: Target, absence: Absence) -> None:
    """A line of zero where a statement has no such row."""
    filing = absence.document.filing
    draft.cite(absence.document, absence.block.start, absence.block.end)
    draft.lines.append(
        f"- {filing.company}, {target.name}: {draft.add(absence.fact)} ({absence.fact.as_of.partition(' (')[0]}); "
        "its statement prints no such line, which the question counts as zero"
    )


def write_result(draft: Draft, result: Result) -> None:
    """A computed figure with the printed ones it comes from."""
    shown = []
    for part in result.parts:
        when = name_period(part.reading.document.filing, part.reading.figure.period)
        shown.append(f"{part.reading.name} {draft.add(part.fact)} ({when})")
        draft.cite(part.reading.document, part.reading.figure.start, part.reading.figure.end)
    slot, fact = draft.add(result.fact), result.fact
    formula = result.formula.replace("365", "days of the year")
    shape = f" = {formula}" if formula and not re.search(r"\d", formula) else ""  # a numeral must stand in a slot
    draft.lines.append(f"- {fact.label}: {slot} ({fact.as_of}){shape}, from {', '.join(shown)}")


def write_spoken(draft: Draft, spoken: Spoken, when: str) -> None:
    """An amount of a sentence, and the sentence."""
    filing = spoken.document.filing
    citation = draft.cite(spoken.document, spoken.sentence.start, spoken.sentence.end)
    key = ".".join(word for word in spoken.label.casefold().split() if word.isalnum())
    fact = Fact(
        id=f"{filing.id}.sentence.{spoken.sentence.start}.{key}.{when.replace(' ', '-').replace(',', '')}",
        label=f"{filing.company} {spoken.label}",
        value=spoken.value,
        unit="USD",
        currency="USD",
        as_of=when,
        source=filing.title,
        locator=f"page {citation.page}, sentence {citation.quote!r}",
    )
    draft.lines.append(f"- {filing.company}, {spoken.label}: {draft.add(fact)} ({when})")
    draft.lines.append(f"> {citation.quote}\n> — {citation.document}, page {citation.page}")


def write_computed(draft: Draft, computed: Computed) -> None:
    """What one table gives when it is averaged, added up or compared."""
    filing = computed.document.filing
    facts = figure_facts(computed)
    for figure in computed.figures:
        draft.cite(computed.document, figure.start, figure.end)
    shown = [
        f"{figure_name(figure)} {draft.add(fact)} ({name_period(filing, figure.period)})"
        for figure, fact in zip(computed.figures, facts, strict=True)
    ]
    derived = computed_fact(computed, facts)
    if derived is None:
        which = computed.operation.partition(" the ")[2]
        draft.lines.append(f"- {filing.company}, {which}: {shown[0]}; others: {', '.join(shown[1:])}")
    else:
        draft.lines.append(f"- {filing.company}, {computed.words}: {draft.add(derived)}, from {' and '.join(shown)}")
