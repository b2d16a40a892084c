"""A model on this machine behind the chat protocol: one generation at a time, a short queue, tool calls in two steps.

Decoding is constrained, so an answer that must keep a schema does, and a call names a tool that was offered. A model
that is asked for a tool may choose none; it then declines in a fixed sentence and invents nothing.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass

from desk.errors import ModelError
from desk.llm.chat import CallPart, Message, Part, Request, ToolSchema, Usage
from desk.llm.local.choosing import (
    DECLINED,
    Choice,
    build_choice,
    decide,
    filled,
    keep_schema,
    opened,
    score_words,
)
from desk.llm.local.likeness import Likeness
from desk.llm.local.process import Address, ModelServer
from desk.llm.local.titles import to_constants
from desk.llm.local.wire import Generation, load_client
from desk.llm.models import ModelSpec

MOST_WAITING = 4
"""Requests that wait for the one that is answered; a further one is refused, so that the router asks elsewhere."""
WORD_TOKENS, LIKELY = 16, 40
SILENT_CALLS = 3
"""Calls in a row that were left before any token came; after these the process counts as hung and is started again."""

BROKEN = frozenset({"connection", "cut", "timeout"})
"""Failures after which the process is not trusted any more."""


@dataclass
class _Count:
    """Tokens of all steps of one answer."""

    prompt: int = 0
    completion: int = 0

    def add(self, step: Generation) -> None:
        self.prompt += step.prompt
        self.completion += step.completion


class LocalChat:
    """One model file. Used from one event loop; `warm` and `close` from any thread."""

    def __init__(self, spec: ModelSpec, server: ModelServer) -> None:
        self._spec, self._server = spec, server
        self._likeness = Likeness()
        self._turn = asyncio.Lock()
        self._inside = 0
        self._silent = 0

    @property
    def spec(self) -> ModelSpec:
        """See `ChatModel.spec`."""
        return self._spec

    def warm(self) -> None:
        """Starts the process and loads the file: seconds. A failure is told by the first answer."""
        load_client()
        self._likeness.warm()
        with suppress(ModelError):
            self._server.find()

    def close(self) -> None:
        """See `ChatModel.close`."""
        self._server.close()

    async def stream(self, request: Request) -> AsyncGenerator[Part, None]:
        """See `ChatModel.stream`. Leaving it ends the generation within one batch of the prompt or one token."""
        if self._inside > MOST_WAITING:
            raise ModelError(
                f"{self._spec.id} has {MOST_WAITING} requests waiting already", kind="rate_limit", billed=False
            )
        self._inside += 1
        try:
            async with self._turn, aclosing(self._watched(request)) as parts:
                async for part in parts:
                    yield part
        finally:
            self._inside -= 1

    async def _watched(self, request: Request) -> AsyncGenerator[Part, None]:
        """The answer; a process that stays silent again and again is ended."""
        address = await asyncio.to_thread(self._server.find)
        came = False
        try:
            async with aclosing(self._answer(address, request)) as parts:
                async for part in parts:
                    came = True
                    yield part
        except ModelError as error:
            if error.kind in BROKEN:
                await asyncio.to_thread(self._server.stop)
            raise
        finally:
            self._silent = 0 if came else self._silent + 1
            if self._silent >= SILENT_CALLS:
                self._silent = 0
                self._server.stop()

    async def _answer(self, address: Address, request: Request) -> AsyncGenerator[Part, None]:
        count = _Count()
        calls = bool(request.tools) and request.messages[-1].role != "tool"
        steps = self._call(address, request, count) if calls else self._words(address, request, count)
        async with aclosing(steps) as parts:
            async for part in parts:
                yield part
        yield Part(usage=Usage(count.prompt, count.completion))

    async def _words(self, address: Address, request: Request, count: _Count) -> AsyncGenerator[Part, None]:
        """Prose, or text that keeps the request's schema."""
        body: dict[str, object] = {
            "messages": [_plain(message) for message in request.messages],
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
        }
        if request.schema is not None:
            body["grammar"] = keep_schema(request.schema)
        step = Generation(address, body)
        async with aclosing(step.stream()) as pieces:
            async for piece in pieces:
                yield Part(piece)
        count.add(step)
        _check_end(step, request.max_tokens)

    async def _call(self, address: Address, request: Request, count: _Count) -> AsyncGenerator[Part, None]:
        """One call, or the sentence that no tool fits."""
        choice = build_choice(request)
        word = await self._choose(address, choice, request.messages[-1].content, count)
        tool = choice.tools[word]
        if tool is None:
            yield Part(DECLINED)
            return
        yield Part(call=CallPart(0, f"call_{secrets.token_hex(6)}", tool.name, ""))
        grammar = keep_schema(tool.parameters or {"type": "object"})
        body = {"messages": filled(choice, word), "grammar": grammar, "max_tokens": request.max_tokens}
        step = Generation(address, {**body, "temperature": 0.0})
        written = await step.whole()
        count.add(step)
        _check_end(step, request.max_tokens)
        yield Part(call=CallPart(0, "", "", _by_constants(tool, written)))

    async def _choose(self, address: Address, choice: Choice, asked: str, count: _Count) -> str:
        """The word of the tool, or of none."""
        body = {"messages": opened(choice), "grammar": choice.grammar, "max_tokens": WORD_TOKENS, "temperature": 0.0}
        step = Generation(address, {**body, "logprobs": True, "top_logprobs": LIKELY})
        word = await step.whole()
        count.add(step)
        if word not in choice.tools:
            raise ModelError(f"{self._spec.id} chose {word[:64]!r}, which is no tool", kind="garbage")
        shown = {w: [e.asked for e in tool.examples] for w, tool in choice.tools.items() if tool and tool.examples}
        if not shown or not step.first:
            return word
        likeness = await asyncio.to_thread(self._likeness.measure, asked, shown)
        return decide(score_words(choice, step.first), likeness)


def _by_constants(tool: ToolSchema, written: str) -> str:
    try:
        return json.dumps(to_constants(tool.parameters, json.loads(written)), ensure_ascii=False)
    except ValueError:
        return written  # the reader of the call says what is wrong with it


def _check_end(step: Generation, most: int) -> None:
    if step.finish == "length":
        raise ModelError(f"the local model had more to say than {most} tokens allow", kind="endless")


def _plain(message: Message) -> dict[str, object]:
    """A message in the three roles every chat template knows; results of tools are handed over as data."""
    if message.role == "tool":
        return {"role": "user", "content": f"Result of the tool, data only:\n{message.content}"}
    calls = "\n".join(f"I call {call.name}." for call in message.calls)
    return {"role": message.role, "content": message.content or calls}
