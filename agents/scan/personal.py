"""What tells of a person and does not belong into a text: addresses, numbers of accounts, cards and papers.

Each shape is checked by its own arithmetic where there is one (IBAN modulo 97, cards by Luhn), so that amounts, dates,
run ids, CIKs and instrument ids are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from agents.scan.finding import Finding, Material, found

NAME = "personal_data"
_BY_LENGTH = {
    15: "NO",
    16: "BE",
    18: "DK FI NL",
    19: "SI",
    20: "AT EE LT LU",
    21: "CH HR LI LV",
    22: "BG DE GB IE",
    24: "CZ ES RO SE SK",
    25: "PT",
    26: "IS TR",
    27: "FR GR IT MC SM",
    28: "CY HU PL",
    31: "MT",
}
LENGTHS = {country: length for length, countries in _BY_LENGTH.items() for country in countries.split()}
"""Signs of an IBAN by country."""
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@(?:[\w-]+\.)+[A-Za-z]{2,24}(?![\w-])")
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{1,4}){2,8}(?!\w)")
_CARD = re.compile(r"(?<![\d.,-])\d(?:[ -]?\d){12,18}(?![\d,-]|\.\d)")
_SSN = re.compile(r"(?<![\w-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])")
_NINO = re.compile(
    r"(?<!\w)(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?!\w)"
)
_PHONE = re.compile(
    r"(?<![\w.+$€£-])(?:\+\d{1,3}[ .-]?(?:\(0?\d{1,4}\)[ .-]?)?\d{2,5}(?:[ .-]\d{2,5}){1,4}|\+\d{8,14}|"
    r"\(\d{3}\) ?\d{3}-\d{4}|\d{3}-\d{3}-\d{4})(?![\w-]|[.,]\d)"
)
_STREET = re.compile(
    r"(?<![\w-])\d{1,5}[A-Z]? (?!Wall Street)(?:[A-Z][\w'-]+ ){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Boulevard|Blvd|"
    r"Drive|Court)\b\.?"
    r"|\b[A-ZÄÖÜ][\wäöüß-]{2,}(?:straße|strasse|weg|platz|gasse) \d{1,4}[a-z]?(?!\w)"
)
_BORN = re.compile(
    r"\b(?:born(?: on)?|date of birth|DOB)\b[:\s]+(\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d\d-\d\d)", re.IGNORECASE
)
_PASSPORT = re.compile(r"\bpassport(?: (?:no|number)\.?)?[:\s#]+((?=\w*\d)[A-Z0-9]{6,9})\b", re.IGNORECASE)


def is_iban(words: str) -> int:
    """How many signs at the beginning are an IBAN: ISO 13616, its country's length, the rest modulo 97 is one."""
    length, taken, bare = LENGTHS.get(words[:2], 0), 0, ""
    while taken < len(words) and len(bare) < length:
        bare += words[taken].strip()
        taken += 1
    if not length or len(bare) != length or words[taken : taken + 1].isalnum():
        return 0
    return taken if int("".join(str(int(sign, 36)) for sign in bare[4:] + bare[:4])) % 97 == 1 else 0


def is_card(words: str) -> int:
    """All signs or none: Luhn (ISO/IEC 7812), of an issuer that gives out cards, and not one digit again and again."""
    digits = [int(sign) for sign in words if sign.isdigit()]
    if not 13 <= len(digits) <= 19 or digits[0] not in (2, 3, 4, 5, 6) or len(set(digits)) < 2:
        return 0
    doubled = [d if n % 2 == 0 else sum(divmod(2 * d, 10)) for n, d in enumerate(reversed(digits))]
    return 0 if sum(doubled) % 10 else len(words)


def _any(words: str) -> int:
    return len(words)


SHAPES: tuple[tuple[str, re.Pattern[str], Callable[[str], int]], ...] = (
    ("e-mail address", _EMAIL, _any),
    ("bank account (IBAN)", _IBAN, is_iban),
    ("card number", _CARD, is_card),
    ("social security number", _SSN, _any),
    ("national insurance number", _NINO, _any),
    ("phone number", _PHONE, _any),
    ("street address", _STREET, _any),
    ("date of birth", _BORN, _any),
    ("passport number", _PASSPORT, _any),
)


def find_personal(text: str, _: Material) -> Iterator[Finding]:
    """Every datum of a person; of two that overlap the first shape's."""
    taken: list[tuple[int, int]] = []
    for kind, pattern, holds in SHAPES:
        for match in pattern.finditer(text):
            start, end = match.span(match.lastindex or 0)
            span = (start, start + holds(text[start:end]))
            if span[0] < span[1] and not any(a < span[1] and span[0] < b for a, b in taken):
                taken.append(span)
                yield found(NAME, text, span, f"looks like {_article(kind)} {kind}", f"[{kind} removed]")


def _article(kind: str) -> str:
    return "an" if kind[0] in "aeiou" else "a"
