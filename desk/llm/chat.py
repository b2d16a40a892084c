"""The chat model protocol: one model, asked once, answering in parts.

Model failure never raises past the router: whoever asked gets an abstention and runs its plan.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

from desk.llm.models import ModelSpec


@dataclass(frozen=True)
class ToolCall:
    """A model's wish to call a tool; `arguments` is what it wrote, already parsed as JSON."""

    id: str
    name: str
    arguments: dict[str, object]


@dataclass(frozen=True)
class Message:
    """One message of a conversation, in the roles every provider knows."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    calls: tuple[ToolCall, ...] = ()
    call_id: str = ""

    def to_wire(self) -> dict[str, object]:
        """The OpenAI chat form."""
        wire: dict[str, object] = {"role": self.role, "content": self.content}
        if self.calls:
            wire["tool_calls"] = [
                {"id": c.id, "type": "function", "function": {"name": c.name, "arguments": json.dumps(c.arguments)}}
                for c in self.calls
            ]
        if self.call_id:
            wire["tool_call_id"] = self.call_id
        return wire


class ToolExample(NamedTuple):
    """What a person asks, and the arguments the tool is then called with."""

    asked: str
    arguments: dict[str, object]


@dataclass(frozen=True)
class ToolSchema:
    """What a model is told about a tool; `parameters` is a JSON schema object.

    `examples` help small local models; they are not sent to a provider.
    """

    name: str
    description: str
    parameters: dict[str, object] = field(default_factory=dict)
    examples: tuple[ToolExample, ...] = ()

    def to_wire(self) -> dict[str, object]:
        """The OpenAI tool form."""
        function = {"name": self.name, "description": self.description, "parameters": self.parameters}
        return {"type": "function", "function": function}


@dataclass(frozen=True)
class Request:
    """What one model is asked. `schema` is the JSON schema the answer's text must keep, or None for prose.

    `choice`: "" leaves the use of tools to the model, "required" wants a call, another word that tool's.
    """

    messages: tuple[Message, ...]
    tools: tuple[ToolSchema, ...] = ()
    schema: Mapping[str, object] | None = None
    max_tokens: int = 1024
    temperature: float = 0.0
    choice: str = ""

    def to_wire(self) -> dict[str, object]:
        """All that decides the answer, in plain JSON values."""
        wire: dict[str, object] = {
            "messages": [message.to_wire() for message in self.messages],
            "tools": [tool.to_wire() for tool in self.tools],
            "schema": self.schema,
            "max_tokens": self.max_tokens,
            "temperature": self.temperature,
        }
        return {**wire, "choice": self.choice} if self.choice else wire


class CallPart(NamedTuple):
    """A piece of the tool call number `at`: id and name come once, the arguments' JSON in pieces."""

    at: int
    id: str
    name: str
    arguments: str


class Usage(NamedTuple):
    """Tokens as the provider counts them."""

    prompt: int
    completion: int


class Part(NamedTuple):
    """What came: a piece of text, a piece of a call, or the provider's count; the last count holds."""

    text: str = ""
    call: CallPart | None = None
    usage: Usage | None = None


@dataclass(frozen=True)
class Completion:
    """What came back: text, or calls, never neither. `data` is the parsed text when a schema was asked for.

    `cost_usd` is this answer's own; what other models cost meanwhile stands in `Routed.cost_usd`.
    """

    model: str
    text: str
    calls: tuple[ToolCall, ...] = ()
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float = 0.0
    data: object = None


class ChatModel(Protocol):
    """One model at one address, or in this process."""

    @property
    def spec(self) -> ModelSpec:
        """What it is called, costs and can do."""
        ...

    def stream(self, request: Request) -> AsyncGenerator[Part, None]:
        """One answer in parts. Ends only when the answer is whole; ModelError when it fails or breaks off.

        Cancelling the reader, or closing the generator, ends the call at once; it never outlives either.
        """
        ...

    def warm(self) -> None:
        """Loads what the first answer would wait for. Blocking, safe to repeat, never raises."""
        ...

    def close(self) -> None:
        """Ends what it runs; safe to call twice. No question may follow."""
        ...
