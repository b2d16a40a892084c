"""The figures of a rebalancing as facts, each with what it was read from and computed of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Literal, NamedTuple

from desk.facts import Fact
from desk.orders import Order
from desk.portfolio.moments import Moments
from desk.portfolio.optimise import Optimised
from desk.portfolio.rebalance import Trade
from tools import reads
from tools.context import Result, ToolContext

BASE = "USD"


class TradeRow(Result):
    """One order in words: `quantity`, `value` and `weight` (the target) are slots; `clamped` says it was cut."""

    instrument: str
    name: str
    side: Literal["buy", "sell"]
    quantity: str
    clamped: bool


class Weighed(Result):
    """One instrument's share of what is invested, before and towards; slots."""

    instrument: str
    name: str
    before: str
    target: str


class Seen(NamedTuple):
    """What a rebalancing rests on: ids of the weights, and the names of the values read, by what they are."""

    befores: tuple[str, ...]
    targets: tuple[str, ...]
    held: tuple[str, ...]
    cash: tuple[str, ...]
    closes: tuple[str, ...]
    solved: tuple[str, ...]

    @classmethod
    def of(cls, context: ToolContext, account: str, ids: Sequence[str], moments: Moments, given: bool) -> Seen:
        """`ids` are all that is held or wanted; weights that were `given` are read from nothing but the request."""
        keys, known = [_key(context, id) for id in ids], context.desk.feed.instruments
        held = (*(reads.held(account, id) for id in ids), *reads.worth(known, ids))
        closes = tuple(reads.closes(id, *moments.window[:2]) for id in ids) if moments.window else ()
        return cls(
            tuple(f"rebalance_{key}_before" for key in keys),
            tuple(f"rebalance_{key}_target" for key in keys),
            held,
            (reads.cash(account),),
            closes,
            reads.SAID if given else closes,
        )


def _key(context: ToolContext, id: str) -> str:
    return context.desk.feed.instruments.get(id).symbol.lower().replace("/", "")


def add_volatility(context: ToolContext, days: int, targets: Optimised, was: float, seen: Seen) -> tuple[str, str]:
    """Volatility before and at the targets, as slots."""
    how = f"Ledoit-Wolf covariance of {days} daily returns"

    def fact(name: str, label: str, value: float) -> str:
        exact = Decimal(str(round(value * 100, 4)))
        made = Fact(f"rebalance_{name}", label, exact, "%", context.market_time(), "portfolio engine", how)
        inputs = seen.befores if name == "volatility_before" else seen.targets
        return context.facts.add(replace(made, inputs=inputs, reads=seen.closes))

    return fact("volatility_before", "volatility before", was), fact(
        "volatility_after", "volatility at the target weights", targets.volatility
    )


def trade_rows(
    context: ToolContext, wished: Sequence[Trade], orders: Sequence[Order], seen: Seen
) -> tuple[TradeRow, ...]:
    """The orders in words; what the gate made smaller than wished is marked."""
    rows = []
    for trade, order in zip(wished, orders, strict=True):
        instrument = context.desk.feed.instruments.get(order.instrument)
        quantity = context.facts.add(
            Fact(
                f"rebalance_{_key(context, instrument.id)}_quantity",
                f"{order.side} {instrument.symbol}",
                order.quantity,
                "units",
                context.market_time(),
                "portfolio engine",
                "target weight × invested ÷ price − held, in whole lots",
                inputs=seen.targets,
                reads=(*seen.held, *seen.cash),
            )
        )
        rows.append(
            TradeRow(
                instrument=instrument.id,
                name=instrument.name,
                side=order.side.value,
                quantity=quantity,
                clamped=order.quantity != trade.quantity,
            )
        )
    return tuple(rows)


def weight_rows(context: ToolContext, before: dict[str, float], targets: Optimised, seen: Seen) -> tuple[Weighed, ...]:
    """Every instrument's share before and towards, by id."""

    def _read_for(id: str, name: str) -> tuple[str, ...]:
        """The weight of what is not held is nothing, whatever all else is worth."""
        none_held = tuple(read for read in seen.held if read.startswith("held:") and read.endswith(f":{id}"))
        return seen.solved if name == "target" else seen.held if before.get(id) else none_held

    def fact(id: str, name: str, value: float, how: str) -> str:
        symbol = context.desk.feed.instruments.get(id).symbol
        exact = Decimal(str(round(value * 100, 4)))
        return context.facts.add(
            Fact(
                f"rebalance_{_key(context, id)}_{name}",
                f"{symbol} weight {name}",
                exact,
                "%",
                context.market_time(),
                "portfolio engine",
                how,
                reads=_read_for(id, name),
            )
        )

    return tuple(
        Weighed(
            instrument=id,
            name=context.desk.feed.instruments.get(id).name,
            before=fact(id, "before", before.get(id, 0.0), "value ÷ invested"),
            target=fact(
                id, "target", targets.weights.get(id, 0.0), "portfolio solver, its optimality conditions checked"
            ),
        )
        for id in sorted({*before, *targets.weights})
    )


def add_short(context: ToolContext, missing: Decimal, seen: Seen) -> str:
    """The cash that full buys would lack, as a slot."""
    name, label, how = "rebalance_short_of", "cash missing for full buys", "wanted − free cash"
    exact = missing.quantize(Decimal("0.01"))
    made = Fact(name, label, exact, BASE, context.market_time(), "portfolio engine", how, BASE, seen.targets)
    return context.facts.add(replace(made, reads=(*seen.held, *seen.cash)))
