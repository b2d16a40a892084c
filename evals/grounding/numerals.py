"""Where each numeral of a shown answer comes from, judged from the answer alone.

Written apart from the desk's own guard (`desk.facts.stray_numerals`), which it must not trust: that guard reads text
with slots before it is shown, this reads what the person sees. It scans sign by sign, takes every character that
Unicode counts as a number, and asks of each run of them for one of five sources, in this order.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal, NamedTuple

Source = Literal["fact", "quote", "name", "said", "date", "list", ""]
_LINK = re.compile(r"\[([^\]]*)\]\(#fact-([^)]*)\)")
_DAY = re.compile(r"(?<!\d)\d{4}-\d\d-\d\d(?!\d)")
_YEAR = re.compile(r"(?:19|20)\d\d")
_WORD = re.compile(r"\S+")
_EDGE = ".,;:!?()[]{}*_\u201c\u201d\u2018\u2019\"'>|\u2014"
_MINUS = "\u2212"


class Run(NamedTuple):
    """One numeral where it stands."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Resolved:
    """How many numerals there are by source, and those without one."""

    by: Counter[Source]
    stray: tuple[str, ...]

    @property
    def total(self) -> int:
        """All numerals, those of facts and those around them."""
        return sum(self.by.values()) + len(self.stray)


def resolve(answer: Mapping[str, object], said: Sequence[str], names: Sequence[str] = ()) -> Resolved:
    """Judges a whole answer of the HTTP door; `said` are all turns of the person so far, `names` what things of the
    desk are called (`S&P 500`, `desk-1`, `Form 4`).
    """
    facts = {str(fact["id"]): fact for fact in _dicts(answer.get("facts"))}
    by: Counter[Source] = Counter()
    stray: list[str] = []
    text = str(answer["answer"])

    def take(match: re.Match[str]) -> str:
        fact = facts.get(match[2])
        if fact is not None and shows(match[1], fact, str(answer.get("locale") or "")):
            by["fact"] += 1
        else:
            stray.append(match[1])
        return " " * len(match[0])

    rest = _LINK.sub(take, text)
    days = [match.span() for match in _DAY.finditer(rest)]
    by["date"] += len(days)
    judge = _Judge(
        rest, (*_verbatim(answer), *names), _strings(answer), said, (str(f["as_of"]) for f in facts.values())
    )
    for run in runs(rest):
        if _inside(run, days):
            continue
        source = judge.source(run)
        if source:
            by[source] += 1
        else:
            stray.append(rest[max(0, run.start - 12) : run.end + 12].strip())
    return Resolved(+by, tuple(stray))


def shows(shown: str, fact: dict[str, object], locale: str = "") -> bool:
    """Whether the words of a link are the fact's value, to the digits shown, with its own unit and no other.

    Written as `locale` has it: a British code stands before the number, and other countries' commas are points.
    """
    number, _, unit = shown.partition(" ")
    if locale == "en-GB":
        number, unit = (unit, number) if number.isalpha() else (number.removesuffix("%"), unit or "%" * ("%" in number))
    elif locale in ("de-DE", "fr-FR"):
        number = number.replace(".", "").replace("\u202f", "").replace(",", ".")
    plain = number.replace(",", "").replace(_MINUS, "-")
    try:
        said, exact = Decimal(plain), Decimal(str(fact["value"]))
    except InvalidOperation:
        return False
    digits = -int(said.as_tuple().exponent)
    half = Decimal(5).scaleb(-digits - 1) if digits > 0 else Decimal(0)
    own = {str(fact.get("currency") or ""), str(fact.get("unit") or "")}
    return abs(said - exact) <= half and (unit in own or (not unit and own <= {"", "ratio", "count"}))


def runs(text: str) -> Iterator[Run]:
    """Every numeral: digits of any script, with the commas and points between them."""
    at = 0
    while at < len(text):
        if not unicodedata.category(text[at]).startswith("N"):
            at += 1
            continue
        end = at
        while end < len(text) and (
            unicodedata.category(text[end]).startswith("N")
            or (text[end] in ".," and end + 1 < len(text) and text[end + 1].isdigit())
        ):
            end += 1
        yield Run(text[at:end], at, end)
        at = end


class _Judge:
    """The sources of one text."""

    def __init__(
        self, text: str, verbatim: Iterable[str], strings: Iterable[str], said: Sequence[str], periods: Iterable[str]
    ) -> None:
        self.text = text
        self._quotes = [span for words in verbatim for span in _places(text, words)]
        self._years = set(_YEAR.findall(" ".join(periods)))
        self._words = [(match.start(), match.end(), match[0].strip(_EDGE)) for match in _WORD.finditer(text)]
        self._record = " ".join((*strings, *said))
        self._said = {_plain(run.text) for turn in said for run in runs(turn)}

    def source(self, run: Run) -> Source:
        """The first source that the numeral has."""
        if _inside(run, self._quotes):
            return "quote"
        if run.text in self._years:
            return "date"
        if self._is_list_number(run):
            return "list"
        if _plain(run.text) in self._said:
            return "said"
        return "name" if self._is_in_name(run) else ""

    def _is_list_number(self, run: Run) -> bool:
        line = self.text[self.text.rfind("\n", 0, run.start) + 1 : run.start]
        return not line.strip() and len(run.text) <= 2 and self.text[run.end : run.end + 2] in (". ", ") ")

    def _is_in_name(self, run: Run) -> bool:
        """A numeral inside a word with letters (`desk-1`, `10-K`), or of a name of several words, of the record."""
        word = next(word for start, end, word in self._words if start <= run.start < end)
        if any(sign.isalpha() for sign in word):
            return any(part and part in self._record for part in (word, word.removesuffix("'s")))
        before = self.text[: run.start].split()
        return bool(before) and f"{before[-1].strip(_EDGE)} {run.text}" in self._record and _is_name(before[-1])


def _is_name(word: str) -> bool:
    """`S&P` of `S&P 500`, `FY` and `fiscal` of a year; no other small word makes the numeral behind it a name."""
    bare = word.strip(_EDGE)
    return bare[:1].isupper() or bare in ("fiscal", "page", "Form")


def _plain(numeral: str) -> str:
    return numeral.replace(",", "").rstrip(".")


def _inside(run: Run, spans: Iterable[tuple[int, int]]) -> bool:
    return any(start <= run.start and run.end <= end for start, end in spans)


def _places(text: str, words: str) -> Iterator[tuple[int, int]]:
    if len(words) < 3:
        return
    at = text.find(words)
    while at >= 0:
        yield at, at + len(words)
        at = text.find(words, at + 1)


def _verbatim(answer: Mapping[str, object]) -> Iterator[str]:
    """What may stand word by word: quotes with their places, headlines on cards, sources of rules, a refusal."""
    for citation in _dicts(answer.get("citations")):
        yield str(citation["quote"])
        yield f"{citation['document']}, page {citation['page']}"
        yield str(citation["document"])
    for card in _dicts(answer.get("cards")):
        body = card.get("body")
        for line in _dicts(body.get("headlines") if isinstance(body, dict) else None):
            yield str(line["title"])
            words = line.get("words")
            yield from (str(word) for word in words) if isinstance(words, list) else ()
    details = answer.get("details")
    for typed in details.values() if isinstance(details, dict) else ():
        sources = typed.get("sources") if isinstance(typed, dict) else None
        yield from (str(source) for source in sources) if isinstance(sources, list) else ()
    refusal = answer.get("refusal")
    if isinstance(refusal, dict):
        yield str(refusal["message"])


def _strings(value: object) -> Iterator[str]:
    """Every text of the answer's record, the words themselves left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name not in ("answer", "fallback"):
                yield from _strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _strings(inner)


def _dicts(value: object) -> Iterator[dict[str, object]]:
    return (item for item in value if isinstance(item, dict)) if isinstance(value, list | tuple) else iter(())
