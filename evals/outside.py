"""The same cases for tools from outside, which ask Tenor at its OpenAI-compatible door.

Imported by them in environments of their own: needs nothing but pydantic beside this repository.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import JsonValue, TypeAdapter

from desk.errors import InputError
from evals.dataset import CASES, Case, NamedCase, read_cases
from evals.graders import check_target, grade

Target = dict[str, JsonValue] | list[str]
_TARGETS: TypeAdapter[Target] = TypeAdapter(Target)
SUITES = ("smoke", "routing", "knowledge")
"""Suites whose cases one answer at the door decides."""


def load_outside(suite: str, path: Path | None = None, user: str = "") -> list[Case | NamedCase]:
    """The cases of a suite, or of `path` in its form; with `user` only those in that person's name.

    InputError for another suite, and for a line that is wrong, with its field.
    """
    if suite not in SUITES:
        raise InputError(f"suite {suite!r} cannot be asked from outside; there are: {', '.join(SUITES)}")
    file = path or CASES / f"{suite}.jsonl"
    if suite != "smoke":
        return [*read_cases(file, NamedCase, lambda _: None)]
    cases = read_cases(file, Case, lambda case: check_target(case.target))
    return [case for case in cases if not user or case.user == user]


def grade_outside(suite: str, text: str, record: Mapping[str, object], target: str) -> str:
    """What is wrong with an answer of the door, "" when nothing is: `record` is its `tenor`, `target` JSON text.

    The verdict of `tenor evals run` itself, apart from routing, where the leading agent alone decides.
    """
    wanted = _TARGETS.validate_python(json.loads(target))
    if isinstance(wanted, dict):
        return grade({**record, "answer": text}, wanted)
    if suite == "routing":
        agents = record["agents"]
        led = agents[0] if isinstance(agents, list) and agents else "nobody"
        return "" if led in wanted else f"led by {led}, not {' or '.join(wanted)}"
    cited = _entry(record)
    right = cited in wanted if wanted else not cited
    return "" if right else f"cited {cited or 'no entry'}, not {' or '.join(wanted) or 'no entry'}"


def _entry(record: Mapping[str, object]) -> str:
    """The id of the knowledge entry that is cited, "" for none."""
    citations = record["citations"]
    places = [str(c["filing"]) for c in citations if isinstance(c, dict)] if isinstance(citations, list) else []
    return next((p.partition(":")[2].partition("@")[0] for p in places if p.startswith("knowledge:")), "")
