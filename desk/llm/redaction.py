"""Takes keys out of words that leave the desk or are kept: prompts, what models wrote, errors."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from desk.llm.chat import Message

SHAPES = (
    r"\bsk-[A-Za-z0-9_-]{16,}",
    r"\btk_[A-Za-z0-9_-]{16,}",
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    r"\bgh[pousr]_[A-Za-z0-9]{20,}",
    r"\bxox[abprs]-[A-Za-z0-9-]{10,}",
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
)
"""What keys of common services, and our own, look like."""

_SHORTEST = 6


class Redaction:
    """Knows this desk's secrets and the shapes of others."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        own = sorted((re.escape(s) for s in secrets if len(s) >= _SHORTEST), key=len, reverse=True)
        self._pattern = re.compile("|".join((*own, *SHAPES)))

    def clean(self, text: str) -> str:
        """The text with `[redacted]` for every key."""
        return self._pattern.sub("[redacted]", text)

    def clean_message(self, message: Message) -> Message:
        """The message with its content cleaned; the same one when there is nothing to take out."""
        content = self.clean(message.content)
        return message if content == message.content else replace(message, content=content)
