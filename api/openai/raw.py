"""A raw model behind the door: through the router, with its deadlines, money, redaction and records."""

from __future__ import annotations

import json
from collections.abc import Callable

from agents.driver import purse_of
from api.openai.answers import Counted, Outcome
from api.openai.catalogue import Target
from api.openai.errors import invalid, model_failed
from api.openai.keys import Caller
from api.openai.schemas import check_schema
from api.openai.shape import CallIn, ChatIn, MessageIn, text_of
from desk.llm.calls import Attempt
from desk.llm.chat import Message, Part, ToolCall, ToolSchema
from desk.llm.router import Ask, Routed
from graphs.runtime import Runtime

TASK = "raw"


def build_ask(runtime: Runtime, caller: Caller, target: Target, body: ChatIn, run: str) -> Ask:
    """The request in the router's form; DoorError names what cannot be passed on."""
    tools = _tools(body)
    choice = "" if body.choice in ("auto", "none") else body.choice
    if choice and not tools:
        raise invalid("tool_choice wants a call, but there are no tools", "tool_choice")
    if choice not in ("", "required", *(tool.name for tool in tools)):
        raise invalid(f"tool_choice names {choice!r}, which is not among the tools", "tool_choice")
    return Ask(
        TASK,
        tuple(_message(message, n) for n, message in enumerate(body.messages)),
        tools,
        _schema(body),
        run=run,
        person=caller.person.name,
        models=(target.name,),
        max_tokens=body.most_tokens,
        purse=purse_of(caller.person),
        temperature=body.temperature or 0.0,
        choice=choice,
    )


async def ask_raw(runtime: Runtime, target: Target, body: ChatIn, ask: Ask, emit: Callable[[str], None]) -> Outcome:
    """The model's answer. Text streams as it comes; with tools or a schema it comes when it was found valid."""
    live = not ask.tools and ask.schema is None

    def watch(_: str, part: Part) -> None:
        if live and part.text:
            emit(part.text)

    routed = await runtime.models.complete(ask, watch=watch)
    done, last = routed.completion, routed.attempts[-1] if routed.attempts else None
    record = _record(runtime, target, body, ask, routed)
    if done is not None:
        if not live and done.text:
            emit(done.text)
        return Outcome(done.text, "tool_calls" if done.calls else "stop", _counted(routed), record, done.calls)
    if last is not None and last.kind == "endless" and live and last.raw:
        return Outcome(last.raw, "length", _counted(routed), record)
    raise model_failed(last.kind if last else "", routed.reason or "no model answered")


def _counted(routed: Routed) -> Counted:
    return Counted(routed.prompt_tokens, routed.tokens - routed.prompt_tokens)


def _record(runtime: Runtime, target: Target, body: ChatIn, ask: Ask, routed: Routed) -> dict[str, object]:
    attempts: tuple[Attempt, ...] = routed.attempts
    most = runtime.models.task(TASK).max_tokens
    notes = [note for attempt in attempts for note in attempt.notes]
    if body.most_tokens > most:
        notes.append(f"max_tokens {body.most_tokens} is more than the {most} that are given")
    return {
        "kind": target.kind,
        "run": ask.run,
        "model": target.name,
        "fallback": routed.reason,
        "first_ms": attempts[-1].first_ms if attempts else None,
        "total_ms": attempts[-1].ms if attempts else None,
        "cost_usd": routed.cost_usd,
        "estimated": any(attempt.estimated for attempt in attempts),
        "notes": notes,
        "ignored": body.ignored,
    }


def _message(message: MessageIn, n: int) -> Message:
    text, calls = text_of(message, n), tuple(_call(call, n) for call in message.tool_calls or ())
    if message.role == "developer":
        return Message("system", text)
    return Message(message.role, text, calls, message.tool_call_id or "")


def _call(call: CallIn, n: int) -> ToolCall:
    try:
        arguments = json.loads(call.function.arguments or "{}")
    except (ValueError, RecursionError):
        arguments = None
    if not isinstance(arguments, dict):
        raise invalid(f"the arguments of {call.function.name} are not a JSON object", f"messages.{n}.tool_calls")
    return ToolCall(call.id, call.function.name, arguments)


def _tools(body: ChatIn) -> tuple[ToolSchema, ...]:
    if body.choice == "none":
        return ()
    found: dict[str, ToolSchema] = {}
    for n, tool in enumerate(body.tools or ()):
        function, where = tool.function, f"tools.{n}.function"
        if function.name in found:
            raise invalid(f"two tools are called {function.name!r}", f"{where}.name")
        check_schema(function.parameters, f"{where}.parameters")
        found[function.name] = ToolSchema(function.name, function.description, dict(function.parameters))
    return tuple(found.values())


def _schema(body: ChatIn) -> dict[str, object] | None:
    wanted = body.response_format
    if wanted is None or wanted.type == "text":
        return None
    if wanted.type == "json_object":
        return {"type": "object"}
    if wanted.json_schema is None:
        raise invalid("response_format of type json_schema needs json_schema", "response_format.json_schema")
    check_schema(wanted.json_schema.schema_, "response_format.json_schema.schema")
    return dict(wanted.json_schema.schema_)
