"""An order that a person states themselves: when it is executed only, with a warning, and when it must suit.

The rules follow the order of MiFID II article 25(3) and (4): a product that is not complex may be bought at the
person's own wish without being suitable to them, complex ones may not. This desk is stricter: it asks for the
person's facts, for some knowledge, some capacity for loss and some years, and keeps one company to a part of the
account. Pure; money in one currency, quantities in units.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Literal

from desk.portfolio.suitability import (
    PRODUCT_RULES,
    Product,
    Reason,
    Suitability,
    judge_suitability,
    owes_too_much,
    read_word,
)

COMPLEX: frozenset[Product] = frozenset({"commodities", "currencies", "crypto", "leverage"})
"""What can lose more, or faster, than its price tells a beginner; the person's own wish is not enough."""

MOST_IN_ONE = Decimal("0.10")
"""Of the account's value, in one company. A company can lose everything: a tenth lost is what a bad year of a broad
stock fund costs as well, and a person who may hold such a fund can bear it. Funds know the same tenth as the most in
one issuer (UCITS directive, article 52)."""

SHORTEST_YEARS = 3
"""Below it money belongs in cash, whoever chooses: the first of `HORIZON_BANDS`."""

UNFIT_LOSS = frozenset({"none", "low"})
OwnVerdict = Literal["suits", "own_choice", "refuse"]


@dataclass(frozen=True)
class StatedOrder:
    """A purchase as stated. `unit`: money per unit; `account`: the account's value, in the same currency.

    `held`: units before it, those of open purchases too. `asks_advice`: the words ask for a judgement too, or to set
    the person's facts aside.
    """

    product: Product
    quantity: Decimal
    held: Decimal
    lot: Decimal
    unit: Decimal
    account: Decimal
    asks_advice: bool = False

    @property
    def share_after(self) -> Decimal:
        """The position after the order, of the account's value; 1 for an account without value."""
        value = (self.held + self.quantity) * self.unit
        return value / self.account if self.account > 0 else Decimal(1)

    @property
    def fits_still(self) -> Decimal:
        """The largest quantity, in whole lots, that would stay within `MOST_IN_ONE`; 0 for none."""
        room = max(Decimal(0), self.account * MOST_IN_ONE - self.held * self.unit)
        return (room / (self.unit * self.lot)).to_integral_value(ROUND_FLOOR) * self.lot


@dataclass(frozen=True)
class OwnJudgement:
    """`reasons`: of a refusal, why; of an own choice, why it would not be recommended; empty when it suits.

    `rule`: of a refusal, `suitability`, `own_choice` or `concentration`; empty otherwise.
    """

    verdict: OwnVerdict
    rule: str
    reasons: tuple[Reason, ...]
    suitability: Suitability


def judge_stated(profile: Mapping[str, object], order: StatedOrder) -> OwnJudgement:
    """Whether the order may be proposed, and as what. Closing what is held is not asked here: it is always open."""
    found = judge_suitability(profile, (order.product,))
    suits = found.verdict == "advise"
    if not suits and (found.band is None or order.asks_advice or order.product in COMPLEX):
        return OwnJudgement("refuse", "suitability", found.reasons, found)
    barred = () if suits else _bars(profile)
    if barred:
        return OwnJudgement("refuse", "own_choice", barred, found)
    if order.product == "single_stocks" and order.share_after > MOST_IN_ONE:
        return OwnJudgement("refuse", "concentration", (_too_much(),), found)
    if suits:
        return OwnJudgement("suits", "", (), found)
    return OwnJudgement("own_choice", "", speak_against(found, order.product), found)


def speak_against(found: Suitability, product: Product) -> tuple[Reason, ...]:
    """The findings that keep the product from being recommended; all of them where no band was found."""
    if found.band is None:
        return found.reasons
    risk, known = PRODUCT_RULES[product]
    floors = {"knowledge": max(risk, known)}
    return tuple(r for r in found.reasons if r.band is not None and r.band < floors.get(r.rule, risk))


def _bars(profile: Mapping[str, object]) -> tuple[Reason, ...]:
    """What keeps even an own choice from this person, whose facts are all known."""
    years, loss = profile["horizon_years"], read_word(profile, "loss_capacity")
    found = {
        "you know nothing of investments yet": read_word(profile, "knowledge") == "none",
        f"your capacity for loss is {loss}": loss in UNFIT_LOSS,
        "you owe more than you have and earn in a year": owes_too_much(profile),
        "the money is needed too soon": isinstance(years, int | float) and years < SHORTEST_YEARS,
    }
    return tuple(Reason("own choice", None, text) for text, holds in found.items() if holds)


def _too_much() -> Reason:
    return Reason("concentration", None, "too much of the account would hang on one company, which can lose everything")
