"""Which numbers of a gapless sequence have come: new, twice, late, or still missing."""

from __future__ import annotations

from bisect import bisect_right
from typing import Literal, NamedTuple

Arrival = Literal["new", "late", "twice"]


class Hole(NamedTuple):
    """Numbers that are missing, both ends included."""

    first: int
    last: int


class Sequence:
    """Exact for any order and any repetition; memory grows with the holes, not with the numbers.

    `last` is the highest number that came before; None: the first to come begins the sequence, and a lower one that
    comes after it begins it earlier.
    """

    def __init__(self, last: int | None = None) -> None:
        self._last = last
        self._first = None if last is None else 0
        self._holes: list[Hole] = []

    @property
    def holes(self) -> tuple[Hole, ...]:
        """What is missing, ascending."""
        return tuple(self._holes)

    def judge(self, number: int) -> Arrival:
        """What the number would be; changes nothing."""
        if self._last is None or number > self._last:
            return "new"
        return "late" if self._before(number) or self._hole_of(number) is not None else "twice"

    def take(self, number: int) -> Arrival:
        """Notes that the number came."""
        if self._last is None or number == self._last + 1:
            self._first = number if self._first is None else self._first
            self._last = number
            return "new"
        if self._before(number) and self._first is not None:
            if number + 1 < self._first:
                self._holes.insert(0, Hole(number + 1, self._first - 1))
            self._first = number
            return "late"
        if number > self._last:
            self._holes.append(Hole(self._last + 1, number - 1))
            self._last = number
            return "new"
        at = self._hole_of(number)
        if at is None:
            return "twice"
        first, last = self._holes[at]
        rest = [Hole(a, b) for a, b in ((first, number - 1), (number + 1, last)) if a <= b]
        self._holes[at : at + 1] = rest
        return "late"

    def lose(self, number: int) -> None:
        """Notes that a number that was taken could not be kept after all: it is missing again."""
        at = bisect_right(self._holes, Hole(number, number))
        before = self._holes[at - 1] if at else None
        if before is not None and before.last == number - 1:
            self._holes[at - 1] = Hole(before.first, number)
        else:
            self._holes.insert(at, Hole(number, number))

    def give_up(self, hole: Hole) -> None:
        """The source itself has no such numbers: nothing is missing there."""
        self._holes = [
            part
            for one in self._holes
            for part in (Hole(one.first, min(one.last, hole.first - 1)), Hole(max(one.first, hole.last + 1), one.last))
            if part.first <= part.last
        ]

    def _before(self, number: int) -> bool:
        return self._first is not None and number < self._first

    def _hole_of(self, number: int) -> int | None:
        at = bisect_right(self._holes, (number, float("inf"))) - 1
        return at if at >= 0 and self._holes[at].first <= number <= self._holes[at].last else None
