"""Rules that fired, as an answer cites them: their own words, for the limits in them are the rule's."""

from __future__ import annotations

from collections.abc import Iterable

from agents.answers import Citation


def cite_rules(document: str, fired: Iterable[tuple[str, str, str]]) -> tuple[Citation, ...]:
    """A citation for each text of a rule, given with what it is about and its title; the same text once."""
    texts = {text: (about, title) for text, about, title in fired}
    return tuple(
        Citation(
            document=document,
            filing=f"rule:{about}",
            page=None,
            section=title,
            quote=text,
            start=n,
            end=n + len(text),
        )
        for n, (text, (about, title)) in enumerate(texts.items())
    )
