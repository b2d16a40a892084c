"""Answers a question from filings without a model: figures from tables, sentences verbatim.

Each number is a `Fact`; growth and ratios are derived facts whose locator names inputs and
formula. What cannot be shown is an abstention with its reason, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.asked import Asked
from rag.computed import TableReader
from rag.documents import Document, Finding
from rag.draft import Draft, write_absence, write_computed, write_derived, write_line, write_result, write_spoken
from rag.formula.ask import Wanted, read_wanted
from rag.formula.compute import compute, place
from rag.instructions import strip_instructions
from rag.lines import ProductLines
from rag.metrics import Metric
from rag.periods import own_period
from rag.prose import Prose
from rag.query import Clause, Companies, Question, read_question, wants_quarter
from rag.recent import with_years
from rag.spoken import read_spoken
from rag.targets import Target, clause_words, find_targets
from rag.verdict.claim import read_claim
from rag.verdict.judge import judge
from rag.words import tokens
from rag.zero import agrees_on_zero, read_absence

ABSENT = "not in the filing"
LONGEST = 2_000
"""Characters of a question; what it asks for is looked for at every place of it and in every table."""
_COUNTED = re.compile(r"\bhow (?:many|much)\b|\bnumber of\b", re.IGNORECASE)


class Answerer:
    """Answers from a fixed set of documents. Holds sentence tables between questions."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = list(documents)
        self._companies = Companies(document.filing for document in documents)
        self.lines = ProductLines(documents)
        self._prose = {document.filing.id: Prose(document) for document in documents}
        self._tables = {d.filing.id: TableReader(d) for d in documents if d.filing.form.startswith("10-K")}

    def answer(self, text: str) -> Finding:
        """The finding for the question; never raises for a question it cannot answer, such as one that is too long."""
        if len(text) > LONGEST:
            return _abstain(f"the question has {len(text):,} characters; ask for a figure in under {LONGEST:,}")
        text = with_years(text, self._documents, self._companies)
        named = self._companies.find(text)[0]
        text = self.lines.complete(text, named[0] if named else "") if len(named) < 2 else text
        question = read_question(text, self._companies)
        if not question.clauses:
            return _abstain("the question names no figure or topic to look for")
        if not question.companies:
            names = ", ".join(dict.fromkeys(d.filing.company for d in self._documents))
            return _abstain(f"no company of the filings here is named; there are filings of {names or 'none'}")
        draft = Draft()
        if self._judge(draft, text, question):
            return _finding(draft, [])
        wanted = None if question.unsuited else read_wanted(question.text, self._companies)
        if wanted is not None and not wanted.printed:
            self._formula(draft, question, wanted)
        if draft.lines:
            return _finding(draft, [])
        self._printed(draft, question, wanted)
        if not draft.lines:
            self._compute(draft, question)
        if not draft.lines and wanted is not None:
            self._formula(draft, question, wanted)
        if not draft.lines:
            return _abstain(f"{_of(question)}{'; '.join(draft.missing) or 'nothing in these filings speaks of it'}")
        return _finding(draft, draft.missing)

    def _judge(self, draft: Draft, text: str, question: Question) -> bool:
        """A question of yes or no, from figures; false for another question and where a figure is missing."""
        claim = None if question.unsuited else read_claim(strip_instructions(text), self._companies)
        if claim is None:
            return False
        documents = [d for d in self._documents if d.filing.company == claim.side.company and _of_form(d, question)]
        latest = _latest(question, documents)
        asked = tuple(_dated(period, latest) for period in claim.periods) or (latest,)
        return judge(draft, claim, asked, lambda period: place(period, documents), self._figures_of)

    def _figures_of(self, text: str) -> Draft:
        """The figures that a question asks for, without sentences."""
        question, draft = read_question(text, self._companies), Draft()
        wanted = read_wanted(text, self._companies)
        if wanted is not None and not wanted.printed:
            self._formula(draft, question, wanted)
        if not draft.lines:
            self._each_company(draft, question)
        if not draft.lines and wanted is not None:
            self._formula(draft, question, wanted)
        return draft

    def _each_company(self, draft: Draft, question: Question) -> list[tuple[Clause, list[Document]]]:
        """Printed figures of every company that is named; the clauses that are left, with where to look for them."""
        pending: list[tuple[Clause, list[Document]]] = []
        for company in question.companies:
            documents = [d for d in self._documents if d.filing.company == company and _of_form(d, question)]
            pending += [(clause, documents) for clause in self._figures(draft, question, documents)]
        return pending

    def _printed(self, draft: Draft, question: Question, wanted: Wanted | None) -> None:
        """Printed figures, then what is wanted over several years, then sentences for what is left."""
        pending = self._each_company(draft, question)
        if not draft.lines and wanted is not None and wanted.over:
            self._formula(draft, question, wanted)
            if draft.lines:
                return
        if not draft.lines and self._spoken(draft, question):
            return
        for clause, documents in pending:
            self._sentences(draft, question, clause, documents)

    def _formula(self, draft: Draft, question: Question, wanted: Wanted) -> None:
        """What the question defines or names as a formula, for every company it names."""
        for company in question.companies:
            documents = [d for d in self._documents if d.filing.company == company and _of_form(d, question)]
            for result in compute(wanted, documents, company):
                write_result(draft, result)

    def _figures(self, draft: Draft, question: Question, documents: Sequence[Document]) -> list[Clause]:
        """Writes the figures of a company; the clauses whose prose should be looked for instead."""
        topic: Metric | None = None
        pending: list[Clause] = []
        latest = _latest(question, documents)
        asked = tuple(_dated(period, latest) for period in question.periods) or (latest,)
        if question.growth:
            asked = tuple(place(period, documents) or period for period in asked)
        for clause in question.clauses:
            topic = clause.mentions[0].metric if clause.mentions else topic
            if question.unsuited or not _write_figures(draft, question, clause, documents, asked, topic):
                pending.append(clause)
        return pending

    def _compute(self, draft: Draft, question: Question) -> None:
        """What one table of the latest annual report gives when it is asked to be averaged, added up or compared."""
        if question.unsuited or len(question.companies) != 1 or any(p.quarter or p.date for p in question.periods):
            return
        reports = [d for d in self._documents if d.filing.company == question.companies[0] and _of_form(d, question)]
        named = self._companies.find(question.text)[1]
        for document in sorted(reports, key=lambda d: str(d.filing.period_end), reverse=True):
            reader = self._tables.get(document.filing.id)
            computed = reader.compute(question, named) if reader else None
            if computed is not None:
                draft.missing.clear()
                write_computed(draft, computed)
                return

    def _spoken(self, draft: Draft, question: Question) -> bool:
        """An amount that a sentence gives for exactly what is asked; false without one."""
        if question.unsuited or question.prose or question.growth or len(question.periods) > 1:
            return False
        if len(question.clauses) != 1 or len(question.companies) != 1:
            return False
        clause = question.clauses[0]
        documents = [d for d in self._documents if d.filing.company == question.companies[0] and _of_form(d, question)]
        latest = _latest(question, documents)
        asked = _dated(question.periods[0], latest) if question.periods else latest
        proses = [self._prose[d.filing.id] for d in documents if _covers(d, question)]
        spoken = read_spoken(proses, clause_words(clause), tokens(clause.text), asked)
        if spoken is not None:
            draft.missing.clear()
            write_spoken(draft, spoken, asked.words)
        return spoken is not None

    def _sentences(self, draft: Draft, question: Question, clause: Clause, documents: Sequence[Document]) -> None:
        words = clause_words(clause)
        strict = bool(clause.mentions and clause.rest) and not question.prose
        counted = strict or bool(_COUNTED.search(clause.text))
        best: list[tuple[float, Document, int, int]] = []
        for document in documents:
            if _covers(document, question):
                found = self._prose[document.filing.id].best(words, question.years, counted, strict)
                best.extend((score, document, sentence.start, sentence.end) for score, sentence in found)
        best.sort(key=lambda item: -item[0])
        if not best:
            draft.lack(f"nothing there speaks of {' '.join(clause.text.split())!r}")
        for score, document, start, end in best[: 1 if counted else 2]:
            if score >= best[0][0] - 0.05:
                citation = draft.cite(document, start, end)
                draft.lines.append(f"> {citation.quote}\n> — {citation.document}, page {citation.page}")


def _of_form(document: Document, question: Question) -> bool:
    return not question.form or document.filing.form.startswith(question.form)


def _latest(question: Question, documents: Sequence[Document]) -> Asked:
    reports = [d.filing for d in documents if d.filing.fiscal_year is not None and d.figures]
    if wants_quarter(question.text):
        reports = [filing for filing in reports if filing.fiscal_period.startswith("Q")] or reports
    return own_period(max(reports, key=lambda filing: str(filing.period_end))) if reports else Asked()


def _dated(asked: Asked, latest: Asked) -> Asked:
    """A quarter named without a year is the latest year's."""
    if asked.quarter and asked.year is None and not asked.date:
        return Asked(latest.year, asked.quarter, months=asked.months)
    return asked


def _write_figures(
    draft: Draft,
    question: Question,
    clause: Clause,
    documents: Sequence[Document],
    asked: Sequence[Asked],
    topic: Metric | None,
) -> bool:
    """Adds lines for the clause's figures; false when its prose should be looked for instead."""
    done = False
    periods = _with_prior(asked) if question.growth or clause.how_did else list(asked)
    for target in find_targets(clause, topic, documents):
        readings = [(period, target.read(documents, period)) for period in periods]
        found = [reading for _, reading in readings if reading]
        if any(reading for period, reading in readings if period in asked):
            lost = [period.words for period, reading in readings if period in asked and not reading]
            if lost:
                draft.lack(f"{target.name} for {' and '.join(lost)}")
            write_line(draft, target, found)
            done = True
        elif write_derived(draft, target, documents, asked) or _write_absences(
            draft, question, target, documents, asked
        ):
            done = True
        elif not clause.rest and not question.prose:
            draft.lack(_absent(target, documents, asked))
            done = True
    return done


def _write_absences(
    draft: Draft, question: Question, target: Target, documents: Sequence[Document], asked: Sequence[Asked]
) -> bool:
    """Adds a line of zero for each period whose statement has no such row, where the question counts that as zero."""
    lines = target.metric if target.metric and target.metric.rows and not target.part else None
    zero = lines if agrees_on_zero(question.text) else None
    found = [read_absence(documents, zero, period) for period in asked] if zero else []
    known = [absence for absence in found if absence is not None]
    for absence in known if len(known) == len(found) else []:
        write_absence(draft, target, absence)
    return bool(known) and len(known) == len(found)


def _with_prior(asked: Sequence[Asked]) -> list[Asked]:
    """One period asked about with "grow" needs the year before."""
    if len(asked) != 1 or asked[0].year is None:
        return list(asked)
    only = asked[0]
    return [Asked((only.year or 0) - 1, only.quarter, only.date, only.months), only]


def _covers(document: Document, question: Question) -> bool:
    """Whether the years asked about are ones the filing can speak of."""
    own = document.filing.fiscal_year or (document.filing.period_end.year if document.filing.period_end else None)
    return all(own is not None and own - 3 <= year <= own + 1 for year in question.years)


def _absent(target: Target, documents: Sequence[Document], asked: Sequence[Asked]) -> str:
    periods = " and ".join(period.words for period in asked)
    held = ", ".join(d.filing.title for d in documents if d.figures)
    return f"{target.name} for {periods}; the figures here come from {held or 'no filing'}"


def _finding(draft: Draft, missing: Sequence[str]) -> Finding:
    lines = [*draft.lines, *(f"{ABSENT.capitalize()}: {what}." for what in missing)]
    return Finding("\n".join(lines), tuple(draft.facts.values()), tuple(draft.citations.values()))


def _of(question: Question) -> str:
    """The companies asked about, before what is missing of them."""
    return f"{', '.join(question.companies)}: " if question.companies else ""


def _abstain(reason: str) -> Finding:
    return Finding("", abstained=True, reason=reason)
