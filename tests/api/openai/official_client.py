"""Run by the environment of the official client, never imported: asks the door in every way and prints what it saw.

Arguments: the base URL, and the keys by name as a JSON object. Prints one JSON object.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any, Literal

import openai
from pydantic import BaseModel

HELLO: Any = [{"role": "user", "content": "How volatile is Exxon?"}]
ADD: Any = {
    "type": "function",
    "function": {
        "name": "add",
        "description": "Adds.",
        "parameters": {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
    },
}


class Mood(BaseModel):
    """What the model is asked for."""

    mood: Literal["good", "bad"]


def desk(client: openai.OpenAI) -> dict[str, Any]:
    """The desk, whole and streamed."""
    whole = client.chat.completions.create(model="tenor", messages=HELLO)
    options: Any = {"include_usage": True}
    parts = list(
        client.chat.completions.create(model="tenor/risk", messages=HELLO, stream=True, stream_options=options)
    )
    assert whole.usage is not None
    assert parts[-1].usage is not None
    return {
        "models": [model.id for model in client.models.list()],
        "one": client.models.retrieve("tenor/risk").owned_by,
        "text": whole.choices[0].message.content,
        "tokens": whole.usage.total_tokens,
        "agents": (whole.model_extra or {})["tenor"]["agents"],
        "streamed": "".join(c.delta.content or "" for part in parts for c in part.choices),
        "stream_tokens": parts[-1].usage.total_tokens,
        "stream_agents": (parts[-1].model_extra or {})["tenor"]["agents"],
    }


def raw(client: openai.OpenAI) -> dict[str, Any]:
    """A raw model: text, tools whole and streamed, structured output."""
    text = client.chat.completions.create(model="mine", messages=HELLO, max_completion_tokens=100)
    called = client.chat.completions.create(model="mine", messages=HELLO, tools=[ADD])
    with client.chat.completions.stream(model="mine", messages=HELLO, tools=[ADD]) as stream:
        streamed = stream.get_final_completion()
    parsed = client.chat.completions.parse(model="mine", messages=HELLO, response_format=Mood)
    calls: Any = called.choices[0].message.tool_calls
    again: Any = streamed.choices[0].message.tool_calls
    mood = parsed.choices[0].message.parsed
    assert text.usage is not None
    assert mood is not None
    return {
        "raw": text.choices[0].message.content,
        "raw_tokens": [text.usage.prompt_tokens, text.usage.completion_tokens],
        "call": [calls[0].function.name, json.loads(calls[0].function.arguments), called.choices[0].finish_reason],
        "again": [again[0].function.name, json.loads(again[0].function.arguments), streamed.choices[0].finish_reason],
        "mood": mood.mood,
    }


def errors(base_url: str, keys: dict[str, str]) -> dict[str, str]:
    """The class and code of each failure, as the client maps it."""
    tries: dict[str, tuple[str, dict[str, Any]]] = {
        "bad key": ("tk_0000.wrong", {"model": "tenor"}),
        "no such model": (keys["chat"], {"model": "gpt-9"}),
        "n": (keys["chat"], {"model": "tenor", "n": 2}),
        "no raw right": (keys["chat"], {"model": "mine"}),
        "no budget": (keys["poor"], {"model": "mine"}),
        "no budget, streamed": (keys["poor"], {"model": "mine", "stream": True}),
        "revoked": (keys["revoked"], {"model": "tenor"}),
        "too large": (keys["chat"], {"model": "tenor", "messages": [{"role": "user", "content": "x" * 1_100_000}]}),
    }
    found = {}
    for name, (key, asked) in tries.items():
        client = openai.OpenAI(base_url=base_url, api_key=key, max_retries=0)
        try:
            client.chat.completions.create(**{"messages": HELLO, **asked})
            found[name] = "answered"
        except openai.APIStatusError as error:
            found[name] = f"{type(error).__name__} {error.code}"
    return found


async def leave(base_url: str, key: str) -> str:
    """Begins a stream that would go on for long and leaves it."""
    client = openai.AsyncOpenAI(base_url=base_url, api_key=key, max_retries=0)
    asked: Any = [{"role": "user", "content": "hang"}]
    stream = await client.chat.completions.create(model="mine", messages=asked, stream=True)
    first = ""
    async for part in stream:
        first += part.choices[0].delta.content or ""
        if first:
            break
    await stream.close()
    await client.close()
    return first


def main() -> None:
    """Everything."""
    base_url, keys = sys.argv[1], json.loads(sys.argv[2])
    found = {**desk(openai.OpenAI(base_url=base_url, api_key=keys["chat"], max_retries=0))}
    found |= raw(openai.OpenAI(base_url=base_url, api_key=keys["raw"], max_retries=0))
    found |= {"errors": errors(base_url, keys), "left": asyncio.run(leave(base_url, keys["raw"]))}
    sys.stdout.write(json.dumps({**found, "version": openai.__version__}))


if __name__ == "__main__":
    main()
