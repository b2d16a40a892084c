"""The fact table: every number that anybody may say.

A tool registers a `Fact`; plans and models write `{{f:ID}}` where the number belongs; `fill`
puts the formatted value there. `stray_numerals` finds digits that did not come through a slot.
One run has one table, so two agents cannot disagree about one figure.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from desk.errors import Contradiction, DataError
from desk.locales import HOUSE, Locale

SLOT = re.compile(r"\{\{\s*f:([A-Za-z0-9_.:-]+)\s*\}\}")
_DATE = re.compile(
    r"\b(?:19|20)\d\d-\d\d-\d\d(?:T[\d:.]+Z?)?\b|\b(?:Q[1-4]|FY|fiscal|in|of|since|until|for)\s?(?:19|20)\d\d\b"
)
_LIST_NUMBER = re.compile(r"(?m)^\s*\d{1,2}[.)]\s")
_NUMERAL = re.compile(r"\d[\d,.]*")


@dataclass(frozen=True)
class Fact:
    """One number with all that makes it true.

    `value` is exact, in base units (383285000000, not "383,285 million"). `unit` is a unit name
    ("USD", "%", "shares", "days", "ratio"); `currency` is set only for money. `as_of` is the
    time or period it holds for. `source` names where it comes from and `locator` the place in
    it (page, row, table, formula). `label` is what a person calls it. `inputs` are the ids of the facts it
    was computed from, by the formula in `locator`; empty for what a source says itself. `reads` are the values it was
    read from directly, by the names of `tools.reads` (`quote:XNAS:AAPL`): with those of its inputs, all it depends on.
    `about` is what it tells of and which measure (`XNAS:AAPL`, `last price`); with `as_of` it names one figure.
    """

    id: str
    label: str
    value: Decimal
    unit: str
    as_of: str
    source: str
    locator: str
    currency: str | None = None
    inputs: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    about: tuple[str, str] | tuple[()] = ()

    @property
    def hash(self) -> str:
        """SHA-256 over all fields, hexadecimal: changes when anything behind the number does."""
        fields = [self.id, self.label, str(self.value), self.unit, self.as_of, self.source, self.locator, self.currency]
        if self.inputs:
            fields.append(",".join(self.inputs))
        if self.reads or self.about:
            fields += [f"reads {','.join(self.reads)}", f"about {'|'.join(self.about)}"]
        return hashlib.sha256(json.dumps(fields).encode()).hexdigest()

    def text(self, locale: Locale = HOUSE) -> str:
        """The number as a person reads it: thousands separated, with its unit."""
        plain = format_number(self.value, self.unit)
        if self.currency:
            return locale.money(plain, self.currency)
        return f"{locale.number(plain)}{_suffix(self, locale)}"


def _suffix(fact: Fact, locale: Locale) -> str:
    if fact.unit == "%":
        return locale.percent
    return "" if fact.unit in {"", "ratio", "count"} else f" {fact.unit}"


def format_number(value: Decimal, unit: str) -> str:
    """Two decimals for percentages and ratios, halves away from zero as pages round, otherwise as exact as given."""
    if unit in {"%", "ratio"}:
        value = value.quantize(Decimal("0.01"), ROUND_HALF_UP)
    text = format(value or abs(value), ",f")  # nothing has no sign
    if "." in text and unit not in {"%", "ratio", "USD"}:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", "\u2212")


def figure_of(fact: Fact) -> tuple[str, ...] | None:
    """Which figure it is, whoever registered it: subject, measure and period, whatever their case; None when unsaid."""
    return tuple(part.casefold() for part in (*fact.about, fact.as_of)) if fact.about else None


def agree(one: Fact, other: Fact) -> bool:
    """Whether both say the same: the same unit, and no more apart than the coarser one was rounded, at most a cent."""
    if (one.unit, one.currency) != (other.unit, other.currency):
        return False
    places = max(2, min(_places(one.value), _places(other.value)))
    return abs(one.value - other.value) <= (Decimal(1).scaleb(-places) / 2 if one.value != other.value else 0)


def _places(value: Decimal) -> int:
    return max(0, -int(value.as_tuple().exponent))


class FactTable:
    """The facts of one run, in the order they were registered."""

    def __init__(self, facts: Iterable[Fact] = ()) -> None:
        self._facts: dict[str, Fact] = {fact.id: fact for fact in facts}

    def add(self, fact: Fact) -> str:
        """Registers a fact and returns its slot, `{{f:ID}}`.

        The same fact twice is one fact. Another value under the same id, or for the same subject, measure and period
        under any id, is a Contradiction: both stay in the table (one of the same id as `ID.other`), and from then on
        the figure is nobody's to say alone. DataError for what is no number.
        """
        if not fact.value.is_finite():
            raise DataError(f"{fact.label} from {fact.source} is {fact.value}, which is no number")
        known = self._facts.setdefault(fact.id, fact)
        if known.value != fact.value or known.unit != fact.unit:
            self._facts.setdefault(f"{fact.id}.other", replace(fact, id=f"{fact.id}.other"))
        other = self._facts.get(f"{fact.id}.other") or self._rival(known)
        if other is not None:
            known, other = sorted((known, other), key=list(self._facts.values()).index)
            raise Contradiction(
                f"{known.label} is {known.text()} as of {known.as_of} by {known.source} ({known.locator}) and "
                f"{other.text()} as of {other.as_of} by {other.source} ({other.locator})",
                (known.id, other.id),
            )
        return f"{{{{f:{fact.id}}}}}"

    def _rival(self, fact: Fact) -> Fact | None:
        """The first fact of the same figure that says another value; None when all agree."""
        figure = figure_of(fact)
        return next((f for f in self._facts.values() if figure and figure_of(f) == figure and not agree(f, fact)), None)

    def get(self, id: str) -> Fact:
        """The fact; DataError when no tool registered it."""
        try:
            return self._facts[id]
        except KeyError:
            raise DataError(f"no tool registered fact {id!r}") from None

    def all(self) -> list[Fact]:
        """Every fact of the run, oldest first."""
        return list(self._facts.values())

    def fill(self, text: str, locale: Locale = HOUSE) -> tuple[str, list[Fact]]:
        """Replaces each slot by a link to its fact, written as the locale has it; the text and the facts it shows."""
        shown: dict[str, Fact] = {}

        def put(match: re.Match[str]) -> str:
            fact = self.get(match[1])
            shown[fact.id] = fact
            return f"[{fact.text(locale)}](#fact-{fact.id})"

        return SLOT.sub(put, text), list(shown.values())


def stray_numerals(text: str, quoted: Iterable[str] = (), verbatim: Iterable[str] = ()) -> list[str]:
    """Numerals in unfilled `text` that came through no slot.

    Slots, dates, fiscal periods and list numbers are excepted; so are words of `quoted` (what the person said) and
    their numerals anywhere, and words of `verbatim` (quotes, titles, page references) where they stand whole. Empty
    means the text is clean.
    """
    said, rest = tuple(quoted), SLOT.sub(" ", text)
    for known in sorted((*said, *verbatim), key=len, reverse=True):
        rest = _without(rest, known)
    rest = _LIST_NUMBER.sub(" ", _DATE.sub(" ", rest))
    allowed = {number.strip(".,") for words in said for number in _NUMERAL.findall(words)}
    return [number for number in (found.strip(".,") for found in _NUMERAL.findall(rest)) if number not in allowed]


def _without(text: str, words: str) -> str:
    """Text less the words, except where a digit goes on beside them: taking "5" must not leave "15" a "1"."""
    if not words:
        return text
    if not (words[0].isdigit() or words[-1].isdigit()):
        return text.replace(words, " ")
    return re.sub(rf"(?<!\d){re.escape(words)}(?!\d)", " ", text)
