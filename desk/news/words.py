"""Word patterns of the sentiment lexicon, compiled.

A pattern is words: `a/b` is either, `..` stands for up to five other words within the clause (`...` for nine), `!c` for
anything but `c`, `*` for any ending or beginning, `"a b"` keeps a phrase inside an alternative. Patterns are matched in
lower-case text, at the beginning of a word. The files hold them separated by commas.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter

from desk.yaml_text import read_yaml

FOLDER = Path(__file__).parent / "lexicon"
LONG_GAP = r"(?:[\s,]+[^\s;:.!?,]+(?:\.\d+)?){0,9}?"
GAP = r"(?:[\s,]+[^\s;:.!?,]+(?:\.\d+)?){0,5}?"


def _listed(words: object) -> object:
    """A comma-separated text as its parts."""
    return tuple(part.strip() for part in words.split(",") if part.strip()) if isinstance(words, str) else words


Words = Annotated[tuple[str, ...], BeforeValidator(_listed)]


SLANG = ("posts_good", "posts_bad")
"""Read in posts only: `tanks` and `dead` are plain words elsewhere."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Measure(_Model):
    """A group of things that move. `good`: better when it goes up."""

    polarity: Literal["good", "bad"]
    weight: float
    words: Words


class Event(_Model):
    """A kind of happening; `weight` above zero is good news."""

    weight: float
    words: Words


class Directions(_Model):
    """up and down: size; good and bad: quality whatever the measure."""

    up: Words
    down: Words
    good: Words
    bad: Words


class Phrases(_Model):
    """What turns, weakens or hides evidence."""

    masks: Words
    negators: Words
    hedges: Words
    expectation_less: Words
    neutral: Words
    lively: Words
    concessions: Words
    backgrounds: Words


class Lexicon(NamedTuple):
    """All patterns, and what a measure's word weighs (below zero: bad when it goes up)."""

    measure: re.Pattern[str]
    measures: dict[str, tuple[str, float]]
    direction: re.Pattern[str]
    strong: re.Pattern[str]
    slang: re.Pattern[str]
    weak: re.Pattern[str]
    weights: dict[str, float]
    mask: re.Pattern[str]
    negator: re.Pattern[str]
    hedge: re.Pattern[str]
    less: re.Pattern[str]
    neutral: re.Pattern[str]
    lively: re.Pattern[str]
    concession: re.Pattern[str]
    background: re.Pattern[str]


@cache
def lexicon() -> Lexicon:
    """The shipped words, read once; ValidationError or re.error for a damaged file."""
    measures = {name: Measure.model_validate(raw) for name, raw in _read("measures").items()}
    directions = Directions.model_validate(_read("directions"))
    phrases = Phrases.model_validate(_read("phrases"))
    events = {name: Event.model_validate(raw) for file in ("events", "posts") for name, raw in _read(file).items()}
    known = {
        word: (name, group.weight if group.polarity == "good" else -group.weight)
        for name, group in measures.items()
        for word in group.words
    }
    return Lexicon(
        measure=whole_words({"m": tuple(sorted(known, key=len, reverse=True))}),
        measures=known,
        direction=whole_words(directions.model_dump()),
        strong=whole_words({name: e.words for name, e in events.items() if abs(e.weight) >= 1 and name not in SLANG}),
        slang=whole_words({name: events[name].words for name in SLANG}),
        weak=whole_words({name: e.words for name, e in events.items() if abs(e.weight) < 1}),
        weights={name: e.weight for name, e in events.items()},
        **{
            name: whole_words({name: words})
            for name, words in (
                ("mask", phrases.masks),
                ("negator", phrases.negators),
                ("hedge", phrases.hedges),
                ("less", phrases.expectation_less),
                ("neutral", phrases.neutral),
                ("lively", phrases.lively),
                ("concession", phrases.concessions),
                ("background", phrases.backgrounds),
            )
        },
    )


@cache
def currencies() -> dict[str, tuple[str, ...]]:
    """ISO 4217 code to the words headlines use."""
    return {
        code: (code.lower(), *TypeAdapter(Words).validate_python(words)) for code, words in _read("currencies").items()
    }


def whole_words(groups: dict[str, tuple[str, ...]]) -> re.Pattern[str]:
    """One pattern of all groups, named by group; longer patterns are tried first."""
    branches = [(branch, name) for name, patterns in groups.items() for p in patterns for branch in _branches(p)]
    branches.sort(key=lambda pair: -len(pair[0]))
    parts: dict[str, list[str]] = {}
    for branch, name in branches:
        parts.setdefault(name, []).append(branch)
    body = "|".join(f"(?P<{name}>{'|'.join(found)})" for name, found in parts.items())
    return re.compile(rf"(?<![\w-])(?:{body})(?![\w])")


def _branches(pattern: str) -> list[str]:
    """The regular expressions of a pattern: one for each alternative of its first word, so that each begins plainly."""
    first, *rest = re.findall(r'(?:"[^"]*"|[^\s"])+', pattern)
    tail = ""
    for word in rest:
        if word in {"..", "..."}:
            tail += GAP if word == ".." else LONG_GAP
        elif word.startswith("!"):
            tail += rf"(?![\s-]+{_word(word[1:])})"
        else:
            tail += r"[\s,-]+" + _word(word)
    return [_one(choice) + tail for choice in _choices(first)]


def _word(word: str) -> str:
    choices = [_one(choice) for choice in _choices(word)]
    return choices[0] if len(choices) == 1 else f"(?:{'|'.join(choices)})"


def _choices(word: str) -> list[str]:
    return [part.strip('"') for part in re.findall(r'(?:"[^"]*"|[^/"])+', word)]


def _one(word: str) -> str:
    """A literal word; `*` any letters or digits, a trailing `?` an optional last letter."""
    escaped = re.escape(word).replace(r"\*", r"[\w,.]*" if word[:1] in "*$€" else r"\w*").replace(r"\?", "?")
    return escaped.replace(r"\ ", r"[\s-]+")


def _read(name: str) -> dict[str, object]:
    found = read_yaml((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise ValueError(f"{name}.yaml is no table")
    return found
