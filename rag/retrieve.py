"""Finds passages for a question: a soft prior on the filing, BM25 widened by the metric table,
the statement and row a metric stands in, and vectors when they are ready.

Rankings are joined by reciprocal rank (Cormack, Clarke & Büttcher 2009). Vectors only join when
no metric was recognised: on statement questions they lose more than they find.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rag.documents import Document, Passage
from rag.formula.ask import read_wanted
from rag.formula.tree import items
from rag.index import Near
from rag.instructions import strip_instructions
from rag.lexical import LexicalIndex, passage_words
from rag.metrics import Metric, metric, row_words
from rag.places import Places
from rag.query import Companies, Question, read_question
from rag.topics import is_segmented, topic_words
from rag.words import question_words, search_tokens, stem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_RANK_OFFSET = 60
_STATEMENT_BONUS = 0.9
_ROW_BONUS = 0.6
_HINT_BONUS = 0.4
_LATEST = 0.4
_SEGMENT_BONUS = 0.35


class Retriever:
    """Search over fixed documents and their passages."""

    def __init__(self, documents: Sequence[Document], passages: Sequence[Passage]) -> None:
        self._documents = {document.filing.id: document for document in documents}
        self.passages = list(passages)
        self._row = {passage.id: i for i, passage in enumerate(self.passages)}
        self._companies = Companies(document.filing for document in documents)
        self._lexical = LexicalIndex([passage_words(passage) for passage in self.passages])
        self._places = Places(documents, self.passages)
        annual = sorted(
            (d.filing for d in documents if d.filing.form.startswith("10-K")), key=lambda f: str(f.period_end)
        )
        self._latest = frozenset({filing.company: filing.id for filing in annual}.values())

    def search(self, text: str, k: int, near: Sequence[Near] = ()) -> list[Passage]:
        """The `k` best passages with their scores, best first. `near` are the vectors' ranking."""
        import numpy as np

        if not self.passages:
            return []
        question = read_question(text, self._companies)
        metrics = _needed(question, self._companies)
        value = {id: self._filing_score(document, question) for id, document in self._documents.items()}
        rows = self._places.rows(value, k)
        found = self._lexical.scores(_query_words(question, metrics))[rows]
        scores = found / max(float(found.max()), 1e-6) + self._places.prior(value, rows)
        segmented = is_segmented(question.text)
        scores = scores + self._metric_bonus(metrics, rows, 0.0 if segmented else _STATEMENT_BONUS)
        for kind in question.statements:
            scores = scores + _HINT_BONUS * self._places.stands(kind)[rows]
        if segmented:
            scores = scores + _SEGMENT_BONUS * self._places.segments[rows]
        order = np.argsort(-scores, kind="stable")
        best = rows[order]
        if near and not metrics:
            return self._fuse([int(i) for i in best[:200]], near, k)
        ranked = zip(best[:k], scores[order[:k]], strict=True)
        return [replace(self.passages[int(i)], score=round(float(score), 4)) for i, score in ranked]

    def _fuse(self, order: Sequence[int], near: Sequence[Near], k: int) -> list[Passage]:
        points: dict[int, float] = {}
        for ranking in (order, [self._row[hit.id] for hit in near if hit.id in self._row]):
            for rank, row in enumerate(ranking):
                points[row] = points.get(row, 0.0) + 1.0 / (_RANK_OFFSET + rank)
        best = sorted(points, key=lambda row: -points[row])[:k]
        return [replace(self.passages[row], score=round(points[row], 5)) for row in best]

    def _filing_score(self, document: Document, question: Question) -> float:
        """What the filing's metadata say for it; without a year or a form, the latest annual report comes first."""
        timed = question.periods or question.form
        latest = 0.0 if timed or document.filing.id not in self._latest else _LATEST
        return _filing_score(document, question) + latest

    def _metric_bonus(self, metrics: Sequence[Metric], rows: NDArray[np.intp], statement: float) -> NDArray[np.float32]:
        """The most (not the sum) that one needed metric gives a passage."""
        import numpy as np

        bonus = np.zeros(len(rows), dtype=np.float32)
        for entry in metrics:
            stands = self._places.stands(entry.statement)[rows] if entry.statement else 0.0
            held = self._places.holds(entry.id)[rows]
            bonus = np.maximum(bonus, statement * stands + _ROW_BONUS * held)
        return bonus


def _filing_score(document: Document, question: Question) -> float:
    filing, score = document.filing, 0.0
    if question.companies:
        score += 3.0 if filing.company in question.companies else 0.0
    if question.released:
        score += 0.8 if filing.form not in {"10-K", "10-Q"} else 0.0
    if question.owned:
        score += 0.8 if filing.form.partition("/")[0] in {"3", "4", "5", "144", "13F-HR"} else 0.0
    if question.form:
        score += 0.4 if filing.form.startswith(question.form) else 0.0
    dates = [period.date for period in question.periods if period.date]
    score += 0.6 if any(str(filing.period_end).startswith(day) for day in dates) else 0.0
    years = question.years
    own = filing.fiscal_year or (filing.period_end.year if filing.period_end else None)
    if years and own:
        gap = abs(own - max(years))
        score += 1.0 if gap == 0 else 0.5 if gap == 1 else 0.0
    quarters = {period.quarter for period in question.periods if period.quarter}
    if quarters:
        score += 0.6 if filing.fiscal_period in quarters else 0.0
    elif {period.months for period in question.periods} & {6, 9} and not question.form:
        score += 0.5 if filing.form == "10-Q" else 0.0
    elif years and not question.form:
        score += 0.3 if filing.fiscal_period == "FY" else 0.0
    return score


def _needed(question: Question, companies: Companies) -> list[Metric]:
    """The metrics named, formulas opened into their inputs; those of a formula that the question defines or names."""
    wanted = read_wanted(question.text, companies)
    targets = [item.target for item in items(wanted.formula)] if wanted else []
    found = {target.metric.id: target.metric for target in targets if target.metric and not target.part}
    if targets and all(target.metric and not target.part for target in targets):
        return list(found.values())
    found = {}
    for clause in question.clauses:
        for mention in clause.mentions:
            formula = mention.metric.formula
            parts = formula.inputs if formula else ()
            for entry in [metric(part) for part in parts] or [mention.metric]:
                found.setdefault(entry.id, entry)
    return list(found.values())


def _query_words(question: Question, metrics: Sequence[Metric]) -> list[str]:
    ignored = question_words()
    named = {stem(word) for company in question.companies for word in search_tokens(company)}
    words = [
        word for word in search_tokens(strip_instructions(question.text)) if word not in ignored and word not in named
    ]
    return [*words, *words, *row_words(metrics), *topic_words(question.text)]
