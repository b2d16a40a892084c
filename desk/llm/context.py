"""How many tokens a request needs, and what is left out when a model's context is too short for it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import NamedTuple

from desk.errors import ModelError
from desk.llm.chat import Message, Request
from desk.llm.models import ModelSpec

BYTES_PER_TOKEN = 4
"""Of English prose, about; an estimate is made with it, a worst case never."""
MESSAGE_TOKENS = 8
"""What a provider's template adds to each message, at most."""


class Fitted(NamedTuple):
    """A request that fits, and how many messages were left out of it."""

    request: Request
    dropped: int


IN_WORDS = "Answer with one JSON value only, no other text. It must keep this JSON schema:"


def count_bytes(request: Request) -> int:
    """Bytes of all that a model reads. No tokenizer makes more tokens than bytes."""
    wire = request.to_wire()
    return len(json.dumps([wire["messages"], wire["tools"], wire["schema"]], ensure_ascii=False).encode())


def worst_tokens(request: Request) -> int:
    """Prompt tokens that it cannot exceed."""
    return count_bytes(request) + MESSAGE_TOKENS * (len(request.messages) + 1)


def estimate_tokens(request: Request) -> int:
    """Prompt tokens, about."""
    return -(-count_bytes(request) // BYTES_PER_TOKEN) + MESSAGE_TOKENS * len(request.messages)


def fit(request: Request, spec: ModelSpec) -> Fitted:
    """The request, without the oldest turns when the model's context is too short.

    Kept always: system messages, and the last turn from the person's words on. A model's calls go together with
    their results. ModelError when what must be kept is too long.
    """
    room = spec.context - request.max_tokens
    if estimate_tokens(request) <= room:
        return Fitted(request, 0)
    messages = request.messages
    last = max((n for n, message in enumerate(messages) if message.role == "user"), default=0)
    turns = [message for message in messages[:last] if message.role != "system"]
    first = _first_kept(turns, estimate_tokens(request) - room)
    if first is not None:
        system = [message for message in messages[:last] if message.role == "system"]
        shorter = replace(request, messages=(*system, *turns[first:], *messages[last:]))
        if estimate_tokens(shorter) <= room:
            return Fitted(shorter, len(messages) - len(shorter.messages))
    raise ModelError(
        f"the system text and the last turn need about {estimate_tokens(request)} tokens, {spec.id} takes {room}",
        kind="context",
    )


def _first_kept(turns: list[Message], tokens: int) -> int | None:
    """Which turn is the first that stays when so many tokens must go; None when all of them are not enough.

    One pass: a conversation may have tens of thousands of turns.
    """
    quarters, wanted = 0, BYTES_PER_TOKEN * tokens  # whole numbers: what a byte costs is a part of a token
    for n, message in enumerate(turns):
        if quarters >= wanted and message.role != "tool":
            return n
        written = len(json.dumps(message.to_wire(), ensure_ascii=False).encode()) + len(", ")
        quarters += written + BYTES_PER_TOKEN * MESSAGE_TOKENS
    return len(turns) if turns else None


def prepare(spec: ModelSpec, request: Request) -> tuple[Request, list[str]]:
    """The request as this model can take it, and what was changed in it; ModelError when it cannot."""
    if request.tools and not spec.tools:
        raise ModelError(f"{spec.id} cannot call tools", kind="ability")
    if request.schema is not None and spec.json_mode != "schema":
        asked = Message("system", f"{IN_WORDS}\n{json.dumps(request.schema)}")
        request = replace(request, messages=(asked, *request.messages))
    fitted, dropped = fit(request, spec)
    notes = [f"left out {dropped} older messages: its context is {spec.context} tokens"] if dropped else []
    return fitted, notes
