"""The orders that a simulated venue remembers: all that can still trade, and the newest that ended."""

from __future__ import annotations

from collections.abc import Container

from desk.trading.venue_order import VenueOrder

KEPT = 256
"""Ended orders that are remembered, at least: to tell of them again, not against doubles, which the gate keeps out."""


class HeldOrders(dict[str, VenueOrder]):
    """Orders by client id."""

    def __init__(self) -> None:
        super().__init__()
        self._room = 2 * KEPT

    def hold(self, held: VenueOrder, untold: Container[str]) -> None:
        """Remembers an order; now and then forgets those that ended long ago, unless their news is `untold`."""
        self[held.order.client_id] = held
        if len(self) > self._room:
            spare = [id for id, one in self.items() if one.final and id not in untold]
            for id in spare[:-KEPT]:
                del self[id]
            self._room = len(self) + KEPT
