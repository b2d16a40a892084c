"""What a client of the door sends. Unknown fields are taken and named as ignored; nothing is guessed."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from api.openai.errors import invalid

Role = Literal["system", "developer", "user", "assistant", "tool"]
REFUSED = ("functions", "function_call", "audio", "web_search_options", "prediction")
"""Fields whose neglect would change what the client gets: refused, not ignored."""


class FunctionCall(BaseModel):
    """`arguments` is JSON text, as the model wrote it."""

    name: str = Field(max_length=64)
    arguments: str = "{}"


class CallIn(BaseModel):
    """A tool call in an earlier answer."""

    id: str = Field(max_length=128)
    type: Literal["function"] = "function"
    function: FunctionCall


class MessageIn(BaseModel):
    """One message. `content` is text, or a list of parts of type text."""

    role: Role
    content: str | list[dict[str, JsonValue]] | None = None
    tool_calls: list[CallIn] | None = None
    tool_call_id: str | None = Field(default=None, max_length=128)


class FunctionIn(BaseModel):
    """A function a model may call; `parameters` is a JSON schema of an object."""

    name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    description: str = ""
    parameters: dict[str, JsonValue] = Field(default_factory=dict)


class ToolIn(BaseModel):
    """A tool of the client's."""

    type: Literal["function"]
    function: FunctionIn


class NamedFunction(BaseModel):
    """Which function."""

    name: str = Field(max_length=64)


class NamedTool(BaseModel):
    """The tool that must be called."""

    type: Literal["function"]
    function: NamedFunction


class SchemaIn(BaseModel):
    """The JSON schema an answer must keep."""

    model_config = ConfigDict(populate_by_name=True)

    name: str = ""
    schema_: dict[str, JsonValue] = Field(default_factory=dict, alias="schema")


class FormatIn(BaseModel):
    """The form of the answer's text."""

    type: Literal["text", "json_object", "json_schema"]
    json_schema: SchemaIn | None = None


class StreamOptions(BaseModel):
    """`include_usage`: one more chunk with the tokens."""

    include_usage: bool = False


class ChatIn(BaseModel):
    """A chat completion as asked for. Fields that are not named here are ignored, and the answer says which."""

    model_config = ConfigDict(extra="allow")

    model: str = Field(min_length=1, max_length=160)
    messages: list[MessageIn] = Field(min_length=1)
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    n: int | None = 1
    tools: list[ToolIn] | None = Field(default=None, max_length=128)
    tool_choice: Literal["none", "auto", "required"] | NamedTool | None = None
    response_format: FormatIn | None = None
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    temperature: float | None = Field(default=None, ge=0, le=2)

    def check(self) -> None:
        """Returns when the request can be taken; DoorError names the field otherwise."""
        if self.n not in (None, 1):
            raise invalid(f"n={self.n}: one choice is given at a time; ask again for another", "n")
        for name in REFUSED:
            if (self.model_extra or {}).get(name) is not None:
                raise invalid(f"{name} is not supported here", name, "unsupported_parameter")
        if not any(message.role == "user" for message in self.messages):
            raise invalid("messages hold nothing of role user", "messages")
        for n, message in enumerate(self.messages):
            text_of(message, n)
            if message.role == "tool" and not message.tool_call_id:
                raise invalid("a message of role tool needs tool_call_id", f"messages.{n}.tool_call_id")
            if message.tool_calls and message.role != "assistant":
                raise invalid("only a message of role assistant has tool_calls", f"messages.{n}.tool_calls")

    @property
    def ignored(self) -> list[str]:
        """Fields that were sent and have no effect."""
        return sorted(name[:64] for name, value in (self.model_extra or {}).items() if value is not None)[:32]

    @property
    def choice(self) -> str:
        """`none`, `auto`, `required`, or the name of the tool that must be called."""
        return self.tool_choice.function.name if isinstance(self.tool_choice, NamedTool) else self.tool_choice or "auto"

    @property
    def most_tokens(self) -> int:
        """Tokens the answer may have; 0 when the client did not say."""
        return self.max_completion_tokens or self.max_tokens or 0


def text_of(message: MessageIn, n: int) -> str:
    """The text of message number `n`. DoorError for images, sound, files and anything else that is not text."""
    if not isinstance(message.content, list):
        return message.content or ""
    found = []
    for at, part in enumerate(message.content):
        kind, where = part.get("type"), f"messages.{n}.content.{at}"
        text = part.get("refusal" if kind == "refusal" else "text")
        if kind not in ("text", "refusal") or not isinstance(text, str):
            raise invalid(f"content of type {str(kind)[:40]!r} is not taken; send text", where, "unsupported_content")
        found.append(text)
    return "\n".join(found)
