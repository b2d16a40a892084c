"""The gate: the only way an order can come to exist.

Halt switch, compliance rules, risk limits, journal, route: one rule set behind three doors.
`check` asks, `submit` does, `submit_batch` does many. All three decide alike. `amend` changes an
order that stands, by the same rules.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Protocol

from desk.clock import Clock, to_iso
from desk.errors import BrokerError, Conflict, DataError, Forbidden
from desk.orders import FINAL_STATES, Order, OrderState, OrderStatus
from desk.risk.marks import Marks
from desk.trading.broker import Broker, Placement
from desk.trading.decisions import Decision, Refusal, Route
from desk.trading.holdings import Accepted
from desk.trading.judging import GateRules, Judge
from desk.trading.settlement import Settlement
from desk.trading.tokens import TokenSigner

Hold = Callable[[Decision], bool]
"""Whether an order that passes must wait for somebody; called under the gate's lock, must not call the gate."""


class Venue(Broker, Protocol):
    """A broker in this process, quick enough to be called under the gate's lock."""

    def amend(self, order: Order, token: str) -> Placement:
        """Changes a working order to this quantity and price; as `place` for one that does not work here.

        Less at the same price keeps its place in the queue; anything else goes to the end, and may
        trade. Raises Forbidden as `place` does.
        """
        ...

    def news(self) -> list[Placement]:
        """What the last calls did to other orders than theirs; empty when nothing."""
        ...


class Gate:
    """One rule set, three doors, one lock. State lives in the settlement's account book.

    `leaves` says of an instrument that it trades at an outside broker: its orders go there by whatever
    route they came.
    """

    def __init__(
        self,
        *,
        settlement: Settlement,
        marks: Marks,
        venue: Venue,
        signer: TokenSigner,
        rules: GateRules,
        wall: Clock,
        leaves: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._settlement, self._accounts, self._lock = settlement, settlement.accounts, settlement.lock
        self._venue, self._signer, self._wall = venue, signer, wall
        self._leaves = leaves
        self._judge = Judge(
            accounts=settlement.accounts, marks=marks, rules=rules, wall=wall, commission=venue.commission
        )

    @property
    def rules(self) -> GateRules:
        """What it enforces now."""
        return self._judge.rules

    @rules.setter
    def rules(self, rules: GateRules) -> None:
        self._judge.rules = rules

    def check(self, order: Order, *, exact: bool = False) -> Decision:
        """What `submit` would decide now: no token, no order, no trace. Raises nothing for a refusal.

        `exact` forbids clamps: for an order that a person has approved as it stands.
        """
        with self._lock:
            return self._judge.decide(order, exact)[0]

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

    def amend(
        self,
        client_id: str,
        *,
        quantity: Decimal | None = None,
        limit_ticks: int | None = None,
        hold: Hold | None = None,
    ) -> Decision:
        """Changes a working order at the venue in this process: its whole quantity, its limit, or both.

        What still waits is judged like a new order, in its own place; less at the same price only
        has to be whole lots, and passes when nothing else would. Asking again for what stands
        changes nothing. `hold` as in `submit`. Raises NotFound for an unknown id, Conflict for one
        that is final or at an outside broker, Halted and OrderRefused as `submit`.
        """
        with self._lock:
            accepted = self._accounts.order(client_id)
            order = accepted.order
            wanted = replace(
                order,
                quantity=order.quantity if quantity is None else quantity,
                limit_ticks=order.limit_ticks if limit_ticks is None else limit_ticks,
            )
            if wanted == order:
                return Decision(order, status=accepted.status.snapshot(), seq=accepted.seq, repeated=True)
            if accepted.status.state in FINAL_STATES:
                raise Conflict(f"order {client_id} is {accepted.status.state}; only one that works can be amended")
            if accepted.route != "venue":
                raise Conflict(f"order {client_id} is at an outside broker; cancel it and place another")
            decision = self._amend(accepted, wanted, hold)
        if decision.refusal is not None:
            raise decision.refusal.error()
        return decision

    def _submit(self, order: Order, route: Route, exact: bool, hold: Hold | None = None) -> Decision:
        decision, reserve = self._judge.decide(order, exact)
        if decision.refusal is not None:
            if decision.refusal.kind != "conflict":
                self._write_refusal(order, decision.refusal)
            return decision
        if decision.repeated:
            return decision
        if hold is not None and hold(decision):
            return decision._replace(held=True)
        route = "broker" if self._leaves(order.instrument) else route
        accepted = self._accept(decision, order, route, reserve)
        if route == "venue":
            self._send(accepted, self._venue.place)
        else:
            self._settlement.announce(accepted)
        return decision._replace(status=accepted.status.snapshot(), seq=accepted.seq)

    def _accept(self, decision: Decision, asked: Order, route: Route, reserve: int) -> Accepted:
        order = decision.order
        self._judge.rates.add(order.account)
        body = {
            "order": order.to_dict(),
            "asked": asked.digest,
            "token": self._token(order),
            "route": route,
            "reserve": reserve,
            "limits": self.rules.limits.version,
            **self._judge.steps(order.instrument),
            "clamps": [[clamp.rule, str(clamp.wanted), str(clamp.allowed)] for clamp in decision.clamps],
        }
        at = self._settlement.now()
        status = OrderStatus(order, OrderState.ACCEPTED, at)
        self._settlement.write("order.accepted", order.account, body, to_iso(at), status)
        return self._accounts.order(order.client_id)

    def _amend(self, accepted: Accepted, wanted: Order, hold: Hold | None) -> Decision:
        refusal, reserve, decision = self._weigh(accepted, wanted)
        if refusal is not None:
            self._write_refusal(wanted, refusal)
            return decision._replace(refusal=refusal)
        if hold is not None and hold(decision):
            return decision._replace(held=True)
        self._judge.rates.add(wanted.account)
        body = {
            "client_id": wanted.client_id,
            "order": wanted.to_dict(),
            "token": self._token(wanted),
            "reserve": reserve,
            "limits": self.rules.limits.version,
        }
        seq = self._settlement.write("order.amended", wanted.account, body).seq
        self._send(accepted, self._venue.amend)
        self._settlement.announce(accepted)
        return decision._replace(status=accepted.status.snapshot(), seq=seq)

    def _weigh(self, accepted: Accepted, wanted: Order) -> tuple[Refusal | None, int, Decision]:
        """Judges what would wait, with what waits now taken away; the reserve is for the whole order."""
        left = wanted.quantity - accepted.status.filled
        if not left.is_finite() or left <= 0:
            value, filled = format(wanted.quantity, "f"), format(accepted.status.filled, "f")
            message = f"order {wanted.client_id} has traded {filled} units; amend it to more, or cancel it"
            return Refusal("refused", "amend_quantity", f"more than {filled}", value, message), 0, Decision(wanted)
        shows = wanted.display if wanted.display is not None and wanted.display < left else None
        account = self._accounts.account(wanted.account)
        account.count(accepted, -1)
        try:
            decision, reserve = self._judge.weigh(replace(wanted, quantity=left, display=shows), exact=True)
        finally:
            account.count(accepted, +1)
        refusal = decision.refusal
        smaller = wanted.limit_ticks == accepted.order.limit_ticks and wanted.quantity <= accepted.order.quantity
        if refusal is not None and smaller and refusal.rule not in ("halt", "lot", "market_data"):
            refusal, decision = None, decision._replace(refusal=None)
        whole = -(-reserve * wanted.quantity // left)
        return refusal, int(whole), decision._replace(order=wanted)

    def _send(self, accepted: Accepted, how: Callable[[Order, str], Placement]) -> None:
        try:
            placement = how(accepted.order, accepted.token)
        except (BrokerError, Forbidden, DataError) as error:
            placement = Placement(accepted.order.client_id, (), OrderState.REJECTED, error.message)
        self._settlement.book(placement)
        self._settlement.book_all(self._venue.news())

    def _token(self, order: Order) -> str:
        return self._signer.issue(order, self._wall.now(), self.rules.token_life)

    def _write_refusal(self, order: Order, refusal: Refusal) -> None:
        body = {
            "order": order.to_dict(),
            "rule": refusal.rule,
            "limit": refusal.limit,
            "value": refusal.value,
            "limits": self.rules.limits.version,
        }
        self._settlement.write("order.refused", order.account[:64], body)
