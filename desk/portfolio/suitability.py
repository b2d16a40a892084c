"""Suitability: which risk band and products fit a person, by written rules.

The rules follow the order of MiFID II article 25(2) and FINRA rule 2111: know the person, then their
horizon, their capacity for loss, and what they understand. The lowest of the bands decides. What is not
known is never assumed: then the answer teaches and asks, and recommends nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from desk.compliance.kyc import DONE

Verdict = Literal["advise", "educate", "refuse"]
Product = Literal["cash", "bonds", "stock_funds", "single_stocks", "commodities", "currencies", "crypto", "leverage"]

BANDS = ("capital first", "cautious", "balanced", "growth", "adventurous")
HORIZON_BANDS = ((3, 0), (5, 1), (10, 2), (15, 3))
"""Below so many years the band is at most this one; from 15 years on the horizon allows every band."""

LOSS_BANDS = {"none": 0, "low": 1, "medium": 3, "high": 4}
KNOWLEDGE_BANDS = {"none": 1, "basic": 2, "informed": 3, "good": 3, "advanced": 4, "expert": 4}
PRODUCT_RULES: dict[Product, tuple[int, int]] = {
    "cash": (0, 0),
    "bonds": (1, 0),
    "stock_funds": (1, 1),
    "single_stocks": (3, 3),
    "commodities": (4, 4),
    "currencies": (4, 4),
    "crypto": (4, 4),
    "leverage": (9, 9),
}
"""Each product with the lowest risk band, and the lowest band of knowledge, that it needs; 9 is nobody's."""

INSTEAD: dict[Product, str] = {
    "single_stocks": "a broad stock fund holds many companies instead of one",
    "commodities": "a broad stock fund holds producers of raw materials among many others",
    "currencies": "cash in the currency you spend carries no exchange-rate risk",
    "crypto": "a broad stock fund has a claim on profits behind it",
    "leverage": "the same mix without borrowed money cannot lose more than you put in",
    "stock_funds": "cash and short bonds keep their value over a short time",
    "bonds": "cash keeps its value over a short time",
}
REFUSED_KYC = frozenset({"failed", "rejected", "blocked", "expired"})


class Reason(NamedTuple):
    """One rule's finding: which rule, what it allows at most, and a sentence without numerals."""

    rule: str
    band: int | None
    text: str


@dataclass(frozen=True)
class Suitability:
    """The verdict. `band` indexes BANDS and is set only when the verdict is advise.

    `missing` names what must be known first; `unsuitable` are asked-for products that do not fit.
    """

    verdict: Verdict
    band: int | None
    allowed: tuple[Product, ...]
    unsuitable: tuple[Product, ...]
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...]

    @property
    def band_name(self) -> str:
        """The band in words; empty when none was found."""
        return "" if self.band is None else BANDS[self.band]


def judge_suitability(profile: Mapping[str, object], asked: tuple[Product, ...] = ()) -> Suitability:
    """The verdict on a profile of plain values (age, horizon_years, loss_capacity, knowledge, kyc).

    refuse: KYC failed, a minor, or an asked-for product is unsuitable. educate: something is unknown.
    """
    stop = _stop(profile)
    if stop is not None:
        return Suitability("refuse", None, (), asked, (stop,), ())
    missing = _missing(profile)
    if missing:
        why = Reason("known", None, "a recommendation needs facts about you that are not on file")
        return Suitability("educate", None, (), (), (why,), missing)
    horizon = _horizon(_number(profile["horizon_years"]) or 0.0)
    reasons = (horizon, _capacity(profile), _knowledge(profile), *_debts(profile))
    band = min(reason.band for reason in reasons if reason.band is not None)
    understood = KNOWLEDGE_BANDS[read_word(profile, "knowledge")]
    allowed = tuple(p for p, (risk, known) in PRODUCT_RULES.items() if band >= risk and understood >= known)
    unsuitable = tuple(product for product in asked if product not in allowed)
    verdict: Verdict = "refuse" if unsuitable else "advise"
    return Suitability(verdict, band, allowed, unsuitable, reasons, ())


def _stop(profile: Mapping[str, object]) -> Reason | None:
    if read_word(profile, "kyc") in REFUSED_KYC:
        return Reason("kyc", None, "your identity check did not pass, so nothing may be recommended")
    age = _number(profile.get("age"))
    if age is not None and age < 18:
        return Reason("age", None, "minors are advised through a guardian only")
    return None


def _missing(profile: Mapping[str, object]) -> tuple[str, ...]:
    found = {
        "a completed identity check (KYC)": read_word(profile, "kyc") in DONE,
        "your age": _number(profile.get("age")) is not None,
        "how many years the money can stay invested": _number(profile.get("horizon_years")) is not None,
        "how much loss you could bear": read_word(profile, "loss_capacity") in LOSS_BANDS,
        "how well you know investments": read_word(profile, "knowledge") in KNOWLEDGE_BANDS,
    }
    return tuple(name for name, known in found.items() if not known)


def _horizon(years: float) -> Reason:
    band = next((band for below, band in HORIZON_BANDS if years < below), len(BANDS) - 1)
    length = ("very short", "short", "middling", "long", "very long")[band]
    return Reason("horizon", band, f"your horizon is {length}: it allows at most “{BANDS[band]}”")


def _capacity(profile: Mapping[str, object]) -> Reason:
    word = read_word(profile, "loss_capacity")
    return Reason("loss capacity", LOSS_BANDS[word], f"your capacity for loss is {word}: {_at_most(LOSS_BANDS[word])}")


def _debts(profile: Mapping[str, object]) -> tuple[Reason, ...]:
    """Whoever owes more than they have and more than they earn in a year bears little loss, whatever they said."""
    if not owes_too_much(profile):
        return ()
    return (Reason("debts", 1, f"you owe more than you have and earn in a year: {_at_most(1)}"),)


def owes_too_much(profile: Mapping[str, object]) -> bool:
    """Whether the debts on file are above all wealth and above a year's income."""
    debts = _number(profile.get("debts")) or 0.0
    return debts > max(_number(profile.get("wealth")) or 0.0, _number(profile.get("income")) or 0.0)


def _knowledge(profile: Mapping[str, object]) -> Reason:
    word = read_word(profile, "knowledge")
    band = KNOWLEDGE_BANDS[word]
    return Reason("knowledge", band, f"your knowledge of investments is {word}: {_at_most(band)}")


def _at_most(band: int) -> str:
    return f"it allows at most “{BANDS[band]}”"


def read_word(profile: Mapping[str, object], name: str) -> str:
    """A value of the profile in plain lower case; empty when it is not there."""
    return str(profile.get(name, "")).strip().casefold()


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)
