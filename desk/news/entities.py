"""Whom a headline is good or bad for, when it names several: each gets what its own clause says.

In "A sues B" the news is B's; in "A falls against B" it is good for B what is bad for A; what a broker says of a
share is the share's news. A name that no clause says anything of is neutral.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from desk.instruments import Instrument, Instruments
from desk.news.evidence import find_evidence
from desk.news.feed import Headline
from desk.news.numbers import Evidence
from desk.news.sentiment import LONGEST, Sentiment, judge, looks_like_post, prepare, score_text, turned
from desk.news.words import lexicon

OBJECT = frozenset(
    (
        "legal bad",
        "rating up",
        "rating down",
        "takeover",
        "acquire",
        "approval",
        "rejection",
        "legal good",
        "macro good",
    )
)
"""Events that happen to the name after the verb; the name before it does them."""
_CLAUSE = re.compile(r"[;.]\s|,\s| while | but | whereas ")
_RIVAL = re.compile(r"\s*(?:further |sharply |\S+% |\S+ percent )?(?:against|versus|over) (?:the )?$")


def score_headline(item: Headline, about: Instrument, known: Instruments) -> Sentiment:
    """What a headline says for one of its instruments; the others it is filed under are told apart by name."""
    filed = [about, *(known.known(id) for id in item.instruments if id != about.id)]
    names = {each.id: _forms(each) for each in filed if each is not None}
    return score_names(item.text, names)[about.id]


def _forms(instrument: Instrument) -> tuple[str, ...]:
    """How a headline may name it: `Exxon Mobil`, `Exxon`, `$XOM`."""
    short = (f"${instrument.symbol}",) if len(instrument.symbol) < 4 else (instrument.symbol,)
    return (instrument.name, *short, *instrument.aliases)


class _Mention(NamedTuple):
    id: str
    start: int
    end: int


def score_names(text: str, names: Mapping[str, Sequence[str]]) -> dict[str, Sentiment]:
    """The sentiment for each id of `names` (id to the forms it is written in), in their order.

    A text that names at most one of them speaks of all alike: each id gets the score of the whole.
    """
    text = text[:LONGEST]
    mentions = find_mentions(text, names)
    if len({m.id for m in mentions}) < 2:
        whole = score_text(text)
        return dict.fromkeys(names, whole)
    words, informal = lexicon(), looks_like_post(text)
    low = prepare(text, words)
    found = find_evidence(low, words, informal, every=True)
    shares: dict[str, list[Evidence]] = {id: [] for id in names}
    cuts = [0, *(m.end() for m in _CLAUSE.finditer(low)), len(low)]
    for piece in (turned(e, low, words) for e in found):
        for id, weight in _whose(piece, mentions, cuts, low):
            quoted = text[piece.start : piece.end]
            shares[id].append(piece._replace(weight=round(weight, 2), text=quoted))
    return {id: judge(text, pieces) for id, pieces in shares.items()}


def find_mentions(text: str, names: Mapping[str, Sequence[str]]) -> list[_Mention]:
    """Where each id is named, in reading order; of forms that overlap the longest."""
    low, found = text.lower(), list[_Mention]()
    for id, forms in names.items():
        for form in forms:
            if len(form) > 1:
                pattern = rf"(?<!\w){re.escape(form.lower())}(?!\w)"
                found += [_Mention(id, m.start(), m.end()) for m in re.finditer(pattern, low)]
    found.sort(key=lambda m: (m.start, m.start - m.end))
    kept: list[_Mention] = []
    for mention in found:
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
    return kept


def _whose(piece: Evidence, mentions: list[_Mention], cuts: list[int], low: str) -> list[tuple[str, float]]:
    """The ids a piece of evidence speaks of, with its weight for each."""
    anchor = piece.end - 1 if piece.kind == "movement" else piece.start
    begin = max(c for c in cuts if c <= anchor)
    end = min(c for c in cuts if c > anchor)
    here = [m for m in mentions if begin <= m.start < end]
    before = [m for m in here if m.start < anchor]
    after = [m for m in here if m.end > piece.start and m not in before]
    if piece.why in OBJECT and after and not re.match(r"\s*by ", low[piece.end : piece.end + 4]):
        return [(after[0].id, piece.weight)]
    if piece.why == "contract" and not before and after:
        return [(after[0].id, piece.weight)]
    if before:
        rival = [(m.id, -piece.weight) for m in after[:1] if _RIVAL.match(low[piece.end : m.start])]
        return [(before[-1].id, piece.weight), *rival]
    if after:
        return [(after[0].id, piece.weight)]
    earlier = [m for m in mentions if m.start < begin]
    return [(earlier[-1].id, piece.weight)] if earlier else []
