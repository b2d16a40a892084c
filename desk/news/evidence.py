"""Evidence in a sentence: measures that move, numbers compared, events. Pure; offsets are the text's own."""

from __future__ import annotations

import re

from desk.news.numbers import FLIP, MONEYS, Evidence, Kind, find_comparisons
from desk.news.words import Lexicon

LEFT, RIGHT, ATTRIBUTE = 80, 45, 14
_STOP = re.compile(r"[;:]| while | but | whereas | although | though | however ")
_PREPOSITION = re.compile(r"\d| (?:to|by|from|in|on|at|after|as|for|with|and|of|against) |,")
_INTRANSITIVE = re.compile(
    r"(?:rose|risen?|rises|rising|fell|falls?|fallen|grew|climb|jump|soar|surg|slid|slip|sank|sink|plung|plummet|tumbl|went|declin|"
    r"slump|retreat|rall|rebound|recover|drift|edge)"
)
_NOUN = re.compile(r"\s(?:in|of)\s")
"""`rise in costs`: the verb is a noun and its measure follows."""
_MOVER = re.compile(
    r"(?:r[io]se|rises|risen|fell|falls|climb|jump|soar|surg|slid|slip|s[aiu]nk|plung|plummet|tumbl|slump|retreat|rall|rebound|"
    r"recover|drift|leap|spik|rocket|crash|gain|drop|dip|div|up$|down$|higher|lower|firm|strengthen|weaken|ease|halv|advanc|declin)"
)
_PERCENT = re.compile(r"[^.;]{0,22}?\d\s?(?:%|pct|per ?cent)")
_TRANSITIVE = re.compile(
    r"(?:cut|rais|lift|boost|reduc|slash|dent|squeez|drag|curb|trim|lower|los[et]|shed|hurt|expand|strengthen|improv|doubl|add|"
    r"extend|widen|halv|narrow|increas|grow|hike)"
)
_BY_SHARE = re.compile(r"(?:%|percent|per cent|pct|half|times|twice|third|quarter)\s$")
_BOUND = re.compile(
    r"(?: \w+){0,3} (?:guidance|estimates?|expect\w*|forecasts?|target|last year|previous|year-ago|average|consensus)"
)
_SIGNED = re.compile(r"\s(?:[a-z]{3}\s|[$€£])?\d")
HEADLINE_WORDS = 16
AGAIN = 24
"""Characters within which a second verb still speaks of a measure that has one (`rises and then falls`)."""
SOFT = 1.5
"""Measures up to this weight say little when they are only called good or bad."""


def find_evidence(low: str, words: Lexicon, informal: bool = False, every: bool = False) -> list[Evidence]:
    """The evidence of a lower-case sentence, in reading order; negation and clauses are not yet looked at.

    `every` keeps what a heavier piece would silence: for texts in which different things happen to different names.
    """
    strong = _events(low, words.strong, words, "event")
    if informal:
        slang = _events(low, words.slang, words, "event")
        strong = [*slang, *(e for e in strong if not any(touch(e, s) for s in slang))]
    compared = find_comparisons(low, words)
    strong = [s for s in strong if not any(abs(c.weight) >= FLIP and touch(s, c) for c in compared)]
    moved = _movements(low, words, strong)
    compared = [c for c in compared if abs(c.weight) >= FLIP or not any(touch(m, c) for m in moved)]
    moved = [m for m in moved if not any(touch(m, c) for c in compared)]
    taken = [*strong, *compared, *moved]
    weak = [w for w in _events(low, words.weak, words, "weak") if not any(touch(w, t) for t in taken)]
    moved = [*moved, *compared] if every else _strongest([*moved, *compared])
    if not every:
        strong, weak = _once(strong), _once(weak)
    return sorted([*moved, *strong, *weak[:3]], key=lambda e: e.start)


def _role(event: str) -> str:
    """`legal_bad` for a person: `legal, bad`."""
    for tone in ("good", "bad"):
        event = event.replace(f"_{tone}", f", {tone}")
    return event.replace("_", " ")


def _once(events: list[Evidence]) -> list[Evidence]:
    """The first event of each kind: a thing said twice is not twice as true."""
    first: dict[str, Evidence] = {}
    for event in events:
        first.setdefault(event.why, event)
    return list(first.values())


def touch(one: Evidence, other: Evidence) -> bool:
    """Whether two pieces overlap."""
    return one.start < other.end and other.start < one.end


def _events(low: str, pattern: re.Pattern[str], words: Lexicon, kind: Kind) -> list[Evidence]:
    out: list[Evidence] = []
    for match in pattern.finditer(low):
        name = match.lastgroup or ""
        out.append(Evidence(match[0], match.start(), match.end(), words.weights[name], _role(name), kind))
    return out


def _movements(low: str, words: Lexicon, events: list[Evidence]) -> list[Evidence]:
    measures = [m for m in words.measure.finditer(low) if not _is_money(m, low)]
    out: list[Evidence] = []
    last: re.Match[str] | None = None
    used: dict[int, int] = {}
    for match in words.direction.finditer(low):
        inside = next((e for e in events if e.start <= match.start() < e.end), None)
        if inside is not None or _idle(match, low):
            last = next((m for m in measures if inside and inside.start <= m.start() < inside.end), last)
            continue
        near, told = _nearest(match, measures, low), True
        if near is not None and near.start() in used and match.start() - used[near.start()] > AGAIN:
            continue
        if near is None:
            near, told = _elliptic(match, last), False
        if near is None:
            out.extend(_bare(match, low))
            continue
        last, used[near.start()] = near, match.end()
        name, weight = words.measures[re.sub(r"\s+", " ", near[0])]
        sign, sized = _sign(match)
        weight = sign * (weight if sized else (0.9 if abs(weight) > SOFT else 0.65) * abs(weight))
        if words.less.search(low, match.end(), match.end() + 40):
            weight *= -0.8
        start, end = (min(match.start(), near.start()), max(match.end(), near.end())) if told else match.span()
        out.append(Evidence(low[start:end], start, end, weight, f"{name} {match.lastgroup}", "movement"))
    return out


def _idle(match: re.Match[str], low: str) -> bool:
    """`more` and `less` move nothing unless by a share (`9% more`); `negative EUR 5 m` is a number's sign."""
    if match[0] == "negative" and _SIGNED.match(low, match.end()):
        return True
    if match[0] in {"above", "below"}:
        return _BOUND.match(low, match.end()) is None
    return match[0] in {"more", "less"} and not _BY_SHARE.search(low, max(0, match.start() - 10), match.start())


def _is_money(measure: re.Match[str], low: str) -> bool:
    """`5 million euro`, `euro 5`: a unit, not a price that moves."""
    if measure[0] not in MONEYS:
        return False
    before = re.search(
        r"\d[\d,. ]*(?:million|mln|billion|bn|mn|m)?\s?$", low[max(0, measure.start() - 24) : measure.start()]
    )
    return before is not None or low[measure.end() : measure.end() + 2].strip()[:1].isdigit()


def _sign(match: re.Match[str]) -> tuple[float, bool]:
    """Plus or minus, and whether it is of size rather than of quality."""
    kind = match.lastgroup or ""
    return (1.0 if kind in {"up", "good"} else -1.0), kind in {"up", "down"}


def _nearest(direction: re.Match[str], measures: list[re.Match[str]], low: str) -> re.Match[str] | None:
    """The measure the word speaks of: its object or noun close by, else the subject before it, else one after it."""
    start, end = direction.span()
    right = [m for m in measures if end <= m.start() <= end + RIGHT]
    right = [m for m in right if not _STOP.search(low, end, m.start()) and "," not in low[end : m.start()]]
    left = [m for m in measures if m.end() <= start <= m.end() + LEFT]
    left = [m for m in left if not _STOP.search(low, m.end(), start)]
    reach = RIGHT if _TRANSITIVE.match(direction[0]) else ATTRIBUTE
    close = right and right[0].start() - end <= reach and not _PREPOSITION.search(low, end, right[0].start())
    if close and not (left and _INTRANSITIVE.match(direction[0])):
        return right[0]
    if left or not right or (_INTRANSITIVE.match(direction[0]) and not _NOUN.match(low, end)):
        return left[-1] if left else None
    return right[0]


def _elliptic(direction: re.Match[str], last: re.Match[str] | None) -> re.Match[str] | None:
    """`A's costs fall but B's rise`: the measure of the clause before."""
    sized = direction.lastgroup in {"up", "down"} or direction[0] in {"misses", "missed"}
    return last if sized else None


def _bare(match: re.Match[str], low: str) -> list[Evidence]:
    """A verb of movement whose subject is no known measure: taken for the price of what is named."""
    if match[0] in {"misses", "missed"} and re.match(r"\s*(?:[,;.]|$)", low[match.end() :]):
        return [Evidence(match[0], match.start(), match.end(), -1.5, "miss", "movement")]
    if match.lastgroup not in {"up", "down"} or not _MOVER.match(match[0]):
        return []
    percent = _PERCENT.match(low, match.end()) or _PERCENT.search(low, max(0, match.start() - 12), match.start())
    sign = _sign(match)[0]
    if low[max(0, match.start() - 3) : match.start()] == "to " and not percent:
        return []
    if not percent and (match[0] in {"up", "down"} or low.count(" ") > HEADLINE_WORDS or low.rstrip().endswith(" .")):
        return []
    weight = sign * (1.3 if percent else 1.0)
    return [Evidence(match[0], match.start(), match.end(), weight, f"price {match.lastgroup}", "movement")]


def _strongest(moved: list[Evidence]) -> list[Evidence]:
    """Profit outranks sales and sales the price: of movements that disagree, only the heaviest measures speak."""
    seen: dict[tuple[str, bool], Evidence] = {}
    for each in moved:
        seen.setdefault((each.why.split()[0], each.weight > 0), each)
    kept = sorted(seen.values(), key=lambda e: e.start)
    if len({e.weight > 0 for e in kept}) <= 1:
        return sorted(kept, key=lambda e: -abs(e.weight))[:2]
    heaviest = max(abs(e.weight) for e in kept)
    first, *rest = [e for e in kept if abs(e.weight) >= heaviest - 0.25][:3]
    return [first, *(e._replace(weight=e.weight / 2) for e in rest)]
