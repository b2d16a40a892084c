"""A model behind a provider's address, through LiteLLM: GPT-4-Turbo, Mixtral, LLaMA, any OpenAI-compatible one.

LiteLLM brings requests and answers into one form; deadlines, retries, prices and budgets are ours. Three of its
habits are undone here: it ends a stream that broke off as if it were whole, takes a page of HTML for an empty
answer, and reads keys and addresses from the environment.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress
from decimal import Decimal
from functools import cache
from types import ModuleType
from typing import Any

from desk.errors import ModelError
from desk.llm.chat import CallPart, Message, Part, Request, ToolSchema, Usage
from desk.llm.models import ModelSpec

NO_KEY = "none"
"""Sent where no key is set, so that LiteLLM looks for none."""

_BY_STATUS = {400: "request", 401: "auth", 403: "auth", 404: "request", 408: "timeout", 413: "context", 422: "request"}


class LiteLLMChat:
    """One model through LiteLLM's completion call. The key is passed per call and is in no message of ours."""

    def __init__(self, spec: ModelSpec, api_key: str = "", timeout_s: float = 60.0, verify: bool | str = True) -> None:
        self._spec, self._api_key, self._timeout_s, self._verify = spec, api_key, timeout_s, verify
        self._streams = True

    @property
    def spec(self) -> ModelSpec:
        """See `ChatModel.spec`."""
        return self._spec

    def warm(self) -> None:
        """Imports LiteLLM and what its first call imports: many seconds, once in a process."""
        _load_all()

    def close(self) -> None:
        """Nothing runs between calls."""

    async def stream(self, request: Request) -> AsyncGenerator[Part, None]:
        """See `ChatModel.stream`. An address that ignores `stream` is asked again without it, then always so."""
        litellm = await asyncio.to_thread(_load)
        try:
            if not self._streams:
                answer = await litellm.acompletion(**self._wire(request, stream=False))
                for part in _whole(answer):
                    yield part
                return
            answer = await litellm.acompletion(**self._wire(request, stream=True))
            self._check_type(answer)
            async for chunk in answer:
                for part in _parts(chunk, answer):
                    yield part
            self._check_end(answer.received_finish_reason)
        except ModelError:
            raise
        except Exception as error:  # noqa: BLE001 - every provider fails in its own classes; the cause may hold the key
            raise self._failure(error) from None

    def _wire(self, request: Request, *, stream: bool) -> dict[str, object]:
        spec = self._spec
        wire: dict[str, object] = {
            "model": spec.route,
            "api_base": spec.address,
            "api_key": self._api_key or NO_KEY,
            "messages": [message.to_wire() for message in request.messages],
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
            "timeout": self._timeout_s,
            "max_retries": 0,
            "num_retries": 0,
            "stream": stream,
        }
        if stream:
            wire["stream_options"] = {"include_usage": True}
        if request.tools:
            wire["tools"] = [tool.to_wire() for tool in request.tools]
        if request.choice:
            named = {"type": "function", "function": {"name": request.choice}}
            wire["tool_choice"] = "required" if request.choice == "required" else named
        if request.schema is not None and spec.json_mode == "schema":
            form = {"name": "answer", "schema": dict(request.schema), "strict": False}
            wire["response_format"] = {"type": "json_schema", "json_schema": form}
        elif request.schema is not None and spec.json_mode == "object":
            wire["response_format"] = {"type": "json_object"}
        if self._verify is not True:
            wire["ssl_verify"] = self._verify
        return wire

    def _check_type(self, answer: Any) -> None:  # noqa: ANN401 - LiteLLM's own class
        headers = {str(k).lower(): str(v) for k, v in dict(getattr(answer, "_response_headers", None) or {}).items()}
        kind = headers.get("content-type", "text/event-stream").partition(";")[0].strip().lower()
        if kind == "application/json":
            self._streams = False
            raise ModelError(
                f"{self._spec.id} does not stream; it is asked for whole answers from now on",
                kind="no_stream",
                retry=True,
            )
        if kind != "text/event-stream":
            raise ModelError(f"{self._spec.id} sent {kind[:64]}, not a stream of answers", kind="content_type")

    def _check_end(self, finish: str | None) -> None:
        if finish is None:
            raise ModelError(f"{self._spec.id} broke off its answer", kind="cut")
        if finish == "length":
            raise ModelError(f"{self._spec.id} had more to say than max_tokens allows", kind="endless")

    def _failure(self, error: Exception) -> ModelError:
        """What a vendor's exception means, in words that hold nothing of its text: that may hold the key."""
        name, chain = self._spec.id, list(_causes(error))
        if any(isinstance(cause, socket.gaierror) for cause in chain):
            return ModelError(f"{name}: the name of its address is not known", kind="dns", billed=False)
        if any(isinstance(cause, ssl.SSLError) for cause in chain):
            return ModelError(f"{name}: its address has no valid certificate (TLS)", kind="tls", billed=False)
        if any(isinstance(cause, ConnectionError) for cause in chain):
            return ModelError(f"{name}: its address does not answer", kind="connection", retry=True, billed=False)
        names = {type(cause).__name__ for cause in chain}
        if "MidStreamFallbackError" in names:
            return self._broken(names)
        if "JSONDecodeError" in names:
            return ModelError(f"{name} sent something that is not JSON", kind="garbage")
        if "Timeout" in names:
            return ModelError(f"{name} did not answer in {self._timeout_s:g} s", kind="timeout")
        return self._refusal(error, names)

    def _broken(self, names: set[str]) -> ModelError:
        if "JSONDecodeError" in names:
            return ModelError(f"{self._spec.id} sent an event that is not JSON", kind="garbage")
        if names & {"ReadError", "ClientPayloadError", "RemoteProtocolError", "ServerDisconnectedError"}:
            return ModelError(f"{self._spec.id} broke off its answer", kind="cut")
        if "InternalServerError" in names:
            return ModelError(f"{self._spec.id} repeats itself without end", kind="endless")
        return ModelError(f"{self._spec.id} sent an error in the middle of its answer", kind="server")

    def _refusal(self, error: Exception, names: set[str]) -> ModelError:
        status = getattr(error, "status_code", None)
        said = f"{self._spec.id} answered HTTP {status}"
        if "ContextWindowExceededError" in names:
            return ModelError(f"{self._spec.id}: the prompt is too long for it", kind="context", billed=False)
        if status == 429:
            after = _seconds(getattr(error, "litellm_response_headers", None) or {})
            return ModelError(said, kind="rate_limit", retry=True, retry_after_s=after, billed=False)
        if names & {"HTTPStatusError"} and isinstance(status, int) and status >= 500:
            return ModelError(said, kind="server", retry=True, billed=False)
        if names & {"HTTPStatusError"} and isinstance(status, int):
            return ModelError(said, kind=_BY_STATUS.get(status, "request"), billed=False)
        return ModelError(f"{self._spec.id} failed: {type(error).__name__}", kind="failed")


def _load() -> ModuleType:
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    import litellm

    litellm.suppress_debug_info = True
    litellm.telemetry = False
    litellm.disable_hf_tokenizer_download = True  # it would fetch a tokenizer from the network, on the event loop
    return litellm


@cache
def _load_all() -> None:
    """Makes one call to a port of this machine where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
    spec = ModelSpec(id="nobody", route="openai/nobody", address=address, price_in=Decimal(0), price_out=Decimal(0))

    async def ask() -> None:
        nothing = ToolSchema("nothing", "does nothing", {"type": "object"})
        async for _ in LiteLLMChat(spec).stream(Request((Message("user", "hello"),), (nothing,), max_tokens=1)):
            pass

    with suppress(ModelError):
        asyncio.run(ask())


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen = 0
    while error is not None and seen < 12:
        yield error
        for named in ("original_exception", "os_error"):
            if isinstance(inner := getattr(error, named, None), BaseException):
                yield inner
        error, seen = error.__cause__ or error.__context__, seen + 1


def _seconds(headers: Any) -> float | None:  # noqa: ANN401 - a mapping of whatever class the transport has
    """Retry-After in seconds; None when absent or a date."""
    try:
        return max(0.0, float(headers.get("retry-after", "")))
    except ValueError:
        return None


def _parts(chunk: Any, answer: Any) -> Iterator[Part]:  # noqa: ANN401 - LiteLLM's own classes
    for choice in chunk.choices[:1]:
        if choice.delta.content:
            yield Part(choice.delta.content)
        for call in choice.delta.tool_calls or ():
            function = call.function
            yield Part(call=CallPart(call.index or 0, call.id or "", function.name or "", function.arguments or ""))
    usage = getattr(chunk, "usage", None)
    if usage is not None and any(getattr(kept, "usage", None) is not None for kept in answer.chunks):
        yield Part(usage=Usage(int(usage.prompt_tokens), int(usage.completion_tokens)))


def _whole(answer: Any) -> Iterator[Part]:  # noqa: ANN401 - LiteLLM's own class
    """The parts of an answer that came at once; ModelError when it has no choice."""
    if not answer.choices:
        raise ModelError("the answer has no choices", kind="garbage")
    message = answer.choices[0].message
    if message.content:
        yield Part(message.content)
    for index, call in enumerate(message.tool_calls or ()):
        yield Part(call=CallPart(index, call.id or "", call.function.name or "", call.function.arguments or ""))
    usage = getattr(answer, "usage", None)
    if usage is not None and usage.total_tokens:
        yield Part(usage=Usage(int(usage.prompt_tokens), int(usage.completion_tokens)))
