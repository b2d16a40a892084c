"""Checks of what a text claims: numbers and their units, tickers, dates, quotes, citations, and advice.

Numbers, tickers, dates and quotes can only be judged beside what is known of the text: without facts and citations
(`Material.checked`) these find nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.inventions import COMMON, DATED, TICKER
from agents.scan.finding import LINK, Finding, Material, blanked, found

_NUMERAL = re.compile(r"(?<![\w&.-])[-\u2212+]?[$€£¥]?\d[\d,.\u202f\u00a0]*(?:\s?%)?")
_ISO = re.compile(r"\b(?:19|20)\d\d-\d\d-\d\d(?:T[\d:.]+Z?)?\b")
_LIST = re.compile(r"(?m)^\s*\d{1,2}[.)]\s")
_NAMED = re.compile(
    r"\b(?:\d+-[A-Z]{1,2}\b|13F\b|[A-Za-z]+-\d+\b|Form \d\w*|page \d+|Q[1-4]\b|FY ?\d{4}|fiscal \d{4}|in \d{4})"
)
_UNIT_BEHIND = re.compile(
    r"\]\(#fact-[^)\s]*\)[\s\u00a0]*(%|per ?cent|basis points?|bps|[kmb]n\b|million|billion|trillion|thousand|[$€£¥]|"
    r"dollars?|euros?|pounds?)(?![a-z])",
    re.IGNORECASE,
)
_SIGN_BEFORE = re.compile(r"([$€£¥~≈\u2212-])\[[^\]\n]*\]\(#fact-")
_QUOTED = re.compile(
    "[\u201c\u201e]([^\u201c\u201d\u201e]{3,}?)[\u201c\u201d]|\u00ab([^\u00ab\u00bb]{3,}?)\u00bb|"
    '(?<!\\w)"([^"\\n]{3,}?)"(?!\\w)'
)
_EXAMPLE = re.compile(r"\b(?:for example|such as|e\.g\.|say)[,:]?\s*$", re.IGNORECASE)
_ADVICE = re.compile(
    r"\b(?:you (?:should|must|ought to|need to|had better) (?:now )?(?:buy|sell|invest|hold|short|put (?:all|your))|"
    r"(?:i|we) (?:strongly |would |highly )?(?:recommend|advise|suggest) (?:that you |you to |you )?"
    r"(?:(?:buy|sell|invest|hold|short)(?:ing)?|purchas\w+)\b|"
    r"(?:buy|sell) (?:it |them )?(?:now|today|immediately)\b|(?:cannot|can't|can not|never) (?:lose|go wrong|fall)|"
    r"(?:is|are|a) (?:a )?(?:guaranteed|certain|risk-?free|sure) (?:return|profit|gain|win|investment)s?|"
    r"guaranteed (?:return|profit|gain)s?|(?:put|invest) (?:all|everything|your savings) (?:of it )?in(?:to)?\b)",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\b(?:not|never|no|n't|nobody|nothing|without|neither|nor|no one|refuse[sd]?|whether|if|why|when|would)\b"
    r"[^.!?;:\n]{0,40}$",
    re.IGNORECASE,
)


def find_numerals(text: str, material: Material) -> Iterator[Finding]:
    """Numerals without a fact, a quote, a date or the person's word behind them, and links that show another value."""
    if not material.checked:
        return
    for match in LINK.finditer(text):
        shown = material.facts.get(match[2])
        if shown is None:
            yield found("numerals", text, match.span(), "links to a fact that the answer does not have")
        elif match[1] not in shown:
            yield found("numerals", text, match.span(), f"the fact {match[2]} is {shown[0]}", shown[0])
    said = {number for words in material.known for number in re.findall(r"\d[\d,.]*", words)}
    rest = blanked(text, (LINK,), (*material.known, *(c.quote for c in material.citations)))
    rest = blanked(rest, (_ISO, _LIST, _NAMED))
    for match in _NUMERAL.finditer(rest):
        bare = match[0].strip(" +-\u2212$€£¥%.,\u202f\u00a0")
        if bare not in said:
            yield found("numerals", text, match.span(), "came through no fact")


def find_units(text: str, material: Material) -> Iterator[Finding]:
    """A unit, scale or sign beside a fact that brings its own."""
    if material.checked:
        for pattern in (_UNIT_BEHIND, _SIGN_BEFORE):
            for match in pattern.finditer(text):
                yield found("units", text, match.span(1), "changes the number beside it", "")


def find_tickers(text: str, material: Material) -> Iterator[Finding]:
    """Symbols that neither the desk nor anything known of the text has."""
    if not material.checked:
        return
    words = set(re.findall(r"[A-Z][A-Z0-9.&/-]+", " ".join(material.known))) | set(material.symbols) | COMMON
    rest = blanked(text, (LINK,), (*material.known, *(c.quote for c in material.citations)))
    for match in TICKER.finditer(rest):
        name = match[0].strip("$#.:-/")
        if len(name) > 1 and name not in words and not {name} & {part for w in words for part in w.split(":")}:
            yield found("tickers", text, match.span(), "names an instrument that nobody spoke of")


def find_dates(text: str, material: Material) -> Iterator[Finding]:
    """Days, months, quarters and years that nothing known of the text has."""
    if not material.checked:
        return
    known = " ".join((*material.known, *(c.document for c in material.citations)))
    rest = blanked(text, (LINK,), (*material.known, *(c.quote for c in material.citations)))
    for match in DATED.finditer(rest):
        if match[0] not in known:
            yield found("dates", text, match.span(), "is a date from nowhere")


def find_quotes(text: str, material: Material) -> Iterator[Finding]:
    """Words in quotation marks that stand in no source and are no example of what to say."""
    if not material.checked:
        return
    known = " ".join(" ".join((*material.known, *(c.quote for c in material.citations))).split()).casefold()
    for match in _QUOTED.finditer(text):
        words = match[match.lastindex or 0]
        if " ".join(words.split()).casefold() not in known and not _EXAMPLE.search(text[: match.start()][-20:]):
            yield found("quotes", text, match.span(match.lastindex or 0), "is quoted from nowhere")


def find_citations(text: str, material: Material) -> Iterator[Finding]:
    """Citations whose words do not stand at their place."""
    for cited in material.citations:
        if cited.found != cited.quote:
            at = max(0, text.find(cited.quote))
            end = at + len(cited.quote) if cited.quote and text.find(cited.quote) >= 0 else at
            why = "there is no such place" if cited.found is None else "other words stand there"
            yield found("citations", text, (at, end), f"{cited.document}: {why}", cited.found)


def find_advice(text: str, material: Material) -> Iterator[Finding]:
    """Advice to trade, and promises of a return, where no suitability verdict allows advice. Denials are none."""
    if material.suitable:
        return
    for match in _ADVICE.finditer(text):
        if not _DENIED.search(text[max(0, match.start() - 60) : match.start()]):
            yield found("advice", text, match.span(), "advises without a suitability verdict")
