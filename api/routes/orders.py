"""Orders typed by a person, and what became of all orders; positions and cash."""

from __future__ import annotations

from decimal import Decimal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.deps import AccountReader, RuntimeDep, Trader
from api.placing import (
    Ack,
    Cancelled,
    Placed,
    amend_one,
    cancel_many,
    cancel_one,
    placed_view,
    propose_held,
    submit_ticket,
    wait_durable,
)
from api.tickets import Amendment, Ticket, read_ticket
from api.views import CheckView, OrderView, check_view, order_view
from desk.clock import to_iso
from desk.factory import Desk
from desk.identity.roles import Person, Role
from desk.money import minor_digits
from desk.orders import Position
from desk.trading.proposals import order_needs
from graphs.runtime import Runtime

router = APIRouter(prefix="/v1", tags=["trading"])


class EstimateView(BaseModel):
    """What it would trade at and cost now: price and commission in `currency`, notional in `notional_currency`."""

    price: float
    notional: float
    notional_currency: str
    commission: float
    currency: str


class CheckResult(BaseModel):
    """The gate's dry run."""

    ok: bool
    checks: list[CheckView]
    message: str
    estimate: EstimateView | None
    needs_approval: bool


class Orders(BaseModel):
    """Newest first; the first page ends with older ones that are still open. `older` goes in as `before`, if any."""

    orders: list[OrderView]
    older: str = ""


class PositionView(BaseModel):
    """What an account holds, valued now; one that is no longer listed has no price, and `note` says so."""

    account: str
    instrument: str
    name: str
    asset_class: str
    quantity: float
    average_cost: float
    price: float | None
    currency: str
    value: float | None
    unrealised: float | None
    price_time: str | None
    note: str = ""


class CashView(BaseModel):
    """Money in an account."""

    account: str
    currency: str
    amount: float


class TotalView(BaseModel):
    """An account valued in its own currency."""

    account: str
    currency: str
    equity: float
    exposure: float


class Positions(BaseModel):
    """Positions, cash and totals of the accounts one may see."""

    positions: list[PositionView]
    cash: list[CashView]
    totals: list[TotalView]


@router.get("/orders")
def list_orders(
    runtime: RuntimeDep,
    person: AccountReader,
    limit: int = Query(default=200, ge=1, le=1000),
    before: str = Query(default="", max_length=200),
) -> Orders:
    """The orders of the accounts one may see, or those older than the order `before`."""
    desk, every = runtime.desk, person.role is Role.COMPLIANCE
    page = desk.trading.page(lambda order: every or order.account in person.accounts, limit, before)
    return Orders(orders=[order_view(desk, status.order, status) for status in page.orders], older=page.older)


@router.post("/orders/check")
def check_order(body: Ticket, runtime: RuntimeDep, person: Trader) -> CheckResult:
    """What the gate would say now; nothing happens."""
    desk, order = runtime.desk, read_ticket(runtime.desk, person, body)
    decision = desk.trading.gate.check(order)
    estimate, needs_approval = None, False
    if decision.estimate is not None:
        tick = desk.feed.instruments.get(order.instrument).tick
        base, currency = desk.trading.gate.rules.limits.base, decision.estimate.currency
        notional = Decimal(decision.estimate.notional).scaleb(-minor_digits(base))
        needs_approval = (
            decision.ok and order_needs(desk.people, person, order.account, notional, desk.thresholds).second
        )
        estimate = EstimateView(
            price=float(decision.estimate.price_ticks * tick),
            notional=float(notional),
            notional_currency=base,
            commission=float(Decimal(decision.estimate.commission).scaleb(-minor_digits(currency))),
            currency=currency,
        )
    return CheckResult(
        ok=decision.ok,
        checks=[check_view(check) for check in decision.checks],
        message="" if decision.refusal is None else decision.refusal.message,
        estimate=estimate,
        needs_approval=needs_approval,
    )


@router.post("/orders", status_code=201)
def place_order(body: Ticket, runtime: RuntimeDep, person: Trader, ack: Ack = "accepted") -> Placed:
    """Sends an order through the gate, or stores a proposal when it is above one's threshold.

    `ack=durable` answers once the order is on the disk.
    """
    done = submit_ticket(runtime, person, body)
    if done.held:
        return propose_held(runtime, person, done)
    if ack == "durable":
        wait_durable(runtime, done)
    return placed_view(runtime, done, ack)


@router.patch("/orders/{id}")
def amend_order(id: str, body: Amendment, runtime: RuntimeDep, person: Trader) -> OrderView:
    """Changes the quantity or the limit price of an order that works."""
    return amend_one(runtime, person, id, body)


@router.delete("/orders/{id}")
def cancel_order(id: str, runtime: RuntimeDep, person: Trader) -> OrderView:
    """Cancels what is left of an order; one that is done stays as it is."""
    return cancel_one(runtime, person, id)


@router.delete("/orders")
def cancel_orders(runtime: RuntimeDep, person: Trader, account: str = "", instrument: str = "") -> Cancelled:
    """Cancels everything open on one's accounts, or on one of them, or of one instrument."""
    return cancel_many(runtime, person, account, instrument)


@router.get("/positions")
def list_positions(runtime: RuntimeDep, person: AccountReader) -> Positions:
    """Positions, cash and totals, valued at the market clock."""
    return positions_view(runtime, person)


def positions_view(runtime: Runtime, person: Person) -> Positions:
    """What an account reader sees of positions; shared with the command line."""
    desk = runtime.desk
    known = desk.trading.cash()
    accounts = [a for a in known if a in person.accounts or person.role is Role.COMPLIANCE]
    views = [_position(desk, p) for p in desk.trading.positions() if p.account in accounts]
    cash = [
        CashView(account=account, currency=money.currency, amount=float(money.amount))
        for account in accounts
        for money in known[account]
    ]
    totals = []
    for account in accounts:
        worth = desk.trading.valuation.value(account)
        exposure = sum(abs(view.value or 0) for view in views if view.account == account)
        total = TotalView(
            account=account, currency=worth.currency, equity=float(worth.amount), exposure=round(exposure, 2)
        )
        totals.append(total)
    return Positions(positions=views, cash=cash, totals=totals)


def _position(desk: Desk, position: Position) -> PositionView:
    instrument = desk.feed.instruments.known(position.instrument)
    if instrument is None:
        return _unpriced(position)
    quote = desk.feed.quote(position.instrument)
    price = quote.last_ticks * instrument.tick
    return PositionView(
        account=position.account,
        instrument=instrument.id,
        name=instrument.name,
        asset_class=instrument.asset_class.value,
        quantity=float(position.quantity),
        average_cost=float(round(position.average_cost, 4)),
        price=float(price),
        currency=instrument.currency,
        value=float(round(price * position.quantity, 2)),
        unrealised=float(round((price - position.average_cost) * position.quantity, 2)),
        price_time=to_iso(quote.at),
    )


def _unpriced(position: Position) -> PositionView:
    return PositionView(
        account=position.account,
        instrument=position.instrument,
        name=position.instrument,
        asset_class="",
        quantity=float(position.quantity),
        average_cost=float(round(position.average_cost, 4)),
        price=None,
        currency="",
        value=None,
        unrealised=None,
        price_time=None,
        note=f"{position.instrument} is no longer listed; it has no price and counts for nothing",
    )
