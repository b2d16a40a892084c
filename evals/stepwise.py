"""Suites that take one case at a time: they go on where they stopped, run several at once, and give every metric an
interval. A suite that reads its cases as a whole (a tick file, a CSV file) has a `run` of its own instead, and says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic

from evals.dataset import CaseResult, OneCase, SuiteResult, summarise
from graphs.runtime import Runtime

Metrics = dict[str, float | None]
Done = Mapping[tuple[int, str], CaseResult]
Keep = Callable[[int, CaseResult], None]


async def _nothing(_: Runtime, __: object) -> None:
    """Nothing to prepare."""


def _none(_: Runtime) -> Metrics:
    """No metric beside those of the cases."""
    return {}


@dataclass(frozen=True)
class ByCase(Generic[OneCase]):
    """A suite's `run`: cases read, each graded alone, metrics counted from the results.

    `grade` turns what goes wrong with a case into a failed result and raises only what ends the run. `measure` takes
    any number of results, several of one case too, and reads their `notes`. `besides`: metrics that no case gives.
    `timed`: metrics that mean something only while one case runs at a time; with more they are None.
    """

    name: str
    load: Callable[[Runtime, Path | None], list[OneCase]]
    grade: Callable[[Runtime, OneCase], Awaitable[CaseResult]]
    measure: Callable[[list[CaseResult]], Metrics]
    prepare: Callable[[Runtime, list[OneCase]], Awaitable[None]] = _nothing
    besides: Callable[[Runtime], Metrics] = _none
    timed: tuple[str, ...] = ()

    async def __call__(self, runtime: Runtime, data: Path | None, progress: Callable[[int], None]) -> SuiteResult:
        """Every case once, in order."""
        (results,) = await self.walk(runtime, data, progress)
        return summarise(self.name, results, {**self.measure(results), **self.besides(runtime)})

    async def walk(
        self,
        runtime: Runtime,
        data: Path | None,
        progress: Callable[[int], None],
        trials: int = 1,
        parallel: int = 1,
        done: Done | None = None,
        keep: Keep = lambda _, __: None,
    ) -> list[list[CaseResult]]:
        """The results of each trial, in the order of the cases.

        What stands in `done` (by trial and case id) is not run again; `keep` hears of every other result at once.
        """
        cases = self.load(runtime, data)
        await self.prepare(runtime, cases)
        found = dict(done or {})
        waiting = iter([(t, case) for t in range(trials) for case in cases if (t, case.id) not in found])
        if found:
            progress(len(found))

        async def work() -> None:
            for trial, case in waiting:
                result = await self.grade(runtime, case)
                found[trial, case.id] = result
                keep(trial, result)
                progress(len(found))
                await asyncio.sleep(0)  # a stop of the run is heard between two cases

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(parallel):
                    group.create_task(work())
        except BaseExceptionGroup as several:
            raise several.exceptions[0] from None  # the first that ended the run; the others were stopped by it
        return [[found[trial, case.id] for case in cases] for trial in range(trials)]
