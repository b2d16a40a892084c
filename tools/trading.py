"""Orders: dry runs and drafts. Nothing here can make an order exist."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from pydantic import Field

from desk.errors import Forbidden, InputError
from desk.factory import Desk
from desk.facts import Fact
from desk.identity.roles import Action, Needs, check_may, check_owns
from desk.instruments import Instrument
from desk.money import minor_digits, parse_decimal, to_ticks
from desk.orders import Chosen, Order, OrderType, Side
from desk.risk.marks import Marks
from desk.trading.decisions import Refusal
from desk.trading.proposals import BASE, Outlook, look_ahead, order_needs
from tools import reads
from tools.context import Arguments, Result, Tool, ToolContext


class DraftOrder(Arguments):
    """An order as the person stated it. Quantities and prices are text, to stay exact."""

    instrument: str = Field(description="Instrument id such as XNAS:AAPL.")
    side: Literal["buy", "sell"]
    quantity: str = Field(description="Units, as the person stated them.")
    limit_price: str | None = Field(default=None, description="Only when the person named a price.")


class TakeShare(Arguments):
    """A part of what the person's account holds of an instrument."""

    instrument: str = Field(description="Instrument id such as XNAS:AAPL.")
    share: str = Field(description="The part as a fraction or decimal above 0 and at most 1, such as 1/2 or 0.25.")


class TakeAmount(Arguments):
    """Money to buy an instrument for."""

    instrument: str = Field(description="Instrument id such as XNAS:AAPL.")
    amount: str = Field(description="US dollars, above 0, as the person stated them.")


class PartOfHeld(Result):
    """The units of that part or for that money, in whole lots, the side that trades them, and their slot."""

    side: Literal["buy", "sell"]
    quantity: str
    slot: str


class DraftedOrder(Result):
    """The order with all that the person sees before the click, or the refusal of the gate's dry run.

    `decides`: who must say yes, its threshold as a slot.
    """

    order: Order
    outlook: Outlook | None
    refusal: Refusal | None
    needs: Needs | None
    customer_account: bool
    decides: str = ""


def account_of(context: ToolContext) -> str:
    """The account a person trades: their own first one. Forbidden when they have none."""
    check_may(context.person, Action.TRADE)
    if not context.person.accounts:
        raise Forbidden(f"{context.person.display_name} has no account to trade")
    return context.person.accounts[0]


def _draft(context: ToolContext, arguments: DraftOrder) -> DraftedOrder:
    account = account_of(context)
    check_owns(context.person, account)
    instrument = context.desk.feed.instruments.get(arguments.instrument)
    order = _order(context, account, instrument, arguments)
    decision = context.desk.trading.gate.check(order)
    customer = context.desk.people.is_customer_account(account)
    if decision.refusal is not None:
        return DraftedOrder(
            text=f"the gate refuses: {decision.refusal.rule}",
            order=order,
            outlook=None,
            refusal=decision.refusal,
            needs=None,
            customer_account=customer,
        )
    outlook = look_ahead(context.desk.trading, context.desk.feed, [order])
    needs = order_needs(context.desk.people, context.person, account, outlook.notional, context.desk.thresholds)
    return DraftedOrder(
        text="the gate would let it pass",
        order=order,
        outlook=outlook,
        refusal=None,
        needs=needs,
        customer_account=customer,
        decides=register_needs(context, needs, customer),
    )


def register_needs(context: ToolContext, needs: Needs, customer: bool) -> str:
    """The reason of `needs` with its threshold, when it names one, as the slot of a fact."""
    kind = "customer" if customer else "trader"
    value: Decimal = getattr(context.desk.thresholds, kind)
    if f"{value:,}" not in needs.reason:
        return needs.reason
    label, where = "up to which one person decides", f"desk.identity.roles.Thresholds.{kind}"
    fact = Fact("approval_threshold", label, value, "USD", context.market_time(), "this desk", where, "USD")
    fact = replace(fact, reads=(reads.of_desk(where),), about=("this desk", where))
    return needs.reason.replace(f"{value:,}", context.facts.add(fact))


def held_units(desk: Desk, account: str, instrument: str) -> Decimal:
    """Units of the instrument in the account now, below zero when short."""
    at = (p.quantity for p in desk.trading.positions() if (p.account, p.instrument) == (account, instrument))
    return next(at, Decimal(0))


def _take_share(context: ToolContext, arguments: TakeShare) -> PartOfHeld:
    """InputError when nothing is held, when the share is none, or when it comes to less than one lot."""
    account = account_of(context)
    instrument = context.desk.feed.instruments.get(arguments.instrument)
    share = _fraction(arguments.share)
    held = held_units(context.desk, account, instrument.id)
    if not held:
        raise InputError(f"{account} holds no {instrument.id}, so there is no part of it to close")
    lots = int(Fraction(abs(held)) * share / Fraction(instrument.lot))
    if not lots:
        raise InputError(f"{share} of {abs(held)} {instrument.id} is less than the lot of {instrument.lot}")
    units, as_of = lots * instrument.lot, context.market_time()
    own = Fact("order_held", f"{instrument.symbol} held", held, "units", as_of, "account book", account)
    about = (f"{account} {instrument.id}", "units held")
    context.facts.add(replace(own, reads=(reads.held(account, instrument.id),), about=about))
    how = f"{share} × order_held, rounded down to lots of {instrument.lot}"
    slot = context.facts.add(
        Fact(
            "order_quantity", "quantity", units, "units", as_of, "account book", how, None, ("order_held",), reads.SAID
        )
    )
    side: Literal["buy", "sell"] = "sell" if held > 0 else "buy"
    return PartOfHeld(text="a part of what is held", side=side, quantity=format(units, "f"), slot=slot)


def _take_amount(context: ToolContext, arguments: TakeAmount) -> PartOfHeld:
    """As many lots as the money buys at the offer. InputError when that is none, or when it is no amount."""
    instrument, feed = context.desk.feed.instruments.get(arguments.instrument), context.desk.feed
    amount = parse_decimal(arguments.amount, "amount")
    offer = Marks(feed, BASE).price(instrument, feed.quote(instrument.id).ask_ticks).scaleb(-minor_digits(BASE))
    lots = int(amount / (offer * instrument.lot))
    if lots < 1:
        raise InputError(f"{arguments.amount} USD buys less than one lot of {instrument.lot} {instrument.id}")
    units, as_of = lots * instrument.lot, context.market_time()
    context.facts.add(Fact("order_amount", "money to buy for", amount, "USD", as_of, "your request", "question", "USD"))
    how = f"order_amount ÷ offer, rounded down to lots of {instrument.lot}"
    slot = context.facts.add(
        Fact("order_quantity", "quantity", units, "units", as_of, "your request", how, None, ("order_amount",))
    )
    return PartOfHeld(text="what the money buys", side="buy", quantity=format(units, "f"), slot=slot)


def _fraction(text: str) -> Fraction:
    try:
        share = Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise InputError(f"share {text!r} is not a fraction such as 1/2") from None
    if not 0 < share <= 1:
        raise InputError(f"share {text} is not above 0 and at most 1")
    return share


def _order(context: ToolContext, account: str, instrument: Instrument, arguments: DraftOrder) -> Order:
    quantity = parse_decimal(arguments.quantity, "quantity")
    if quantity <= 0:
        raise InputError(f"quantity {arguments.quantity} is not above zero; to go the other way, sell instead of buy")
    ticks = None
    if arguments.limit_price is not None:
        ticks = to_ticks(parse_decimal(arguments.limit_price, "limit price"), instrument.tick, "limit price")
    return Order(
        client_id=f"draft-{context.run}",
        account=account,
        instrument=instrument.id,
        side=Side(arguments.side),
        quantity=quantity,
        type=OrderType.MARKET if ticks is None else OrderType.LIMIT,
        limit_ticks=ticks,
        chosen=Chosen.PERSON,
        by=context.person.name,
        agent="execution",
    )


def register_outlook(context: ToolContext, outlook: Outlook, prefix: str) -> dict[str, str]:
    """Registers the outlook's numbers as facts; returns their slots by short name."""
    as_of, source = context.market_time(), "gate dry run"
    how = f"historical, one day, 95 %, {outlook.window}"
    behind = _Behind.of(context, outlook, prefix)
    rows: list[tuple[str, str, Decimal, str, str]] = [
        ("notional", "order value", outlook.notional, "price × quantity", "USD"),
        ("commission", "commission", outlook.commission, "fee schedule of the simulated venue", "USD"),
        ("spread", "half the spread", outlook.spread, "(ask − bid) ÷ 2 × quantity", "USD"),
        ("cost", "expected cost", outlook.cost, "commission + half the spread", "USD"),
        ("var_before", "value at risk before", outlook.var_before, how, "USD"),
        ("var_after", "value at risk after", outlook.var_after, how, "USD"),
        ("exposure_before", "gross exposure before", outlook.exposure_before, "Σ |quantity| × price", "USD"),
        ("exposure_after", "gross exposure after", outlook.exposure_after, "Σ |quantity| × price", "USD"),
        ("cash_after", "cash after", outlook.cash_after, "cash − value − commission", "USD"),
    ]
    return {
        name: context.facts.add(
            Fact(f"{prefix}_{name}", label, value, "USD", as_of, source, how, currency, *behind.of_name(name))
        )
        for name, label, value, how, currency in rows
    }


class _Behind(NamedTuple):
    """What an outlook's figures rest on: ids of the quantities, and the names of the values read, by what they are."""

    prefix: str
    account: str
    window: str
    quantities: tuple[str, ...]
    traded: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    closes: tuple[str, ...]
    cash: tuple[str, ...]

    @classmethod
    def of(cls, context: ToolContext, outlook: Outlook, prefix: str) -> _Behind:
        """From the outlook alone and what a plan sees: the same in a replay."""
        known, account = context.sight.instruments, outlook.decisions[0].order.account
        traded = tuple(decision.order.instrument for decision in outlook.decisions)
        symbols = [known.get(id).symbol.lower().replace("/", "") for id in traded]
        one = (f"{prefix}_quantity",) if prefix == "order" else tuple(f"{prefix}_{s}_quantity" for s in symbols)
        held = tuple(reads.held(account, id) for id in outlook.before)
        window = outlook.window
        return cls(
            prefix,
            account,
            str(window),
            one,
            reads.worth(known, traded),
            (*held, *reads.worth(known, outlook.before)),
            (*held, *reads.worth(known, outlook.after)),
            tuple(reads.closes(id, window.first, window.last) for id in sorted({*outlook.before, *outlook.after})),
            (reads.cash(account),),
        )

    def of_name(self, name: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, str] | tuple[()]]:
        """Inputs, reads and subject of one figure."""
        sums = {"cost": ("commission", "spread"), "cash_after": ("notional", "commission"), "commission": ("notional",)}
        inputs = tuple(f"{self.prefix}_{each}" for each in sums.get(name, ()))
        if name in {"notional", "spread", "var_after", "exposure_after"}:
            inputs = self.quantities
        seen = {
            "notional": self.traded,
            "spread": self.traded,
            "commission": (reads.FEES, *self.traded),
            "var_before": (*self.before, *self.closes),
            "var_after": (*self.after, *self.closes),
            "exposure_before": self.before,
            "exposure_after": self.after,
            "cash_after": self.cash,
        }
        measures = {"var_before": f"value at risk, {self.window}", "exposure_before": "gross exposure"}
        return inputs, seen.get(name, ()), (self.account, measures[name]) if name in measures else ()


draft_order = Tool(
    "draft_order", "The gate's dry run of an order, as a proposal that a person answers.", DraftOrder, _draft
)

take_share = Tool("take_share", "How many units a part of the person's own position is.", TakeShare, _take_share)

take_amount = Tool("take_amount", "How many units an amount of money buys at the offer.", TakeAmount, _take_amount)
