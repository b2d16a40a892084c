"""Knowledge: whether a general question gets the entry that answers it, and nothing when no entry does.

A case is `{id, input, target: [entry id…]}`; an empty target means that no entry covers it. `entry_hit@1`
and `entry_hit@3`: search alone, over the covered; `right_rate`: the answer, through the whole graph, cites
a wanted entry, over the covered; `wrong_rate`: it cites another one, over all; `abstain_rate`: it cites
none, over the covered; `refrain_rate`: it cites none, over the not covered; `claimed_rate`: share of the
shipped routing cases for other agents that the knowledge base would take from them.
"""

from __future__ import annotations

import time
from pathlib import Path

from agents.general import is_general
from agents.request import check_question, read_request
from desk.errors import InputError, TenorError
from evals.dataset import CASES, CaseResult, NamedCase, number, percentile, read_cases, share, wilson
from evals.stepwise import ByCase
from evals.suites.routing import FILE as ROUTING
from evals.suites.routing import load_routing_cases
from evals.trace import read_trace, was_late
from graphs.runtime import Runtime
from rag.knowledge.entries import Entries
from tools.knowledge import PREFIX, SURELY

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


def load_knowledge_cases(path: Path, entries: Entries) -> list[NamedCase]:
    """Reads the cases. InputError names the file and line that is wrong, or an entry that does not exist."""

    def check(case: NamedCase) -> None:
        check_question(case.input)
        if missing := [id for id in case.target if id not in entries.by_id]:
            raise InputError(f"there is no entry {missing[0]!r}")

    return read_cases(path, NamedCase, check)


def _load(runtime: Runtime, data: Path | None) -> list[NamedCase]:
    return load_knowledge_cases(data or FILE, runtime.knowledge.entries)


async def _warm(runtime: Runtime, cases: list[NamedCase]) -> None:
    """Reads what no case's time should hold."""
    runtime.knowledge.find(cases[0].input)


async def _judge(runtime: Runtime, case: NamedCase) -> CaseResult:
    """Asks the whole system, as a customer: right when a wanted entry is cited, or none when none is wanted."""
    began = time.process_time()
    found = tuple(match.entry.id for match in runtime.knowledge.find(case.input).matches)
    cpu, asked = (time.process_time() - began) * 1000, time.perf_counter()
    cited, fault, cost, answer = "", "", 0.0, None
    try:
        answer = await runtime.ask(case.input, runtime.desk.people.get(ASKER))
        cited, cost = cited_entry(answer), float(str(answer["cost_usd"]))
    except TenorError as error:
        fault = f"{error.code}: {error.message}"
    ms = round((time.perf_counter() - asked) * 1000, 1)
    right = not fault and (cited in case.target if case.target else not cited)
    wanted = " or ".join(case.target) or "no entry"
    return CaseResult(
        id=case.id,
        passed=right,
        score=float(right),
        reason="" if right else fault or f"cited {cited or 'no entry'}, not {wanted}",
        ms=ms,
        cost_usd=cost,
        costly=bool(cited) and not right,
        notes={
            "covered": bool(case.target),
            "cited": cited,
            "first": bool(set(found[:1]) & set(case.target)),
            "hit": bool(set(found) & set(case.target)),
            "cpu_ms": cpu,
            "late": was_late(answer),
        },
        trace=None if right or answer is None else read_trace(runtime, case.input, answer),
    )


def cited_entry(answer: dict[str, object]) -> str:
    """The id of the entry that an answer cites, "" for none."""
    citations = answer["citations"]
    places = [str(c["filing"]) for c in citations if isinstance(c, dict)] if isinstance(citations, list) else []
    return next((p.partition(":")[2].partition("@")[0] for p in places if p.startswith(f"{PREFIX}:")), "")


def measure(results: list[CaseResult]) -> dict[str, float | None]:
    """The metrics of cases; a share of nothing is None."""
    covered = [each for each in results if each.notes["covered"]]
    others = [each for each in results if not each.notes["covered"]]
    right = sum(each.passed for each in covered)
    low, high = wilson(right, len(covered))
    cpu = [number(each.notes, "cpu_ms") for each in results]
    return {
        "entry_hit@1": share(sum(bool(each.notes["first"]) for each in covered), len(covered)),
        "entry_hit@3": share(sum(bool(each.notes["hit"]) for each in covered), len(covered)),
        "right_rate": share(right, len(covered)),
        "right_low": round(low, 4),
        "right_high": round(high, 4),
        "wrong_rate": share(sum(each.costly for each in results), len(results)),
        "abstain_rate": share(sum(not each.notes["cited"] for each in covered), len(covered)),
        "refrain_rate": share(sum(not each.notes["cited"] for each in others), len(others)),
        "p50_cpu_ms": percentile(cpu, 0.5),
        "p99_cpu_ms": percentile(cpu, 0.99),
    }


def _claimed(runtime: Runtime) -> float | None:
    """See the module; of the routing cases that name no customer_query."""
    cases = [case for case in load_routing_cases(ROUTING) if not TAKES & set(case.target)]
    instruments = runtime.desk.feed.instruments
    general = [case for case in cases if is_general(read_request(case.input, instruments))]
    return share(sum(runtime.knowledge.find(case.input).fit in SURELY for case in general), len(cases))


run = ByCase(
    "knowledge",
    _load,
    _judge,
    measure,
    prepare=_warm,
    besides=lambda runtime: {"claimed_rate": _claimed(runtime)},
    timed=("p50_cpu_ms", "p99_cpu_ms"),
)
