"""Tax lots against small cases reckoned by hand, and against the account's own average costs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.errors import InputError
from desk.orders import Fill, Side
from desk.portfolio.lots import Lot, Method, Term, build_lots, find_harvest, opening_lot
from desk.trading.holdings import Holding, move

ID, START = "XNAS:AAPL", datetime(2022, 1, 3, 15, tzinfo=UTC)
D = Decimal


def fill(day: int, units: int, price: int, fee: int = 0, id: str = "") -> Fill:
    """Positive units are bought; price in whole dollars, fee in cents."""
    side = Side.BUY if units > 0 else Side.SELL
    return Fill(id or f"f{day}", f"o{day}", "desk-1", ID, side, D(abs(units)), price * 100, fee, "USD",
                START + timedelta(days=day), tick=D("0.01"), priced_in="USD")  # fmt: skip


def test_first_in_first_out_with_commissions():
    book = build_lots(ID, [fill(0, 10, 100, 50), fill(40, 10, 120), fill(400, -15, 150, 100)])
    first, second = book.realised
    assert (first.lot.id, first.lot.cost, first.term) == ("f0", D("1000.50"), Term.LONG)
    assert first.gain == 15 * 150 * D(10) / 15 - D(1) * 10 / 15 - D("1000.50")
    assert (second.lot.id, second.lot.quantity, second.term) == ("f40", D(5), Term.SHORT)
    assert [(lot.id, lot.quantity, lot.cost) for lot in book.open] == [("f40", D(5), D(600))]


@pytest.mark.parametrize(("method", "taken"), [(Method.FIFO, "f0"), (Method.LIFO, "f80"), (Method.HIGHEST_COST, "f40")])
def test_the_method_says_which_lot_goes_first(method, taken):
    fills = [fill(0, 5, 100), fill(40, 5, 130), fill(80, 5, 110), fill(200, -5, 150)]
    assert build_lots(ID, fills, method=method).realised[0].lot.id == taken


def test_a_named_lot_goes_first_and_must_be_open():
    fills = [fill(0, 5, 100), fill(40, 5, 130), fill(200, -6, 150, id="sale")]
    found = build_lots(ID, fills, named={"sale": "f40"}).realised
    assert [(each.lot.id, each.lot.quantity) for each in found] == [("f40", D(5)), ("f0", D(1))]
    with pytest.raises(InputError, match="not open"):
        build_lots(ID, fills, named={"sale": "f9"})


@pytest.mark.parametrize(("gap", "washed"), [(30, True), (31, False)])
def test_a_loss_is_washed_by_a_purchase_within_thirty_days_after(gap, washed):
    book = build_lots(ID, [fill(0, 10, 100), fill(100, -10, 80), fill(100 + gap, 10, 85)])
    assert book.realised[0].disallowed == (200 if washed else 0)
    assert book.open[0].cost == (1050 if washed else 850)


def test_a_loss_is_washed_by_a_purchase_shortly_before_and_only_for_as_many_units():
    book = build_lots(ID, [fill(0, 10, 100), fill(90, 4, 82), fill(100, -10, 80)])
    assert book.realised[0].disallowed == D(200) * 4 / 10
    (left,) = book.open
    assert [left.quantity, left.cost, left.added] == [4, 4 * 82 + 80, 80]


def test_a_purchase_takes_up_the_loss_of_one_sale_only_once():
    book = build_lots(ID, [fill(0, 20, 100), fill(100, -10, 80), fill(101, -10, 80), fill(105, 10, 85)])
    assert sum(each.disallowed for each in book.realised) == 200
    assert book.open[0].added == 200


def test_more_sold_than_held_is_short_and_a_purchase_covers_it():
    sold = [fill(0, 5, 100), fill(10, -8, 110)]
    assert build_lots(ID, sold).short == 3
    later = build_lots(ID, [*sold, fill(20, 5, 90)])
    assert [later.short, later.open[0].quantity, later.open[0].cost] == [0, 2, 180]


def test_harvest_tells_losses_their_term_and_what_would_not_count():
    book = build_lots(ID, [fill(0, 10, 100), fill(380, 4, 90), fill(390, 6, 70)])
    today = (START + timedelta(days=400)).date()
    first, second = find_harvest(book, D(80), today)
    assert (first.lot.id, first.loss, first.term, first.washed) == ("f0", D(200), Term.LONG, D(200))
    assert (second.lot.id, second.loss, second.term, second.washed) == ("f380", D(40), Term.SHORT, D(40))
    assert first.not_before == today + timedelta(days=31)
    assert find_harvest(book, D(80), today, least=D(100)) == (first,)
    assert find_harvest(build_lots(ID, []), D(80), today) == ()


def test_a_fill_twice_counts_once_and_other_instruments_are_passed_over():
    once = fill(0, 10, 100)
    assert build_lots(ID, [once, once]).open[0].quantity == 10
    assert build_lots("XNYS:KO", [once]).open == ()


moves = st.lists(st.tuples(st.integers(-8, 12).filter(bool), st.integers(50, 150)), max_size=12)


@given(st.integers(1, 30), st.integers(50, 150), moves)
def test_the_opening_lot_is_found_again_and_nothing_is_lost(units, cost, trades):
    holding, fills = Holding(D(units), D(cost)), []
    for day, (change, price) in enumerate(trades):
        if holding.quantity + change <= 0:
            continue
        fills.append(fill(day, change, price))
        move(holding, D(change), D(price))
    opening = opening_lot(ID, holding.quantity, holding.cost, fills)
    assert opening is not None
    assert (opening.quantity, opening.acquired) == (units, None)
    assert opening.cost == pytest.approx(D(units * cost), rel=D("1e-20"))
    for method in Method:
        book = build_lots(ID, fills, Lot("opening", ID, None, D(units), D(units * cost)), method)
        assert sum(lot.quantity for lot in book.open) == holding.quantity
        spent = units * cost + sum(f.price_ticks * D("0.01") * f.quantity for f in fills if f.side is Side.BUY)
        allocated = sum(lot.cost for lot in book.open) + sum(each.lot.cost for each in book.realised)
        moved = sum(each.disallowed for each in book.realised)
        assert allocated - moved == pytest.approx(spent, rel=D("1e-20"))
        assert all(0 <= each.disallowed <= max(D(0), -each.gain) + D("1e-15") for each in book.realised)


def test_an_opening_cost_that_cannot_be_told_is_none():
    assert opening_lot(ID, D(0), D(0), []) is None
    assert opening_lot(ID, D(5), D(90), [fill(0, -10, 100), fill(1, 5, 90)]) is None
    assert opening_lot(ID, D(-5), D(90), []) is None


def test_unknown_purchase_days_have_no_term():
    book = build_lots(ID, [fill(10, -4, 90)], Lot("opening", ID, None, D(4), D(400)))
    assert book.realised[0].term is Term.UNKNOWN
    assert book.realised[0].gain == -40
    assert date.min < book.realised[0].sold
