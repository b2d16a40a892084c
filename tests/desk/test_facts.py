"""The fact table: one value an id, numbers as a page rounds them, nothing typed past a slot."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.errors import Contradiction, DataError
from desk.facts import Fact, FactTable, agree, figure_of, format_number, stray_numerals

FACT = Fact("aapl_last", "last price", Decimal("126.04"), "USD", "2022-12-28", "replay", "XNAS:AAPL", "USD")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        ("0.625", "ratio", "0.63"),
        ("-0.605", "ratio", "\u22120.61"),
        ("0.615", "%", "0.62"),
        ("383285000000", "USD", "383,285,000,000"),
        ("10.00", "shares", "10"),
        ("10.10", "USD", "10.10"),
    ],
)
def test_numbers_are_rounded_as_the_page_does(value, unit, text):
    assert format_number(Decimal(value), unit) == text


def test_a_slot_becomes_a_link_to_its_fact():
    table = FactTable()
    slot = table.add(FACT)
    assert table.add(FACT) == slot
    text, shown = table.fill(f"Apple is at {slot}.")
    assert text == "Apple is at [126.04 USD](#fact-aapl_last)."
    assert shown == [FACT]


@pytest.mark.parametrize("change", [{"value": Decimal(1)}, {"unit": "%"}])
def test_another_value_under_an_id_is_refused(change):
    table = FactTable([FACT])
    with pytest.raises(Contradiction, match="replay") as caught:
        table.add(replace(FACT, **change))
    assert caught.value.facts == ("aapl_last", "aapl_last.other")
    first, second = (table.get(id) for id in caught.value.facts)
    assert (first, second) == (FACT, replace(FACT, id="aapl_last.other", **change))
    with pytest.raises(Contradiction):
        table.add(FACT)  # the first is no longer to be said alone, in the next agent's table neither
    with pytest.raises(Contradiction):
        FactTable(table.all()).add(FACT)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_refused_by_name(value):
    with pytest.raises(DataError, match=r"last price from replay is .*no number"):
        FactTable().add(replace(FACT, value=Decimal(value)))


def test_a_slot_without_a_fact_is_refused():
    with pytest.raises(DataError, match="no tool registered"):
        FactTable().fill("{{f:none}}")


@given(st.integers(0, 10**12))
def test_a_typed_number_is_stray_unless_somebody_said_it(number):
    text = f"about {number:,} of them, {{{{f:aapl_last}}}} each"
    assert stray_numerals(text) == [f"{number:,}"]
    assert stray_numerals(text, [f"the {number:,} shares"]) == []


@pytest.mark.parametrize(
    "change",
    [
        {"value": Decimal(2)},
        *({name: "other"} for name in ("unit", "as_of", "source", "locator", "label")),
        {"inputs": ("a",)},
        {"reads": ("quote:XNAS:AAPL",)},
        {"about": ("XNAS:AAPL", "last price")},
    ],
)
def test_the_hash_changes_with_whatever_stands_behind_the_number(change):
    assert replace(FACT, **change).hash != FACT.hash


OWN = replace(FACT, about=("XNAS:AAPL", "last price"))
OTHER = replace(OWN, id="order_price", source="book", locator="best bid", label="price met")


@pytest.mark.parametrize("change", [{"value": Decimal("126.05")}, {"unit": "%", "currency": None}])
def test_two_values_of_one_figure_contradict_each_other_under_any_id(change):
    table = FactTable([OWN])
    with pytest.raises(Contradiction, match=r"126.04 USD .* by replay .* and .* by book") as caught:
        table.add(replace(OTHER, **change))
    assert caught.value.facts == ("aapl_last", "order_price")
    assert [table.get(id).source for id in caught.value.facts] == ["replay", "book"]
    for one in (OWN, replace(OTHER, **change)):
        with pytest.raises(Contradiction):
            FactTable(table.all()).add(one)  # nor may a later agent say either of them alone


@pytest.mark.parametrize(
    "other",
    [
        OTHER,
        replace(OTHER, value=Decimal("126.0400")),
        replace(OTHER, value=Decimal("126.0423")),  # the same, less rounded
        replace(OTHER, value=Decimal(1), as_of="2022-12-27"),
        replace(OTHER, value=Decimal(1), about=("XNAS:AAPL", "bid")),
        replace(OTHER, value=Decimal(1), about=("XNAS:MSFT", "last price")),
        replace(OTHER, value=Decimal(1), about=()),
    ],
)
def test_another_period_measure_or_subject_is_another_figure(other):
    table = FactTable([OWN])
    assert table.add(other) == "{{f:order_price}}"


figures = st.builds(
    lambda id, value, subject, measure, period: replace(
        FACT, id=id, value=value, about=(subject, measure), as_of=period, label=id, source=f"source of {id}"
    ),
    st.sampled_from("abcdefgh"),
    st.sampled_from([Decimal(n) for n in ("1", "1.00", "1.004", "2", "2.5", "-1")]),
    st.sampled_from(("Apple", "APPLE", "Oracle")),
    st.sampled_from(("sales", "income")),
    st.sampled_from(("FY2023", "FY2024")),
)


@given(st.lists(figures, max_size=12))
def test_no_two_slots_are_ever_given_for_two_values_of_one_figure(made):
    """What was let through agrees with all that was let through before it; what was not names two that differ."""
    table, let = FactTable(), []
    for fact in made:
        try:
            table.add(fact)
            let.append(table.get(fact.id))
        except Contradiction as error:
            one, other = (table.get(id) for id in error.facts)
            assert one.id.removesuffix(".other") == other.id.removesuffix(".other") or figure_of(one) == figure_of(
                other
            )
            assert not agree(one, other) or (one.value, one.unit) != (other.value, other.unit)
            assert fact.id in {one.id.removesuffix(".other"), other.id.removesuffix(".other")}
    for number, one in enumerate(let):
        for other in let[:number]:
            if figure_of(one) == figure_of(other):
                assert agree(one, other)


def test_what_rounds_to_nothing_has_no_sign():
    assert format_number(Decimal("-0.0004"), "ratio") == "0.00"
    assert format_number(Decimal("-0.006"), "%") == "−0.01"
