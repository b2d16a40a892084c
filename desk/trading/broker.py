"""The broker protocol: where orders that passed the gate are executed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from desk.orders import Fill, Order, OrderState


class Placement(NamedTuple):
    """What a venue says about one order.

    `fills` are all fills it knows of, or those since it was last asked; the desk books each fill
    id once. `state` is WORKING, FILLED, CANCELLED or REJECTED; the last two come with a reason.
    `triggered` says of a stop order that its price was reached.
    """

    client_id: str
    fills: tuple[Fill, ...]
    state: OrderState
    reason: str = ""
    triggered: bool = False


class Broker(Protocol):
    """One venue. Every call may be repeated; failures raise BrokerError and say whether to retry."""

    def place(self, order: Order, token: str) -> Placement:
        """Places the order once: the same client id again answers with what became of it.

        Raises Forbidden when the token is not the gate's for exactly this order, or has lapsed.
        """
        ...

    def restore(self, order: Order, token: str, fills: Sequence[Fill], triggered: bool = False) -> Placement:
        """Tells a venue that forgets at restart of an order it held, its fills, and whether its stop was reached.

        A venue with its own memory answers from it, as `place` would.
        """
        ...

    def cancel(self, client_id: str) -> Placement | None:
        """Takes the order off the venue; None when it is not working there."""
        ...

    def open_orders(self) -> list[str]:
        """Client ids of the orders working at the venue."""
        ...

    def poll(self) -> list[Placement]:
        """What happened to working orders since the last call; empty when nothing did."""
        ...

    def commission(self, notional: int, currency: str) -> int:
        """The expected commission on a notional, both in minor units of `currency`."""
        ...
