"""Runs a suite on a private demonstration desk, so that no run leaves a trace on the real one."""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree

from desk.errors import InputError
from desk.factory import open_desk
from desk.settings import Settings
from desk.store.folder import DataFolder
from evals.dataset import SuiteResult
from evals.suites import books, grader, injection, knowledge, numbers, routing, sentiment, smoke, tools_local
from graphs.runtime import Runtime, open_runtime

Run = Callable[[Runtime, Path | None, Callable[[int], None]], Awaitable[SuiteResult]]


def count_lines(path: Path) -> int:
    """How many cases a file holds that has one a line."""
    return sum(bool(line.strip()) for line in path.read_text(encoding="utf-8").splitlines())


@dataclass(frozen=True)
class Suite:
    """A suite by name; `cases` counts the shipped ones."""

    name: str
    description: str
    metrics: tuple[str, ...]
    file: Path
    run: Run
    count: Callable[[Path], int] = count_lines

    @property
    def cases(self) -> int:
        """How many cases are shipped."""
        return self.count(self.file)


def suites() -> dict[str, Suite]:
    """All suites by name."""
    return {
        "smoke": Suite("smoke", smoke.DESCRIPTION, smoke.METRICS, smoke.FILE, smoke.run),
        "routing": Suite("routing", routing.DESCRIPTION, routing.METRICS, routing.FILE, routing.run),
        "knowledge": Suite("knowledge", knowledge.DESCRIPTION, knowledge.METRICS, knowledge.FILE, knowledge.run),
        "injection": Suite("injection", injection.DESCRIPTION, injection.METRICS, injection.FILE, injection.run),
        "books": Suite("books", books.DESCRIPTION, books.METRICS, books.FILE, books.run),
        "numbers": Suite(
            "numbers", numbers.DESCRIPTION, numbers.METRICS, numbers.FILE, numbers.run, numbers.count_questions
        ),
        "grader": Suite("grader", grader.DESCRIPTION, grader.METRICS, grader.FILE, grader.run),
        "sentiment": Suite("sentiment", sentiment.DESCRIPTION, sentiment.METRICS, sentiment.FILE, sentiment.run),
        "tools_local": Suite(
            "tools_local", tools_local.DESCRIPTION, tools_local.METRICS, tools_local.FILE, tools_local.run
        ),
    }


def find_suite(name: str) -> Suite:
    """The suite; InputError names those there are."""
    known = suites()
    if name not in known:
        raise InputError(f"suite {name!r} is not known; there are: {', '.join(known)}")
    return known[name]


async def run_suite(
    name: str,
    settings: Settings,
    data: Path | None = None,
    model: str = "",
    progress: Callable[[int], None] = lambda _: None,
) -> SuiteResult:
    """Runs a suite on a fresh private desk in a temporary folder."""
    suite = find_suite(name)
    chosen = replace(settings, llm_model=model) if model else settings
    with tempfile.TemporaryDirectory(prefix="tenor-evals-") as path:
        folder = DataFolder(Path(path))
        folder.hold({"command": "evals"})
        desk = open_desk(chosen, folder)
        try:
            async with open_runtime(desk) as runtime:
                await runtime.models.ready()
                return await suite.run(runtime, data, progress)
        finally:
            desk.close()
            folder.release()


def write_junit(result: SuiteResult, path: Path) -> None:
    """A JUnit XML report of the cases."""
    suite = ElementTree.Element(
        "testsuite", name=result.suite, tests=str(result.cases), failures=str(result.failed), errors="0"
    )
    for case in result.cases_detail:
        node = ElementTree.SubElement(suite, "testcase", name=case.id, time=f"{case.ms / 1000:.3f}")
        if not case.passed:
            ElementTree.SubElement(node, "failure", message=case.reason)
    ElementTree.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


def failed_bounds(result: SuiteResult, bounds: list[str]) -> list[str]:
    """Which of `METRIC=X` are not met, as sentences. InputError for a bound that cannot be read."""
    faults = []
    for bound in bounds:
        name, _, least = bound.partition("=")
        if name not in result.metrics:
            raise InputError(f"--fail-under {bound!r}: metrics of {result.suite} are {', '.join(result.metrics)}")
        try:
            floor = float(least)
        except ValueError:
            raise InputError(f"--fail-under {bound!r} has no number behind =") from None
        value = result.metrics[name]
        if value is None or value < floor:
            faults.append(f"{name} is {value}, under {floor}")
    return faults
