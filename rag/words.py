"""Words as search and the metric table see them: lower case, no possessives, light stems."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import cast

from desk.yaml_text import read_yaml

_WORD = re.compile(r"[a-z0-9]+(?:[&'’.][a-z0-9]+)*%?", re.IGNORECASE)
_NUMBER_COMMA = re.compile(r"(?<=\d),(?=\d{3})")
_NOTE = re.compile(r"\(\d{1,2}\)")
"""The number of a footnote behind a label."""
_IRREGULAR = {
    "taxes": "tax",
    "losses": "loss",
    "inventories": "inventory",
    "activities": "activity",
    "equities": "equity",
}


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """Lower case without possessive, plural and -ing, -ed, -e: `Repurchased` -> `repurchas`."""
    word = word.lower().replace("’", "'").removesuffix("'s").removesuffix("'").replace("'", "")
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    return next(
        (word[: -len(end)] for end in ("ing", "ed", "e") if word.endswith(end) and len(word) > len(end) + 2), word
    )


@cache
def _lists() -> dict[str, frozenset[str]]:
    lists = cast("dict[str, str]", read_yaml((Path(__file__).parent / "words.yaml").read_text()))
    return {name: frozenset(map(stem, text.split())) for name, text in lists.items()}


def question_words() -> frozenset[str]:
    """Stems that carry no demand of their own once metric, company and period are taken out."""
    return _lists()["question"]


def glue_words() -> frozenset[str]:
    """Stems that search does not index."""
    return _lists()["glue"]


def small_words() -> frozenset[str]:
    """Stems that say nothing about what a general question is about."""
    return _lists()["small"]


def tokens(text: str) -> list[str]:
    """Every word and number, stemmed, in order."""
    return [stem(word) for word in _WORD.findall(_NUMBER_COMMA.sub("", text.replace("-", " ")))]


def search_tokens(text: str) -> list[str]:
    """The words that search indexes: no glue words."""
    return [word for word in tokens(text) if word not in glue_words()]


@lru_cache(maxsize=20_000)
def label_key(label: str) -> str:
    """A row label for comparison: stems joined by spaces, brackets and punctuation dropped."""
    return " ".join(tokens(_NOTE.sub(" ", label).replace("(", " ").replace(")", " ").replace("/", " ")))


@lru_cache(maxsize=20_000)
def label_words(label: str) -> frozenset[str]:
    """The set of a label's stems."""
    return frozenset(tokens(_NOTE.sub(" ", label)))
