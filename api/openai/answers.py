"""Answers in OpenAI's shape: whole, and as chunks of a stream. `tenor` holds what only this desk can say."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from desk.llm.chat import ToolCall

Finish = Literal["stop", "length", "tool_calls"]


class Counted(NamedTuple):
    """Tokens of models; 0 when none was asked."""

    prompt: int = 0
    completion: int = 0

    def to_wire(self) -> dict[str, int]:
        """OpenAI's usage object."""
        total = self.prompt + self.completion
        return {"prompt_tokens": self.prompt, "completion_tokens": self.completion, "total_tokens": total}


@dataclass(frozen=True)
class Outcome:
    """How a request ended: the text, or the calls a model wants, what was counted, and Tenor's record."""

    text: str
    finish: Finish
    counted: Counted
    tenor: Mapping[str, object]
    calls: tuple[ToolCall, ...] = ()


@dataclass(frozen=True)
class Heading:
    """What every object of one answer begins with."""

    id: str
    model: str
    created: int = field(default_factory=lambda: int(time.time()))

    def to_wire(self, object: str) -> dict[str, object]:
        """The common fields."""
        return {"id": f"chatcmpl-{self.id}", "object": object, "created": self.created, "model": self.model}


def whole(heading: Heading, outcome: Outcome) -> dict[str, object]:
    """The answer of a request that does not stream."""
    message: dict[str, object] = {"role": "assistant", "content": outcome.text or None, "refusal": None}
    if outcome.calls:
        message["tool_calls"] = [_call(call) for call in outcome.calls]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": outcome.finish}
    rest = {"choices": [choice], "usage": outcome.counted.to_wire(), "tenor": outcome.tenor}
    return {**heading.to_wire("chat.completion"), **rest}


class Chunks:
    """The chunks of one streamed answer, as server-sent events. `usage`: the client wants the tokens."""

    def __init__(self, heading: Heading, *, usage: bool) -> None:
        self._heading, self._usage = heading, usage

    def opening(self) -> str:
        """The first chunk: who speaks."""
        return self._chunk({"role": "assistant", "content": ""})

    def text(self, piece: str) -> str:
        """A piece of the text."""
        return self._chunk({"content": piece})

    def ending(self, outcome: Outcome) -> str:
        """The calls, the end, the tokens where wanted, and the mark that nothing follows."""
        calls = [{"index": n, **_call(call)} for n, call in enumerate(outcome.calls)]
        parts = [self._chunk({"tool_calls": [call]}) for call in calls]
        tenor = {"tenor": outcome.tenor}
        parts.append(self._chunk({}, outcome.finish, **({} if self._usage else tenor)))
        if self._usage:
            used = {"choices": [], "usage": outcome.counted.to_wire(), **tenor}
            parts.append(event({**self._heading.to_wire("chat.completion.chunk"), **used}))
        return "".join((*parts, "data: [DONE]\n\n"))

    def _chunk(self, delta: Mapping[str, object], finish: Finish | None = None, **more: object) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        used = {"usage": None} if self._usage else {}
        return event({**self._heading.to_wire("chat.completion.chunk"), "choices": [choice], **used, **more})


def event(body: Mapping[str, object]) -> str:
    """One server-sent event."""
    return f"data: {json.dumps(body, separators=(',', ':'), default=str)}\n\n"


def _call(call: ToolCall) -> dict[str, object]:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": json.dumps(call.arguments)}}
