"""What the gate decides about an order, and from what: the account, the market and the rules, read once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple, Protocol

from desk.clock import Clock
from desk.errors import DataError
from desk.market.feed import Quote
from desk.money import minor_units
from desk.orders import Check, Order, Side
from desk.risk.limits import LimitTable
from desk.risk.marks import Marks
from desk.risk.rules import Reading, Situation, amount, judge, order_cost
from desk.trading.accounts import AccountBook
from desk.trading.decisions import ComplianceRule, Decision, Estimate, Refusal
from desk.trading.exposure import Exposure, OrderRates, lots_of
from desk.trading.holdings import ZERO, Accepted, Account

TOKEN_LIFE = timedelta(hours=1)


class RiskAfter(Protocol):
    """Value at risk of an account were an order filled; None where there is too little history to say."""

    def __call__(self, account: Account, instrument: str, units: Decimal) -> int | None:
        """Base minor units, one day, 99 %. Called under the gate's lock; must be quick."""
        ...


def no_risk(account: Account, instrument: str, units: Decimal) -> int | None:
    """For gates without history, such as those of a backtest: nothing is known."""
    return None


@dataclass(frozen=True)
class GateRules:
    """What the gate enforces. `halted` returns the reason of a halt, empty when there is none."""

    limits: LimitTable
    compliance: Sequence[ComplianceRule] = ()
    halted: Callable[[], str] = str
    token_life: timedelta = TOKEN_LIFE
    risk_after: RiskAfter = no_risk


class _Valued(NamedTuple):
    situation: Situation
    commission: int


class Judge:
    """Decides, and changes nothing. Not thread-safe: the gate's lock serialises."""

    def __init__(
        self,
        *,
        accounts: AccountBook,
        marks: Marks,
        rules: GateRules,
        wall: Clock,
        commission: Callable[[int, str], int],
    ) -> None:
        self._accounts, self._marks, self.rules, self._wall = accounts, marks, rules, wall
        self._commission = commission
        self._exposure, self.rates = Exposure(accounts, marks), OrderRates()

    def decide(self, order: Order, exact: bool) -> tuple[Decision, int]:
        """The decision on a new order, and what to set aside for it in base minor units."""
        earlier = self._accounts.find(order.client_id)
        if earlier is not None:
            return _repeat(order, earlier), 0
        return self.weigh(order, exact)

    def weigh(self, order: Order, exact: bool) -> tuple[Decision, int]:
        """The decision whatever its client id stands for."""
        reason = self.rules.halted()
        if reason:
            message = f"the desk is halted ({reason}); two people must resume it"
            return Decision(order, refusal=Refusal("halted", "halt", "not halted", "halted", message)), 0
        malformed = _malformed(order) or self._unknown_account(order)
        if malformed is not None:
            return Decision(order, refusal=malformed), 0
        try:
            valued = self._value(order)
        except DataError as error:
            refusal = Refusal("refused", "market_data", "a current price", "none", error.message)
            return Decision(order, refusal=refusal), 0
        return self._judge(order, valued, exact)

    def steps(self, instrument: str) -> dict[str, str]:
        """The tick and lot that an order of the instrument counts in now, for its record."""
        known = self._marks.feed.instruments.get(instrument)
        return {"tick": format(known.tick, "f"), "lot": format(known.lot, "f")}

    def _unknown_account(self, order: Order) -> Refusal | None:
        if order.account in self._accounts.accounts:
            return None
        message = f"account {order.account[:64]!r} is not known; orders need an account that was opened"
        return Refusal("refused", "account", "a known account", order.account[:64], message)

    def _judge(self, order: Order, valued: _Valued, exact: bool) -> tuple[Decision, int]:
        table, at = self.rules.limits, valued.situation
        judgement = judge(order, at, table, exact=exact)
        goes = order if judgement.quantity == order.quantity else replace(order, quantity=judgement.quantity)
        checks = tuple([rule(goes) for rule in self.rules.compliance])
        notional = amount(judgement.lots, at.price, at.worth)
        estimate = Estimate(at.price, notional, valued.commission, at.instrument.currency)
        reserve = order_cost(notional, at.fee, not order.type.limited, table)
        refusal = _first_refusal(checks, judgement.readings)
        return Decision(goes, checks, judgement.readings, judgement.clamps, refusal, estimate), reserve

    def _value(self, order: Order) -> _Valued:
        """Everything the rules look at. Raises DataError (or NotFound) when anything has no price."""
        marks = self._marks
        today = marks.refresh().date()
        account = self._accounts.account(order.account)
        instrument = marks.feed.instruments.get(order.instrument)
        quote, mark = marks.feed.quote(order.instrument), marks.mark(instrument)
        ticks = _reference(order, quote)
        stake = self._exposure.of(account)
        paid = minor_units(order.quantity * ticks * instrument.tick, instrument.currency)
        commission = self._commission(paid, instrument.currency)
        held = lots_of(account.held(order.instrument), instrument)
        open_buys = lots_of(account.buys.get(order.instrument, ZERO), instrument)
        open_sells = lots_of(account.sells.get(order.instrument, ZERO), instrument)
        signed = held + open_buys if order.side is Side.BUY else open_sells - held
        situation = Situation(
            limits=self.rules.limits.account(account.kind),
            instrument=instrument,
            bid=quote.bid_ticks,
            ask=quote.ask_ticks,
            price=ticks,
            worth=mark.worth,
            held=held,
            open_buys=open_buys,
            open_sells=open_sells,
            cash=stake.cash - account.reserved,
            gross=stake.gross,
            net=stake.net,
            short=stake.short,
            equity=stake.equity,
            lost=stake.lost,
            fee=marks.cash(commission, instrument.currency) + 1,
            desk_gross=self._exposure.desk_gross(),
            rate=self.rates.count(account.id, self._wall.now()),
            today=today,
            var_after=self._risk_after(order, account, signed, instrument.lot),
        )
        return _Valued(situation, commission)

    def _risk_after(self, order: Order, account: Account, signed: int, lot: Decimal) -> int | None:
        """The value at risk after a trade that makes the position larger; a smaller one is not held up.

        `signed` lots are held and on order already, counted in the order's own direction.
        """
        if signed + order.quantity / lot <= 0:
            return None
        waiting = (account.buys if order.side is Side.BUY else account.sells).get(order.instrument, ZERO)
        return self.rules.risk_after(account, order.instrument, (order.quantity + waiting) * order.side.sign)


def _reference(order: Order, quote: Quote) -> int:
    """The price an order is valued at: the worst it asks for when it buys, the best it may see when it sells."""
    if order.type.limited:
        limit = order.limit_ticks or 0
        return (limit or quote.ask_ticks) if order.side is Side.BUY else max(limit, quote.bid_ticks)
    return max(order.stop_ticks or 0, quote.ask_ticks if order.side is Side.BUY else quote.bid_ticks)


def _repeat(order: Order, earlier: Accepted) -> Decision:
    if order.digest not in (earlier.asked, earlier.order.digest):
        message = f"client id {order.client_id!r} stands for another order; give each order its own"
        return Decision(order, refusal=Refusal("conflict", "client_id", "one order", "another order", message))
    return Decision(earlier.order, status=earlier.status.snapshot(), seq=earlier.seq, repeated=True)


def _malformed(order: Order) -> Refusal | None:
    id = order.client_id
    if not (0 < len(id) <= 64 and id.isascii() and id.isprintable() and " " not in id):
        message = f"client id {id[:64]!r} is not 1 to 64 printable characters without spaces"
        return Refusal("refused", "client_id", "1 to 64 characters", str(len(id)), message)
    if not order.quantity.is_finite() or order.quantity <= 0:
        message = f"quantity {order.quantity} is not a positive number"
        return Refusal("refused", "lot", "above 0", str(order.quantity), message)
    return None


def _first_refusal(checks: Sequence[Check], readings: Sequence[Reading]) -> Refusal | None:
    """What the first broken rule says, compliance before limits; None when all are kept."""
    for check in checks:
        if not check.ok:
            return _refusal(check)
    for reading in readings:
        if not reading.ok:
            return _refusal(reading.check())
    return None


def _refusal(check: Check) -> Refusal:
    return Refusal("refused", check.rule, check.limit, check.value, check.message)
