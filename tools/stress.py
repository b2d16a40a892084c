"""What an account would lose in named scenarios, what moves it, and how fast it can be sold: each number a fact."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from pydantic import Field

from desk.errors import DataError
from desk.identity.roles import check_owns
from desk.risk.factors import FACTORS, fit_factors
from desk.risk.marks import Marks
from desk.risk.stress import Stressed, read_shock, stress_all
from desk.trading.liquidity import LABEL, PARTICIPATION, liquidity_of
from tools import reads
from tools.account_facts import BASE, Origin, add_fact
from tools.context import Arguments, Result, Tool, ToolContext

SHOWN = 6
SOURCE = "risk engine"


class StressAccount(Arguments):
    """Which account, one's own; `shock` an own scenario such as `equity=-20,oil=30`, in per cent.

    `scenario` is the key of a named one to tell first.
    """

    account: str
    shock: str = Field(default="", max_length=200)
    scenario: str = Field(default="", max_length=40)


class StressRow(Result):
    """One scenario: its name, whether it happened, and slots of the loss (or gain) and its share of equity."""

    name: str
    kind: str
    gains: bool
    amount: str
    share: str = ""
    left_out: tuple[str, ...] = ()


class AccountStress(Result):
    """What was asked for first, then the largest losses. `lacking` says why there are no hypothetical ones."""

    account: str
    rows: tuple[StressRow, ...]
    scenarios: str
    lacking: str = ""


class AccountOnly(Arguments):
    """Which account; it must be the person's own."""

    account: str


class FactorRow(Result):
    """A slot of the money for a rise of one per cent, and whether it is told from nothing (two standard errors)."""

    factor: str
    gains: bool
    amount: str
    clear: bool


class AccountFactors(Result):
    """In the order of the factors; `explained` is a slot, the share of the account's variance."""

    account: str
    rows: tuple[FactorRow, ...]
    explained: str
    window: str


class AccountLiquidity(Result):
    """Slots: the share that can be sold within a day, the days for all of it, the cost, the share of turnover."""

    account: str
    within_day: str
    days: str
    cost: str
    participation: str
    label: str


class _Book(NamedTuple):
    """What an account holds, by instrument, and all it is worth; in the base currency."""

    values: dict[str, float]
    equity: float


def _book(context: ToolContext, account: str) -> _Book:
    """At the prices of the run. Forbidden for another's account, DataError for one that holds nothing."""
    check_owns(context.person, account)
    trading, marks = context.desk.trading, Marks(context.market)
    held = {p.instrument: p.quantity for p in trading.positions() if p.account == account and p.quantity}
    if not held:
        raise DataError(f"account {account} holds nothing, so there is no market risk to measure")
    values = {id: float(quantity * marks.unit(id)) / 100 for id, quantity in held.items()}
    cash = sum(float(money.amount * marks.rate(money.currency)) for money in trading.cash().get(account, []))
    return _Book(values, cash + sum(values.values()))


def _stress(context: ToolContext, arguments: StressAccount) -> AccountStress:
    account, (values, equity) = arguments.account, _book(context, arguments.account)
    own = read_shock(arguments.shock) if arguments.shock else None
    found = stress_all(context.market, values, own)
    shown = sorted(found.rows, key=lambda row: row.key not in ("own", arguments.scenario))[:SHOWN]
    table = (reads.of_desk("desk.risk.stress.HISTORY"),)
    origin = Origin(SOURCE, "named scenarios", table)
    counted = add_fact(context, account, "scenarios", Decimal(len(found.rows)), "count", origin)
    return AccountStress(
        text="account stressed",
        account=account,
        rows=tuple(_row(context, account, values, equity, row) for row in shown),
        scenarios=counted,
        lacking=found.lacking,
    )


def _row(context: ToolContext, account: str, values: Iterable[str], equity: float, row: Stressed) -> StressRow:
    amount = Decimal(str(abs(round(row.pnl, 2))))
    label = f"{'gain' if row.pnl > 0 else 'loss'}: {row.name}"
    seen = (*reads.holdings(context.desk, account), *(reads.closes(id) for id in sorted(values)))
    slot = add_fact(context, account, label, amount, BASE, Origin(SOURCE, f"{row.kind}, {row.about}", seen))
    share = ""
    if equity > 0:
        part = (amount / Decimal(str(equity)) * 100).quantize(Decimal("0.1"))
        origin = Origin(SOURCE, "amount ÷ equity", reads.cash_worth(context.desk, account), (slot,))
        share = add_fact(context, account, f"{label}, of equity", part, "%", origin)
    return StressRow(name=row.name, kind=row.kind, gains=row.pnl > 0, amount=slot, share=share, left_out=row.left_out)


def _factors(context: ToolContext, arguments: AccountOnly) -> AccountFactors:
    account, values = arguments.account, _book(context, arguments.account).values
    model = fit_factors(context.market, values)
    window = model.window
    assert window is not None
    closes = (reads.closes(id, window.first, window.last) for id in sorted({*values, *FACTORS.values()}))
    seen = (*reads.holdings(context.desk, account), *closes)
    rows = []
    for name in FACTORS:
        beta, how = model.betas[name], f"least squares on {', '.join(FACTORS)}, {window}"
        amount = Decimal(str(abs(round(beta / 100, 2))))
        slot = add_fact(context, account, f"change for one per cent of {name}", amount, BASE, Origin(SOURCE, how, seen))
        rows.append(FactorRow(factor=name, gains=beta > 0, amount=slot, clear=abs(beta) > 2 * model.errors[name]))
    share = Decimal(str(round(100 * model.explained, 1)))
    told = add_fact(context, account, "variance explained", share, "%", Origin(SOURCE, f"R², {window}", seen))
    return AccountFactors(
        text="sensitivities found", account=account, rows=tuple(rows), explained=told, window=str(window)
    )


def _liquidity(context: ToolContext, arguments: AccountOnly) -> AccountLiquidity:
    account, values = arguments.account, _book(context, arguments.account).values
    found = liquidity_of(context.market, values)
    seen = (*reads.holdings(context.desk, account), reads.of_desk("desk.market.volume.TURNOVER"))

    def fact(label: str, value: float, unit: str, digits: int) -> str:
        return add_fact(context, account, label, Decimal(str(round(value, digits))), unit, Origin(SOURCE, LABEL, seen))

    return AccountLiquidity(
        text="liquidity estimated",
        account=account,
        within_day=fact("share sold within a day", 100 * found.within_day, "%", 1),
        days=fact("days to sell all", found.days, "days", 3),
        cost=fact("cost of selling all", found.cost, "USD", 2),
        participation=fact("share of turnover", 100 * PARTICIPATION, "%", 0),
        label=LABEL,
    )


stress_account = Tool(
    "stress_account",
    "Loss of an account in named historical and hypothetical scenarios, or in an own one.",
    StressAccount,
    _stress,
)
find_factors = Tool(
    "find_factors", "What moves an account: sensitivity to stocks, bonds, the dollar and oil.", AccountOnly, _factors
)
estimate_liquidity = Tool(
    "estimate_liquidity", "How long an account takes to sell and what that costs.", AccountOnly, _liquidity
)
