"""Wash trades, matched orders, spoofing, layering and unauthorised speed, each beside what is innocent."""

from __future__ import annotations

import pytest

from desk.fraud.abuse.layering import find_layering
from desk.fraud.abuse.matching import find_matched_orders, find_wash_trades
from desk.fraud.abuse.rates import find_unauthorised
from desk.fraud.abuse.records import OrderEvent, Permission, Trade
from desk.fraud.surveillance import Scene, surveil

X = "XNAS:X"


def trade(number, buyer, seller, at, price=10.0, quantity=100.0, **owners):
    return Trade(f"t{number}", X, buyer, seller, at, price, quantity, **owners)


def back_and_forth(price=10.0, quantity=100.0):
    sides = [("a", "b"), ("b", "a")] * 3
    return [trade(n, *side, 60.0 * n, price + 0.001 * n, quantity) for n, side in enumerate(sides)]


def test_two_accounts_that_trade_back_and_forth_wash():
    (alert,) = find_wash_trades(back_and_forth())
    assert (alert.kind, set(alert.accounts), alert.instrument) == ("wash_trading", {"a", "b"}, X)
    assert {rule.id for rule in alert.rules} == {"round_trip", "closed_group"}
    assert alert.amount == pytest.approx(600 * 10.0025, rel=1e-3)
    assert {row.id for row in alert.evidence} == {f"t{n}" for n in range(6)}
    assert 0.6 <= alert.score <= 0.99


def test_a_circle_of_three_washes_and_a_chain_does_not():
    ring = [("b", "a"), ("c", "b"), ("a", "c")] * 2
    (alert,) = find_wash_trades([trade(n, *side, 60.0 * n) for n, side in enumerate(ring)])
    assert set(alert.accounts) == {"a", "b", "c"}
    chain = [("b", "a"), ("c", "b"), ("d", "c")] * 2
    assert find_wash_trades([trade(n, *side, 60.0 * n) for n, side in enumerate(chain)]) == []


def test_makers_who_meet_among_many_do_not_wash():
    among = [trade(100 + n, f"c{n}", ("a", "b")[n % 2], 10.0 * n) for n in range(60)]
    among += [trade(200 + n, ("a", "b")[n % 2], f"d{n}", 10.0 * n) for n in range(60)]
    assert find_wash_trades([*back_and_forth(), *among]) == []


@pytest.mark.parametrize("change", ["price", "one way", "slow"])
def test_what_moves_a_position_or_a_price_is_no_wash(change):
    rows = back_and_forth()
    if change == "price":
        rows = [row._replace(price=10.0 + n) for n, row in enumerate(rows)]
    elif change == "one way":
        rows = [row._replace(buyer="a", seller="b") for row in rows]
    else:
        rows = [row._replace(at=row.at * 100) for row in rows]
    assert find_wash_trades(rows) == []


def test_one_owner_on_both_sides_washes_but_a_transfer_between_own_accounts_does_not():
    owners = {"buyer_owner": "o", "seller_owner": "o"}
    both = [trade(n, *(("a1", "a2") if n % 2 else ("a2", "a1")), 600.0 * n, 10 + n, **owners) for n in range(4)]
    (alert,) = find_wash_trades(both)
    assert [rule.id for rule in alert.rules] == ["same_owner"]
    moved = [trade(n, "a1", "a2", 600.0 * n, **owners) for n in range(4)]
    assert find_wash_trades(moved) == []


def order(id, account, side, act, at, quantity=100.0, price=10.0, **more):
    return OrderEvent(id, account, X, side, act, at, quantity, price, **more)


def met(number, apart=0.5, accounts=("a", "b")):
    at, (one, other) = 100.0 * number, accounts
    return [
        order(f"{one}{number}", one, "buy", "new", at),
        order(f"{other}{number}", other, "sell", "new", at + apart),
        order(f"{one}{number}", one, "buy", "fill", at + apart),
        order(f"{other}{number}", other, "sell", "fill", at + apart),
    ]


def test_orders_entered_to_meet_are_matched():
    (alert,) = find_matched_orders([event for n in range(4) for event in met(n)])
    assert (alert.kind, set(alert.accounts), alert.figures["pairs"]) == ("matched_orders", {"a", "b"}, 4)
    assert find_matched_orders([event for n in range(4) for event in met(n, apart=30)]) == []
    assert find_matched_orders([event for n in range(2) for event in met(n)]) == []
    crowd = [event for n in range(40) for event in met(n, accounts=("maker", f"c{n}"))]
    assert find_matched_orders(crowd) == []


def spoof(number, levels=1, lean=5.0, again=False, both=False):
    """A small order filled while large ones stand opposite, which then go."""
    at, price = 300.0 * number, 10.0
    rows = [order(f"s{number}", "a", "sell", "new", at, 100, price)]
    for level in range(levels):
        rows.append(order(f"l{number}-{level}", "a", "buy", "new", at + 1, lean * 100 / levels, 9.99 - 0.01 * level))
    if both:
        rows.append(order(f"o{number}", "a", "sell", "new", at + 1, lean * 100, 10.05))
    rows.append(order(f"s{number}", "a", "sell", "fill", at + 5, 100, price))
    for level in range(levels):
        rows.append(order(f"l{number}-{level}", "a", "buy", "cancel", at + 7, lean * 100 / levels, 9.99 - 0.01 * level))
    if again:
        rows.append(order(f"r{number}", "a", "buy", "new", at + 8, lean * 100, 9.98))
    return rows


@pytest.mark.parametrize(("levels", "kind"), [(1, "spoofing"), (4, "layering")])
def test_large_orders_pulled_after_a_fill_are_told(levels, kind):
    (alert,) = find_layering([event for n in range(4) for event in spoof(n, levels)])
    assert (alert.kind, alert.accounts, alert.figures["episodes"]) == (kind, ("a",), 4)
    assert ("several_levels" in {rule.id for rule in alert.rules}) == (kind == "layering")


@pytest.mark.parametrize("twin", [{"both": True}, {"again": True}, {"lean": 2.0}])
def test_makers_and_small_orders_are_let_go(twin):
    assert find_layering([event for n in range(4) for event in spoof(n, **twin)]) == []


def test_twice_is_not_enough():
    assert find_layering([event for n in range(2) for event in spoof(n)]) == []


def burst(cancels=0.9, rate=5, algorithm="", instrument=X):
    rows = []
    for n in range(rate * 60):
        at = n / rate
        rows.append(order(f"h{n}", "a", "buy", "new", at, algorithm=algorithm)._replace(instrument=instrument))
        if n < cancels * rate * 60:
            rows.append(order(f"h{n}", "a", "buy", "cancel", at + 0.1)._replace(instrument=instrument))
    return rows


def test_speed_without_permission_is_told_and_a_basket_is_not():
    (alert,) = find_unauthorised(burst(), {})
    assert {rule.id for rule in alert.rules} == {"rate", "cancel_ratio"}
    assert find_unauthorised(burst(), {"a": Permission("a", fast=True)}) == []
    assert find_unauthorised(burst(cancels=0.1), {}) == []
    assert find_unauthorised(burst(rate=1), {}) == []


def test_algorithms_must_be_the_accounts_own_and_keep_to_its_instruments():
    slow = burst(cancels=0.1, rate=1, algorithm="twap-1")
    known = {"a": Permission("a", algorithms=frozenset({"twap-1"}), instruments=frozenset({X}))}
    assert find_unauthorised(slow, known) == []
    assert find_unauthorised(slow, None) == []
    (unknown,) = find_unauthorised(slow, {})
    assert [rule.id for rule in unknown.rules] == ["unknown_algorithm"]
    elsewhere = burst(cancels=0.1, rate=1, algorithm="twap-1", instrument="XNAS:Y")
    (outside,) = find_unauthorised(elsewhere, known)
    assert [rule.id for rule in outside.rules] == ["outside_permission"]


def test_one_call_runs_every_rule_and_fills_with_both_sides_are_trades():
    fills = [order(row.id, row.buyer, "buy", "fill", row.at, row.quantity, row.price, other=row.seller)
             for row in back_and_forth()]  # fmt: skip
    spoofs = [event for n in range(4) for event in spoof(n)]
    found = surveil(Scene(events=[*fills, *spoofs]))
    assert {alert.kind for alert in found} == {"wash_trading", "spoofing"}
    assert surveil(Scene()) == []
    assert len({alert.id for alert in found}) == 2
    again = surveil(Scene(events=[*spoofs, *fills]))
    assert [alert.id for alert in again] == [alert.id for alert in found]
