"""A mandate: what agents may trade alone, as data, and the one decision whether an act is inside it.

Amounts are minor units of the desk's base currency. An act that only makes smaller what the mandate
itself holds uses up neither budget nor the day's allowance; everything else about it is checked all
the same. Nothing here reads a clock or a store.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, NamedTuple

from desk.clock import to_iso
from desk.money import Money
from desk.orders import Check, Side
from desk.trading.proposals import BASE

MandateState = Literal["proposed", "active", "revoked", "refused", "stopped"]


@dataclass(frozen=True)
class Terms:
    """What is granted. `opens` and `closes` are minutes of the day (UTC, market clock).

    `budget` bounds the notional of all opening orders, `daily` that of one market day, `per_order`
    each order; `orders_a_day` their number, `max_loss` what the mandate may lose before it stops itself.
    """

    account: str
    universe: tuple[str, ...]
    strategies: tuple[str, ...]
    budget: int
    daily: int
    per_order: int
    orders_a_day: int
    max_loss: int
    opens: int
    closes: int
    expires_at: datetime
    dry_run: bool = False


@dataclass(frozen=True)
class Mandate:
    """A grant as it stands. `grantor` asked for it, `countersigner` made it active."""

    id: str
    terms: Terms
    grantor: str
    state: MandateState
    countersigner: str
    reason: str
    created_at: datetime


class Act(NamedTuple):
    """One order that an agent would send: `notional` in base minor units, `reducing` as the module says."""

    client_id: str
    mandate: str
    bot: str
    strategy: str
    account: str
    instrument: str
    side: Side
    quantity: Decimal
    notional: int
    reducing: bool
    at: datetime
    """Market clock."""


class Used(NamedTuple):
    """What a mandate has used: opening notional in all and on the act's market day, orders on that day."""

    total: int = 0
    day: int = 0
    orders: int = 0


def standing(mandate: Mandate, wall: datetime) -> Check | None:
    """The rule that keeps the mandate from acting at all now; None when it may."""
    if mandate.state != "active":
        why = f": {mandate.reason}" if mandate.reason else ""
        return _broken("mandate_state", "active", mandate.state, f"mandate {mandate.id} is {mandate.state}{why}")
    until = to_iso(mandate.terms.expires_at)
    if wall >= mandate.terms.expires_at:
        return _broken("mandate_expiry", f"before {until}", to_iso(wall), f"mandate {mandate.id} ended at {until}")
    return None


def outside(mandate: Mandate, act: Act, used: Used, wall: datetime) -> Check | None:
    """The first rule that puts the act outside the mandate; None when it is inside."""
    return standing(mandate, wall) or _where(mandate.terms, act) or _how_much(mandate.terms, act, used)


def _where(terms: Terms, act: Act) -> Check | None:
    minute = act.at.hour * 60 + act.at.minute
    hours = f"{_clock(terms.opens)} to {_clock(terms.closes)} UTC"
    if act.account != terms.account:
        return _broken("mandate_account", terms.account, act.account, f"account {act.account} is not in the mandate")
    if act.instrument not in terms.universe:
        limit = ", ".join(terms.universe)
        return _broken("mandate_universe", limit, act.instrument, f"{act.instrument} is not in the mandate's universe")
    if act.strategy not in terms.strategies:
        limit = ", ".join(terms.strategies)
        return _broken("mandate_strategy", limit, act.strategy, f"strategy {act.strategy} is not in the mandate")
    if not terms.opens <= minute < terms.closes:
        return _broken("mandate_hours", hours, _clock(minute), f"it is {_clock(minute)}; the mandate acts {hours}")
    return None


def _how_much(terms: Terms, act: Act, used: Used) -> Check | None:
    opening = 0 if act.reducing else act.notional
    if not act.quantity.is_finite() or act.quantity <= 0 or act.notional < 0:
        return _broken("mandate_quantity", "above 0", str(act.quantity), f"quantity {act.quantity} is not above 0")
    if used.orders + 1 > terms.orders_a_day:
        most = str(terms.orders_a_day)
        message = f"the mandate allows {most} orders a day, this would be number {used.orders + 1}"
        return _broken("mandate_orders", most, str(used.orders + 1), message)
    bounds = (
        ("mandate_order", "each order", act.notional, terms.per_order),
        ("mandate_daily", "each day", used.day + opening if opening else 0, terms.daily),
        ("mandate_budget", "all its orders", used.total + opening if opening else 0, terms.budget),
    )
    for rule, words, minor, bound in bounds:
        if minor > bound:
            value, limit = Money(minor, BASE), Money(bound, BASE)
            message = f"the mandate's limit for {words} is {limit}, this makes {value}"
            return _broken(rule, str(limit.amount), str(value.amount), message, BASE)
    return None


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _broken(rule: str, limit: str, value: str, message: str, unit: str = "") -> Check:
    return Check(rule, False, limit, value, unit, message)
