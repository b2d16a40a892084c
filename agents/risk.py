"""Risk Assessment: value at risk, scenarios, sensitivities, liquidity, by arithmetic that no model touches."""

from __future__ import annotations

import re

from agents.agent import Agent, Turn
from agents.answers import AgentAnswer
from agents.shocks import find_scenario, find_shock
from tools.risk import MeasureAccount, MeasureInstruments, measure_account, measure_instruments
from tools.stress import (
    AccountOnly,
    AccountStress,
    StressAccount,
    StressRow,
    estimate_liquidity,
    find_factors,
    stress_account,
)

_NO_ACCOUNT = "You have no account; name an instrument and I measure that."
_CRISES = re.compile(
    r"\b(?:stress(?:[ -]?test\w*|ed)?|scenarios?|crash(?:es|ed)?|crisis|recession|lehman|covid|dot-?com|shocks?)\b",
    re.I,
)
_MOVERS = re.compile(
    r"\b(?:factors?|sensitiv\w+|betas?)\b|\bexpos\w+ to (?:rates|bonds|oil|the dollar|stocks|equit\w+|interest)"
    r"|\bwhat (?:moves|drives)\b", re.I
)  # fmt: skip
_SELLING = re.compile(
    r"\b(?:il)?liquidity\b|\bliquidat\w+\b|\bunwind\w*\b"
    r"|\bhow (?:long|fast|quickly)\b[^.?!]{0,40}\b(?:sell|get out|exit|close out)\b", re.I
)  # fmt: skip


class RiskAnswer(AgentAnswer):
    """What was measured."""

    account: str = ""
    instruments: tuple[str, ...] = ()


def plan(turn: Turn) -> AgentAnswer:
    """Scenarios, sensitivities or liquidity of the person's own account; else instruments named, else the account."""
    asked = turn.request.question
    shock = find_shock(asked)
    if shock or _CRISES.search(asked):
        return _account(turn) or _stress(turn, shock)
    if _MOVERS.search(asked):
        return _account(turn) or _factors(turn)
    if _SELLING.search(asked):
        return _account(turn) or _liquidity(turn)
    if turn.request.instruments:
        return _instruments(turn)
    return _account(turn) or _measure(turn)


def _account(turn: Turn) -> AgentAnswer | None:
    """What is said to a person without an account; None for everybody else."""
    return None if turn.context.person.accounts else RiskAnswer(text=_NO_ACCOUNT, abstained=True)


def _instruments(turn: Turn) -> AgentAnswer:
    named = turn.request.instruments[:6]
    found = turn.call(measure_instruments, MeasureInstruments(instruments=tuple(i.id for i in named)))
    lines = [
        f"- **{row.name} ({row.instrument})**: volatility {row.volatility} a year; "
        f"on one day in twenty it lost at least "
        f"{row.var}, then {row.cvar} on average; largest fall from a peak {row.drawdown}"
        for row in found.rows
    ]
    quoted = tuple(f"{row.name} ({row.instrument})" for row in found.rows)
    return RiskAnswer(text="\n".join(lines), quoted=quoted, instruments=tuple(row.instrument for row in found.rows))


def _measure(turn: Turn) -> AgentAnswer:
    risk = turn.call(measure_account, MeasureAccount(account=turn.context.person.accounts[0]))
    text = (
        f"Account {risk.account}: on one day in twenty it would lose at least {risk.var}, then {risk.cvar} on average, "
        f"on a gross exposure of {risk.exposure} ({risk.score} of it). "
        "Measured on past daily closes; the future may be worse."
    )
    return RiskAnswer(text=text, quoted=(risk.account,), account=risk.account)


def _stress(turn: Turn, shock: str) -> AgentAnswer:
    account, named = turn.context.person.accounts[0], find_scenario(turn.request.question)
    found = turn.call(stress_account, StressAccount(account=account, shock=shock, scenario=named))
    lines = [_scenario(row) for row in found.rows]
    text = (
        f"Account {found.account}, the worst of {found.scenarios} scenarios:\n\n" + "\n".join(lines) + "\n\n"
        "Historical ones replay the closes of those days on what is held now; hypothetical ones take sensitivities "
        "from past days. Nothing is traded meanwhile, and costs are left out." + _lacking(found)
    )
    names = (row.name for row in found.rows)
    left = (id for row in found.rows for id in row.left_out)
    return RiskAnswer(text=text, quoted=(found.account, *names, *left, found.lacking), account=found.account)


def _scenario(row: StressRow) -> str:
    share = f" ({row.share} of equity)" if row.share else ""
    missing = f"; it says nothing of {', '.join(row.left_out)}" if row.left_out else ""
    return f"- **{row.name}** ({row.kind}): {'gains' if row.gains else 'loses'} {row.amount}{share}{missing}"


def _lacking(found: AccountStress) -> str:
    return f" There are no hypothetical ones: {found.lacking}." if found.lacking else ""


def _factors(turn: Turn) -> AgentAnswer:
    found = turn.call(find_factors, AccountOnly(account=turn.context.person.accounts[0]))
    lines = [
        f"- **{row.factor}** up by one per cent: {'gains' if row.gains else 'loses'} {row.amount}"
        + ("" if row.clear else "; not told from nothing")
        for row in found.rows
    ]
    text = (
        f"Account {found.account}, by least squares over {found.window}:\n\n" + "\n".join(lines) + "\n\n"
        f"Together they explain {found.explained} of its ups and downs; the rest is its own."
    )
    return RiskAnswer(text=text, quoted=(found.account, found.window), account=found.account)


def _liquidity(turn: Turn) -> AgentAnswer:
    found = turn.call(estimate_liquidity, AccountOnly(account=turn.context.person.accounts[0]))
    text = (
        f"Account {found.account}: {found.within_day} could be sold within a day at {found.participation} of each "
        f"market's turnover; all of it takes {found.days} and costs about {found.cost}. "
        f"Turnover is assumed, not measured: {found.label}."
    )
    return RiskAnswer(text=text, quoted=(found.account, found.label), account=found.account)


def build() -> Agent:
    """The agent."""
    return Agent(
        name="risk",
        title="Risk",
        purpose="volatility, value at risk, drawdown, scenarios, sensitivities and liquidity",
        tools=(measure_account, measure_instruments, stress_account, find_factors, estimate_liquidity),
        answer=RiskAnswer,
        plan=plan,
    )
