"""Formulas that a question defines by name: "DPO is defined as: 365 * average accounts payable / COGS"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.formula.parse import Unreadable, read_formula
from rag.formula.tree import Formula

_DEFINED = re.compile(
    r"(?P<name>[^.?()]{2,80}?)(?:\s*\((?P<short>[A-Za-z&]{2,12})\))?\s+(?:is|are|was|were)\s+(?:defined|calculated|computed|measured)\s+"
    r"as:?\s*(?P<body>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_DEFINE = re.compile(
    r"^(?:define|calculate|compute|assume)\s+(?P<name>[^.?]{2,60}?)\s+(?:as|using|to be|by)\s+(?P<body>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_BY_DIVIDING = re.compile(r"^dividing\s+(.+?)\s+by\s+(.+)$", re.IGNORECASE)
_OPERATOR = re.compile(r"\s[+*/×÷]\s|\b(?:plus|minus|less|divided by)\b|\)\s*[-–−]|\s[-–−]\s*\(?[a-z]", re.IGNORECASE)


_WHERE = re.compile(r",?\s+and\s+(?=[^=]{1,40}=)|[;,]\s+(?=[^=,]{1,40}=)")
_IS = re.compile(r"^(?P<name>[A-Z][^.?!()]{1,60}?)\s+(?:is|are|equals|means|=)\s+(?P<body>[^?]{1,300}?)\s*$")


def read_definitions(sentences: Sequence[str]) -> dict[str, Formula]:
    """Formulas that the question itself defines, by name and by short name; one may use another's name.

    Unreadable when one of them cannot be read.
    """
    bodies = [pair for sentence in sentences for pair in _bodies(sentence)]
    known: dict[str, Formula] = {}
    for rows in (False, True):  # a name is another definition's before it is a row's
        for _ in bodies:  # a definition may come before the one it uses
            for names, body in bodies:
                if names[0] not in known:
                    try:
                        formula = read_formula(body, known, rows)
                    except Unreadable:
                        continue
                    known.update(dict.fromkeys(names, formula))
    if any(names[0] not in known for names, _ in bodies):
        raise Unreadable("a definition cannot be read")
    return known


def _bodies(sentence: str) -> list[tuple[tuple[str, ...], str]]:
    """The definitions of a sentence, the names of each and what stands for them."""
    match = _DEFINED.search(sentence) or _DEFINE.match(sentence) or _plain(sentence)
    if match is None or sentence.rstrip().endswith("?"):
        return []
    named: list[str] = [match["name"], match.groupdict().get("short") or ""]
    body = re.sub(r"[(\[](?:from|in|on|see)\b[^()\[\]]*[)\]]", " ", match["body"], flags=re.IGNORECASE).rstrip(" .")
    body, _, where = body.partition(", where ")
    if match.re is _DEFINE and not _OPERATOR.search(f" {body} "):
        body = re.sub(r"\band\b", " + ", body)
    body = _BY_DIVIDING.sub(r"(\1) / (\2)", body)
    parts = [part.split("=", 1) for part in _WHERE.split(where) if "=" in part]
    return [
        (tuple(_key(name) for name in named if name), body),
        *(((_key(name),), meaning.strip()) for name, meaning in parts),
    ]


def _key(name: str) -> str:
    name = re.sub(r"^.*\b(?:the|an?)\s+", "", name.strip(), flags=re.IGNORECASE)
    return " ".join(name.casefold().split())


def _plain(sentence: str) -> re.Match[str] | None:
    """A definition by "is" alone: its body must hold an operator and be readable."""
    match = _IS.match(sentence)
    if match is None or not _OPERATOR.search(f" {match['body']} "):
        return None
    try:
        read_formula(match["body"].rstrip(" ."))
    except Unreadable:
        return None
    return match
