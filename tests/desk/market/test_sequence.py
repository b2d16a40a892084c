"""Numbers of a gapless sequence, against a set that remembers everything."""

from hypothesis import given
from hypothesis import strategies as st

from desk.market.sequence import Hole, Sequence


@given(st.lists(st.tuples(st.integers(1, 60), st.booleans()), min_size=1, max_size=120), st.booleans())
def test_it_agrees_with_a_set(numbers, begun):
    sequence, had, first = Sequence(0 if begun else None), set(), 1 if begun else None
    for number, kept in numbers:
        arrival = sequence.judge(number)
        assert (arrival == "twice") == (number in had)
        if kept:
            assert sequence.take(number) == arrival
            had.add(number)
        elif number not in had:
            sequence.take(number)
            sequence.lose(number)
        first = number if first is None else min(first, number)
        top = max(had | {n for n, _ in numbers[: numbers.index((number, kept)) + 1]})
        missing = {n for hole in sequence.holes for n in range(hole.first, hole.last + 1)}
        assert not missing & had
        assert missing | had >= set(range(first, max(had, default=0) + 1))
        assert max(missing, default=0) <= max(top, max(n for n, _ in numbers))
    assert list(sequence.holes) == sorted(sequence.holes)


def test_a_hole_is_given_up_in_part():
    sequence = Sequence(0)
    sequence.take(10)
    assert list(sequence.holes) == [Hole(1, 9)]
    sequence.give_up(Hole(4, 6))
    assert list(sequence.holes) == [Hole(1, 3), Hole(7, 9)]
    assert [sequence.judge(n) for n in (3, 5, 7, 10, 11)] == ["late", "twice", "late", "twice", "new"]
