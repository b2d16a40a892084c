"""What an account holds: value, profit and loss, the day's change, and how it is spread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from desk.facts import Fact
from desk.identity.roles import Action, check_may, check_owns
from desk.instruments import Instrument
from desk.money import minor_digits
from desk.orders import Position
from desk.risk.marks import Marks
from tools import reads
from tools.context import Arguments, Result, Tool, ToolContext

BASE = "USD"
CENT = Decimal("0.01")


class ReadHoldings(Arguments):
    """Which account; it must be the person's own."""

    account: str


class HoldingRow(Result):
    """One holding. Slots: `units`, `value`, `weight`, `profit`, `day`; `amounts` are the same as plain numbers."""

    instrument: str
    name: str
    units: str
    value: str
    weight: str
    profit: str
    day: str
    amounts: dict[str, float]


class Holdings(Result):
    """The account as a whole in slots, and each holding, the largest first. `rows` may be empty."""

    account: str
    total: str
    invested: str
    cash: str
    profit: str
    profit_pct: str | None
    day: str
    day_pct: str | None
    amounts: dict[str, float]
    rows: tuple[HoldingRow, ...]


class _Valued(NamedTuple):
    instrument: Instrument
    units: Decimal
    price: Decimal
    value: Decimal
    profit: Decimal
    day: Decimal
    cost: Decimal


def _read(context: ToolContext, arguments: ReadHoldings) -> Holdings:
    check_may(context.person, Action.READ_ACCOUNT)
    check_owns(context.person, arguments.account)
    desk = context.desk
    marks = Marks(context.market, BASE)
    held = [_value(marks, p) for p in desk.trading.positions() if p.account == arguments.account]
    cash = sum((m.amount * marks.rate(m.currency) for m in desk.trading.cash().get(arguments.account, [])), Decimal(0))
    invested = sum((one.value for one in held), Decimal(0))
    total = cash + invested
    rows = tuple(_row(context, arguments.account, one, total) for one in sorted(held, key=lambda one: -abs(one.value)))
    return _summary(context, arguments.account, held, cash, rows)


def _value(marks: Marks, position: Position) -> _Valued:
    """Everything in the base currency; profit against average cost, day against the previous close."""
    feed, units = marks.feed, position.quantity
    instrument, quote = feed.instruments.get(position.instrument), feed.quote(position.instrument)

    def worth(ticks: Decimal) -> Decimal:
        return (marks.price(instrument, ticks) * units).scaleb(-minor_digits(BASE))

    value = worth(Decimal(quote.last_ticks))
    cost = worth(position.average_cost / instrument.tick)
    day = value - worth(Decimal(quote.previous_close_ticks))
    return _Valued(instrument, units, quote.last_ticks * instrument.tick, value, value - cost, day, cost)


def _row(context: ToolContext, account: str, one: _Valued, total: Decimal) -> HoldingRow:
    key, symbol = one.instrument.symbol.lower().replace("/", ""), one.instrument.symbol
    share = one.value / total * 100 if total else Decimal(0)
    units, of_all = f"holding_{key}_units", (f"holding_{key}_value", f"{account}_total")
    formula, id = "units × (last price − {})", one.instrument.id
    priced = reads.worth(context.desk.feed.instruments, [id])
    seen = {"units": (reads.held(account, id),), "weight": (), "profit": (*priced, reads.cost(account, id))}

    def fact(name: str, label: str, value: Decimal, unit: str, how: str, *inputs: str) -> str:
        about = (f"{account} {id}", label)
        made = Fact(f"holding_{key}_{name}", f"{symbol} {label}", value, unit, "", "", how, None, inputs)
        return _add(context, replace(made, reads=seen.get(name, priced), about=about))

    return HoldingRow(
        instrument=one.instrument.id,
        name=one.instrument.name,
        units=fact("units", "units held", one.units, "units", "account book"),
        value=fact("value", "value", one.value, BASE, "units × last price", units),
        weight=fact("weight", "share of the account", share, "%", "value ÷ account value", *of_all),
        profit=fact("profit", "profit or loss not taken", one.profit, BASE, formula.format("average cost"), units),
        day=fact("day", "change on the day", one.day, BASE, formula.format("previous close"), units),
        amounts={
            "units": float(one.units),
            "price": float(one.price),
            "value": float(one.value.quantize(CENT)),
            "weight_pct": round(float(share), 2),
            "profit": float(one.profit.quantize(CENT)),
            "day_change": float(one.day.quantize(CENT)),
        },
    )


def _summary(
    context: ToolContext, account: str, held: list[_Valued], cash: Decimal, rows: tuple[HoldingRow, ...]
) -> Holdings:
    invested, profit, day, cost = (
        sum((getattr(one, name) for one in held), Decimal(0)) for name in ("value", "profit", "day", "cost")
    )
    total, before = cash + invested, cash + invested - day

    each, costs = _ids(held), tuple(reads.cost(account, one.instrument.id) for one in held)

    def fact(name: str, label: str, value: Decimal, unit: str, how: str, *inputs: str) -> str:
        seen = reads.cash_worth(context.desk, account) if name == "cash" else costs if name == "profit_pct" else ()
        made = Fact(f"{account}_{name}", f"{account} {label}", value, unit, "", "", how, None, inputs)
        return _add(context, replace(made, reads=seen, about=(account, f"{label}, {unit}")))

    return Holdings(
        text="holdings read",
        account=account,
        total=fact("total", "value", total, BASE, "cash + holdings at last prices", f"{account}_cash", *each["value"]),
        invested=fact("invested", "invested", invested, BASE, "Σ units × last price", *each["value"]),
        cash=fact("cash", "cash", cash, BASE, "account book"),
        profit=fact("profit", "profit or loss not taken", profit, BASE, "value − average cost", *each["profit"]),
        profit_pct=fact("profit_pct", "profit on cost", profit / cost * 100, "%", "profit ÷ cost", f"{account}_profit")
        if cost
        else None,
        day=fact("day", "change on the day", day, BASE, "value − value at the previous close", *each["day"]),
        day_pct=_share(fact, "change on the day", day, before, (f"{account}_day", f"{account}_total")),
        amounts={"total": float(total.quantize(CENT)), "cash": float(cash.quantize(CENT))},
        rows=rows,
    )


def _ids(held: list[_Valued]) -> dict[str, tuple[str, ...]]:
    """The ids of the holdings' own figures, by what they are."""
    keys = [one.instrument.symbol.lower().replace("/", "") for one in held]
    return {name: tuple(f"holding_{key}_{name}" for key in keys) for name in ("value", "profit", "day")}


def _share(fact: Callable[..., str], label: str, day: Decimal, before: Decimal, inputs: tuple[str, str]) -> str | None:
    return fact("day_pct", label, day / before * 100, "%", "change ÷ value before", *inputs) if before else None


def _add(context: ToolContext, made: Fact) -> str:
    """Registers it to the cent, with the time and the source of all of these."""
    value, unit = made.value, made.unit
    exact = value.quantize(CENT) if unit == BASE else value if unit == "units" else value.quantize(Decimal("0.0001"))
    money, source = BASE if unit == BASE else None, "account book and quotes"
    return context.facts.add(replace(made, value=exact, as_of=context.market_time(), source=source, currency=money))


read_holdings = Tool(
    "read_holdings", "Value, profit and loss, day change and allocation of an account.", ReadHoldings, _read
)
