"""Portfolio Manager: what an account holds and how it does, and the trades towards target weights."""

from __future__ import annotations

import re

from pydantic import JsonValue

from agents.agent import Agent, Turn
from agents.answers import AgentAnswer, Card, Draft, Refusal
from agents.weights import WeightWish, read_weights
from desk.errors import Conflict, DataError, Forbidden, InputError
from desk.trading.proposals import evidence_of
from tools.holdings import Holdings, ReadHoldings, read_holdings
from tools.lots import ReadLots, read_lots
from tools.portfolio import Rebalanced, RebalanceTo, rebalance
from tools.risk import MeasureAccount, measure_account
from tools.trading import register_outlook

OBJECTIVES = {
    "minimum_variance": "minimum variance",
    "maximum_sharpe": "maximum Sharpe",
    "target_return": "the wanted return at least risk",
    "target_risk": "the wanted volatility at most return",
    "minimum_cvar": "the least tail loss (CVaR)",
    "risk_parity": "risk parity",
    "hierarchical": "hierarchical risk parity",
    "equal": "equal weights",
    "given": "your weights",
}
MOST_ROWS = 12
_LOTS = re.compile(
    r"\b(?:tax[ -]?lots?|tax[ -]?loss\w*|loss(?:es)?[ -]harvest\w*|harvest\w*|wash[ -]sales?|capital gains?"
    r"|(?:gains?|loss(?:es)?|profits?)\b[^.?!]{0,20}\breali[sz]ed|reali[sz]ed\b[^.?!]{0,20}\b(?:gains?|loss(?:es)?|profits?))\b",
    re.I,
)


class PortfolioAnswer(AgentAnswer):
    """What was looked at and what would change."""

    account: str = ""
    objective: str = ""
    trades: tuple[str, ...] = ()


def plan(turn: Turn) -> AgentAnswer:
    """A rebalancing when the person asks for one, tax lots when those are meant, else the account as it is."""
    wish = read_weights(turn.request.question, turn.context.sight.instruments)
    try:
        if wish is None and _LOTS.search(turn.request.question) and turn.context.person.accounts:
            return _lots(turn)
        return _holdings(turn) if wish is None else _rebalance(turn, wish)
    except Forbidden as error:
        return _refused("role", "an account of one's own", turn.context.person.role, error.message)


def _holdings(turn: Turn) -> AgentAnswer:
    accounts = turn.context.person.accounts
    if not accounts:
        return PortfolioAnswer(
            text=f"{turn.context.person.display_name} has no account here, so there is no portfolio to show.",
            abstained=True,
        )
    held = turn.call(read_holdings, ReadHoldings(account=accounts[0]))
    percent = f" ({held.day_pct})" if held.day_pct else ""
    gain = f" ({held.profit_pct} of what was paid)" if held.profit_pct else ""
    lines = [
        f"Account **{held.account}** is worth **{held.total}**: {held.invested} invested and {held.cash} in cash. "
        f"On the day it changed by {held.day}{percent}; profit or loss not yet taken is {held.profit}{gain}.",
        *(
            f"- **{row.name} ({row.instrument})**: {row.units}, {row.value}, {row.weight} of the account, "
            f"profit or loss {row.profit}, on the day {row.day}"
            for row in held.rows[:MOST_ROWS]
        ),
    ]
    risk, quoted = _risk(turn, held)
    lines += [risk, "Prices are replayed history; the path within the day is simulated."]
    return PortfolioAnswer(
        text="\n".join(lines[:1]) + "\n\n" + "\n".join(lines[1:-2]) + "\n\n" + " ".join(lines[-2:]),
        quoted=(held.account, *(f"{row.name} ({row.instrument})" for row in held.rows), *quoted),
        cards=(_allocation(held),),
        account=held.account,
    )


def _lots(turn: Turn) -> AgentAnswer:
    found = turn.call(read_lots, ReadLots(account=turn.context.person.accounts[0]))
    losses = [
        f"- **{row.name}**, {row.units}: loss {row.loss} ({row.term})"
        + (f", of which {row.washed} would not count" if row.washed else "")
        + f"; bought again from {row.not_before} on, the loss stands"
        for row in found.losses
    ]
    uncounted = f"; {found.disallowed} of losses does not count" if found.disallowed else ""
    told = "Lots at a loss, the largest first:\n\n" + "\n".join(losses) if losses else "No lot stands at a loss."
    text = (
        f"{told}\n\nSales so far realised {found.realised}{uncounted}. Say which to sell and I have it proposed; "
        f"nothing is sold before it is approved. {found.label}."
    )
    quoted = (found.label, *(row.name for row in found.losses), *(row.not_before for row in found.losses))
    return PortfolioAnswer(text=text, quoted=(*quoted, *found.lacking), account=found.account)


def _risk(turn: Turn, held: Holdings) -> tuple[str, tuple[str, ...]]:
    if not held.rows:
        return "Nothing is invested, so there is no market risk.", ()
    try:
        risk = turn.call(measure_account, MeasureAccount(account=held.account))
    except DataError as error:
        return f"The risk cannot be measured: {error.message}.", (error.message,)
    return f"On one day in twenty it would lose at least {risk.var}, then {risk.cvar} on average.", ()


def _allocation(held: Holdings) -> Card:
    rows: list[JsonValue] = [
        {"instrument": row.instrument, "name": row.name, **{k: float(v) for k, v in row.amounts.items()}}
        for row in held.rows
    ]
    total, cash = held.amounts["total"], held.amounts["cash"]
    share = round(cash / total * 100, 2) if total else 0.0
    rows.append({"instrument": "CASH", "name": "Cash", "value": cash, "weight_pct": share})
    body: dict[str, JsonValue] = {"account": held.account, "currency": "USD", "total": total, "rows": rows}
    return Card(kind="allocation", title=f"Allocation of {held.account}", body=body)


def _rebalance(turn: Turn, wish: WeightWish) -> AgentAnswer:
    held_ids = tuple(i.id for i in turn.request.instruments if i.tradable) if wish.objective != "given" else ()
    arguments = RebalanceTo(
        objective=wish.objective,
        weights=wish.weights,
        also=held_ids,
        cap_percent=wish.cap,
        target_percent=wish.target,
    )
    try:
        found = turn.call(rebalance, arguments)
    except InputError as error:
        return _refused("constraint", "a feasible portfolio", wish.cap or OBJECTIVES[wish.objective], error.message)
    except DataError as error:
        return PortfolioAnswer(
            text=f"I cannot weigh this portfolio: {error.message}.", quoted=(error.message,), abstained=True
        )
    if found.refusal is not None:
        no = found.refusal
        return _refused(no.rule, no.limit, no.value, no.message)
    return _proposal(turn, wish, found) if found.orders else _nothing(wish, found)


def _refused(rule: str, limit: str, value: str, message: str) -> PortfolioAnswer:
    text = f"This cannot be done: {message}. Nobody was asked to approve anything, and nothing was sent."
    refusal = Refusal(rule=rule, limit=limit, value=value, message=message)
    return PortfolioAnswer(text=text, refusal=refusal, quoted=(message,))


def _nothing(wish: WeightWish, found: Rebalanced) -> AgentAnswer:
    short = f" Buying more would need {found.short_of} of free cash that is not there." if found.short_of else ""
    text = (
        f"There is nothing to trade towards {OBJECTIVES[wish.objective]}: every position of {found.account} stands "
        f"close enough to its target.{short}\n\n{_weights(found)}"
    )
    return PortfolioAnswer(text=text, quoted=_quoted(found), account=found.account, objective=wish.objective)


def _proposal(turn: Turn, wish: WeightWish, found: Rebalanced) -> AgentAnswer:
    if found.outlook is None or found.needs is None:
        raise Conflict("the dry run passed but gave no outlook; ask again")
    slot = register_outlook(turn.context, found.outlook, "rebalance")
    objective = OBJECTIVES[wish.objective]
    trades = [f"{row.side} {row.quantity} of {row.name} ({row.instrument})" for row in found.rows]
    text = (
        f"To bring {found.account} to **{objective}** I propose:\n\n"
        + "\n".join(f"{number}. {trade}" for number, trade in enumerate(trades, 1))
        + f"\n\nThat trades {slot['notional']} in all, at an expected cost of {slot['cost']} "
        f"(commission {slot['commission']}, half the spread {slot['spread']}).\n\n{_weights(found)}\n\n"
        f"- Volatility a year: {found.volatility_before} before, {found.volatility_after} at the target weights\n"
        f"- Value at risk (one day): {slot['var_before']} before, {slot['var_after']} after\n"
        f"- Gross exposure: {slot['exposure_before']} before, {slot['exposure_after']} after\n"
        f"- Cash after: {slot['cash_after']}\n\n"
        f"{_notes(found)}It waits in Approvals: {found.decides or found.needs.reason}. Weights rest on past returns; "
        "the future may differ. Prices are replayed and the venue is simulated."
    )
    why = f"{turn.context.person.display_name} asked: {turn.request.question[:300]}"
    return PortfolioAnswer(
        text=text,
        draft=Draft(
            account=found.account,
            orders=found.orders,
            evidence=evidence_of(found.outlook, f"{why} (towards {objective})"),
            needs=found.needs,
            customer_account=found.customer_account,
        ),
        quoted=(*_quoted(found), found.needs.reason),
        account=found.account,
        objective=wish.objective,
        trades=tuple(f"{order.side.value} {order.quantity} {order.instrument}" for order in found.orders),
    )


def _notes(found: Rebalanced) -> str:
    cut = [row.name for row in found.rows if row.clamped]
    notes = f"The gate made these smaller: {', '.join(cut)}. " if cut else ""
    if found.short_of:
        notes += f"Free cash falls {found.short_of} short of the full buys, so they are smaller; "
        notes += "ask again once the sells have filled. "
    return notes


def _weights(found: Rebalanced) -> str:
    return "\n".join(
        f"- {row.name} ({row.instrument}): {row.before} of what is invested, target {row.target}"
        for row in found.weights
    )


def _quoted(found: Rebalanced) -> tuple[str, ...]:
    return (found.account, *(f"{row.name} ({row.instrument})" for row in found.weights))


def build() -> Agent:
    """The agent."""
    return Agent(
        name="portfolio",
        title="Portfolio manager",
        purpose="holdings as they are, and the trades towards target weights",
        tools=(read_holdings, read_lots, rebalance, measure_account),
        answer=PortfolioAnswer,
        plan=plan,
    )
