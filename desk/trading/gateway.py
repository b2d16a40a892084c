"""The gate: the only way an order can come to exist.

Halt switch, compliance rules, risk limits, journal, route: one rule set behind three doors.
`check` asks, `submit` does, `submit_batch` does many. All three decide alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import NamedTuple, Protocol

from desk.clock import Clock
from desk.errors import BrokerError, DataError, Forbidden
from desk.market.feed import Quote
from desk.money import Money
from desk.orders import Check, Order, OrderState, OrderStatus, Side
from desk.risk.limits import LimitTable
from desk.risk.marks import Marks
from desk.risk.rules import Reading, Situation, amount, judge, order_cost
from desk.trading.broker import Broker, Placement
from desk.trading.decisions import ComplianceRule, Decision, Estimate, Refusal, Route
from desk.trading.exposure import Exposure, OrderRates, lots_of
from desk.trading.holdings import ZERO, Accepted
from desk.trading.settlement import Settlement
from desk.trading.tokens import TokenSigner

TOKEN_LIFE = timedelta(hours=1)
Hold = Callable[[Decision], bool]
"""Whether an order that passes must wait for somebody; called under the gate's lock, must not call the gate."""


class Venue(Broker, Protocol):
    """A broker in this process, quick enough to be called under the gate's lock."""

    def news(self) -> list[Placement]:
        """What the last calls did to other orders than theirs; empty when nothing."""
        ...


@dataclass(frozen=True)
class GateRules:
    """What the gate enforces. `halted` returns the reason of a halt, empty when there is none."""

    limits: LimitTable
    compliance: Sequence[ComplianceRule] = ()
    halted: Callable[[], str] = str
    token_life: timedelta = TOKEN_LIFE


class _Valued(NamedTuple):
    situation: Situation
    commission: int


class Gate:
    """One rule set, three doors, one lock. State lives in the settlement's account book."""

    def __init__(
        self, *, settlement: Settlement, marks: Marks, venue: Venue, signer: TokenSigner, rules: GateRules, wall: Clock
    ) -> None:
        self._settlement, self._accounts, self._lock = settlement, settlement.accounts, settlement.lock
        self._marks, self._venue, self._signer, self.rules, self._wall = marks, venue, signer, rules, wall
        self._exposure, self._rates = Exposure(settlement.accounts, marks), OrderRates()

    def check(self, order: Order, *, exact: bool = False) -> Decision:
        """What `submit` would decide now: no token, no order, no trace. Raises nothing for a refusal.

        `exact` forbids clamps: for an order that a person has approved as it stands.
        """
        with self._lock:
            return self._decide(order, exact)[0]

    def submit(
        self, order: Order, *, route: Route = "venue", exact: bool = False, hold: Hold | None = None
    ) -> Decision:
        """Lets the order come to exist and sends it on its way.

        The same client id with the same content returns where the first order stands. `hold` may
        keep back an order that passes: the decision then says `held` and nothing came to exist.
        Raises Halted, OrderRefused (both with rule, limit, value), or Conflict when the client id
        stands for another order.
        """
        with self._lock:
            decision = self._submit(order, route, exact, hold)
        if decision.refusal is not None:
            raise decision.refusal.error()
        return decision

    def submit_batch(self, orders: Sequence[Order], *, route: Route = "venue", exact: bool = False) -> list[Decision]:
        """`submit` for each in turn, each seeing what those before it did; refusals are returned."""
        with self._lock:
            return [self._submit(order, route, exact) for order in orders]

    def _submit(self, order: Order, route: Route, exact: bool, hold: Hold | None = None) -> Decision:
        decision, reserve = self._decide(order, exact)
        if decision.refusal is not None:
            if decision.refusal.kind != "conflict":
                self._write_refusal(order, decision.refusal)
            return decision
        if decision.repeated:
            return decision
        if hold is not None and hold(decision):
            return replace(decision, held=True)
        accepted = self._accept(decision, order, route, reserve)
        if route == "venue":
            self._place(accepted)
        else:
            self._settlement.announce(accepted.status)
        return replace(decision, status=snapshot(accepted.status), seq=accepted.seq)

    def _accept(self, decision: Decision, asked: Order, route: Route, reserve: int) -> Accepted:
        order = decision.order
        self._rates.add(order.account)
        token = self._signer.issue(order, self._wall.now(), self.rules.token_life)
        body = {
            "order": order.to_dict(),
            "asked": asked.digest,
            "token": token,
            "route": route,
            "reserve": reserve,
            "limits": self.rules.limits.version,
            "clamps": [[clamp.rule, str(clamp.wanted), str(clamp.allowed)] for clamp in decision.clamps],
        }
        self._settlement.write("order.accepted", order.account, body)
        return self._accounts.order(order.client_id)

    def _place(self, accepted: Accepted) -> None:
        try:
            placement = self._venue.place(accepted.order, accepted.token)
        except (BrokerError, Forbidden, DataError) as error:
            placement = Placement(accepted.order.client_id, (), OrderState.REJECTED, error.message)
        self._settlement.book(placement)
        self._settlement.book_all(self._venue.news())

    def _write_refusal(self, order: Order, refusal: Refusal) -> None:
        body = {
            "order": order.to_dict(),
            "rule": refusal.rule,
            "limit": refusal.limit,
            "value": refusal.value,
            "limits": self.rules.limits.version,
        }
        self._settlement.write("order.refused", order.account[:64], body)

    def _decide(self, order: Order, exact: bool) -> tuple[Decision, int]:
        """The decision, and what to set aside for the order in base minor units."""
        earlier = self._accounts.find(order.client_id)
        if earlier is not None:
            return _repeat(order, earlier), 0
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

    def _unknown_account(self, order: Order) -> Refusal | None:
        if order.account in self._accounts.accounts:
            return None
        message = f"account {order.account[:64]!r} is not known; orders need an account that was opened"
        return Refusal("refused", "account", "a known account", order.account[:64], message)

    def _judge(self, order: Order, valued: _Valued, exact: bool) -> tuple[Decision, int]:
        table, at = self.rules.limits, valued.situation
        judgement = judge(order, at, table, exact=exact)
        goes = order if judgement.quantity == order.quantity else replace(order, quantity=judgement.quantity)
        checks = tuple(rule(goes) for rule in self.rules.compliance)
        notional = amount(judgement.lots, at.price, at.worth)
        estimate = Estimate(at.price, notional, valued.commission, at.instrument.currency)
        reserve = order_cost(notional, at.fee, not order.type.limited, table)
        refusal = next((_rule_refusal(check.rule, check) for check in checks if not check.ok), None)
        if refusal is None:
            refusal = next((_limit_refusal(reading) for reading in judgement.readings if not reading.ok), None)
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
        paid = Money.of(order.quantity * ticks * instrument.tick, instrument.currency)
        commission = self._venue.commission(paid.minor, instrument.currency)
        situation = Situation(
            limits=self.rules.limits.account(account.kind),
            instrument=instrument,
            bid=quote.bid_ticks,
            ask=quote.ask_ticks,
            price=ticks,
            worth=mark.worth,
            held=lots_of(account.held(order.instrument), instrument),
            open_buys=lots_of(account.buys.get(order.instrument, ZERO), instrument),
            open_sells=lots_of(account.sells.get(order.instrument, ZERO), instrument),
            cash=stake.cash - account.reserved,
            gross=stake.gross,
            net=stake.net,
            short=stake.short,
            equity=stake.equity,
            lost=stake.lost,
            fee=marks.cash(commission, instrument.currency) + 1,
            desk_gross=self._exposure.desk_gross(),
            rate=self._rates.count(account.id, self._wall.now()),
            today=today,
        )
        return _Valued(situation, commission)


def snapshot(status: OrderStatus) -> OrderStatus:
    """A copy that later fills do not change."""
    return replace(status, fills=list(status.fills))


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
    return Decision(earlier.order, status=snapshot(earlier.status), seq=earlier.seq, repeated=True)


def _malformed(order: Order) -> Refusal | None:
    id = order.client_id
    if not (0 < len(id) <= 64 and id.isascii() and id.isprintable() and " " not in id):
        message = f"client id {id[:64]!r} is not 1 to 64 printable characters without spaces"
        return Refusal("refused", "client_id", "1 to 64 characters", str(len(id)), message)
    if not order.quantity.is_finite() or order.quantity <= 0:
        message = f"quantity {order.quantity} is not a positive number"
        return Refusal("refused", "lot", "above 0", str(order.quantity), message)
    return None


def _limit_refusal(reading: Reading) -> Refusal:
    return _rule_refusal(reading.rule, reading.check())


def _rule_refusal(rule: str, check: Check) -> Refusal:
    return Refusal("refused", rule, check.limit, check.value, check.message)
