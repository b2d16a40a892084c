"""The desk behind the door: supervisor or one agent answers; the client's tools are not run, its text not obeyed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from agents.request import check_question
from api.openai.answers import Counted, Outcome
from api.openai.catalogue import Target
from api.openai.errors import invalid
from api.openai.keys import Caller
from api.openai.shape import ChatIn
from api.openai.talk import read_talk
from graphs.compose import plain_text
from graphs.runtime import Runtime

KEPT = (
    "run", "read_as", "agents", "route", "model", "fallback", "abstained", "refusal", "approval", "citations", "facts",
    "prompts", "timings", "cost_usd", "cards",
)  # fmt: skip
WITHOUT_EFFECT = ("tools", "tool_choice", "max_tokens", "max_completion_tokens", "temperature")
_PIECES = re.compile(r".+?(?:\n\n|\Z)", re.DOTALL)


def check_desk(body: ChatIn) -> None:
    """Returns when the desk can answer this; DoorError for what it could only pretend to do."""
    if body.response_format is not None and body.response_format.type != "text":
        raise invalid("the desk answers in prose; ask a raw model for JSON", "response_format", "unsupported_parameter")
    if body.choice not in ("auto", "none"):
        raise invalid(
            "the desk does not call a client's tools; ask a raw model, or send tool_choice auto or none",
            "tool_choice",
            "unsupported_parameter",
        )
    check_question(read_talk(body).question)


async def ask_desk(
    runtime: Runtime, caller: Caller, target: Target, body: ChatIn, emit: Callable[[str], None]
) -> Outcome:
    """One turn; the text is emitted by paragraphs when it is whole, because it is checked as a whole."""
    talk = read_talk(body)
    answer = await runtime.ask(talk.question, caller.person, agent=target.name, carried=talk.carried)
    text = plain_text(str(answer["answer"]))
    for piece in _PIECES.findall(text):
        emit(piece)
    sent = [name for name in WITHOUT_EFFECT if getattr(body, name) is not None]
    record = {name: answer[name] for name in KEPT}
    tenor = {"kind": target.kind, **record, "notes": list(talk.notes), "ignored": sorted([*sent, *body.ignored])}
    return Outcome(text, "stop", _counted(answer), tenor)


def _counted(answer: Mapping[str, object]) -> Counted:
    prompt, total = int(str(answer["prompt_tokens"])), int(str(answer["tokens"]))
    return Counted(prompt, total - prompt)
