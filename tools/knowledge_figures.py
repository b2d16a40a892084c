"""Figures that the knowledge base says about this desk, each read from the code that makes it true.

An entry names them in `figures`; nobody types them. What depends on the open desk (its thresholds and
limits) is read from that desk, the rest from the constants themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from desk.bots import runner
from desk.errors import NotFound
from desk.experiments import closes, selection
from desk.factory import Desk
from desk.facts import Fact
from desk.forecast import linear
from desk.fraud.thresholds import STANDARD
from desk.identity import people, sessions, signing
from desk.instruments import AssetClass
from desk.llm import calls
from desk.market import hours
from desk.money import minor_digits
from desk.news.signal import HALF_LIFE_DAYS
from desk.portfolio import assumptions, moments, plan, rebalance
from desk.risk import account as account_risk
from desk.risk import measures
from desk.risk.limits import AccountLimits, LimitTable
from desk.trading import account_var, approvals, borrow, halt, maker, reconcile, schedule_plan, venue_order
from tools import reads
from tools.portfolio import RISK_FREE

CURRENCY = "USD"
LARGE = 10**12
"""An amount on which the least commission plays no part."""


class Figure(NamedTuple):
    """How one figure is read: its label, unit ("USD" is money), where it stands, and the value."""

    label: str
    unit: str
    where: str
    read: Callable[[Desk], Decimal]


def read_figure(desk: Desk, name: str, slot: str, as_of: str) -> Fact:
    """The figure as a fact with the id `slot`. NotFound when no figure has the name."""
    figure = FIGURES.get(name)
    if figure is None:
        raise NotFound(f"the knowledge base names figure {name!r}, which does not exist")
    currency = CURRENCY if figure.unit == CURRENCY else None
    seen = (reads.FEES if name.startswith("commission.") else reads.of_desk(figure.where),)
    about = ("this desk", figure.label)
    value = figure.read(desk)
    return Fact(slot, figure.label, value, figure.unit, as_of, "this desk", figure.where, currency, (), seen, about)


def _number(value: object) -> Callable[[Desk], Decimal]:
    return lambda _: Decimal(str(value))


def _percent(share: float | Decimal) -> Callable[[Desk], Decimal]:
    return lambda _: Decimal(str(share)) * 100


def _in(length: timedelta, unit: timedelta) -> Callable[[Desk], Decimal]:
    return lambda _: Decimal(length // unit)


def _money(minor: Callable[[LimitTable], int]) -> Callable[[Desk], Decimal]:
    return lambda desk: Decimal(minor(desk.trading.gate.rules.limits)).scaleb(-minor_digits(CURRENCY))


def _hour(kind: AssetClass, end: int) -> Figure:
    label = f"{kind.value} trading {'closes' if end else 'opens'}"
    return Figure(label, "hours after midnight UTC", "desk.market.hours.HOURS", _number(hours.HOURS[kind][end] / 60))


def _account(kind: str, of: Callable[[LimitTable], AccountLimits]) -> dict[str, Figure]:
    """The limits of one kind of account."""

    def money(label: str, field: str) -> Figure:
        where = f"desk.risk.limits.LimitTable.{kind}.{field}"
        return Figure(f"{label} of a {kind} account", CURRENCY, where, _money(lambda t: int(getattr(of(t), field))))

    leverage = Figure(
        f"largest exposure of a {kind} account over its equity",
        "%",
        f"desk.risk.limits.LimitTable.{kind}.max_leverage_pct",
        lambda desk: Decimal(of(desk.trading.gate.rules.limits).max_leverage_pct),
    )
    return {
        f"limits.{kind}.position": money("largest position", "max_position"),
        f"limits.{kind}.gross": money("largest gross exposure", "max_gross_exposure"),
        f"limits.{kind}.short": money("largest value of shorts", "max_short"),
        f"limits.{kind}.loss": money("largest daily loss", "max_daily_loss"),
        f"limits.{kind}.var": money("largest value at risk", "max_var"),
        f"limits.{kind}.leverage": leverage,
    }


_LIMITS = {
    "limits.price_band": Figure(
        "largest distance of a price from the quote",
        "%",
        "desk.risk.limits.LimitTable.price_band_bps",
        lambda desk: Decimal(desk.trading.gate.rules.limits.price_band_bps) / 100,
    ),
    "limits.market_buffer": Figure(
        "added to the cost of a market purchase",
        "%",
        "desk.risk.limits.LimitTable.market_buffer_bps",
        lambda desk: Decimal(desk.trading.gate.rules.limits.market_buffer_bps) / 100,
    ),
    "limits.max_order_quantity": Figure(
        "largest order",
        "units",
        "desk.risk.limits.LimitTable.max_order_quantity",
        lambda desk: Decimal(desk.trading.gate.rules.limits.max_order_quantity),
    ),
    "limits.max_order_notional": Figure(
        "largest order by value",
        CURRENCY,
        "desk.risk.limits.LimitTable.max_order_notional",
        _money(lambda table: table.max_order_notional),
    ),
    **_account("customer", lambda table: table.customer),
    **_account("desk", lambda table: table.desk),
}

_TRADING = {
    "commission.rate": Figure(
        "commission",
        "%",
        "desk.trading.venue_order.commission_on",
        lambda desk: (
            fees.taker / 100
            if (fees := desk.services.terms.fees)
            else Decimal(venue_order.commission_on(LARGE)) * 100 / LARGE
        ),
    ),
    "commission.least": Figure(
        "least commission an order",
        CURRENCY,
        "desk.trading.venue_order.MINIMUM_COMMISSION",
        lambda desk: (
            Decimal(0)
            if desk.services.terms.fees
            else Decimal(venue_order.MINIMUM_COMMISSION).scaleb(-minor_digits(CURRENCY))
        ),
    ),
    "borrow.days": Figure("days a year", "days", "desk.trading.borrow.DAYS_A_YEAR", _number(borrow.DAYS_A_YEAR)),
    "threshold.customer": Figure(
        "up to which the owner decides alone",
        CURRENCY,
        "desk.identity.roles.Thresholds.customer",
        lambda desk: desk.thresholds.customer,
    ),
    "threshold.trader": Figure(
        "up to which one trader decides",
        CURRENCY,
        "desk.identity.roles.Thresholds.trader",
        lambda desk: desk.thresholds.trader,
    ),
    "approval.life": Figure(
        "life of a proposal",
        "minutes",
        "desk.trading.approvals.LIFE",
        _in(approvals.LIFE, timedelta(minutes=1)),
    ),
    "halt.resumers": Figure("people who resume", "people", "desk.trading.halt.NEEDED", _number(halt.NEEDED)),
    "maker.levels": Figure("levels a side", "levels", "desk.trading.maker.LEVELS", _number(maker.LEVELS)),
    "auction.opening": Figure(
        "opening auction", "seconds", "desk.market.hours.OPENING_CALL_S", _number(hours.OPENING_CALL_S)
    ),
    "auction.closing": Figure(
        "closing auction", "seconds", "desk.market.hours.CLOSING_CALL_S", _number(hours.CLOSING_CALL_S)
    ),
    "auction.band": Figure(
        "how far a market order reaches in an auction",
        "%",
        "desk.trading.venue_order.CALL_BAND",
        _percent(1 / Decimal(venue_order.CALL_BAND)),
    ),
    "schedule.most_rate": Figure(
        "largest share of volume",
        "%",
        "desk.trading.schedule_plan.MOST_RATE_BPS",
        _percent(Decimal(schedule_plan.MOST_RATE_BPS) / 10_000),
    ),
    "reconcile.every": Figure(
        "reconciled every", "seconds", "desk.trading.reconcile.EVERY_S", _number(int(reconcile.EVERY_S))
    ),
    "bots.refusals": Figure(
        "refusals until a bot halts", "count", "desk.bots.runner.MOST_REFUSALS", _number(runner.MOST_REFUSALS)
    ),
    "hours.stock.open": _hour(AssetClass.STOCK, 0),
    "hours.stock.close": _hour(AssetClass.STOCK, 1),
    "hours.bond.open": _hour(AssetClass.BOND, 0),
    "hours.bond.close": _hour(AssetClass.BOND, 1),
    "hours.commodity.close": _hour(AssetClass.COMMODITY, 1),
}

_PEOPLE = {
    "password.shortest": Figure(
        "shortest password", "characters", "desk.identity.people.SHORTEST_PASSWORD", _number(people.SHORTEST_PASSWORD)
    ),
    "session.life": Figure(
        "life of a session",
        "hours",
        "desk.identity.sessions.SESSION_LIFE",
        _in(sessions.SESSION_LIFE, timedelta(hours=1)),
    ),
    "key.longest": Figure(
        "longest life of an API key",
        "days",
        "desk.identity.sessions.LONGEST_KEY_DAYS",
        _number(sessions.LONGEST_KEY_DAYS),
    ),
    "signature.life": Figure(
        "longest life of a signature",
        "seconds",
        "desk.identity.signing.LONGEST_LIFE_S",
        _number(signing.LONGEST_LIFE_S),
    ),
    "model.calls_kept": Figure(
        "records of model calls are kept", "days", "desk.llm.calls.KEPT_DAYS", _number(calls.KEPT_DAYS)
    ),
    "fraud.report_from": Figure(
        "least score shown", "ratio", "desk.fraud.thresholds.Thresholds.report_from", _number(STANDARD.report_from)
    ),
    "fraud.limit": Figure(
        "reporting limit",
        CURRENCY,
        "desk.fraud.thresholds.Thresholds.limit",
        lambda _: Decimal(STANDARD.limit).scaleb(-minor_digits(CURRENCY)),
    ),
}

_MEASURES = {
    "risk.level": Figure(
        "level of the risk agent", "%", "desk.risk.account.LEVEL", _percent(Decimal(str(account_risk.LEVEL)))
    ),
    "risk.scenarios": Figure(
        "daily returns looked back", "days", "desk.risk.account.SCENARIOS", _number(account_risk.SCENARIOS)
    ),
    "risk.least": Figure(
        "least history", "days", "desk.risk.account.LEAST_CLOSES", _number(account_risk.LEAST_CLOSES - 1)
    ),
    "gate.var_level": Figure(
        "level of the gate's value at risk", "%", "desk.trading.account_var.LEVEL", _percent(account_var.LEVEL)
    ),
    "measures.trading_days": Figure(
        "trading days a year", "days", "desk.risk.measures.TRADING_DAYS", _number(measures.TRADING_DAYS)
    ),
    "markowitz.days": Figure("history of a rebalance", "days", "desk.portfolio.moments.DAYS", _number(moments.DAYS)),
    "portfolio.risk_free": Figure("assumed safe return", "%", "tools.portfolio.RISK_FREE", _percent(RISK_FREE)),
    "rebalance.band": Figure("drift left alone", "%", "desk.portfolio.rebalance.BAND", _percent(rebalance.BAND)),
    "rebalance.buffer": Figure("cash kept back", "%", "desk.portfolio.rebalance.BUFFER", _percent(rebalance.BUFFER)),
    "plan.paths": Figure("simulated futures", "paths", "desk.portfolio.plan.PATHS", _number(plan.PATHS)),
    "plan.last_age": Figure(
        "age to which money must last", "years", "desk.portfolio.plan.LAST_AGE", _number(plan.LAST_AGE)
    ),
    "plan.chance": Figure("wanted chance", "%", "desk.portfolio.plan.WANTED_CHANCE", _percent(plan.WANTED_CHANCE)),
    "plan.cost": Figure(
        "assumed yearly cost of products", "%", "desk.portfolio.assumptions.COST", _percent(assumptions.COST)
    ),
    "plan.inflation": Figure(
        "assumed inflation", "%", "desk.portfolio.assumptions.INFLATION", _percent(assumptions.INFLATION)
    ),
    "sentiment.half_life": Figure(
        "half-life of a headline", "days", "desk.news.signal.HALF_LIFE_DAYS", _number(int(HALF_LIFE_DAYS))
    ),
    "experiments.years": Figure(
        "history of a comparison", "years", "desk.experiments.closes.YEARS", _number(closes.YEARS)
    ),
    "selection.level": Figure(
        "level of the intervals", "%", "desk.experiments.selection.LEVEL", _percent(selection.LEVEL)
    ),
    "selection.block": Figure("block of days", "days", "desk.experiments.selection.BLOCK", _number(selection.BLOCK)),
    "selection.resamples": Figure(
        "resamples", "count", "desk.experiments.selection.RESAMPLES", _number(selection.RESAMPLES)
    ),
    "forecast.refit": Figure("days between fits", "days", "desk.forecast.linear.REFIT", _number(linear.REFIT)),
}

FIGURES: dict[str, Figure] = {**_LIMITS, **_TRADING, **_PEOPLE, **_MEASURES}
"""Every figure by name."""
