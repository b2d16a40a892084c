"""Risk of an account or of single instruments, by arithmetic on daily closes."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from desk.errors import DataError
from desk.facts import Fact
from desk.identity.roles import check_owns
from desk.risk.account import LEVEL, account_scenarios, daily_returns
from desk.risk.marks import Marks
from desk.risk.measures import historical_cvar, historical_var, max_drawdown, volatility
from tools import reads
from tools.context import Arguments, Result, Tool, ToolContext


class MeasureAccount(Arguments):
    """Which account; it must be the person's own."""

    account: str


class AccountRisk(Result):
    """Slots; `score` is the one-day VaR as a share of gross exposure in percent."""

    account: str
    var: str
    cvar: str
    exposure: str
    score: str


class MeasureInstruments(Arguments):
    """Which instruments."""

    instruments: tuple[str, ...] = Field(min_length=1, max_length=6)


class InstrumentRisk(Result):
    """Slots of one instrument over the last scenarios."""

    instrument: str
    name: str
    volatility: str
    var: str
    cvar: str
    drawdown: str


class InstrumentRisks(Result):
    """In the order asked."""

    rows: tuple[InstrumentRisk, ...]


def _account(context: ToolContext, arguments: MeasureAccount) -> AccountRisk:
    check_owns(context.person, arguments.account)
    desk = context.desk
    held = {p.instrument: p.quantity for p in desk.trading.positions() if p.account == arguments.account}
    if not held:
        raise DataError(f"account {arguments.account} holds nothing, so there is no market risk to measure")
    marks = Marks(context.market)
    book, window = account_scenarios(context.market, marks, held, [])
    gross = sum((abs(q) * marks.unit(id) for id, q in held.items()), Decimal(0)) / 100
    var, cvar = (Decimal(str(round(x, 2))) for x in (book.loss.var, book.loss.cvar))
    as_of, key, how = context.market_time(), arguments.account, f"historical, one day, {LEVEL:.0%}, {window}"

    valued = reads.holdings(desk, key)
    returns = tuple(reads.closes(id, window.first, window.last) for id in sorted(held))

    def fact(name: str, label: str, value: Decimal, unit: str, formula: str, *inputs: str) -> str:
        money, words = "USD" if unit == "USD" else None, f"{key} {label}"
        about = (key, label if name == "exposure" else f"{label}, {window}")
        seen = {"score": (), "exposure": valued}.get(name, (*valued, *returns))
        return context.facts.add(
            Fact(f"{key}_{name}", words, value, unit, as_of, "risk engine", formula, money, inputs, seen, about)
        )

    return AccountRisk(
        text="account risk measured",
        account=arguments.account,
        var=fact("var", "value at risk", var, "USD", how),
        cvar=fact("cvar", "expected shortfall", cvar, "USD", how),
        exposure=fact("exposure", "gross exposure", gross.quantize(Decimal("0.01")), "USD", "Σ |quantity| × price"),
        score=fact(
            "score",
            "value at risk per exposure",
            var / gross * 100,
            "%",
            "value at risk ÷ gross exposure",
            f"{key}_var",
            f"{key}_exposure",
        ),
    )


def _instruments(context: ToolContext, arguments: MeasureInstruments) -> InstrumentRisks:
    rows = []
    for id in arguments.instruments:
        instrument = context.desk.feed.instruments.get(id)
        window, matrix = daily_returns(context.desk.feed, [id])
        returns = matrix[:, 0]
        as_of, key = context.market_time(), instrument.symbol.lower().replace("/", "")
        measures = {
            "volatility": ("volatility, annualised", volatility(returns)),
            "var": ("value at risk, one day", historical_var(returns, LEVEL)),
            "cvar": ("expected shortfall, one day", historical_cvar(returns, LEVEL)),
            "drawdown": ("largest drawdown", max_drawdown(returns)),
        }
        slots = {
            name: context.facts.add(
                Fact(
                    f"{key}_{name}",
                    f"{instrument.symbol} {label}",
                    Decimal(str(round(value * 100, 4))),
                    "%",
                    as_of,
                    instrument.label or "market feed",
                    f"daily closes, {window}, level {LEVEL:.0%}",
                    reads=(reads.closes(id, window.first, window.last),),
                    about=(id, label),
                )
            )
            for name, (label, value) in measures.items()
        }
        rows.append(InstrumentRisk(instrument=id, name=instrument.name, **slots))
    return InstrumentRisks(text="instrument risk measured", rows=tuple(rows))


measure_account = Tool(
    "measure_account", "VaR, expected shortfall and exposure of an account.", MeasureAccount, _account
)
measure_instruments = Tool(
    "measure_instruments",
    "Risk of instruments: volatility, value at risk (VaR), expected shortfall, drawdown.",
    MeasureInstruments,
    _instruments,
)
