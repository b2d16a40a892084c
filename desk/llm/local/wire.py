"""One generation by llama.cpp's server on loopback: text in pieces, tokens counted.

Leaving the stream closes the connection; the server then stops, within one batch of the prompt or one token.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field

from desk.errors import ModelError
from desk.llm.local.process import Address

SILENT_S = 120.0
"""Without a byte for so long, the process counts as hung."""


@dataclass
class Generation:
    """One call. After the stream: `prompt` and `completion` tokens, `cached` of the prompt, `finish` as it ended.

    `first`, when the body asks for `logprobs`: the likeliest first tokens with log-probabilities, grammar aside.
    """

    address: Address
    body: Mapping[str, object]
    prompt: int = 0
    completion: int = 0
    cached: int = 0
    finish: str = ""
    first: list[tuple[str, float]] = field(default_factory=list)

    async def stream(self) -> AsyncGenerator[str, None]:
        """The pieces of text. ModelError when the server fails, refuses or breaks off."""
        import httpx

        url, headers = f"{self.address.url}/v1/chat/completions", {"Authorization": f"Bearer {self.address.key}"}
        body = {**self.body, "stream": True, "stream_options": {"include_usage": True}, "cache_prompt": True}
        try:
            async with (
                httpx.AsyncClient(timeout=SILENT_S, trust_env=False, verify=False) as client,
                client.stream("POST", url, json=body, headers=headers) as answer,
            ):
                if answer.status_code != 200:
                    raise _refusal(answer.status_code, await answer.aread())
                async for line in answer.aiter_lines():
                    text = self._take(line)
                    if text:
                        yield text
        except httpx.HTTPError as error:
            kind = "timeout" if isinstance(error, httpx.TimeoutException) else "connection"
            raise ModelError(f"the local model's process failed: {type(error).__name__}", kind=kind) from None
        if not self.finish:
            raise ModelError("the local model's process broke off its answer", kind="cut")

    async def whole(self) -> str:
        """All of the text."""
        return "".join([piece async for piece in self.stream()])

    def _take(self, line: str) -> str:
        """The text of one event; counts stand in the last ones."""
        if not line.startswith("data: ") or line == "data: [DONE]":
            return ""
        event = json.loads(line[6:])
        if "error" in event:
            raise ModelError("the local model failed in the middle of its answer", kind="server")
        usage = event.get("usage") or {}
        self.prompt = usage.get("prompt_tokens", self.prompt)
        self.completion = usage.get("completion_tokens", self.completion)
        self.cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens", self.cached)
        for choice in event.get("choices", ())[:1]:
            self.finish = choice.get("finish_reason") or self.finish
            likely = (choice.get("logprobs") or {}).get("content") or ()
            if likely and not self.first:
                self.first = [(str(one["token"]), float(one["logprob"])) for one in likely[0]["top_logprobs"]]
            return str((choice.get("delta") or {}).get("content") or "")
        return ""


def load_client() -> None:
    """Imports the HTTP client, which the first generation would wait for."""
    import httpx  # noqa: F401


def _refusal(status: int, raw: bytes) -> ModelError:
    try:
        error = json.loads(raw)["error"]
        why, kind = str(error.get("message", ""))[:200], str(error.get("type", ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        why, kind = "", ""
    if kind == "exceed_context_size_error":
        return ModelError("the prompt is too long for the local model", kind="context", billed=False)
    return ModelError(f"the local model refused ({status}): {why}", kind="request" if status < 500 else "server")
