from datetime import timedelta
from random import Random

import pytest

from desk.fraud.graph import Transfer, columns_of
from desk.fraud.local import LocalGraph
from desk.fraud.patterns import scan
from tests.desk.fraud.worlds import END, found, hidden, pay, town

DAY0 = END - timedelta(days=9)


def hours(n: float):
    return DAY0 + timedelta(hours=n)


def ring(amount: float = 20_000, keep: float = 0.98, size: int = 5) -> list[Transfer]:
    names = [f"R{n}" for n in range(size)]
    return [pay(names[n], names[(n + 1) % size], amount * keep**n, hours(9 * n)) for n in range(size)]


PATTERNS = {
    "cycle": ring(),
    "fan_in": [*(pay(f"S{n}", "HUB", 900 + 7 * n, hours(n)) for n in range(6)), pay("HUB", "OUT", 5_300, hours(30))],
    "fan_out": [pay("IN", "HUB", 5_600, hours(0)), *(pay("HUB", f"T{n}", 900 + 7 * n, hours(9 + n)) for n in range(6))],
    "scatter_gather": [
        *(pay("S", f"M{n}", 2_000 + n, hours(n)) for n in range(4)),
        *(pay(f"M{n}", "T", 1_900 + n, hours(20 + n)) for n in range(4)),
    ],
    "structuring": [pay("D", f"K{n % 2}", 9_100 + 120 * n, hours(24 * n)) for n in range(6)],
}


@pytest.mark.parametrize("typology", sorted(PATTERNS))
def test_each_pattern_is_found_and_named(typology):
    alerts = hidden(PATTERNS[typology])
    assert [alert.typology for alert in alerts] == [typology]
    assert {edge.id for edge in alerts[0].edges} <= {transfer.id for transfer in PATTERNS[typology]}
    assert alerts[0].rules
    assert all(rule.text.endswith(".") for rule in alerts[0].rules)


def test_money_handed_on_within_hours_is_found():
    strangers = [pay(f"P{n}", f"P{n + 1}", 30_000 * 0.97**n, hours(6 * n)) for n in range(4)]
    usual = [pay(f"P{n}", "SHOP", 80 + k, DAY0 - timedelta(days=20 + k)) for n in range(4) for k in range(6)]
    alerts = hidden([*strangers, *usual])
    assert [alert.typology for alert in alerts] == ["pass_through"]
    assert alerts[0].accounts == ("P0", "P1", "P2", "P3", "P4")


def test_a_ring_is_listed_in_the_order_of_the_money():
    (alert,) = hidden(ring())
    assert alert.accounts == ("R0", "R1", "R2", "R3", "R4")
    assert [edge.minor for edge in alert.edges] == [2_000_000, 1_960_000, 1_920_800, 1_882_384, 1_844_736]
    assert alert.minor == 2_000_000
    assert [rule.id for rule in alert.rules] == ["ring", "stray_edges", "small_fee", "beyond_chance"]


@pytest.mark.parametrize(
    "quiet",
    [
        pytest.param(ring(keep=0.8), id="the amount shrinks too much"),
        pytest.param(ring(size=2), id="there and back again"),
        pytest.param(ring()[:-1], id="it never closes"),
        pytest.param(
            [pay("D", f"K{n % 2}", 9_400 + 250 * n, hours(24 * n)) for n in range(6)], id="spread over the limit"
        ),
        pytest.param([pay("D", "K", 9_400, hours(24 * n)) for n in range(3)], id="three payments are too few"),
    ],
)
def test_what_is_no_pattern_raises_no_alert(quiet):
    assert [a.typology for a in hidden(quiet) if a.typology in {"cycle", "structuring"}] == []


def test_payments_near_the_limit_that_always_recur_are_not_structuring():
    usual = [pay("CASH", "BANK", 9_300 + 20 * n, END - timedelta(days=3 * n + 1)) for n in range(36)]
    assert hidden(usual) == []


def test_payroll_to_the_same_people_month_after_month_is_no_fan_out():
    months = [END - timedelta(days=30 * m + 1) for m in range(4)]
    wages = [pay("FIRM", f"W{n}", 2_500 + n, day + timedelta(minutes=n)) for day in months for n in range(12)]
    funding = [pay("OWNER", "FIRM", 30_200, day - timedelta(hours=5)) for day in months]
    assert hidden([*wages, *funding]) == []


def test_a_ring_of_one_equal_amount_is_found_in_any_order_of_time():
    """As in AMLSim: the hops lie weeks apart and run backwards."""
    names = [f"E{n}" for n in range(5)]
    hops = [pay(names[n], names[(n + 1) % 5], 14.37, END - timedelta(days=11 * (n + 1))) for n in range(5)]
    usual = [
        pay(name, f"X{k}", 300, END - timedelta(days=k + 1, minutes=n))
        for n, name in enumerate(names)
        for k in range(6)
    ]
    alerts = found([*hops, *usual])
    assert [(alert.typology, set(alert.accounts)) for alert in alerts] == [("cycle", set(names))]
    assert alerts[0].rules[0].id == "equal_ring"


def test_names_and_scale_do_not_matter():
    world = town(plants=("ring", "structuring"))[:6_000] + ring()
    shuffled = sorted({name for t in world for name in (t.source, t.target)})
    Random(3).shuffle(shuffled)
    renamed = dict(zip(sorted(shuffled), (f"N{n}" for n in range(len(shuffled))), strict=False))
    other = [t._replace(source=renamed[t.source], target=renamed[t.target], minor=t.minor * 3) for t in world]
    rings = [[edge.id for edge in a.edges] for a in found(world) if a.typology == "cycle"]
    assert rings == [[edge.id for edge in a.edges] for a in found(other) if a.typology == "cycle"]
    assert rings


def test_the_same_transfers_in_any_order_give_the_same_alerts():
    world = town(plants=("ring", "structuring"))
    again = list(world)
    Random(1).shuffle(again)
    assert found(world) == found(again)


def test_no_transfers_no_alerts():
    assert scan(LocalGraph(columns_of([]))) == []


def test_a_small_file_without_a_past_is_judged_too():
    alerts = found([t for name in ("cycle", "scatter_gather", "structuring", "fan_in") for t in PATTERNS[name]])
    assert {alert.typology for alert in alerts} == {"cycle", "scatter_gather", "structuring", "fan_in"}
