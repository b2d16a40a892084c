"""What one call to a model has brought so far, what it costs, and whether it is a valid answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from desk.errors import ModelError
from desk.llm.chat import Completion, Part, Request, ToolCall, Usage
from desk.llm.context import BYTES_PER_TOKEN, estimate_tokens
from desk.llm.models import NANOS, ModelSpec

MOST_TOKENS = 100_000_000
"""A provider that counts more than this is not believed."""


class Spent(NamedTuple):
    """Tokens and nano-dollars of one call; `estimated` when the provider did not count."""

    prompt: int
    completion: int
    nanos: int
    estimated: bool


@dataclass
class _Call:
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass
class Draft:
    """The parts of one answer, gathered. `free` is set when the provider certainly read nothing."""

    spec: ModelSpec
    request: Request
    text: str = ""
    free: bool = False
    parts: int = 0
    _usage: Usage | None = None
    _calls: dict[int, _Call] = field(default_factory=dict)

    def add(self, part: Part) -> None:
        """Takes a part in. ModelError when the answer is longer than was asked for: it may have no end."""
        if part.usage is not None:
            self._usage = part.usage
            return
        self.parts += 1
        self.text += part.text
        if part.call is not None:
            call = self._calls.setdefault(part.call.at, _Call())
            call.id, call.name = part.call.id or call.id, part.call.name or call.name
            call.arguments += part.call.arguments
        if self.parts > self.request.max_tokens:
            raise ModelError(f"the answer did not end within {self.request.max_tokens} tokens", kind="endless")

    @property
    def raw(self) -> str:
        """What came, as it came: the text, and each call as the model wrote it."""
        return "".join((self.text, *(f"\n{c.name}({c.arguments})" for c in self._calls.values())))

    def spent(self) -> Spent:
        """What it cost so far: as the provider counts, else an estimate from what was sent and what came."""
        if self.free:
            return Spent(0, 0, 0, False)
        usage = self._usage
        if usage is not None and 0 <= usage.prompt <= MOST_TOKENS and 0 <= usage.completion <= MOST_TOKENS:
            return Spent(*usage, self.spec.nanos(*usage), False)
        written = max(self.parts, -(-len(self.raw.encode()) // BYTES_PER_TOKEN)) if self.parts else 0
        prompt, completion = estimate_tokens(self.request), min(written, self.request.max_tokens)
        return Spent(prompt, completion, self.spec.nanos(prompt, completion), True)

    def finish(self) -> Completion:
        """The answer. ModelError of kind empty, tool or schema when it is none; its words can be sent back."""
        calls = tuple(self._read(call) for call in self._calls.values())
        self._check_choice(calls)
        if not calls and not self.text.strip():
            raise ModelError("the answer is empty", kind="empty")
        data = None
        if self.request.schema is not None and not calls:
            data = parse_json(self.text)
            _check(self.request.schema, data, "the answer", "schema")
        spent = self.spent()
        cost = spent.nanos / NANOS
        return Completion(self.spec.id, self.text, calls, spent.prompt, spent.completion, cost, data)

    def _check_choice(self, calls: tuple[ToolCall, ...]) -> None:
        wanted = self.request.choice
        if wanted == "required" and not calls:
            raise ModelError("a tool must be called", kind="tool")
        if wanted not in {"", "required"} and {call.name for call in calls} != {wanted}:
            raise ModelError(f"the tool {wanted} must be called and no other", kind="tool")

    def _read(self, call: _Call) -> ToolCall:
        """A call of a tool that was offered, with arguments its schema allows."""
        tools = {tool.name: tool for tool in self.request.tools}
        if call.name not in tools:
            offered = ", ".join(tools) or "none"
            raise ModelError(f"there is no tool {call.name[:64]!r}; choose from {offered}", kind="tool")
        try:
            arguments = json.loads(call.arguments or "{}")
        except (ValueError, RecursionError):
            raise ModelError(f"the arguments of {call.name} are not JSON", kind="tool") from None
        if not isinstance(arguments, dict):
            raise ModelError(f"the arguments of {call.name} are not a JSON object", kind="tool")
        _check(tools[call.name].parameters, arguments, f"{call.name}", "tool")
        return ToolCall(call.id or f"call_{call.name}", call.name, arguments)


def parse_json(text: str) -> object:
    """The JSON value of an answer, with or without a fence of backticks; ModelError of kind schema when it is none."""
    bare = text.strip()
    if bare.startswith("```"):
        bare = bare.partition("\n")[2].rpartition("```")[0]
    try:
        return json.loads(bare)
    except (ValueError, RecursionError):
        raise ModelError("the answer is not JSON", kind="schema") from None


def _check(schema: Mapping[str, object], value: object, what: str, kind: str) -> None:
    if not schema:
        return
    found = _checker(json.dumps(schema, sort_keys=True))(value)
    if found:
        raise ModelError(f"{what} breaks its schema: {found}", kind=kind)


def warm() -> None:
    """Imports the schema checker, which the first answer with a call would wait for."""
    _checker("{}")


@lru_cache(maxsize=256)
def _checker(schema: str) -> Callable[[object], str]:
    """What is wrong with a value, in a sentence; empty when nothing is.

    A schema may be a stranger's: patterns, which can take for ever, are not judged, and nothing is fetched.
    """
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match
    from jsonschema.validators import extend
    from referencing import Registry

    kind = extend(Draft202012Validator, {"pattern": lambda *_: ()})
    validator = kind(json.loads(schema), registry=Registry())

    def check(value: object) -> str:
        error = best_match(validator.iter_errors(value))
        return "" if error is None else f"{error.json_path}: {error.message[:300]}"

    return check
