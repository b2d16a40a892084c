"""Any OpenAI-compatible address, GPT-4-Turbo, Mixtral or LLaMA, through LiteLLM."""

from __future__ import annotations

import json
import os

from pydantic import BaseModel

from desk.errors import ModelError
from desk.llm.chat import Completion, Message, ToolCall, ToolSchema


class _Function(BaseModel):
    name: str
    arguments: str = "{}"


class _Call(BaseModel):
    id: str
    function: _Function


class _Message(BaseModel):
    content: str | None = None
    tool_calls: list[_Call] | None = None


class _Choice(BaseModel):
    message: _Message


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Answer(BaseModel):
    choices: list[_Choice]
    usage: _Usage | None = None


class LiteLLMChat:
    """One model through LiteLLM's completion call.

    `model` is LiteLLM's id ("gpt-4-turbo", "mistral/open-mixtral-8x22b", …); with `base_url` it is
    the name at that address. The key is passed per call and never logged.
    """

    def __init__(self, model: str, base_url: str = "", api_key: str = "", timeout_s: float = 60.0) -> None:
        self._model, self._base_url, self._api_key, self._timeout_s = model, base_url, api_key, timeout_s

    @property
    def name(self) -> str:
        """The model's id."""
        return self._model

    async def complete(self, messages: list[Message], tools: list[ToolSchema]) -> Completion:
        """See `ChatModel.complete`."""
        os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
        import litellm

        litellm.suppress_debug_info = True
        request: dict[str, object] = {
            "model": f"openai/{self._model}" if self._base_url else self._model,
            "messages": [m.to_wire() for m in messages],
            "timeout": self._timeout_s,
            "max_retries": 0,
        }
        if self._base_url:
            request |= {"api_base": self._base_url, "api_key": self._api_key or "none"}
        elif self._api_key:
            request["api_key"] = self._api_key
        if tools:
            request["tools"] = [t.to_wire() for t in tools]
        try:
            answer = await litellm.acompletion(**request)
        except Exception as error:  # noqa: BLE001 - every provider fails in its own classes; the cause may hold the key
            raise ModelError(f"model {self._model!r} failed: {type(error).__name__}") from None
        return self._read(answer.model_dump())

    def _read(self, answer: dict[str, object]) -> Completion:
        try:
            read = _Answer.model_validate(answer)
            message = read.choices[0].message
            calls = tuple(
                ToolCall(c.id, c.function.name, json.loads(c.function.arguments)) for c in message.tool_calls or ()
            )
        except (IndexError, ValueError) as error:
            raise ModelError(f"model {self._model!r} sent something that is not a chat answer: {error}") from None
        text = message.content or ""
        if not text.strip() and not calls:
            raise ModelError(f"model {self._model!r} sent an empty answer")
        usage = read.usage or _Usage()
        return Completion(self._model, text, calls, usage.prompt_tokens, usage.completion_tokens, self._cost(answer))

    def _cost(self, answer: dict[str, object]) -> float:
        import litellm

        try:
            return float(litellm.completion_cost(completion_response=answer, model=self._model))
        except Exception:  # noqa: BLE001 - a model without a price costs what its owner pays; shown as 0
            return 0.0
