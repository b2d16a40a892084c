"""Risk Assessment: volatility, value at risk, drawdown, by arithmetic that no model touches."""

from __future__ import annotations

from agents.agent import Agent, Turn
from agents.answers import AgentAnswer
from tools.risk import MeasureAccount, MeasureInstruments, measure_account, measure_instruments


class RiskAnswer(AgentAnswer):
    """What was measured."""

    account: str = ""
    instruments: tuple[str, ...] = ()


def plan(turn: Turn) -> AgentAnswer:
    """The named instruments, else the person's own account."""
    named = turn.request.instruments[:6]
    if named:
        found = turn.call(measure_instruments, MeasureInstruments(instruments=tuple(i.id for i in named)))
        lines = [
            f"- **{row.name} ({row.instrument})**: volatility {row.volatility} a year; "
            f"on one day in twenty it lost at least "
            f"{row.var}, then {row.cvar} on average; largest fall from a peak {row.drawdown}"
            for row in found.rows
        ]
        quoted = tuple(f"{row.name} ({row.instrument})" for row in found.rows)
        return RiskAnswer(text="\n".join(lines), quoted=quoted, instruments=tuple(row.instrument for row in found.rows))
    accounts = turn.context.person.accounts
    if not accounts:
        return RiskAnswer(text="You have no account; name an instrument and I measure that.", abstained=True)
    risk = turn.call(measure_account, MeasureAccount(account=accounts[0]))
    text = (
        f"Account {risk.account}: on one day in twenty it would lose at least {risk.var}, then {risk.cvar} on average, "
        f"on a gross exposure of {risk.exposure} ({risk.score} of it). "
        "Measured on past daily closes; the future may be worse."
    )
    return RiskAnswer(text=text, quoted=(risk.account,), account=risk.account)


def build() -> Agent:
    """The agent."""
    return Agent(
        name="risk",
        title="Risk",
        purpose="volatility, value at risk and drawdown",
        tools=(measure_account, measure_instruments),
        answer=RiskAnswer,
        plan=plan,
    )
