"""Knowledge: whether a general question gets the entry that answers it, and nothing when no entry does.

A case is `{id, input, target: [entry id…]}`; an empty target means that no entry covers it. `entry_hit@1`
and `entry_hit@3`: search alone, over the covered; `right_rate`: the answer, through the whole graph, cites
a wanted entry, over the covered; `wrong_rate`: it cites another one, over all; `abstain_rate`: it cites
none, over the covered; `refrain_rate`: it cites none, over the not covered; `claimed_rate`: share of the
shipped routing cases for other agents that the knowledge base would take from them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agents.general import is_general
from agents.request import check_question, read_request
from desk.errors import InputError, TenorError
from evals.dataset import CASES, CaseResult, NamedCase, SuiteResult, percentile, read_cases, share, summarise, wilson
from evals.suites.routing import FILE as ROUTING
from evals.suites.routing import load_routing_cases
from graphs.runtime import Runtime
from rag.knowledge.entries import Entries
from tools.knowledge import PREFIX

DESCRIPTION = "General questions in strangers' words: the right entry of the knowledge base, or none."
METRICS = (
    "entry_hit@1",
    "entry_hit@3",
    "right_rate",
    "right_low",
    "right_high",
    "wrong_rate",
    "abstain_rate",
    "refrain_rate",
    "claimed_rate",
    "p50_cpu_ms",
    "p99_cpu_ms",
)
FILE = CASES / "knowledge.jsonl"
ASKER = "customer"
TAKES = frozenset({"customer_query"})
"""Agents whose routing cases a general question may be among."""


@dataclass(frozen=True)
class Judged:
    """One case: what search found, best first, what the answer cited, and the search's cost."""

    case: NamedCase
    found: tuple[str, ...]
    cited: str
    fault: str
    cpu_ms: float
    ms: float

    @property
    def right(self) -> bool:
        """A wanted entry is cited, or none when none is wanted."""
        return not self.fault and (self.cited in self.case.target if self.case.target else not self.cited)


def load_knowledge_cases(path: Path, entries: Entries) -> list[NamedCase]:
    """Reads the cases. InputError names the file and line that is wrong, or an entry that does not exist."""

    def check(case: NamedCase) -> None:
        check_question(case.input)
        if missing := [id for id in case.target if id not in entries.by_id]:
            raise InputError(f"there is no entry {missing[0]!r}")

    return read_cases(path, NamedCase, check)


async def run(runtime: Runtime, data: Path | None, progress: Callable[[int], None]) -> SuiteResult:
    """Asks every case of the whole system, as a customer."""
    cases = load_knowledge_cases(data or FILE, runtime.knowledge.entries)
    runtime.knowledge.find(cases[0].input)
    judged = []
    for number, case in enumerate(cases, 1):
        judged.append(await _judge(runtime, case))
        progress(number)
    metrics = {**measure(judged), "claimed_rate": _claimed(runtime)}
    return summarise("knowledge", [_detail(each) for each in judged], metrics)


async def _judge(runtime: Runtime, case: NamedCase) -> Judged:
    began = time.process_time()
    found = tuple(match.entry.id for match in runtime.knowledge.find(case.input).matches)
    cpu, asked = (time.process_time() - began) * 1000, time.perf_counter()
    cited, fault = "", ""
    try:
        answer = await runtime.ask(case.input, runtime.desk.people.get(ASKER))
        cited = cited_entry(answer)
    except TenorError as error:
        fault = f"{error.code}: {error.message}"
    return Judged(case, found, cited, fault, cpu, round((time.perf_counter() - asked) * 1000, 1))


def cited_entry(answer: dict[str, object]) -> str:
    """The id of the entry that an answer cites, "" for none."""
    citations = answer["citations"]
    places = [str(c["filing"]) for c in citations if isinstance(c, dict)] if isinstance(citations, list) else []
    return next((p.partition(":")[2].partition("@")[0] for p in places if p.startswith(f"{PREFIX}:")), "")


def measure(judged: list[Judged]) -> dict[str, float | None]:
    """The metrics of cases; a share of nothing is None."""
    covered = [each for each in judged if each.case.target]
    others = [each for each in judged if not each.case.target]
    right = sum(each.right for each in covered)
    low, high = wilson(right, len(covered))
    cpu = [each.cpu_ms for each in judged]
    first = sum(bool(set(each.found[:1]) & set(each.case.target)) for each in covered)
    return {
        "entry_hit@1": share(first, len(covered)),
        "entry_hit@3": share(sum(bool(set(each.found) & set(each.case.target)) for each in covered), len(covered)),
        "right_rate": share(right, len(covered)),
        "right_low": round(low, 4),
        "right_high": round(high, 4),
        "wrong_rate": share(sum(bool(each.cited) and not each.right for each in judged), len(judged)),
        "abstain_rate": share(sum(not each.cited for each in covered), len(covered)),
        "refrain_rate": share(sum(not each.cited for each in others), len(others)),
        "p50_cpu_ms": percentile(cpu, 0.5),
        "p99_cpu_ms": percentile(cpu, 0.99),
    }


def _claimed(runtime: Runtime) -> float | None:
    """See the module; of the routing cases that name no customer_query."""
    cases = [case for case in load_routing_cases(ROUTING) if not TAKES & set(case.target)]
    instruments = runtime.desk.feed.instruments
    general = [case for case in cases if is_general(read_request(case.input, instruments))]
    return share(sum(runtime.knowledge.find(case.input).fit == "sure" for case in general), len(cases))


def _detail(each: Judged) -> CaseResult:
    wanted = " or ".join(each.case.target) or "no entry"
    reason = "" if each.right else each.fault or f"cited {each.cited or 'no entry'}, not {wanted}"
    return CaseResult(
        id=each.case.id, passed=each.right, score=float(each.right), reason=reason, ms=each.ms, cost_usd=0.0
    )
