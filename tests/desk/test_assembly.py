"""The simulated venue's terms from settings: ranges, sentences, and what is not set."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from desk.assembly import build_terms
from desk.errors import SettingError
from desk.settings import Settings
from desk.trading.venue_terms import USUAL, Fees


def test_what_is_not_set_is_the_usual_venue() -> None:
    assert build_terms(Settings()) == USUAL


def test_every_setting_is_a_term_and_a_sentence() -> None:
    terms = build_terms(
        replace(
            Settings(),
            sim_latency_ms=60_000,
            sim_jitter_ms=5,
            sim_maker_bps="0.5",
            sim_take_pct=1,
            sim_reject_pct="2.5",
            sim_seed=7,
            sim_borrow="XNAS:AAPL=1000, *=0",
            sim_borrow_pct="3",
        )
    )
    assert (terms.latency_ms, terms.jitter_ms, terms.take_pct) == (60_000, 5, 1)
    assert terms.fees == Fees(Decimal("0.5"), Decimal(0))
    assert (terms.lends("XNAS:AAPL"), terms.lends("XNAS:MSFT")) == (1_000, 0)
    assert terms.words() == [
        "simulated: latency 60000 ms and up to 5 ms more, order and cancel alike",
        "simulated: fees 0.5 bps for an order that rested, 0 bps for one that took",
        "simulated: one order takes at most 1 % of the lots shown at one look",
        "simulated: 2.5 % of orders are turned away at random, seed 7",
        "simulated: short sales borrow at most: XNAS:AAPL 1000; 0 units of any other",
        "simulated: borrowing costs 3 % a year, charged each market day",
    ]


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("sim_latency_ms", 60_001, "TENOR_SIM_LATENCY_MS='60001' is not a number from 0 to 60,000"),
        ("sim_jitter_ms", -1, "TENOR_SIM_JITTER_MS='-1' is not a number from 0 to 60,000"),
        ("sim_maker_bps", "much", "TENOR_SIM_MAKER_BPS='much' is not a number from 0 to 1,000"),
        ("sim_taker_bps", "1000.1", "from 0 to 1,000"),
        ("sim_take_pct", 101, "TENOR_SIM_TAKE_PCT='101' is not a number from 1 to 100"),
        ("sim_reject_pct", "NaN", "from 0 to 100"),
        ("sim_borrow_pct", "Infinity", "from 0 to 1,000"),
        ("sim_borrow", "XNAS:AAPL=-5", "TENOR_SIM_BORROW has 'XNAS:AAPL=-5'; give XNAS:AAPL=1000"),
        ("sim_borrow", "1000", "TENOR_SIM_BORROW has '1000'"),
    ],
)
def test_what_is_out_of_range_is_refused_with_the_setting_and_the_range(name: str, value: Any, says: str) -> None:
    with pytest.raises(SettingError) as error:
        build_terms(Settings(**{name: value}))
    assert says in error.value.message
