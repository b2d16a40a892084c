"""A formula over line items of a company's statements: its parts, and its value from readings.

`Item` is a line item of the year asked about, moved by `back` years, or of a fixed `year`. Values are exact decimals in
base units; a division by zero or a missing reading has no value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from rag.metrics import Metric
from rag.targets import Target

Operator = Literal["+", "-", "*", "/"]


@dataclass(frozen=True)
class Number:
    """A constant."""

    value: Decimal


@dataclass(frozen=True)
class Item:
    """A line item: the first of `targets` that can be read; `year` None is the year asked about."""

    targets: tuple[Target, ...]
    year: int | None = None
    back: int = 0

    @property
    def target(self) -> Target:
        """What is meant first; the others are other places of the same words."""
        return self.targets[0]

    @property
    def unit(self) -> str:
        """The unit that it must have; a row of its own label is an amount of money."""
        return self.target.metric.unit if self.target.metric else "USD"


@dataclass(frozen=True)
class Both:
    """Two formulas joined."""

    operator: Operator
    left: Formula
    right: Formula


@dataclass(frozen=True)
class Mean:
    """The mean over years; without years, of the year asked about and the one before."""

    of: Formula
    years: tuple[int, ...] = ()


@dataclass(frozen=True)
class Change:
    """The later year's less the earlier one's; without years, from the year before."""

    of: Formula
    years: tuple[int, ...] = ()


def plain_item(entry: Metric) -> Item:
    """The line item of the whole company in the year asked about."""
    return Item((Target(entry.id, entry.name, entry),))


Formula = Number | Item | Both | Mean | Change
Read = Callable[[Item, int], Decimal | None]
"""The value of a line item in a fiscal year; None when it is not to be had."""


def evaluate(formula: Formula, year: int, read: Read) -> Decimal | None:
    """The value in a year; None when something is missing or a divisor is zero."""
    match formula:
        case Number():
            return formula.value
        case Item():
            return read(formula, (formula.year or year) - formula.back)
        case Mean():
            values = [evaluate(at(formula.of, when), when, read) for when in formula.years or (year - 1, year)]
            known = [value for value in values if value is not None]
            return sum(known, start=Decimal(0)) / len(known) if len(known) == len(values) else None
        case Change():
            first, last = min(formula.years or (year - 1,)), max(formula.years or (year,))
            before = evaluate(at(formula.of, first), first, read)
            after = evaluate(at(formula.of, last), last, read)
            return None if before is None or after is None else after - before
        case Both():
            return _join(formula.operator, evaluate(formula.left, year, read), evaluate(formula.right, year, read))


def _join(operator: Operator, left: Decimal | None, right: Decimal | None) -> Decimal | None:
    if left is None or right is None:
        return None
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return left / right if right else None


def at(formula: Formula, year: int) -> Formula:
    """The formula with its own years taken off its items: what an average or a change runs over is set from outside."""
    match formula:
        case Item():
            return replace(formula, year=None)
        case Both():
            return replace(formula, left=at(formula.left, year), right=at(formula.right, year))
        case _:
            return formula


def items(formula: Formula) -> list[Item]:
    """Every line item of a formula, in reading order."""
    match formula:
        case Item():
            return [formula]
        case Both():
            return [*items(formula.left), *items(formula.right)]
        case Mean() | Change():
            return items(formula.of)
        case _:
            return []


def dimension(formula: Formula) -> int | None:
    """The power of money it has: 1 an amount, 0 a ratio; None for what cannot be added up."""
    match formula:
        case Number():
            return 0
        case Item():
            return 1 if formula.unit == "USD" else 0
        case Mean() | Change():
            return dimension(formula.of)
        case Both():
            left, right = dimension(formula.left), dimension(formula.right)
            if left is None or right is None:
                return None
            if formula.operator == "*":
                return left + right
            if formula.operator == "/":
                return left - right
            return (
                left if left == right or isinstance(formula.left, Number) or isinstance(formula.right, Number) else None
            )


def write(formula: Formula) -> str:
    """The formula as people write it."""
    match formula:
        case Number():
            return f"{formula.value:f}"
        case Item():
            before = " of the year before" if formula.back else ""
            return f"{formula.target.name}{f' {formula.year}' if formula.year else ''}{before}"
        case Mean():
            over = f" over {formula.years[0]} to {formula.years[-1]}" if formula.years else ""
            return f"average {write(formula.of)}{over}"
        case Change():
            return f"change in {write(formula.of)}"
        case Both():
            sign = {"*": "×", "/": "÷", "-": "−", "+": "+"}[formula.operator]
            return f"({write(formula.left)} {sign} {write(formula.right)})"
