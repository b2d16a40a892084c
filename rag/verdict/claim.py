"""A question of yes or no as a claim: what is said to have moved, to be above a bound, or to exceed something else.

"Did the current ratio improve?" claims that one figure moved between two periods; "Is working capital positive?" that
it lies above a bound; "Did operating cash flow exceed net income?" that it is the larger of two. The words of the
figure itself are left to whoever reads figures: one that no rule explains there makes the claim unanswerable.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from rag.asked import Asked, read_periods
from rag.query import SAME_PERIOD, Companies
from rag.words import glue_words, tokens

_SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z])")
_BEGINS = re.compile(
    r"^(?:[^?,:]{1,60}[,:]\s+)?(?P<aux>did|does|do|has|have|had|is|are|was|were)\s+(?P<there>there\s+)?", re.IGNORECASE
)
_ASKS_MORE = re.compile(r"\b(?:what|how|why|which|who|whom|when|where)\b", re.IGNORECASE)
_UP = (
    r"increas\w*|gr[eo]w(?:n|ing|s)?|growth|ris(?:e|es|en|ing)|rose|climb\w*|expan(?:d|ded|ding|ds|sion)|gain(?:ed|s)?"
    r"|(?:go(?:ne|ing|es)?|went|mov(?:e|ed|ing)) up|higher|greater|larger|bigger|more|raised?|jump(?:ed|s)?"
)
_DOWN = (
    r"decreas\w*|declin\w*|drop(?:s|ped|ping)?|fall(?:en|ing|s)?|fell|shr[aiu]nk\w*|reduc\w*|contract(?:ed|ion|ing)"
    r"|slip(?:ped|s)?|(?:com(?:e|ing)|came|go(?:ne|ing|es)?|went|mov(?:e|ed|ing)|bring|brought) down|lower(?:ed|ing)?"
    r"|less|fewer|smaller|cut"
)
_GOOD = r"improv\w*|strengthen\w*|(?:(?:get|got|getting|become|became) )?(?:better|stronger|healthier)"
_BAD = r"worsen\w*|deteriorat\w*|weaken\w*|(?:(?:get|got|getting|become|became) )?(?:worse|weaker)"
_MOVES = re.compile(rf"\b(?:(?P<up>{_UP})|(?P<down>{_DOWN})|(?P<good>{_GOOD})|(?P<bad>{_BAD})|(?P<any>chang\w*))\b")
"""As verbs and comparatives are written within a question: "Greater China" is a name."""
_EXCEEDS = re.compile(r"\b(?:exceed(?:ed|s)?|surpass(?:ed|es)?|outweigh(?:ed|s)?|top(?:ped|s)?)\b", re.IGNORECASE)
_NUMBER = (
    r"(?P<sign>-|minus )?(?:US)?[$€£]?\s?(?P<digits>\d[\d,]*(?:\.\d+)?|zero|one)\s?"
    r"(?P<scale>thousand|million|billion|trillion|bn|mn|m|%|percent|per cent|x|times)?"
)
_BOUND = re.compile(
    r"\b(?:(?P<over>above|over|exceed(?:ed|s)?|(?:greater|higher|larger|more) than|at least|in excess of)"
    rf"|(?P<under>below|under|(?:less|lower|smaller|fewer) than|beneath))\s+(?:of )?{_NUMBER}(?![\w])",
    re.IGNORECASE,
)
_SIGNED = re.compile(r"\b(?:(?P<plus>positive)|(?P<minus>negative))\b", re.IGNORECASE)
_PROFIT = re.compile(
    r"\b(?:(?P<made>profitable|(?:ma(?:ke|de)|earn(?:ed)?|turn(?:ed)?|post(?:ed)?|report(?:ed)?) an? (?:net )?profit)"
    r"|(?P<lost>loss[- ]making|unprofitable|(?:ma(?:ke|de)|incur(?:red)?|post(?:ed)?|report(?:ed)?|suffer(?:ed)?)"
    r" an? (?:net )?loss))\b",
    re.IGNORECASE,
)
_EXISTS = re.compile(r"\b(?:pa(?:y|id)|buy back|bought back|repurchased?|issued?|ha(?:s|ve|d) any)\b", re.IGNORECASE)
_PRIOR = re.compile(
    r"\b(?:(?:compared (?:to|with)|versus|vs\.?|than|over|from|relative to|against|on)\s+)?(?:(?:the|its|in the|a)\s+)*"
    r"(?:(?:prior|previous|preceding|last)[- ](?:fiscal )?(?:year|period)|(?:a|one) year (?:earlier|before|ago|prior)"
    r"|year (?:over|on) year|year-(?:over|on)-year|yoy)\b(?:'s)?",
    re.IGNORECASE,
)
_MEASURED = re.compile(r"\b(?:(?:as )?(?:measured|gauged|judged|shown) by|in terms of)\s+", re.IGNORECASE)
_FILLER = re.compile(
    r"(?<![&\w])(?:any|been|profile|trend|significant(?:ly)?|material(?:ly)?|meaningful(?:ly)?|notabl[ey]|slight(?:ly)?"
    r"|sharply|at all|its|their|the|an?|year[- ]end|currently|as of|become|became|or|get|got|getting|go|went"
    r"|experienced?|seen?|s)\b",
    re.IGNORECASE,
)
_MARGIN = re.compile(r"\bgross (?:profit )?margins?(?! ?(?:percent|%|rate|dollars|in dollars))\b", re.IGNORECASE)
"""That of which a rise or fall is asked is the rate."""
_LINKS = (
    r"(?:between|and|from|in|at|on|of|for|to|the|relative|compared|with|versus|vs|over|during|by|end|based|data|did|does"
    r"|spen[dt]|spending|FY|fiscal|year)"
)
_ENDS = re.compile(rf"^(?:\W|{_LINKS}\b)+|(?:[^\w%)]|\b{_LINKS})+$", re.IGNORECASE)
"""What stands around the words of a figure where companies, periods and moves stood."""
_SCALES = {"thousand": 3, "million": 6, "mn": 6, "m": 6, "billion": 9, "bn": 9, "trillion": 12}
_WORDED = {"zero": "0", "one": "1"}


@dataclass(frozen=True)
class Side:
    """A figure of a company, in the words of the question."""

    company: str
    item: str


@dataclass(frozen=True)
class Claim:
    """What is claimed of `side`, over `periods` as they were named.

    `kind`: "moved" (`sign` 1 up, -1 down, 0 at all; `quality` when better or worse is meant, `open` when both ways are
    offered), "bound" (above for 1, below for -1, of `bound`), "beats" (against `other`) or "exists". `told`: the first
    period is compared with the second.
    """

    kind: str
    side: Side
    periods: tuple[Asked, ...]
    sign: int = 1
    quality: bool = False
    open: bool = False
    bound: Decimal = Decimal(0)
    other: Side | None = None
    told: bool = False


def read_claim(text: str, companies: Companies) -> Claim | None:
    """The claim a question puts; None for a question that asks for anything else too."""
    asked = next((s for s in _SENTENCE.split(text.strip()) if s.rstrip().endswith("?")), "")
    begins = _BEGINS.match(asked)
    named = companies.find(asked)[0]
    if begins is None or _ASKS_MORE.search(asked) or not 1 <= len(named) <= 2:
        return None
    rest = asked[begins.end() :].rstrip(" ?")
    if by := _MEASURED.search(rest):
        rest = _measured(rest[: by.start()], rest[by.end() :])
    periods, bare = read_periods(SAME_PERIOD.sub(" ", _PRIOR.sub(" ", rest)))
    reader = _Reader(companies, named[0], periods)
    return reader.bounded(bare) or reader.compared(bare) or reader.moved(bare) or reader.exists(bare)


def _measured(before: str, after: str) -> str:
    """Of "liquidity, measured by the current ratio, improve" the words that name the figure and its move."""
    move = _MOVES.search(before)
    return f"{after} {move[0]}" if move and not _MOVES.search(after) else after


@dataclass(frozen=True)
class _Reader:
    """The kinds of claims, each None where the words are not of its kind."""

    companies: Companies
    company: str
    periods: tuple[Asked, ...]

    def side(self, words: str) -> Side:
        """The figure that words name, without the company and what says nothing of a figure."""
        named = self.companies.find(words)[0]
        spans = self.companies.spans(words)
        for start, end in reversed(spans):
            words = f"{words[:start]} {words[end:]}"
        used = frozenset[str]() if spans else self.companies.find(words)[1]
        kept = [word for word in words.split() if not tokens(word) or not used.issuperset(tokens(word))]
        item = _FILLER.sub(" ", " ".join(kept).replace("'s", " ").replace("\u2019s", " "))
        return Side(named[0] if named else self.company, _ENDS.sub("", " ".join(item.split())))

    def bounded(self, words: str) -> Claim | None:
        """Above or below a number, positive or negative, a profit or a loss."""
        if found := _BOUND.search(words):
            digits = found["digits"].lower().replace(",", "")
            scale = _SCALES.get((found["scale"] or "").lower(), 0)
            bound = Decimal(_WORDED.get(digits, digits)).scaleb(scale) * (-1 if found["sign"] else 1)
            left = _MOVES.sub(" ", f"{words[: found.start()]} {words[found.end() :]}")
            return self._claim("bound", left, sign=1 if found["over"] else -1, bound=bound)
        if found := _SIGNED.search(words):
            left = f"{words[: found.start()]} {words[found.end() :]}"
            return self._claim("bound", left, sign=1 if found["plus"] else -1)
        if found := _PROFIT.search(words):
            left = f"{words[: found.start()]} net income {words[found.end() :]}"
            return self._claim("bound", left, sign=1 if found["made"] else -1)
        return None

    def compared(self, words: str) -> Claim | None:
        """One figure against another, or one period against another where only periods stand behind "than"."""
        head, than, tail = words.partition(" than ")
        how = _MOVES.search(head) if than else _EXCEEDS.search(words)
        if how is None:
            return None
        if not than:
            head, tail = words[: how.start()], words[how.end() :]
            sign = 1
        else:
            head = f"{head[: how.start()]} {head[how.end() :]}"
            sign = -1 if how["down"] or how["bad"] else 1
        first, second = self.side(head), self.side(tail)
        if not _content(second.item) and second.company == first.company:
            quality = bool(than and (how["good"] or how["bad"]))
            return self._claim("moved", head, sign=sign, quality=quality, told=True) if len(self.periods) == 2 else None
        other = second if _content(second.item) else Side(second.company, first.item)
        return self._claim("beats", head, sign=sign, other=other)

    def moved(self, words: str) -> Claim | None:
        """Up, down, better, worse or changed between two periods."""
        hits = list(_MOVES.finditer(words))
        if not hits:
            return None
        ups, downs = ([hit for hit in hits if hit[one] or hit[two]] for one, two in (("up", "good"), ("down", "bad")))
        quality = any(hit["good"] or hit["bad"] for hit in hits)
        sign = 0 if not (ups or downs) else 1 if ups else -1
        return self._claim("moved", _MOVES.sub(" ", words), sign=sign, quality=quality, open=bool(ups and downs))

    def exists(self, words: str) -> Claim | None:
        """Whether there is any of it."""
        return self._claim("exists", words) if _EXISTS.search(words) else None

    def _claim(
        self,
        kind: str,
        words: str,
        *,
        sign: int = 1,
        quality: bool = False,
        open: bool = False,
        bound: Decimal = Decimal(0),
        other: Side | None = None,
        told: bool = False,
    ) -> Claim | None:
        if kind == "moved":
            words = _MARGIN.sub("gross margin percentage", words)
        side = self.side(words)
        if not _content(side.item):
            return None
        return Claim(kind, side, self.periods, sign, quality, open, bound, other, told)


def _content(item: str) -> bool:
    """Whether anything is named: not all of the words are glue."""
    return any(word not in glue_words() for word in tokens(item))
