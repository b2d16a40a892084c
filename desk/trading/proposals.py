"""What a person sees before the click: positions, cash, exposure and risk before and after, limits, cost.

Everything here is the gate's dry run and plain arithmetic; nothing comes to exist.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pydantic import JsonValue

from desk.identity.people import People
from desk.identity.roles import Needs, Person, Thresholds, approval_needs
from desk.instruments import Steps
from desk.market.feed import MarketFeed
from desk.money import minor_digits
from desk.orders import Order, Side
from desk.risk.account import Window, account_scenarios
from desk.risk.marks import Marks
from desk.trading.decisions import Decision
from desk.trading.desk_book import TradingDesk

BASE = "USD"


@dataclass(frozen=True)
class Outlook:
    """An account before and after a set of orders; amounts in whole units of USD.

    `prices` of each order are in ticks, `steps` what each counts in; None where the gate has no price.
    """

    decisions: tuple[Decision, ...]
    prices: tuple[int | None, ...]
    steps: tuple[Steps | None, ...]
    notional: Decimal
    commission: Decimal
    spread: Decimal
    before: dict[str, Decimal]
    after: dict[str, Decimal]
    exposure_before: Decimal
    exposure_after: Decimal
    cash_before: Decimal
    cash_after: Decimal
    var_before: Decimal
    var_after: Decimal
    window: Window

    @property
    def cost(self) -> Decimal:
        """What trading costs beyond the price: commission and half the spread."""
        return self.commission + self.spread


def order_needs(people: People, asker: Person, account: str, notional: Decimal, thresholds: Thresholds) -> Needs:
    """Who must say yes to orders of this gross notional (USD) on the account."""
    return approval_needs(asker, people.is_customer_account(account), notional, thresholds)


def look_ahead(trading: TradingDesk, feed: MarketFeed, orders: Sequence[Order]) -> Outlook:
    """The gate's dry run of each order, and the account before and after all of them.

    Refusals are in `decisions`. DataError when something held has no price or too little history.
    """
    account, marks = orders[0].account, Marks(feed, BASE)
    decisions = tuple(trading.gate.check(order) for order in orders)
    known = feed.instruments.known
    held = {p.instrument: p.quantity for p in trading.positions() if p.account == account and known(p.instrument)}
    after = dict(held)
    notional = commission = spread = flow = Decimal(0)
    for decision in decisions:
        order = decision.order
        after[order.instrument] = after.get(order.instrument, Decimal(0)) + order.quantity * order.side.sign
        if decision.estimate is None:
            continue
        value = Decimal(decision.estimate.notional).scaleb(-minor_digits(BASE))
        notional += value
        fee = Decimal(decision.estimate.commission).scaleb(-minor_digits(decision.estimate.currency))
        commission += fee * marks.rate(decision.estimate.currency)
        quote = feed.quote(order.instrument)
        half = Decimal(quote.ask_ticks - quote.bid_ticks) / 2
        spread += marks.price(feed.instruments.get(order.instrument), half).scaleb(-minor_digits(BASE)) * order.quantity
        flow -= value * order.side.sign
    cash = sum((m.amount * marks.rate(m.currency) for m in trading.cash().get(account, [])), Decimal(0))
    var_before, var_after, window = _value_at_risk(feed, marks, held, after)
    return Outlook(
        decisions=decisions,
        prices=tuple(price_for(feed, decision.order) if decision.estimate else None for decision in decisions),
        steps=tuple(_steps(feed, decision) for decision in decisions),
        notional=_cents(notional),
        commission=_cents(commission),
        spread=_cents(spread),
        before=held,
        after=after,
        exposure_before=_exposure(marks, held),
        exposure_after=_exposure(marks, after),
        cash_before=_cents(cash),
        cash_after=_cents(cash + flow - commission),
        var_before=var_before,
        var_after=var_after,
        window=window,
    )


def _steps(feed: MarketFeed, decision: Decision) -> Steps | None:
    return feed.instruments.get(decision.order.instrument).steps if decision.estimate else None


def price_for(feed: MarketFeed, order: Order) -> int:
    """The price an order meets now, in ticks: of a buy the offer, of a sell the bid. DataError when there is none."""
    quote = feed.quote(order.instrument)
    return quote.ask_ticks if order.side is Side.BUY else quote.bid_ticks


def build_evidence(trading: TradingDesk, feed: MarketFeed, orders: Sequence[Order], why: str) -> dict[str, JsonValue]:
    """The evidence of a proposal as plain JSON: diff rows, limits, cost and the reason."""
    return evidence_of(look_ahead(trading, feed, orders), why)


def evidence_of(outlook: Outlook, why: str, warning: str = "") -> dict[str, JsonValue]:
    """The same from an outlook that was made already. `warning`: what the person must read before the click."""
    names = sorted({d.order.instrument for d in outlook.decisions})
    rows: list[JsonValue] = [
        _row(f"Position {id}", "units", outlook.before.get(id, Decimal(0)), outlook.after[id]) for id in names
    ]
    rows += [
        _row("Cash", BASE, outlook.cash_before, outlook.cash_after),
        _row("Gross exposure", BASE, outlook.exposure_before, outlook.exposure_after),
        _row(f"Value at risk, one day, 95 %, {outlook.window}", BASE, outlook.var_before, outlook.var_after),
    ]
    limits: list[JsonValue] = [
        {"rule": c.rule, "limit": c.limit, "value": c.value, "unit": c.unit, "ok": c.ok, "message": c.message}
        for decision in outlook.decisions
        for c in decision.checks
    ]
    clamps: list[JsonValue] = [
        {"rule": c.rule, "wanted": str(c.wanted), "allowed": str(c.allowed), "message": c.message}
        for decision in outlook.decisions
        for c in decision.clamps
    ]
    cost: dict[str, JsonValue] = {
        "notional": float(outlook.notional),
        "commission": float(outlook.commission),
        "spread": float(outlook.spread),
        "total": float(outlook.cost),
        "currency": BASE,
    }
    shown: dict[str, JsonValue] = {"diff": {"rows": rows}, "limits": limits, "clamps": clamps, "cost": cost, "why": why}
    if warning:
        shown["warning"] = warning
    return {**shown, "prices": list(outlook.prices), "steps": [_plain_steps(steps) for steps in outlook.steps]}


def _plain_steps(steps: Steps | None) -> JsonValue:
    return None if steps is None else {"tick": format(steps.tick, "f"), "lot": format(steps.lot, "f")}


def _row(field: str, unit: str, before: Decimal, after: Decimal) -> JsonValue:
    return {"field": field, "unit": unit, "before": float(before), "after": float(after), "limit": None}


def _exposure(marks: Marks, held: dict[str, Decimal]) -> Decimal:
    gross = sum((abs(quantity) * marks.unit(id) for id, quantity in held.items()), Decimal(0))
    return _cents(gross.scaleb(-minor_digits(BASE)))


def _value_at_risk(
    feed: MarketFeed, marks: Marks, before: dict[str, Decimal], after: dict[str, Decimal]
) -> tuple[Decimal, Decimal, Window]:
    book, window = account_scenarios(feed, marks, before, list(after))
    first = book.loss.var
    book.hold({id: float(quantity) for id, quantity in after.items()})
    return _cents(Decimal(str(first))), _cents(Decimal(str(book.loss.var))), window


def _cents(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"))
