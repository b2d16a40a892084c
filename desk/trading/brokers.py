"""Which broker serves which instrument: an outside one where its key is set, else the simulated venue in this process.

It is itself a `Broker`: each order goes to the broker of its instrument. What cannot be sent is
refused at the gate, by name (`check`); everything else trades on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import chain

from desk.backends import BackEnd
from desk.errors import BrokerError, NotFound
from desk.orders import Check, Fill, Order, OrderState
from desk.trading.broker import Broker, Placement
from desk.trading.decisions import ComplianceRule
from desk.trading.holdings import Accepted
from desk.trading.outside import OutsideBroker

SIMULATED = "simulated venue"
FIRST_ANSWER_S = 2.0
"""How long a start waits at most for outside brokers to answer; a broker that is late is not waited for."""


class Brokers:
    """See the module. The first of `outside` that trades an instrument serves it.

    `replayed` says whether an instrument's prices here are a replay; nothing is sent where money is real
    at prices that are not. `venue` None: the simulated venue is in another process, out of reach from here.
    """

    def __init__(
        self, venue: Broker | None, outside: Sequence[OutsideBroker], replayed: Callable[[str], bool] = lambda _: False
    ) -> None:
        self._replayed = replayed
        self._venue, self.outside = venue, tuple(outside)
        self._serving = {id: broker for broker in reversed(self.outside) for id in broker.door.instruments}

    def start(self, wait_s: float = FIRST_ANSWER_S) -> None:
        """Begins to listen and to catch up with every outside broker; waits so long for their first answers."""
        for broker in self.outside:
            broker.start()
        ends = time.monotonic() + wait_s
        for broker in self.outside:
            broker.await_first(ends - time.monotonic())

    def close(self) -> None:
        """Ends what `start` began; safe to call twice."""
        for broker in self.outside:
            broker.close()

    def serves(self, instrument: str) -> str:
        """The name of the broker that an order in this instrument goes to."""
        broker = self._serving.get(instrument)
        return SIMULATED if broker is None else broker.name

    def leaves(self, instrument: str) -> bool:
        """Whether orders in this instrument leave the process."""
        return instrument in self._serving

    def named(self, name: str) -> OutsideBroker:
        """The outside broker of this name, letter case ignored; NotFound for any other."""
        for broker in self.outside:
            if broker.name.casefold() == name.casefold():
                return broker
        known = ", ".join(broker.name for broker in self.outside) or "none: set TENOR_BINANCE_KEY or TENOR_ALPACA_KEY"
        raise NotFound(f"outside broker {name[:64]!r} is not known here; known are {known}")

    @property
    def rules(self) -> tuple[ComplianceRule, ...]:
        """The gate's rule; none without outside brokers."""
        return (self.check,) if self.outside else ()

    def check(self, order: Order) -> Check:
        """The gate's rule: an order whose broker was never reached, or does not take the key, is refused."""
        broker = self._serving.get(order.instrument)
        if broker is None:
            return _check(True, "none needed", f"{order.instrument} trades on the simulated venue in this process")
        reach = broker.reach
        if reach.closed:
            return _check(False, reach.state, f"{broker.name} cannot be sent order {order.client_id}: {reach.detail}")
        if not broker.door.simulated and self._replayed(order.instrument):
            message = f"{broker.name} trades with real money and the prices of {order.instrument} here are a replay"
            return _check(False, "replayed prices", f"{message}; use its test network until a live feed is set")
        return _check(True, reach.state, f"{order.instrument} trades at {broker.name}, which is {reach.state}")

    def as_seen(self, row: BackEnd) -> BackEnd:
        """A back end's row, for an outside broker as it was last seen: its address may answer and not take the key."""
        reach = next((one.reach for one in self.outside if one.name == row.product), None)
        if reach is None or reach.state == "starting":
            return row
        if reach.state == "connected":
            return replace(row, state="connected")
        return replace(row, state="unreachable", detail=reach.detail)

    def place(self, order: Order, token: str) -> Placement:
        """See `Broker.place`."""
        return self.of(order.instrument).place(order, token)

    def expect_earlier(self, order: Order) -> None:
        """See `OutsideBroker.expect_earlier`; nothing for an order of the venue in this process."""
        broker = self._serving.get(order.instrument)
        if broker is not None:
            broker.expect_earlier(order)

    def restore(self, order: Order, token: str, fills: Sequence[Fill], triggered: bool = False) -> Placement:
        """See `Broker.restore`."""
        return self.of(order.instrument).restore(order, token, fills, triggered)

    def cancel(self, client_id: str) -> Placement | None:
        """See `Broker.cancel`: asks the broker that follows the order, else the venue."""
        for broker in self.outside:
            if broker.followed.order(client_id) is not None:
                return broker.cancel(client_id)
        return None if self._venue is None else self._venue.cancel(client_id)

    def open_orders(self) -> list[str]:
        """See `Broker.open_orders`; a broker that does not answer raises BrokerError."""
        inside = [] if self._venue is None else self._venue.open_orders()
        return list(chain(inside, *(broker.open_orders() for broker in self.outside)))

    def poll(self) -> list[Placement]:
        """See `Broker.poll`: of the outside brokers; whoever holds the venue polls it."""
        return list(chain.from_iterable(broker.poll() for broker in self.outside))

    def commission(self, notional: int, currency: str) -> int:
        """See `Broker.commission`: the dearest of all, for it does not know the instrument."""
        asked: list[Broker] = [*self.outside] if self._venue is None else [self._venue, *self.outside]
        return max((broker.commission(notional, currency) for broker in asked), default=0)

    def follow(self, orders: Iterable[Accepted]) -> None:
        """Lets outside brokers follow what works there: another process may have placed it. Repeats do nothing."""
        for one in orders:
            broker = self._serving.get(one.order.instrument)
            works = one.route == "broker" and one.status.state is OrderState.WORKING
            if works and broker is not None and broker.followed.order(one.order.client_id) is None:
                broker.restore(one.order, one.token, one.status.fills, one.status.triggered)

    def of(self, instrument: str) -> Broker:
        """The broker of an instrument; BrokerError when it cannot be reached from this process."""
        broker = self._serving.get(instrument) or self._venue
        if broker is None:
            message = f"{instrument} trades in the desk's own process; this one reaches outside brokers only"
            raise BrokerError(message, retry=True, sent=False)
        return broker


def _check(ok: bool, value: str, message: str) -> Check:
    return Check(rule="broker", ok=ok, limit="reachable", value=value, unit="", message=message)
