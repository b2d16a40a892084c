from __future__ import annotations

from decimal import Decimal as D

from hypothesis import given, settings
from hypothesis import strategies as st

from desk.orders import Side
from desk.portfolio.rebalance import BUFFER, COSTS, Leg, build_trades


def leg(id: str, unit: str, held: str, lot: str = "1") -> Leg:
    return Leg(id, D(unit), D(lot), D(held))


def test_sells_come_first_and_the_drift_band_is_left_alone() -> None:
    legs = [leg("A", "100", "0"), leg("B", "50", "100"), leg("C", "10", "500")]
    found = build_trades(legs, {"A": 0.25, "B": 0.25, "C": 0.5}, D(100_000))
    assert [(t.instrument, t.side, t.quantity) for t in found.trades] == [
        ("B", Side.SELL, D(50)),
        ("A", Side.BUY, D(25)),
    ]
    assert found.within_band == ("C",)
    assert found.short_of == 0


def test_buys_shrink_together_when_the_cash_does_not_reach() -> None:
    legs = [leg("A", "100", "0"), leg("B", "100", "0"), leg("C", "100", "100")]
    found = build_trades(legs, {"A": 0.4, "B": 0.4, "C": 0.2}, D(2_000))
    buys = {t.instrument: t.quantity for t in found.trades if t.side is Side.BUY}
    assert buys == {"A": 8, "B": 8}
    assert found.short_of > 6_000
    assert build_trades(legs, {"A": 0.4, "B": 0.4, "C": 0.2}, D(0)).trades[0].side is Side.SELL


def test_what_has_no_weight_is_sold_in_whole_lots() -> None:
    found = build_trades([leg("A", "100", "10"), leg("B", "5", "1.55", lot="0.1")], {"A": 1.0}, D(10_000))
    assert ("B", Side.SELL, D("1.5")) in found.trades


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.decimals("0.01", "5000", places=2),
            st.sampled_from(["1", "0.01", "1000"]),
            st.integers(0, 5_000),
            st.floats(0, 1),
        ),
        min_size=1,
        max_size=6,
    ),
    st.decimals("0", "1000000", places=2),
)
def test_never_more_cash_than_there_is_never_more_than_is_held(rows: list[tuple[D, str, int, float]], cash: D) -> None:
    legs = [Leg(str(n), unit, D(lot), held * D(lot)) for n, (unit, lot, held, _) in enumerate(rows)]
    total = sum(row[3] for row in rows) or 1.0
    weights = {str(n): row[3] / total for n, row in enumerate(rows)}
    found = build_trades(legs, weights, cash)
    by_id = {one.instrument: one for one in legs}
    sides = [trade.side for trade in found.trades]
    assert sides == sorted(sides, key=lambda side: side is Side.BUY)
    paid = D(0)
    for trade in found.trades:
        own = by_id[trade.instrument]
        assert trade.quantity > 0
        assert trade.quantity % own.lot == 0
        if trade.side is Side.SELL:
            assert trade.quantity <= own.held
        else:
            paid += trade.quantity * own.unit * (1 + COSTS)
    invested = sum((one.held * one.unit for one in legs), D(0))
    assert paid <= max(D(0), cash - BUFFER * (cash + invested)) + D("0.0001")
