"""Whom a headline is good or bad for, when it names several: each gets what its own clause says.

In "A sues B" the news is B's; in "A falls against B" it is good for B what is bad for A; what a broker says of a
share is the share's news. A name that no clause says anything of is neutral.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from desk.instruments import AssetClass, Instrument, Instruments
from desk.news.evidence import find_evidence
from desk.news.feed import Headline
from desk.news.numbers import Evidence
from desk.news.sentiment import LONGEST, Label, Sentiment, judge, looks_like_post, prepare, score_text, turned
from desk.news.words import currencies, lexicon

OBJECT = frozenset(
    (
        "legal, bad",
        "rating up",
        "rating down",
        "takeover",
        "acquire",
        "approval",
        "rejection",
        "legal, good",
        "macro, good",
    )
)
"""Events that happen to the name after the verb; the name before it does them."""
OPPOSITE: dict[Label, Label] = {"positive": "negative", "neutral": "neutral", "negative": "positive"}
_STOCKS = ("stocks", "equities", "wall street")
"""What headlines call an index."""
_CLAUSE = re.compile(r"[;.]\s|,\s| while | but | whereas ")
_JOIN = re.compile(r"\s*(?:,|and|, and|as well as|&)\s*(?:the )?")
_RIVAL = re.compile(r"\s*(?:further |sharply |\S+% |\S+ percent )?(?:against|versus|over) (?:the )?$")


def score_headline(item: Headline, about: Instrument, known: Instruments) -> Sentiment:
    """What a headline says for one of its instruments; the others it is filed under are told apart by name."""
    if about.asset_class is AssetClass.FOREX:
        return _of_pair(item.text, about)
    filed = [about, *(known.known(id) for id in item.instruments if id != about.id)]
    names = {each.id: _forms(each) for each in filed if each is not None}
    return score_names(item.text, names)[about.id]


def _of_pair(text: str, pair: Instrument) -> Sentiment:
    """A currency pair rises with its first currency and falls with its second; news of neither moves it not."""
    base, quote = pair.name[:3], pair.name[-3:]
    if find_mentions(text, {pair.id: _forms(pair)}):
        return score_text(text)
    known = currencies()
    named = {mention.id for mention in find_mentions(text, known)}
    found = score_names(text, {code: known[code] for code in known if code in named})
    if base in named and (quote not in named or found[base].score):
        return found[base]
    return inverted(found[quote]) if quote in named else judge(text, [])


def inverted(heard: Sentiment) -> Sentiment:
    """What is good for one side of a pair is bad for the other."""
    evidence = tuple(e._replace(weight=-e.weight, why=f"other side: {e.why}") for e in heard.evidence)
    return replace(heard, score=-heard.score, label=OPPOSITE[heard.label], evidence=evidence, sentences=())


def _forms(instrument: Instrument) -> tuple[str, ...]:
    """How a headline may name it: `Exxon Mobil`, `Exxon`, `$XOM`."""
    short = (f"${instrument.symbol}",) if len(instrument.symbol) < 4 else (instrument.symbol,)
    index = _STOCKS if instrument.asset_class is AssetClass.INDEX else ()
    return (instrument.name, *short, *instrument.aliases, *index)


def find_named(text: str, known: Instruments) -> tuple[str, ...]:
    """Ids of the instruments that a text names, in reading order, each once."""
    text = text[:LONGEST]
    return tuple(dict.fromkeys(m.id for m in find_mentions(text, {each.id: _forms(each) for each in known})))


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


def _together(before: list[_Mention], low: str) -> list[_Mention]:
    """The last name and those joined to it: `gold and bitcoin jump`."""
    joined = [before[-1]]
    for mention in reversed(before[:-1]):
        if not _JOIN.fullmatch(low[mention.end : joined[-1].start]):
            break
        joined.append(mention)
    return joined


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
        return [*((m.id, piece.weight) for m in _together([m for m in mentions if m.start < anchor], low)), *rival]
    if after:
        return [(after[0].id, piece.weight)]
    earlier = [m for m in mentions if m.start < begin]
    return [(earlier[-1].id, piece.weight)] if earlier else []
