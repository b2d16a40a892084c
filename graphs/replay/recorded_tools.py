"""Tool calls of a replay: the record's results, facts and errors instead of the desk's."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import get_type_hints

from pydantic import TypeAdapter, ValidationError

from desk import errors
from desk.errors import Conflict, DataError, TenorError
from graphs.replay.bundle import CallRow, ErrorRow, PartRow
from tools.context import A, R, Tool, ToolContext


class Strayed(Conflict):
    """A replay did something that its record does not hold: what, and what the record holds instead."""

    code = "strayed"


@dataclass(frozen=True)
class Made:
    """A tool call of a replay: nothing was called, the record answered."""

    agent: str
    tool: str
    arguments: str


@dataclass
class RecordedTools:
    """Answers calls from the record. `strict`: each once, in its order; else as often as asked, wherever it stands.

    A call that the record does not hold is `Strayed` when strict, else DataError, which a model reads as any error.
    """

    part: PartRow
    made: list[Made]
    strict: bool
    _used: set[int] = field(default_factory=set)

    def __call__(self, tool: Tool[A, R], context: ToolContext, arguments: A) -> R:
        """The recorded result, its facts registered again; a recorded error is raised again."""
        text = arguments.model_dump_json()
        self.made.append(Made(self.part.agent, tool.name, text))
        row = self._find(tool.name, text)
        for shown in row.facts:
            context.facts.add(shown.fact)
        if row.error is not None:
            raise read_error(row.error)
        try:
            kind: type[R] = get_type_hints(tool.run)["return"]
            return TypeAdapter(kind).validate_json(row.result or "")
        except ValidationError as error:
            raise Strayed(f"the recorded result of {tool.name} is none of its results: {error.errors()[0]}") from None

    def check_used(self) -> None:
        """Strayed when a call of the record was not made."""
        left = [row.tool for number, row in enumerate(self.part.calls) if number not in self._used]
        if left:
            raise Strayed(f"agent {self.part.agent} did not call {left[0]}, the record has that call")

    def _find(self, tool: str, arguments: str) -> CallRow:
        rows = self.part.calls
        for number, row in enumerate(rows):
            if number in self._used and self.strict:
                continue
            if (row.tool, row.arguments) == (tool, arguments):
                self._used.add(number)
                return row
            if self.strict:
                raise Strayed(f"agent {self.part.agent} called {tool} {arguments}, the record has {row.tool} there")
        if self.strict:
            raise Strayed(f"agent {self.part.agent} called {tool} {arguments}, the record has no further call")
        raise DataError(f"this replay holds no result of {tool} for these arguments")


def read_error(row: ErrorRow) -> TenorError:
    """The error again."""
    kind = getattr(errors, row.kind, TenorError)
    error: TenorError = kind.__new__(kind)
    TenorError.__init__(error, row.message)
    for name, value in json.loads(row.more).items():
        setattr(error, name, value)
    return error
