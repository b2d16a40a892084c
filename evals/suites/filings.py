"""Filings: questions on SEC documents, by the page found and the number read, without a model.

A case is a question with the pages that hold its answer. Without `--data` our own, on the filings in the box; `--data
FOLDER` takes another store in the form of FinanceBench, `--data FILE` other questions on the box. `page_hit@k`: a
gold page is among the first k pages; `filing_hit@5`: its filing is among theirs; `plain_…`: the same with the
question's hints ("based on the balance sheet") cut; `prose_…`: over the questions that name no line item.
`numeric_accuracy` and `wrong_rate`: of all whose gold is one bare number, within 2.5 % at some power of a thousand;
`abstain_rate`: of the same, nothing said. `verdict_accuracy`, `verdict_wrong_rate`: of all whose gold begins with yes
or no, whether the answer does so too; one that does with neither is silent. `odd_…` and `even_…`: the half of the
companies by a hash of their name, so that rules written on one half are judged on the other. Times are CPU of
retrieval and answer, warm.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.dataset import CASES, CaseResult, SuiteResult, percentile, share, summarise
from evals.filings.dataset import Question, load_filings, load_questions
from evals.numeric import gives_number
from graphs.runtime import Runtime
from rag.answer import Answerer
from rag.chunking import cut_passages
from rag.documents import Document, Finding, Passage
from rag.instructions import strip_instructions
from rag.metrics import find_mentions
from rag.retrieve import Retriever
from rag.words import tokens

DESCRIPTION = "Questions on SEC filings: the right page among the first, the right number read off it or nothing said."
RANKS = (1, 5, 10)
_HITS = (*(f"page_hit@{k}" for k in RANKS), "filing_hit@5")
_NUMBERS = ("numeric_accuracy", "wrong_rate", "abstain_rate")
METRICS = (
    *_HITS,
    *_NUMBERS,
    "p50_ms",
    "p95_ms",
    *(f"{part}_page_hit@{k}" for part in ("plain", "prose", "odd", "even") for k in (5, 10)),
    *(f"{half}_{name}" for half in ("odd", "even") for name in ("numeric_accuracy", "wrong_rate")),
    "verdict_accuracy",
    "verdict_wrong_rate",
    "verdicts",
    "numeric",
    "pages",
)
FILE = CASES / "filings.jsonl"
DEPTH = 60
"""Passages asked for, so that ten pages are among them."""


@dataclass(frozen=True)
class Judged:
    """One question: where its first gold page and filing stand (0 for nowhere), what was said, the CPU it took."""

    question: Question
    rank: int
    plain: int
    filing: int
    said: str
    right: bool
    prose: bool
    verdict: str
    cpu_ms: float


async def run(runtime: Runtime, data: Path | None, progress: Callable[[int], None]) -> SuiteResult:
    """Answers every question. InputError for a folder or file of another form."""
    source = data or FILE
    questions = load_questions(source)
    documents = load_filings(source) if source.is_dir() else [*map(runtime.filings.filing, _ids(runtime))]
    store = Store(documents)
    store.search(questions[0].question)  # the tables of the first search are not the question's time
    store.answerer.answer(questions[0].question)
    judged: list[Judged] = []
    for question in questions:
        judged.append(judge(store, question))
        progress(len(judged))
    return summarise("filings", [_detail(each) for each in judged], measure(judged, store.pages))


def _ids(runtime: Runtime) -> list[str]:
    return [filing.id for filing in runtime.filings.list()]


class Store:
    """Documents with what searches and answers over them."""

    def __init__(self, documents: Sequence[Document]) -> None:
        passages = [passage for document in documents for passage in cut_passages(document)]
        self.retriever, self.answerer = Retriever(documents, passages), Answerer(documents)
        self.pages = sum(document.pages for document in documents)

    def search(self, text: str) -> list[Passage]:
        """The best passages, best first."""
        return self.retriever.search(text, DEPTH)


def judge(store: Store, question: Question) -> Judged:
    """One question asked as it stands, and searched once more with its hints cut."""
    began = time.process_time()
    found = store.search(question.question)
    said = store.answerer.answer(question.question)
    cpu_ms = (time.process_time() - began) * 1000
    plain = store.search(strip_instructions(question.question))
    filings = list(dict.fromkeys(filing for filing, _ in _pages(found)[:5]))
    gold = {filing for filing, _ in question.gold}
    number = headline(said)
    return Judged(
        question=question,
        rank=_first(_pages(found), question),
        plain=_first(_pages(plain), question),
        filing=next((i for i, filing in enumerate(filings, 1) if filing in gold), 0),
        said=number,
        right=bool(number) and question.numeric and gives_number(number, question.answer),
        prose=not find_mentions(tokens(strip_instructions(question.question))),
        verdict=verdict(said),
        cpu_ms=round(cpu_ms, 3),
    )


def verdict(said: Finding) -> str:
    """Yes or No where the answer begins with one of them, else ""."""
    begins = re.match(r"- (Yes|No)\b", said.answer)
    return begins[1] if begins else ""


def headline(said: Finding) -> str:
    """The number that answers: the last one computed, else the last one read; empty when nothing was said."""
    computed = [fact for fact in said.facts if fact.inputs]
    best = (computed or list(said.facts))[-1:]
    if said.abstained or not best:
        return ""
    return f"{best[0].value:f}{'%' if best[0].unit == '%' else ''}"


def _pages(found: Sequence[Passage]) -> list[tuple[str, int]]:
    """Document and page (from zero) of each passage, best first, each once."""
    return list(dict.fromkeys((passage.filing, passage.page - 1) for passage in found))


def _first(pages: Sequence[tuple[str, int]], question: Question) -> int:
    return next((rank for rank, page in enumerate(pages, 1) if page in question.gold), 0)


def measure(judged: Sequence[Judged], pages: int) -> dict[str, float | None]:
    """The metrics; None where there is nothing to measure."""
    halves = {name: [j for j in judged if is_odd(j.question) is (name == "odd")] for name in ("odd", "even")}
    cpu = [each.cpu_ms for each in judged]
    parts = {
        "plain": ([each.plain for each in judged]),
        "prose": [each.rank for each in judged if each.prose],
        **{name: [each.rank for each in half] for name, half in halves.items()},
    }
    numbers = {name: count_numbers(half) for name, half in halves.items()}
    return {
        **{f"page_hit@{k}": _within([each.rank for each in judged], k) for k in RANKS},
        "filing_hit@5": _within([each.filing for each in judged], 5),
        **count_numbers(judged),
        "p50_ms": percentile(cpu, 0.5),
        "p95_ms": percentile(cpu, 0.95),
        **{f"{part}_page_hit@{k}": _within(ranks, k) for part, ranks in parts.items() for k in (5, 10)},
        **{f"{half}_{name}": numbers[half][name] for half in halves for name in ("numeric_accuracy", "wrong_rate")},
        **count_verdicts(judged),
        "numeric": sum(each.question.numeric for each in judged),
        "pages": pages,
    }


def is_odd(question: Question) -> bool:
    """The half of the companies that the question's belongs to."""
    name = (question.company or question.doc_name.split("_")[0]).casefold()
    return hashlib.sha256(name.encode()).digest()[0] % 2 == 1


def count_numbers(judged: Sequence[Judged]) -> dict[str, float | None]:
    """Shares over the questions whose gold is one bare number."""
    asked = [each for each in judged if each.question.numeric]
    right, silent = sum(each.right for each in asked), sum(not each.said for each in asked)
    return {
        "numeric_accuracy": share(right, len(asked)),
        "wrong_rate": share(len(asked) - right - silent, len(asked)),
        "abstain_rate": share(silent, len(asked)),
    }


def count_verdicts(judged: Sequence[Judged]) -> dict[str, float | None]:
    """Shares over the questions whose gold begins with yes or no."""
    asked = [each for each in judged if each.question.verdict]
    right = sum(each.verdict == each.question.verdict for each in asked)
    said = sum(bool(each.verdict) for each in asked)
    return {
        "verdict_accuracy": share(right, len(asked)),
        "verdict_wrong_rate": share(said - right, len(asked)),
        "verdicts": len(asked),
    }


def _within(ranks: Sequence[int], k: int) -> float | None:
    return share(sum(0 < rank <= k for rank in ranks), len(ranks))


def _detail(each: Judged) -> CaseResult:
    """Passed: a gold page among the first five and, for a bare number, the number right."""
    found = 0 < each.rank <= 5
    passed = found and (each.right or not each.question.numeric)
    places = ", ".join(f"{filing} page {page}" for filing, page in sorted(each.question.gold))
    lost = "" if found else f"{places} stands at {each.rank or 'none'}; "
    number = f"said {each.said or 'nothing'}, not {each.question.answer}" if each.question.numeric else ""
    return CaseResult(
        id=each.question.id,
        passed=passed,
        score=1 / each.rank if each.rank else 0.0,
        reason="" if passed else f"{lost}{'' if each.right else number}".strip("; "),
        ms=each.cpu_ms,
        cost_usd=0.0,
    )
