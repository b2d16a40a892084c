"""The chat model protocol.

Model failure never raises past the router: whoever asked gets an abstention and runs its plan.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Literal, Protocol


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


@dataclass(frozen=True)
class ToolSchema:
    """What a model is told about a tool; `parameters` is a JSON schema object."""

    name: str
    description: str
    parameters: dict[str, object] = field(default_factory=dict)

    def to_wire(self) -> dict[str, object]:
        """The OpenAI tool form."""
        function = {"name": self.name, "description": self.description, "parameters": self.parameters}
        return {"type": "function", "function": function}


@dataclass(frozen=True)
class Completion:
    """What came back: text, or calls, never neither. Tokens are 0 when the provider did not say."""

    model: str
    text: str
    calls: tuple[ToolCall, ...] = ()
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float = 0.0


class ChatModel(Protocol):
    """One model at one address."""

    @property
    def name(self) -> str:
        """What the answer is labelled with."""
        ...

    async def complete(self, messages: list[Message], tools: list[ToolSchema]) -> Completion:
        """One answer. ModelError when it fails or what came back cannot be read; cancellable."""
        ...
