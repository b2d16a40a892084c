"""Which case an alert goes on, whatever the order of cases and alerts."""

from __future__ import annotations

import random
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from desk.fraud.continuity import Seen, match

FAN, GATHER, RING = "fan_in", "gather_scatter", "cycle"
NUMBERS = st.integers(0, 40)
GROUPS = st.lists(st.frozensets(NUMBERS, min_size=1, max_size=8), max_size=8)


def seen(id: str, parts, typology: str = FAN, **more) -> Seen:
    """Payment n goes from account n to account n + 1."""
    accounts = {str(end) for part in parts for end in (part, part + 1)}
    return Seen(id, typology, frozenset(map(str, parts)), frozenset(accounts), **more)


def seen_of(groups, prefix: str, draw: random.Random) -> list[Seen]:
    kinds = (FAN, GATHER, RING)
    return [
        seen(f"{prefix}{n}", parts, draw.choice(kinds), worked=prefix == "c" and draw.random() < 0.3)
        for n, parts in enumerate(groups)
    ]


@given(GROUPS, GROUPS, st.randoms(use_true_random=False))
def test_the_order_of_cases_and_alerts_makes_no_difference(cases, alerts, draw):
    known, found = seen_of(cases, "c", draw), seen_of(alerts, "a", draw)
    first = match(known, found)
    draw.shuffle(known)
    draw.shuffle(found)
    assert match(known, found) == first


@given(GROUPS, GROUPS, st.randoms(use_true_random=False))
def test_one_case_one_alert_and_nothing_is_both_new_and_old(cases, alerts, draw):
    known, found = seen_of(cases, "c", draw), seen_of(alerts, "a", draw)
    matched = match(known, found)
    assert len(set(matched.goes_on.values())) == len(matched.goes_on)
    assert set(matched.merged).isdisjoint(matched.goes_on.values())
    assert set(matched.split).isdisjoint(matched.goes_on)
    assert set(matched.split.values()) <= set(matched.goes_on.values())


@given(GROUPS, st.randoms(use_true_random=False))
def test_the_same_alerts_again_are_the_same_cases_and_nothing_else_happens(groups, draw):
    parts = {frozenset(group): None for group in groups}
    found = seen_of(parts, "a", draw)
    matched = match([one._replace(since="1", worked=draw.random() < 0.5) for one in found], found)
    assert matched == ({one.id: one.id for one in found}, {}, {})


@given(st.lists(NUMBERS, min_size=2, max_size=20, unique=True), st.sampled_from([FAN, GATHER]))
def test_an_alert_that_grows_by_one_payment_at_a_time_stays_one_case(numbers, later):
    case, ids = seen("case", numbers[:1], since="1"), count()
    for end in range(2, len(numbers) + 1):
        alert = seen(f"alert{next(ids)}", numbers[:end], later)
        assert match([case], [alert]) == ({alert.id: "case"}, {}, {})
        case = alert._replace(id="case", since="1")


def test_another_family_must_have_nearly_all_of_the_case():
    case = seen("case", range(5))
    assert match([case], [seen("a", range(4), RING)]).goes_on == {"a": "case"}
    assert match([case], [seen("a", range(3), RING)]).goes_on == {}
    assert match([case], [seen("a", range(3), GATHER)]).goes_on == {"a": "case"}


def test_accounts_alone_are_not_enough():
    case = seen("case", [1, 3])
    again = seen("a", [7, 9])._replace(accounts=case.accounts)
    assert match([case], [again]) == ({}, {}, {})
    window = seen("a", [1, *range(20, 30)])._replace(accounts=case.accounts)
    assert match([seen("case", [1, *range(5, 15)])._replace(accounts=case.accounts)], [window]).goes_on == {"a": "case"}


def test_of_two_cases_that_become_one_the_worked_one_remains_then_the_larger_then_the_older():
    small, large, whole = seen("small", [1, 2]), seen("large", [3, 4, 5]), seen("a", range(1, 6))
    assert match([small, large], [whole]) == ({"a": "large"}, {"small": "a"}, {})
    assert match([small._replace(worked=True), large], [whole]) == ({"a": "small"}, {"large": "a"}, {})
    one, two = seen("one", [1, 2], since="2"), seen("two", [3, 4], since="1")
    assert match([one, two], [whole]).goes_on == {"a": "two"}


def test_of_a_case_that_becomes_two_the_larger_part_remains_and_the_other_came_from_it():
    whole, more, less = seen("case", range(5)), seen("a", [0, 1, 2]), seen("b", [3, 4])
    assert match([whole], [less, more]) == ({"a": "case"}, {}, {"b": "case"})


def test_a_merged_case_takes_its_name_back():
    whole, inside = seen("case", range(5)), seen("inside", [3, 4], standing="merged")
    assert match([whole, inside], [seen("w", range(5))]) == ({"w": "case"}, {}, {})
    apart = match([whole, inside], [seen("a", [0, 1, 2]), seen("b", [3, 4])])
    assert apart == ({"a": "case", "b": "inside"}, {}, {"b": "case"})


def test_what_lapsed_untouched_goes_on_but_never_merges():
    lapsed = seen("old", [1, 2], standing="lapsed")
    assert match([lapsed], [seen("a", [1, 2, 3])]).goes_on == {"a": "old"}
    case = seen("case", [3, 4, 5])
    assert match([lapsed, case], [seen("a", range(1, 6))]) == ({"a": "case"}, {}, {})
