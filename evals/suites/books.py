"""Books: tick files rebuilt; never crossed at an event's end in continuous trading, sizes as the source says.

See `evals/books/rebuild.py` for what counts. The shipped cases are small files with planted faults:
their metrics are what was found beyond (or short of) what was planted, so 0 is right in both. With
`--data FILE` a case is an instrument of the file, and metrics count events and levels.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from desk.errors import InputError
from evals.books.readers import tally_file, tally_text
from evals.books.rebuild import Tally
from evals.dataset import CASES, Case, CaseResult, SuiteResult, load_cases, summarise
from graphs.runtime import Runtime

DESCRIPTION = "Order-book tick files rebuilt: crossings, crossings in auctions, sizes that do not match."
METRICS = ("crossed", "crossed_auction", "mismatches")
FILE = CASES / "books.jsonl"


async def run(_: Runtime, data: Path | None, progress: Callable[[int], None]) -> SuiteResult:
    """Rebuilds every book. InputError for a file of no known format, or one that holds no event."""
    totals = dict.fromkeys(METRICS, 0)
    results = _of_file(data, totals) if data else [_of_case(case, totals) for case in load_cases(FILE)]
    progress(len(results))
    return summarise("books", results, dict[str, float | None](totals))


def _of_file(path: Path, totals: dict[str, int]) -> list[CaseResult]:
    began = time.perf_counter()
    found = tally_file(path)
    if not found:
        raise InputError(f"{path.name} holds no order-book event")
    ms = round((time.perf_counter() - began) * 1000 / len(found), 1)
    return [
        _result(f"{path.name} {instrument}", _counts(tally), tally, ms, totals) for instrument, tally in found.items()
    ]


def _of_case(case: Case, totals: dict[str, int]) -> CaseResult:
    """A shipped case: `input` is the file, `target` the planted faults by metric."""
    began = time.perf_counter()
    tallies = tally_text(case.input.splitlines(keepends=True)).values()
    whole = Tally(*(sum(getattr(tally, name) for tally in tallies) for name in ("events", *METRICS)))
    beyond = {name: count - int(str(case.target.get(name, 0))) for name, count in _counts(whole).items()}
    ms = round((time.perf_counter() - began) * 1000, 1)
    return _result(case.id, beyond, whole, ms, totals)


def _counts(tally: Tally) -> dict[str, int]:
    return {name: int(getattr(tally, name)) for name in METRICS}


def _result(id: str, counts: dict[str, int], tally: Tally, ms: float, totals: dict[str, int]) -> CaseResult:
    """One case; a crossing in an auction is no fault."""
    for name, count in counts.items():
        totals[name] += count
    faults = [f"{count} {name}" for name, count in counts.items() if count and name != "crossed_auction"]
    reason = f"{', '.join(faults)} in {tally.events} events" if faults else ""
    return CaseResult(id=id, passed=not faults, score=float(not faults), reason=reason, ms=ms, cost_usd=0.0)
