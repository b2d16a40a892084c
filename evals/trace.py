"""How an answer came about, kept with a case that failed."""

from __future__ import annotations

import json

from pydantic import JsonValue

from desk.errors import TenorError
from graphs.runtime import Runtime

MOST = 4000
"""Characters of an answer, and of one call's arguments, that a trace keeps."""


def read_trace(runtime: Runtime, question: str, answer: dict[str, object]) -> dict[str, JsonValue]:
    """Question, answer, route, facts, and each agent with its time and the tools it called."""
    facts = answer["facts"]
    kept = {
        name: answer[name] for name in ("agents", "facts", "citations", "refusal", "approval", "abstained", "route")
    }
    trace = {
        "question": question,
        "answer": str(answer["answer"])[:MOST],
        **kept,
        "facts": facts[:50] if isinstance(facts, list) else [],
        "timings": answer["timings"],
        "parts": _parts(runtime, str(answer["run"])),
    }
    plain: dict[str, JsonValue] = json.loads(json.dumps(trace, default=str))
    return plain


def was_late(answer: dict[str, object] | None) -> bool:
    """Whether the router's sentence model came too late to be heard: on a busy machine the same words go elsewhere."""
    route = answer["route"] if answer else None
    return isinstance(route, dict) and route.get("late") is not None


def _parts(runtime: Runtime, run: str) -> list[dict[str, object]]:
    """From the run's bundle; empty when it was not recorded."""
    try:
        bundle = runtime.runs.get(run, None).bundle
    except TenorError:
        return []
    return [
        {
            "agent": part.agent,
            "prompt": part.prompt,
            "ms": part.micros / 1000,
            "models_asked": len(part.asks),
            "tools": [
                {
                    "tool": call.tool,
                    "arguments": call.arguments[:MOST],
                    "error": call.error.message if call.error else None,
                    "facts": len(call.facts),
                }
                for call in part.calls
            ],
        }
        for part in bundle.parts
    ]
