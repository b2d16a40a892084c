"""Finds passages for a question: a soft prior on the filing, BM25 widened by the metric table,
the statement and row a metric stands in, and vectors when they are ready.

Rankings are joined by reciprocal rank (Cormack, Clarke & Büttcher 2009). Vectors only join when
no metric was recognised: on statement questions they lose more than they find.
"""

from __future__ import annotations

from bisect import bisect_right
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
from rag.query import Companies, Question, read_question
from rag.words import question_words, search_tokens, stem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_RANK_OFFSET = 60
_STATEMENT_BONUS = 0.9
_ROW_BONUS = 0.6
_HINT_BONUS = 0.4
_TOPICS: tuple[tuple[str, str], ...] = (
    ("risk", "risk factors"),
    ("legal", "legal proceedings litigation"),
    ("lawsuit", "legal proceedings litigation"),
    ("employe", "human capital employees full-time equivalent"),
    ("competitor", "competition competitive markets"),
    ("acquisition", "business combinations acquisitions purchase price"),
    ("dividend", "dividends declared per share"),
    ("debt", "notes payable term debt senior notes"),
    ("tax", "provision for income taxes effective tax rate"),
    ("segment", "segment information reportable segment net sales operating income"),
    ("driver", "increase due primarily results of operations"),
    ("liquidity", "liquidity and capital resources"),
)


class Retriever:
    """Search over fixed documents and their passages."""

    def __init__(self, documents: Sequence[Document], passages: Sequence[Passage]) -> None:
        self._documents = {document.filing.id: document for document in documents}
        self.passages = list(passages)
        self._row = {passage.id: i for i, passage in enumerate(self.passages)}
        self._companies = Companies(document.filing for document in documents)
        self._lexical = LexicalIndex([passage_words(passage) for passage in self.passages])
        self._spans = self._figure_rows()

    def search(self, text: str, k: int, near: Sequence[Near] = ()) -> list[Passage]:
        """The `k` best passages with their scores, best first. `near` are the vectors' ranking."""
        import numpy as np

        if not self.passages:
            return []
        question = read_question(text, self._companies)
        metrics = _needed(question, self._companies)
        scores = self._lexical.scores(_query_words(question, metrics))
        scores = scores / max(float(scores.max()), 1e-6)
        scores = scores + self._metric_bonus(metrics) + self._hint_bonus(question) + self._filing_prior(question)
        order = np.argsort(-scores, kind="stable")
        if near and not metrics:
            return self._fuse([int(i) for i in order[:200]], near, k)
        return [replace(self.passages[int(i)], score=round(float(scores[int(i)]), 4)) for i in order[:k]]

    def _fuse(self, order: Sequence[int], near: Sequence[Near], k: int) -> list[Passage]:
        points: dict[int, float] = {}
        for ranking in (order, [self._row[hit.id] for hit in near if hit.id in self._row]):
            for rank, row in enumerate(ranking):
                points[row] = points.get(row, 0.0) + 1.0 / (_RANK_OFFSET + rank)
        best = sorted(points, key=lambda row: -points[row])[:k]
        return [replace(self.passages[row], score=round(points[row], 5)) for row in best]

    def _metric_bonus(self, metrics: Sequence[Metric]) -> NDArray[np.float32]:
        """The most (not the sum) that one needed metric gives a passage."""
        import numpy as np

        bonus = np.zeros(len(self.passages), dtype=np.float32)
        for entry in metrics:
            for i, passage in enumerate(self.passages):
                statement = _STATEMENT_BONUS if passage.statement and passage.statement == entry.statement else 0.0
                if statement or passage.id in self._spans.get(entry.id, frozenset()):
                    row = _ROW_BONUS if passage.id in self._spans.get(entry.id, frozenset()) else 0.0
                    bonus[i] = max(bonus[i], statement + row)
        return bonus

    def _hint_bonus(self, question: Question) -> NDArray[np.float32]:
        """A nudge to the statements that the question names as its basis."""
        import numpy as np

        hinted = [_HINT_BONUS if passage.statement in question.statements else 0.0 for passage in self.passages]
        return np.array(hinted, dtype=np.float32)

    def _figure_rows(self) -> dict[str, frozenset[str]]:
        """For each metric, the passages that hold a row of it."""
        from rag.metrics import load_metrics

        found: dict[str, set[str]] = {}
        named: dict[tuple[str, str], list[str]] = {}
        starts: dict[str, list[Passage]] = {}
        for passage in self.passages:
            starts.setdefault(passage.filing, []).append(passage)
        for id, document in self._documents.items():
            passages = starts.get(id, [])
            offsets = [passage.start for passage in passages]
            for figure in document.figures:
                key = (figure.label, figure.group)
                if key not in named:
                    named[key] = [entry.id for entry in load_metrics() if entry.rank(figure) is not None]
                at = bisect_right(offsets, figure.start) - 1
                for entry_id in named[key]:
                    found.setdefault(entry_id, set()).add(passages[at].id)
        return {id: frozenset(ids) for id, ids in found.items()}

    def _filing_prior(self, question: Question) -> NDArray[np.float32]:
        import numpy as np

        value = {id: _filing_score(document, question) for id, document in self._documents.items()}
        best = max(value.values(), default=0.0)
        return np.array([1.5 * (value[passage.filing] - best) for passage in self.passages], dtype=np.float32)


def _filing_score(document: Document, question: Question) -> float:
    filing, score = document.filing, 0.0
    if question.companies:
        score += 3.0 if filing.company in question.companies else 0.0
    if question.released:
        score += 0.35 if filing.form not in {"10-K", "10-Q"} else 0.0
    if question.form:
        score += 0.4 if filing.form.startswith(question.form) else 0.0
    years = question.years
    own = filing.fiscal_year or (filing.period_end.year if filing.period_end else None)
    if years and own:
        gap = abs(own - max(years))
        score += 1.0 if gap == 0 else 0.5 if gap == 1 else 0.0
    quarters = {period.quarter for period in question.periods if period.quarter}
    if quarters:
        score += 0.4 if filing.fiscal_period in quarters else 0.0
    elif years and not question.form:
        score += 0.3 if filing.fiscal_period == "FY" else 0.0
    return score


def _needed(question: Question, companies: Companies) -> list[Metric]:
    """The metrics named, formulas opened into their inputs; those of a formula that the question defines or names."""
    wanted = read_wanted(question.text, companies)
    found = {item.metric.id: item.metric for item in items(wanted.formula)} if wanted else {}
    if found:
        return list(found.values())
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
    topics = [word for key, text in _TOPICS if key in words for word in search_tokens(text)]
    return [*words, *words, *row_words(metrics), *topics]
