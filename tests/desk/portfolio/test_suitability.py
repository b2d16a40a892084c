from __future__ import annotations

import pytest

from desk.portfolio.suitability import Product, judge_suitability

CLARA = {"age": 41, "horizon_years": 19, "loss_capacity": "medium", "knowledge": "basic", "kyc": "complete"}


def test_the_lowest_rule_decides_the_band() -> None:
    found = judge_suitability(CLARA)
    assert (found.verdict, found.band_name) == ("advise", "balanced")
    assert found.allowed == ("cash", "bonds", "stock_funds")
    assert judge_suitability({**CLARA, "horizon_years": 2}).band_name == "capital first"
    assert judge_suitability({**CLARA, "loss_capacity": "low", "knowledge": "advanced"}).band_name == "cautious"
    bold = judge_suitability({**CLARA, "loss_capacity": "high", "knowledge": "advanced"})
    assert bold.band_name == "adventurous"
    assert "crypto" in bold.allowed
    assert "leverage" not in bold.allowed


@pytest.mark.parametrize("gone", ["age", "horizon_years", "loss_capacity", "knowledge", "kyc"])
def test_whatever_is_unknown_is_asked_for_and_nothing_is_recommended(gone: str) -> None:
    found = judge_suitability({key: value for key, value in CLARA.items() if key != gone})
    assert found.verdict == "educate"
    assert found.band is None
    assert len(found.missing) == 1


@pytest.mark.parametrize("odd", [{"loss_capacity": "yes"}, {"knowledge": 7}, {"kyc": "pending"}, {"age": True}])
def test_a_value_nobody_can_read_counts_as_unknown(odd: dict[str, object]) -> None:
    assert judge_suitability({**CLARA, **odd}).verdict == "educate"


@pytest.mark.parametrize("product", ["crypto", "leverage", "single_stocks", "currencies", "commodities"])
def test_a_product_that_does_not_fit_is_refused(product: Product) -> None:
    found = judge_suitability(CLARA, (product,))
    assert found.verdict == "refuse"
    assert found.unsuitable == (product,)


def test_minors_and_failed_checks_are_refused() -> None:
    assert judge_suitability({**CLARA, "age": 16}).verdict == "refuse"
    assert judge_suitability({**CLARA, "kyc": "failed"}).verdict == "refuse"
    assert judge_suitability(CLARA, ("bonds",)).verdict == "advise"
