"""Which scale a table's numbers stand in, and the rows and columns that are exceptions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from rag.tableqa.amounts import Amount, Scale, find_amounts, plain, power
from rag.tableqa.table import Column, Row, Table

_CURRENCY = r"(?:US\$|S\$|A\$|C\$|HK\$|RMB|USD|EUR|GBP|Rs|[$€£¥])"
_PHRASES: tuple[tuple[Scale, re.Pattern[str]], ...] = (
    ("thousand", re.compile(
        
    rf"\bin\s+(?:\w+\s+){{0,3}}thousands?\b|\bthousands?\s+of\b|\(\s*thousands?\b|\bthousands\b"
    rf"|{_CURRENCY}\s?'?\s?000s?\b"
        rf"|\b000'?s?\b|'000|\bin\s+{_CURRENCY}?\s?000|{_CURRENCY}\s?k\b", re.IGNORECASE)),
    ("million", re.compile(
        rf"\bin\s+(?:\w+\s+){{0,3}}millions?\b|\bmillions?\s+of\b|\(\s*millions?\b|\bmillions\b"
        rf"|{_CURRENCY}\s?'?m(?:illions?|n)?\b|\bMillion\b|\bm\b(?=\s*$)|{_CURRENCY} in mil", re.IGNORECASE)),
    ("billion", re.compile(
        rf"\bin\s+(?:\w+\s+){{0,3}}billions?\b|\(\s*billions?\b|{_CURRENCY}\s?bn\b|\bbillions\b", re.IGNORECASE)),
)  # fmt: skip
_ALSO: tuple[tuple[Scale, str], ...] = (
    ("thousand", rf"{_CURRENCY}\s?'?000\b|\b000'?s\b"),
    ("million", rf"\({_CURRENCY}\s?m\b"),
    ("billion", r"\(\$bn\b"),
)
_TEXT_PHRASES: tuple[tuple[Scale, re.Pattern[str]], ...] = tuple(
    (scale, re.compile(
        rf"\(?\b(?:amounts?|dollars?|figures|tabular|expressed|stated|presented|reported|all)?\s*(?:\w+\s+){{0,3}}in\s+"
        rf"(?:\w+\s+|{_CURRENCY}\s*){{0,3}}{scale}s\b|\(\s*(?:{_CURRENCY}\s*)?(?:in\s+)?{scale}s?\b"
        rf"|{also}", re.IGNORECASE))
    for scale, also in _ALSO
)  # fmt: skip
_PER_UNIT = re.compile(
    r"\bper\b.{0,40}\b(?:shares?|unit|ads|option|warrant|pence|cents?)\b|\beps\b|\(cents\)|\bcents per\b|\(in dollars\)"
    r"|\b(?:exercise|market|share|sale|grant|strike)?\s?prices?\b|\(pence\)|^\s*(?:basic|diluted)\s*$",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\b(?:life|term|period|tenor|age|maturity|expectancy)\b.*\b(?:years?|months?|days)\b"
    r"|\((?:in )?(?:years?|months?|days|yrs)\)"
    r"|^\s*expected (?:life|term)|\bremaining\b.*\b(?:life|term)\b|\bdays\b|\bexchange rate",
    re.IGNORECASE,
)
_PERCENT = re.compile(
    r"%|\bpercent(?:age)?\b|\brates?\b(?!\s*(?:swap|contract|lock|cap|differ|recon|chang"
    r"|derivat))|\bmargins?\s*$|\byields?\b"
    r"|\bvolatility\b|\bas a proportion\b",
    re.IGNORECASE,
)
_COUNTS = re.compile(
    r"\b(?:shares|employees|headcount|options|rsus|psus|units|warrants|stores|restaurants"
    r"|customers|subscribers|number)\b",
    re.IGNORECASE,
)
_SHARES = re.compile(r"\bshares\b|\bsecurities\b", re.IGNORECASE)
_SHARES_IN = re.compile(r"\b(?:number of )?shares in (thousand|million)s", re.IGNORECASE)
_MONEY = re.compile(r"\b(?:value|cost|compensation|expense|proceeds|repurchase|income|amount)\b", re.IGNORECASE)
_RATIO = re.compile(r"\bratio\b|\btimes\b|\(x\)", re.IGNORECASE)
_EXCEPT_SHARES = re.compile(r"except.{0,60}\bshares?\b(?!.{0,3}(?:per|data))", re.IGNORECASE)


def find_scale(texts: Iterable[str]) -> Scale:
    """The scale that the first of the header texts with one states, "" when none does."""
    for text in texts:
        found = _first(plain(text), _PHRASES)
        if found:
            return found
    return ""


def table_scale(table: Table, paragraphs: Iterable[str]) -> Scale:
    """The scale of a table's money: from its header rows, else the first phrase such as "(in thousands)" around it."""
    found = find_scale((*table.heads, *table.sections))
    if found:
        return found
    for text in paragraphs:
        found = _first(" ".join(plain(text).split()), _TEXT_PHRASES)
        if found:
            return found
    return _told_again(table, paragraphs)


def _told_again(table: Table, paragraphs: Iterable[str]) -> Scale:
    """The scale at which amounts of the text such as "$36.5 million" are cells, rounded; "" if none or of several."""
    said = [a for text in paragraphs for a in find_amounts(text) if a.scale in {"million", "billion"} and a.value]
    cells = {abs(a.value) for row in table.rows for a in row.amounts if a is not None and not a.scale and a.value}
    fits = {scale: sum(_is_rounded(a, scale, cells) for a in said) for scale in _STEPS}
    best = max(fits, key=lambda scale: fits[scale])
    return best if fits[best] >= 1 and sum(fits.values()) == fits[best] else ""


_STEPS: tuple[Scale, ...] = ("thousand", "million", "billion")


def _is_rounded(said: Amount, scale: Scale, cells: set[Decimal]) -> bool:
    value = abs(said.value) * power(said.scale) / power(scale)
    step = Decimal(1).scaleb(int(said.value.as_tuple().exponent)) * power(said.scale) / power(scale)
    return value >= 10 and any(abs(cell - value) <= step / 2 for cell in cells)


def _first(text: str, phrases: tuple[tuple[Scale, re.Pattern[str]], ...]) -> Scale:
    hits = [(match.start(), scale) for scale, pattern in phrases if (match := pattern.search(text))]
    return min(hits)[1] if hits else ""


def cell_scale(
    row: Row, column: Column | None, amount: Amount | None, whole: Scale, heads: str, shares: Scale | None = None
) -> Scale:
    """The scale of one cell: its own sign, the row's or column's kind, else the table's.

    `heads` is all header text, for "except share amounts".
    """
    label = plain(row.label)
    if amount is not None and re.fullmatch(r"(?:19|20)\d\d", amount.text):
        return ""
    if amount is not None and amount.scale:
        return amount.scale
    header = plain(column.header) if column else ""
    money = amount is not None and amount.currency
    if not money and (is_percent(label) or (is_percent(header) and not find_scale([header]))):
        return "percent"
    if _PER_UNIT.search(label) or _TIME.search(label) or _RATIO.search(label):
        return ""
    if _PER_UNIT.search(header) or _TIME.search(header) or _PER_UNIT.search(plain(row.section)):
        return ""
    own = find_scale([label]) or find_scale([header])
    if own:
        return own
    if not money and _COUNTS.search(label + " " + header) and not _MONEY.search(label):
        if shares is not None and _SHARES.search(label):
            return shares
        return "" if _EXCEPT_SHARES.search(plain(heads)) else whole
    return whole


def share_scale(texts: Iterable[str]) -> Scale | None:
    """The scale that texts state for numbers of shares alone: "shares in thousands"; None when they state none."""
    for text in texts:
        match = _SHARES_IN.search(plain(text))
        if match:
            scale: Scale = "thousand" if match[1].lower() == "thousand" else "million"
            return scale
    return None


def is_percent(label: str) -> bool:
    """Whether a label names a share or rate, whose numbers are per cents."""
    return bool(_PERCENT.search(label))
