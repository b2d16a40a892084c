"""Words as search and the metric table see them: lower case, no possessives, light stems."""

from __future__ import annotations

import re
from functools import lru_cache

_WORD = re.compile(r"[a-z0-9]+(?:[&'’.][a-z0-9]+)*%?", re.IGNORECASE)
_NUMBER_COMMA = re.compile(r"(?<=\d),(?=\d{3})")
_IRREGULAR = {
    "taxes": "tax",
    "losses": "loss",
    "inventories": "inventory",
    "activities": "activity",
    "equities": "equity",
}

QUESTION_WORDS = frozenset(
    """a an and are as at be been by can could compare compared did do does doing during each for from give had has
    have how i if in into is it its last latest many me most much of on or our over past please recent recently report
    reported reporting s show so tell than that the their them then there these they this to total us versus vs was
    we were what whats when where which who why will with would you your about according after amount annual base based
    balance became become between both company corporation corp inc change changed come compute calculate
    decrease decreased difference dollar dollars end ended ending ends figure figures filing filings financial fiscal fy
    go going got grew grow growing growth increase increased level million millions billion billions money month months
    number per percent perform performed performance period primarily provided quarter quarterly quarters reach rise
    rose fall fell same say spend spending spent stand state statement statements stood year years yoy usd
    segment segments category division region line business k q 10-k 10-q paid pay earn earned make made generate generated record recorded post posted""".split()
)  # fmt: skip
"""Words that carry no demand of their own once metric, company and period are taken out."""

_GLUE = frozenset("a an and are as at be by do does did for from had has have how in is it its of on or that the their these this to was were what which with".split())  # fmt: skip


@lru_cache(maxsize=50_000)
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


def tokens(text: str) -> list[str]:
    """Every word and number, stemmed, in order."""
    return [stem(word) for word in _WORD.findall(_NUMBER_COMMA.sub("", text.replace("-", " ")))]


def search_tokens(text: str) -> list[str]:
    """The words that search indexes: no glue words."""
    return [word for word in tokens(text) if word not in _GLUE]


@lru_cache(maxsize=20_000)
def label_key(label: str) -> str:
    """A row label for comparison: stems joined by spaces, brackets and punctuation dropped."""
    return " ".join(tokens(label.replace("(", " ").replace(")", " ").replace("/", " ")))


@lru_cache(maxsize=20_000)
def label_words(label: str) -> frozenset[str]:
    """The set of a label's stems."""
    return frozenset(tokens(label))
