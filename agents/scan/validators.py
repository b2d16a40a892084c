"""The checks by name, in the order in which they are told."""

from __future__ import annotations

from collections.abc import Iterable

from agents.scan.finding import Check, Finding, Material
from agents.scan.leaving import EXFILTRATION, INJECTION, find_exfiltration, find_injection
from agents.scan.personal import NAME as PERSONAL
from agents.scan.personal import find_personal
from agents.scan.sayings import (
    find_advice,
    find_citations,
    find_dates,
    find_numerals,
    find_quotes,
    find_tickers,
    find_units,
)
from desk.errors import InputError

VALIDATORS: dict[str, Check] = {
    "numerals": find_numerals,
    "units": find_units,
    "tickers": find_tickers,
    "dates": find_dates,
    "quotes": find_quotes,
    "citations": find_citations,
    PERSONAL: find_personal,
    "advice": find_advice,
    INJECTION: find_injection,
    EXFILTRATION: find_exfiltration,
}


def choose(names: Iterable[str]) -> tuple[str, ...]:
    """The validators of these names, all without one; InputError names those there are."""
    wanted = tuple(dict.fromkeys(names)) or tuple(VALIDATORS)
    for name in wanted:
        if name not in VALIDATORS:
            raise InputError(f"validator {name!r} is not known; there are: {', '.join(VALIDATORS)}")
    return wanted


def run_check(name: str, text: str, material: Material) -> list[Finding]:
    """What one validator finds, in the order of the text."""
    return sorted(VALIDATORS[name](text, material), key=lambda one: (one.start, one.end))
