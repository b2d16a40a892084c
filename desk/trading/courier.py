"""The courier: carries one order from the outbox to its broker, in whichever process the worker runs.

It never touches the desk's accounts: the venue's word goes back into the outbox, and the holder of
the desk books it. Every step may be repeated: the venue places a client id once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import orjson

from desk.bus.bus import EXECUTIONS, EventBus
from desk.clock import Clock
from desk.errors import BrokerError, Forbidden, NotFound
from desk.orders import Check, Order, OrderState
from desk.store.engine import Store
from desk.trading.broker import Broker, Placement
from desk.trading.outbox import ATTEMPTS, Outbox, OutboxState, Row
from desk.trading.record_fields import fill_from

Forbids = Callable[[Order], Check | None]


class Courier:
    """Delivers waiting orders. `halted` returns the reason of a halt, empty for none; thread-safe.

    `takes` says of an instrument whether `broker` can be reached from this process; `tell` hears where a
    row stands now, after each step; `forbids` says why an order may not go on after all, asked right
    before the venue is; `again` hears of an order that somebody has tried before, ahead of the try.
    """

    def __init__(
        self,
        store: Store,
        broker: Broker,
        wall: Clock,
        halted: Callable[[], str],
        takes: Callable[[str], bool] = lambda _: True,
        tell: Callable[[Row, OutboxState], None] = lambda _, __: None,
        forbids: Forbids = lambda _: None,
        again: Callable[[Order], None] = lambda _: None,
    ) -> None:
        self.outbox = Outbox(store, wall)
        self._broker, self._halted, self._takes, self._tell = broker, halted, takes, tell
        self._forbids, self._again = forbids, again

    def serves(self, client_id: str) -> bool:
        """Whether the order's broker can be reached from here; False for one whose order is not in the outbox."""
        row = self.outbox.row(client_id)
        return row is not None and bool(row.canonical) and self._takes(str(orjson.loads(row.canonical)["instrument"]))

    def deliver(self, client_id: str) -> OutboxState:
        """Places the order and keeps what the venue said; returns where its row stands.

        `placed`: the venue has spoken. `waiting`: the broker asked to try again, or the desk is
        halted. `sent`: another worker has it. `review`: five attempts failed; a person must look.
        A try that certainly did not reach the venue costs no attempt.
        NotFound without a row.
        """
        row = self.outbox.row(client_id)
        if row is None:
            raise NotFound(f"order {client_id!r} is not in the outbox")
        state = self._claim(row)
        if state is not None:
            return state
        state, error = self._carry(row)
        self._tell(replace(row, attempts=row.attempts + 1, worker=self.outbox.worker, error=error), state)
        return state

    def _carry(self, row: Row) -> tuple[OutboxState, str]:
        """Where a claimed row stands after the attempt, and what that met; empty when the venue has spoken."""
        try:
            placement = self._place(row)
        except BrokerError as error:
            if error.retry and not error.sent:
                return self.outbox.give_back(row, error.message), error.message
            if error.retry:
                worn_out = row.attempts + 1 >= ATTEMPTS
                return self.outbox.mark(
                    row.client_id, "review" if worn_out else "waiting", error.message
                ), error.message
            placement = Placement(row.client_id, (), OrderState.REJECTED, error.message)
        except Forbidden as error:
            placement = Placement(row.client_id, (), OrderState.REJECTED, error.message)
        return self.outbox.placed(row.client_id, dump_placement(placement)), ""

    def _claim(self, row: Row) -> OutboxState | None:
        """None when the order is this worker's to place, else where its row stands."""
        if row.state in ("placed", "done", "review") or (row.state == "sent" and not self.outbox.given_up(row)):
            return row.state
        if self._halted():
            return "waiting"
        if row.attempts >= ATTEMPTS:
            why = row.error or f"{ATTEMPTS} attempts were interrupted"
            return self.outbox.mark(row.client_id, "review", why)
        if not self.outbox.claim(row):
            return "sent"
        self._tell(replace(row, attempts=row.attempts + 1, worker=self.outbox.worker), "sent")
        return None

    def _place(self, row: Row) -> Placement:
        try:
            order = Order.from_dict(orjson.loads(row.canonical))
        except (ValueError, KeyError, TypeError) as error:
            why = f"this worker cannot read order {row.client_id} ({error!r}); run the version that wrote it"
            raise BrokerError(why, retry=True) from None
        forbidden = self._forbids(order)
        if forbidden is not None:
            raise Forbidden(forbidden.message)
        if row.attempts:
            self._again(order)
        return self._broker.place(order, row.token)


def delivery(row: Row, state: OutboxState) -> dict[str, object]:
    """What the bus topic `executions` says of a row."""
    account = str(orjson.loads(row.canonical)["account"]) if row.canonical else ""
    return {
        "client_id": row.client_id,
        "account": account,
        "state": state,
        "attempts": row.attempts,
        "worker": row.worker,
        "error": row.error,
    }


def announce_delivery(bus: EventBus, row: Row, state: OutboxState) -> None:
    """Publishes where a row stands on the bus topic `executions`."""
    bus.publish(EXECUTIONS, delivery(row, state))


def dump_placement(placement: Placement) -> str:
    """A placement as JSON text; `load_placement` restores it."""
    plain = {
        "client_id": placement.client_id,
        "fills": [fill.to_dict() for fill in placement.fills],
        "state": placement.state.value,
        "reason": placement.reason,
        "triggered": placement.triggered,
    }
    return orjson.dumps(plain).decode()


def load_placement(text: str) -> Placement:
    """Restores a placement; ValueError or KeyError for anything else."""
    plain = orjson.loads(text)
    fills = tuple(fill_from(fill) for fill in plain["fills"])
    return Placement(plain["client_id"], fills, OrderState(plain["state"]), plain["reason"], plain["triggered"])
