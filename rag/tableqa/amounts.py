"""Amounts as tables and their paragraphs print them: brackets, dashes, currencies, scales, per cents."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

Scale = Literal["", "thousand", "million", "billion", "percent"]

_DRESS = str.maketrans({"−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "\xa0": " ", "ﬁ": "fi", "ﬂ": "fl", "’": "'"})
_NIL = frozenset({"-", "--", "$-", "$ -", "£-", "€-", "nil", "none", "-%", "- %"})
_DIGITS = r"\d+(?:,\d{2,3})*(?:\.\d+)?|\.\d+"
_CURRENCY = r"(?:(?<![A-Za-z])(?:US\$|S\$|A\$|C\$|HK\$|RMB|USD|EUR|GBP|Rs\.?|INR)|[$€£¥])"
_CELL = re.compile(
    rf"(?P<sign>[-(]*)\s*(?P<currency>{_CURRENCY})?\s*(?P<inner>[-(]*)\s*(?P<digits>{_DIGITS})\s*"
    r"(?P<tail>%?\s*\)?\s*%?)\s*(?P<scale>bn|billion|m|million|k|thousand|cents?|p|c|x|times|years?|pts?|bps)?\)?"
    r"\s*(?:\(?\*+\)?|\(\d\)|\([a-z]\)|[†‡*]+)*",
    re.IGNORECASE,
)
_TEXT = re.compile(
    rf"(?P<sign>\(?-?)(?P<currency>{_CURRENCY})?\s?(?P<inner>\(?)(?P<digits>(?<![\w.]){_DIGITS})"
    r"(?P<close>\)?)(?:\s?(?P<percent>%|per cent\b|percent\b)|\s?(?P<scale>billion|million|thousand|bn|m|k)\b)?",
    re.IGNORECASE,
)
_SCALES: dict[str, Scale] = {
    "bn": "billion", "billion": "billion", "m": "million", "million": "million", "k": "thousand", "thousand": "thousand"
}  # fmt: skip
_POWERS: dict[Scale, Decimal] = {
    "": Decimal(1), "thousand": Decimal(10) ** 3, "million": Decimal(10) ** 6, "billion": Decimal(10) ** 9,
    "percent": Decimal("0.01"),
}  # fmt: skip


@dataclass(frozen=True)
class Amount:
    """One printed number. `value` is signed as printed and not scaled; `text` is what is printed, trimmed.

    `scale` is only what stands beside the number itself ("million", a % sign). `nil` marks a dash.
    """

    value: Decimal
    text: str
    scale: Scale = ""
    currency: bool = False
    nil: bool = False
    start: int = 0
    end: int = 0

    @property
    def percent(self) -> bool:
        """Whether a % sign stands beside it."""
        return self.scale == "percent"


def plain(text: str) -> str:
    """The text with typographic dashes, ligatures and spaces made plain; its length may grow by ligatures only."""
    return text.translate(_DRESS)


def power(scale: Scale) -> Decimal:
    """What one unit of the scale is worth."""
    return _POWERS[scale]


def read_cell(text: str) -> Amount | None:
    """The amount that a whole cell is, a dash counted as zero; None for words, an empty cell or several numbers."""
    trimmed = plain(text).strip()
    if trimmed.lower() in _NIL:
        return Amount(Decimal(0), text.strip(), nil=True)
    match = _CELL.fullmatch(trimmed)
    if match is None:
        return None
    value = _decimal(match["digits"])
    if value is None:
        return None
    scale: Scale = "percent" if "%" in match["tail"] else _SCALES.get((match["scale"] or "").lower(), "")
    negative = "(" in match["sign"] + match["inner"] or "-" in match["sign"] + match["inner"]
    return Amount(-value if negative else value, text.strip(), scale, match["currency"] is not None)


def find_amounts(text: str) -> list[Amount]:
    """Every amount of a sentence in order, with its place; years and other bare whole numbers are among them."""
    found = []
    text = plain(text)
    for match in _TEXT.finditer(text):
        value = _decimal(match["digits"])
        if value is None:
            continue
        bracketed = "(" in match["sign"] + match["inner"] and match["close"] == ")"
        start = match.start() if bracketed or match["currency"] else match.start("digits")
        if match["sign"] == "(" and not bracketed:
            start = match.start("currency") if match["currency"] else match.start("digits")
        end = match.end() if bracketed or match["close"] == "" else match.start("close")
        scale: Scale = "percent" if match["percent"] else _SCALES.get((match["scale"] or "").lower(), "")
        signed = -value if bracketed or match["sign"].endswith("-") else value
        found.append(
            Amount(signed, text[start:end].strip(), scale, match["currency"] is not None, start=start, end=end)
        )
    return found


def _decimal(digits: str) -> Decimal | None:
    """Digits with separators; None when a comma stands where none belongs, as in a list of numbers."""
    whole, _, rest = digits.partition(".")
    whole = whole.rstrip(",")
    if "," in whole and not re.fullmatch(r"\d{1,3}(?:,\d{2,3})*,\d{3}", whole):
        return None
    return Decimal((whole.replace(",", "") or "0") + (f".{rest}" if rest else ""))


def write(value: Decimal, places: int = 2) -> str:
    """The value rounded half up, without trailing zeros or an exponent."""
    rounded = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    text = format(rounded, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text
