"""Holdings as they are, and the whole set of orders towards target weights, as a proposal."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal
from typing import Literal

from pydantic import Field

from desk.errors import InputError
from desk.identity.roles import Needs
from desk.money import minor_digits
from desk.orders import Chosen, Order, Position
from desk.portfolio.limits import Limits
from desk.portfolio.moments import estimate_moments, volatility_of
from desk.portfolio.optimise import Optimised, Wish, given_weights, optimise
from desk.portfolio.rebalance import Leg, Rebalance, Trade, build_trades
from desk.risk.marks import Marks
from desk.trading.decisions import Refusal
from desk.trading.private import build_private_desk
from desk.trading.proposals import Outlook, look_ahead, order_needs
from desk.trading.seeds import Lot, Seed
from tools.context import Arguments, Result, Tool, ToolContext
from tools.rebalancing import BASE, Seen, TradeRow, Weighed, add_short, add_volatility, trade_rows, weight_rows
from tools.trading import account_of, register_needs

RISK_FREE = 0.02


class RebalanceTo(Arguments):
    """Where to. `weights` in percent as text, only when the person gave them; `also` widens what may be held."""

    objective: Literal[
        "minimum_variance",
        "maximum_sharpe",
        "target_return",
        "target_risk",
        "minimum_cvar",
        "risk_parity",
        "hierarchical",
        "equal",
        "given",
    ]
    weights: dict[str, str] = Field(default_factory=dict, description="Instrument id to percent, for objective given.")
    also: tuple[str, ...] = Field(default=(), max_length=30, description="Instruments to add to those held.")
    cap_percent: str | None = Field(default=None, description="At most so much in one instrument, when stated.")
    target_percent: str | None = Field(
        default=None, description="Percent a year, for objective target_return or target_risk."
    )


class Rebalanced(Result):
    """The whole proposal, or the refusal of the gate, or nothing to do (`orders` empty)."""

    account: str
    orders: tuple[Order, ...]
    outlook: Outlook | None
    refusal: Refusal | None
    needs: Needs | None
    customer_account: bool
    rows: tuple[TradeRow, ...]
    weights: tuple[Weighed, ...]
    volatility_before: str
    volatility_after: str
    short_of: str | None
    decides: str = ""


def _rebalance(context: ToolContext, arguments: RebalanceTo) -> Rebalanced:
    account = account_of(context)
    held = {p.instrument: p.quantity for p in _positions(context, account) if p.quantity > 0}
    ids = sorted({*held, *arguments.also, *arguments.weights})
    _check_tradable(context, ids)
    moments = estimate_moments(context.desk.feed, ids, context.desk.solver)
    if arguments.objective == "given":
        targets = given_weights({id: float(w) / 100 for id, w in arguments.weights.items()}, moments)
    else:
        targets = optimise(_wish(arguments), moments, context.desk.solver)
    legs = _legs(context, ids, held)
    invested = sum((leg.held * leg.unit for leg in legs), Decimal(0))
    if not invested:
        raise InputError(f"account {account} has nothing invested to rebalance; buy something first")
    before = {leg.instrument: float(leg.held * leg.unit / invested) for leg in legs}
    plan = build_trades(legs, targets.weights, _free_cash(context, account))
    seen = Seen.of(context, account, ids, moments, arguments.objective == "given")
    slots = add_volatility(context, moments.days, targets, volatility_of(before, moments), seen)
    return _judged(context, account, plan, before, targets, slots, seen)


def _wish(arguments: RebalanceTo) -> Wish:
    if arguments.objective == "given":
        raise InputError("weights that were given are not optimised")
    cap = 1.0 if arguments.cap_percent is None else float(arguments.cap_percent) / 100
    target = None if arguments.target_percent is None else float(arguments.target_percent) / 100
    return Wish(arguments.objective, Limits(most=cap), target, RISK_FREE)


def _judged(
    context: ToolContext,
    account: str,
    plan: Rebalance,
    before: dict[str, float],
    targets: Optimised,
    slots: tuple[str, str],
    seen: Seen,
) -> Rebalanced:
    customer = context.desk.people.is_customer_account(account)
    outlook, refusal, needs, orders = None, None, None, tuple[Order, ...]()
    if plan.trades:
        wishes = [_order(context, account, number, trade) for number, trade in enumerate(plan.trades, 1)]
        outlook = look_ahead(context.desk.trading, context.desk.feed, wishes)
        orders = tuple(decision.order for decision in outlook.decisions)
        refusal = next((d.refusal for d in outlook.decisions if d.refusal), None) or _rehearse(context, account, orders)
        needs = order_needs(context.desk.people, context.person, account, outlook.notional, context.desk.thresholds)
    return Rebalanced(
        text="the gate refuses" if refusal else "orders drafted" if orders else "nothing to trade",
        account=account,
        orders=orders,
        outlook=outlook,
        refusal=refusal,
        needs=needs,
        customer_account=customer,
        rows=trade_rows(context, plan.trades, orders, seen),
        weights=weight_rows(context, before, targets, seen),
        volatility_before=slots[0],
        volatility_after=slots[1],
        short_of=add_short(context, plan.short_of, seen) if plan.short_of else None,
        decides=register_needs(context, needs, customer) if needs else "",
    )


def _rehearse(context: ToolContext, account: str, orders: Sequence[Order]) -> Refusal | None:
    """The first refusal when all orders go to a private copy of the account one after the other, as they will."""
    trading, feed = context.desk.trading, context.desk.feed
    holdings = {p.instrument: Lot(p.quantity, p.average_cost) for p in _positions(context, account)}
    cash = {money.currency: money.minor for money in trading.cash()[account]}
    cash[BASE] = int((_free_cash(context, account) * 100).to_integral_value(ROUND_FLOOR))
    kind = trading.accounts.account(account).kind
    private = build_private_desk(
        feed,
        context.desk.wall,
        [Seed(account, kind, BASE, cash, holdings)],
        limits=trading.gate.rules.limits,
        compliance=trading.gate.rules.compliance,
    )
    decided = private.gate.submit_batch(orders, route="broker", exact=True)
    return next((decision.refusal for decision in decided if decision.refusal), None)


def _order(context: ToolContext, account: str, number: int, trade: Trade) -> Order:
    return Order(
        client_id=f"draft-{context.run}-{number}",
        account=account,
        instrument=trade.instrument,
        side=trade.side,
        quantity=trade.quantity,
        chosen=Chosen.AGENT,
        by=context.person.name,
        agent="portfolio",
    )


def _positions(context: ToolContext, account: str) -> list[Position]:
    return [p for p in context.desk.trading.positions() if p.account == account]


def _check_tradable(context: ToolContext, ids: Sequence[str]) -> None:
    for id in ids:
        if not context.desk.feed.instruments.get(id).tradable:
            raise InputError(f"{id} is an index level that nobody can hold; name a tradable instrument")


def _legs(context: ToolContext, ids: Sequence[str], held: dict[str, Decimal]) -> list[Leg]:
    feed = context.desk.feed
    marks = Marks(feed, BASE)
    lots = {id: feed.instruments.get(id).lot for id in ids}
    minor = minor_digits(BASE)
    return [Leg(id, marks.unit(id).scaleb(-minor), lots[id], held.get(id, Decimal(0))) for id in ids]


def _free_cash(context: ToolContext, account: str) -> Decimal:
    """Cash in the base currency that no open order has set aside; other currencies are not counted."""
    trading = context.desk.trading
    cash = sum((money.amount for money in trading.cash()[account] if money.currency == BASE), Decimal(0))
    return cash - Decimal(trading.accounts.account(account).reserved).scaleb(-minor_digits(BASE))


rebalance = Tool(
    "rebalance",
    "All orders towards minimum variance, maximum Sharpe, a wanted risk or return, least CVaR, risk parity, equal or "
    "given weights, after the gate's dry run.",
    RebalanceTo,
    _rebalance,
)
