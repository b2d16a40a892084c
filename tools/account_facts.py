"""Registering one number of an account as a fact of the run, the same way for every tool over accounts."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from desk.facts import Fact
from tools.context import ToolContext

BASE, CENT = "USD", Decimal("0.01")


class Origin(NamedTuple):
    """Where a number is from: the source, the formula, what was read, and slots of the facts it was computed from."""

    source: str
    how: str
    reads: tuple[str, ...]
    inputs: tuple[str, ...] = ()


def add_fact(context: ToolContext, account: str, label: str, value: Decimal, unit: str, origin: Origin) -> str:
    """The slot; money is taken to the cent. The same account and label name the same fact."""
    id, name = re.sub(r"\W+", "_", f"{account} {label}").lower(), f"{account} {label}"
    money, inputs = BASE if unit == BASE else None, tuple(slot[4:-2] for slot in origin.inputs)
    as_of, (source, how, seen, _) = context.market_time(), origin
    exact = value.quantize(CENT) if money else value
    return context.facts.add(Fact(id, name, exact, unit, as_of, source, how, money, inputs, seen, (account, label)))
