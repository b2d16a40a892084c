"""What a process left unfinished when it ended: every open order is taken up by the next, or ended with a reason."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from desk.errors import BrokerError, DataError, Forbidden
from desk.market.feed import MarketFeed
from desk.orders import OrderState, TimeInForce
from desk.trading.broker import Broker, Placement
from desk.trading.execution import Execution
from desk.trading.holdings import Accepted
from desk.trading.settlement import Settlement


class Unfinished:
    """Open orders at a start, one at a time, under the desk's lock. `venue` is the one that forgot its book."""

    def __init__(
        self,
        feed: MarketFeed,
        settlement: Settlement,
        execution: Execution,
        venue: Broker,
        broker_of: Callable[[Accepted], Broker],
        dispatch: Callable[[str], None],
    ) -> None:
        self._feed, self._settlement, self._execution, self._venue = feed, settlement, execution, venue
        self._broker_of, self._dispatch = broker_of, dispatch

    def give_up(self, accepted: Accepted, why: str) -> None:
        """Cancels what a venue in this process forgot when it ended, at a start that finds the desk halted."""
        inside = self._broker_of(accepted) is self._venue
        if accepted.route == "venue" or (inside and self._sent(accepted)):
            self._settlement.book(Placement(accepted.order.client_id, (), OrderState.CANCELLED, why))

    def take_up(self, accepted: Accepted) -> None:
        """Sends on what waited to be sent; gives the venue in this process its orders back, or ends them."""
        order = accepted.order
        if accepted.route == "broker" and not self._sent(accepted):
            if not self._execution.end_unsent(accepted):
                self._dispatch(order.client_id)
            return
        broker = self._broker_of(accepted)
        over = self._over(accepted) if broker is self._venue else ""
        try:
            placement = (
                Placement(order.client_id, (), OrderState.CANCELLED, over)
                if over
                else self._give_back(broker, accepted)
            )
        except Forbidden as error:
            placement = Placement(order.client_id, (), OrderState.REJECTED, error.message)
        except (BrokerError, DataError) as error:
            structlog.get_logger("desk").error("cannot take up an order", client_id=order.client_id, why=error.message)
            return
        self._settlement.book(placement)

    def _over(self, accepted: Accepted) -> str:
        """Why the order cannot go on; empty when it can."""
        order = accepted.order
        if order.time_in_force is TimeInForce.DAY and self._feed.now().date() > accepted.status.accepted_at.date():
            return "the day ended"
        return self._feed.instruments.changed(order.instrument, accepted.steps)

    def _give_back(self, broker: Broker, accepted: Accepted) -> Placement:
        order, status = accepted.order, accepted.status
        if status.state is OrderState.ACCEPTED:
            return broker.place(order, accepted.token)
        return broker.restore(order, accepted.token, status.fills, status.triggered)

    def _sent(self, accepted: Accepted) -> bool:
        return self._execution.state(accepted.order.client_id) == "done"
