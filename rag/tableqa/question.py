"""What a question over a table asks for: its words, years, and the cues of an operation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from rag.tableqa.amounts import plain
from rag.tableqa.years import Point, find_marks, find_points, find_years
from rag.words import stem, tokens

_IDLE = """
    a an the of in for to from and or by on at as with its it is are was were be been being do does did has have
    had what which how much many when where who whom why that this these those there their they company group
    firm amount amounts value values figure respective respectively year years fiscal financial ended ending end
    during between both period compared among over per calculate calculated provided reported recorded table
    given following information each s average change percentage percent increase decrease difference million
    thousand billion dollars all any under into than if so such number
"""
IDLE = frozenset(map(stem, _IDLE.split()))
"""Stems that say little about which row is meant."""

_RANGE = re.compile(r"((?:19|20)\d\d)\s*(?:-|to|through|until)\s*(?:fy|fiscal\s+)?((?:19|20)\d\d)", re.IGNORECASE)


@dataclass(frozen=True)
class Question:
    """A question, normalised for matching; `text` keeps its letters' case."""

    text: str

    @cached_property
    def low(self) -> str:
        """The text in lower case, spaces collapsed."""
        return " ".join(self.text.lower().split())

    @cached_property
    def sequence(self) -> tuple[str, ...]:
        """Its stems in order."""
        return tuple(tokens(self.text))

    @cached_property
    def words(self) -> frozenset[str]:
        """Its stems without years."""
        return frozenset(w for w in self.sequence if not re.fullmatch(r"(?:19|20)\d\d", w))

    @cached_property
    def content(self) -> frozenset[str]:
        """Stems that can tell a row."""
        return self.words - IDLE

    @cached_property
    def years(self) -> tuple[int, ...]:
        """Years named, in order."""
        return find_years(self.text)

    @cached_property
    def span(self) -> tuple[int, ...]:
        """The years named with those inside a range such as "from 2017 to 2019" filled in, ascending."""
        return tuple(sorted(self.order))

    @cached_property
    def pair(self) -> tuple[Point, Point] | None:
        """The earlier and later of two dates of one year, such as two quarter ends; None otherwise."""
        points = find_points(self.text)
        if len(points) != 2 or points[0].year != points[1].year or not (points[0].marks and points[1].marks):
            return None
        return points[0], points[1]

    @cached_property
    def order(self) -> tuple[int, ...]:
        """The years in the order asked, those inside a range filled in, forwards or backwards."""
        match = _RANGE.search(self.text)
        if match and 1 < abs(int(match[2]) - int(match[1])) <= 10:
            step = 1 if int(match[2]) > int(match[1]) else -1
            return tuple(range(int(match[1]), int(match[2]) + step, step))
        return self.years

    @cached_property
    def marks(self) -> frozenset[str]:
        """Months and quarters named."""
        return find_marks(self.text)

    def asks(self, pattern: re.Pattern[str]) -> bool:
        """Whether the pattern is found."""
        return bool(pattern.search(self.low))


def read_question(text: str) -> Question:
    """Reads a question of any form; an empty one has no words."""
    return Question(" ".join(plain(text).split()))
