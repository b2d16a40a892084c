"""An order that a person states themselves: suits, own choice, or refused; properties over all persons and orders."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.portfolio.own_choice import COMPLEX, MOST_IN_ONE, StatedOrder, judge_stated, speak_against
from desk.portfolio.suitability import PRODUCT_RULES, Product, judge_suitability

CLARA = {"age": 41, "horizon_years": 19, "loss_capacity": "medium", "knowledge": "basic", "kyc": "complete"}
SMALL = StatedOrder(
    product="single_stocks",
    quantity=Decimal(10),
    held=Decimal(0),
    lot=Decimal(1),
    unit=Decimal(100),
    account=Decimal(50_000),
)
LEVELS = ["none", "low", "medium", "high", "yes", None]


def at_least(value: object, least: int) -> bool:
    return isinstance(value, int) and value >= least


profiles = st.fixed_dictionaries(
    {
        "age": st.sampled_from([12, 17, 18, 41, 90, None]),
        "horizon_years": st.sampled_from([0, 2, 3, 9, 40, None]),
        "loss_capacity": st.sampled_from(LEVELS),
        "knowledge": st.sampled_from(["none", "basic", "informed", "expert", None]),
        "kyc": st.sampled_from(["complete", "pending", "failed", "expired", None]),
        "debts": st.sampled_from([0, 90_000]),
        "income": st.just(40_000),
    }
)
amounts = st.decimals(min_value=Decimal("0.01"), max_value=Decimal(100_000), places=2)
orders = st.builds(
    StatedOrder,
    product=st.sampled_from(sorted(PRODUCT_RULES)),
    quantity=amounts,
    held=amounts,
    lot=st.sampled_from([Decimal(1), Decimal("0.01"), Decimal(1000)]),
    unit=amounts,
    account=st.one_of(amounts, st.just(Decimal(0)), st.just(Decimal(-5))),
    asks_advice=st.booleans(),
)


def test_a_beginner_may_choose_a_share_and_is_told_why_it_would_not_be_recommended() -> None:
    found = judge_stated(CLARA, SMALL)
    assert (found.verdict, found.rule) == ("own_choice", "")
    assert [reason.rule for reason in found.reasons] == ["knowledge"]


def test_whom_it_suits_needs_no_warning() -> None:
    found = judge_stated({**CLARA, "knowledge": "informed"}, SMALL)
    assert (found.verdict, found.reasons) == ("suits", ())


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"age": 17}, "suitability"),
        ({"kyc": "pending"}, "suitability"),
        ({"kyc": "failed"}, "suitability"),
        ({"horizon_years": None}, "suitability"),
        ({"knowledge": "none"}, "own_choice"),
        ({"loss_capacity": "low"}, "own_choice"),
        ({"loss_capacity": "none"}, "own_choice"),
        ({"horizon_years": 2}, "own_choice"),
        ({"debts": 90_000}, "own_choice"),
    ],
)
def test_who_may_not_choose(change: dict[str, object], rule: str) -> None:
    found = judge_stated({**CLARA, **change}, SMALL)
    assert (found.verdict, found.rule) == ("refuse", rule)
    assert found.reasons


def test_a_wish_for_advice_and_complex_products_must_suit() -> None:
    assert judge_stated(CLARA, replace(SMALL, asks_advice=True)).rule == "suitability"
    assert judge_stated(CLARA, replace(SMALL, product="crypto")).rule == "suitability"


def test_one_company_stays_within_a_part_and_what_fits_is_named() -> None:
    most = replace(SMALL, quantity=Decimal(30), held=Decimal(20))
    over = replace(most, quantity=Decimal(31))
    assert judge_stated(CLARA, most).verdict == "own_choice"
    assert judge_stated(CLARA, over).rule == "concentration"
    assert (over.share_after, over.fits_still) == (Decimal("0.102"), Decimal(30))
    expert = {**CLARA, "knowledge": "expert", "loss_capacity": "high"}
    assert judge_stated(expert, over).rule == "concentration"
    assert judge_stated(CLARA, replace(over, account=Decimal(0))).rule == "concentration"
    assert replace(over, account=Decimal(0)).fits_still == 0


@given(profiles, orders)
def test_what_passes_has_every_condition(profile: dict[str, object], order: StatedOrder) -> None:
    found = judge_stated(profile, order)
    suits = judge_suitability(profile, (order.product,)).verdict == "advise"
    if found.verdict == "refuse":
        assert found.rule
        assert found.reasons
        return
    assert profile["kyc"] == "complete"
    assert at_least(profile["age"], 18)
    assert order.product != "single_stocks" or order.share_after <= MOST_IN_ONE
    assert (found.verdict == "suits") == suits
    if found.verdict == "own_choice":
        assert order.product not in COMPLEX
        assert not order.asks_advice
        assert profile["knowledge"] != "none"
        assert profile["loss_capacity"] not in {"none", "low"}
        assert at_least(profile["horizon_years"], 3)
        assert not profile["debts"]
        assert found.reasons == speak_against(found.suitability, order.product) != ()


@given(profiles, orders)
def test_advice_never_allows_more_than_silence(profile: dict[str, object], order: StatedOrder) -> None:
    asked = judge_stated(profile, replace(order, asks_advice=True))
    silent = judge_stated(profile, replace(order, asks_advice=False))
    assert silent.verdict != "refuse" or asked.verdict == "refuse"
    assert asked.verdict != "own_choice"


@given(orders)
def test_what_fits_still_fits_and_one_lot_more_does_not(order: StatedOrder) -> None:
    fits = order.fits_still
    assert fits % order.lot == 0
    if fits > 0:
        assert replace(order, quantity=fits).share_after <= MOST_IN_ONE
    if order.account > 0:
        assert replace(order, quantity=fits + order.lot).share_after > MOST_IN_ONE


@pytest.mark.parametrize("product", sorted(COMPLEX))
def test_something_always_speaks_against_what_is_complex_to_a_beginner(product: Product) -> None:
    assert speak_against(judge_suitability(CLARA, (product,)), product)
