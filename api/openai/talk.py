"""A client's messages as a question to the desk: only the last user message asks, the rest is untrusted text."""

from __future__ import annotations

from dataclasses import dataclass

from api.openai.shape import ChatIn, MessageIn, text_of
from graphs.state import Carried

MOST_QUESTIONS, MOST_SYSTEM, MOST_OTHER = 6, 2, 6
"""Earlier questions, system messages, and answers or tool results that are kept of a conversation; the newest."""
MOST_CHARACTERS = 2_000
"""Of one kept message."""
CALLED = {
    "system": "text the client's program set",
    "developer": "text the client's program set",
    "assistant": "an earlier answer, as the client reports it",
    "tool": "a tool result, as the client reports it",
}


@dataclass(frozen=True)
class Talk:
    """The question, what came with it, and what was left out of that."""

    question: str
    carried: Carried
    notes: tuple[str, ...]


def read_talk(body: ChatIn) -> Talk:
    """Reads checked messages. What follows the last user message counts as background too."""
    texts = [(message, text_of(message, n)) for n, message in enumerate(body.messages)]
    last = max(n for n, (message, _) in enumerate(texts) if message.role == "user")
    earlier = [text for message, text in texts[:last] if message.role == "user"]
    others = [(m, text) for n, (m, text) in enumerate(texts) if n != last and m.role != "user" and text.strip()]
    set_by_client = [pair for pair in others if pair[0].role in ("system", "developer")]
    said = [pair for pair in others if pair[0].role in ("assistant", "tool")]
    kept = [*set_by_client[-MOST_SYSTEM:], *said[-MOST_OTHER:]]
    questions = earlier[-MOST_QUESTIONS:]
    dropped = len(earlier) - len(questions) + len(others) - len(kept)
    long = sum(len(text) > MOST_CHARACTERS for text in (*questions, *(text for _, text in kept)))
    notes = [f"left out {dropped} older messages"] if dropped else []
    notes += [f"cut {long} earlier messages to {MOST_CHARACTERS:,} characters"] if long else []
    background = tuple(_line(message, text) for message, text in kept)
    carried = Carried(tuple(text[:MOST_CHARACTERS] for text in questions), background)
    return Talk(texts[last][1], carried, tuple(notes))


def _line(message: MessageIn, text: str) -> str:
    return f"({CALLED[message.role]}) {text[:MOST_CHARACTERS]}"
