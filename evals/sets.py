"""Named sets of cases that people made of live conversations: JSON Lines in the data folder, the form of `smoke`.

`tenor evals run smoke --data DATA/evals/sets/NAME.jsonl` runs one.
"""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import JsonValue, ValidationError

from desk.errors import Conflict, InputError, NotFound
from evals.dataset import Case
from evals.graders import check_target
from evals.suites.smoke import load_graded

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
MOST = 2000
"""Cases of one set."""


class CaseSets:
    """The sets of one data folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "evals" / "sets"

    def path(self, name: str) -> Path:
        """Where a set stands, whether it exists or not. InputError for a name that is none."""
        if not NAME.fullmatch(name):
            raise InputError(f"set {name!r} is no name: lower-case letters, digits and -, at most 40")
        return self._folder / f"{name}.jsonl"

    def find(self, name: str) -> Path:
        """The file of a set; NotFound."""
        path = self.path(name)
        if not path.exists():
            raise NotFound(f"set {name!r} does not exist; there are: {', '.join(self.counts()) or 'none'}")
        return path

    def counts(self) -> dict[str, int]:
        """How many cases each set has, by name."""
        files = sorted(self._folder.glob("*.jsonl"))
        return {file.stem: file.read_bytes().count(b"\n") for file in files}

    def add(self, name: str, id: str, question: str, user: str, target: dict[str, JsonValue]) -> int:
        """Adds a case; returns how many there are now.

        InputError names the field that is wrong; Conflict when the set has that id, or is full.
        """
        path = self.path(name)
        try:
            case = Case(id=id, input=question, user=user, target=target)
        except ValidationError as error:
            first = error.errors()[0]
            raise InputError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
        if not question.strip():
            raise InputError("input: the question is empty")
        if not target:
            raise InputError("target: without one the case cannot fail")
        check_target(target)
        before = load_graded(path) if path.exists() else []
        if any(each.id == id for each in before):
            raise Conflict(f"id: set {name} has a case {id!r} already; choose another id")
        if len(before) >= MOST:
            raise Conflict(f"set {name} has {MOST} cases; begin another")
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with path.open("a", encoding="utf-8") as file:
            file.write(case.model_dump_json(exclude_defaults=True) + "\n")
        return len(before) + 1
