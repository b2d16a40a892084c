"""Alpaca's words for orders and trades, read into the desk's and written from them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from desk.instruments import Instrument
from desk.orders import Order, OrderState, TimeInForce
from desk.trading.followed import Report
from desk.trading.venue_door import Trade, plain

_WORKING = (OrderState.WORKING, "")
_STATES = {
    **dict.fromkeys(("new", "accepted", "pending_new", "accepted_for_bidding", "partially_filled"), _WORKING),
    **dict.fromkeys(("pending_cancel", "pending_replace", "stopped", "calculated", "held"), _WORKING),
    "done_for_day": (OrderState.WORKING, "nothing more today: it goes on when the market opens again"),
    "suspended": (OrderState.WORKING, "suspended by Alpaca: it cannot trade now"),
    "filled": (OrderState.FILLED, ""),
    "canceled": (OrderState.CANCELLED, "cancelled at Alpaca"),
    "expired": (OrderState.CANCELLED, "it expired at Alpaca"),
    "replaced": (OrderState.CANCELLED, "somebody replaced it at Alpaca by another order"),
    "rejected": (OrderState.REJECTED, "rejected by Alpaca"),
}
_TIFS = frozenset({TimeInForce.DAY, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK})
_CENT, _FINE, _ONE = Decimal("0.01"), Decimal("0.0001"), Decimal(1)


class Asset(NamedTuple):
    """What may be done with one stock there."""

    tradable: bool
    fractionable: bool
    status: str


def check_form(order: Order, asset: Asset, instrument: Instrument) -> str:
    """What this venue does not take, named, with both numbers where there are two; empty when it takes the order."""
    if not asset.tradable or asset.status != "active":
        return f"ASSET: {instrument.symbol} is {asset.status} and {'' if asset.tradable else 'not '}tradable there"
    if order.time_in_force not in _TIFS:
        return f"TIME_IN_FORCE: {order.time_in_force} is not known there; it takes day, gtc, ioc and fok"
    if order.post_only or order.display is not None:
        return "ORDER_FORM: there are neither post-only nor iceberg orders there"
    if order.quantity % 1 and not (asset.fractionable and order.time_in_force is TimeInForce.DAY):
        return f"QUANTITY: {plain(order.quantity)} is not a multiple of 1, the lot for this order there"
    for ticks in (order.limit_ticks, order.stop_ticks):
        price = None if ticks is None else ticks * instrument.tick
        step = _CENT if price is not None and price >= _ONE else _FINE
        if price is not None and price % step:
            return f"PRICE_INCREMENT: price {plain(price)} is not a multiple of {plain(step)}"
    return ""


def order_fields(order: Order, symbol: str, name: str, tick: Decimal) -> dict[str, object]:
    """The body of a new order; `name` is its client id there."""
    fields: dict[str, object] = {
        "symbol": symbol,
        "qty": plain(order.quantity),
        "side": order.side.value,
        "type": order.type.value,
        "time_in_force": order.time_in_force.value,
        "client_order_id": name,
    }
    if order.type.limited and order.limit_ticks is not None:
        fields["limit_price"] = plain(order.limit_ticks * tick)
    if order.type.stopped and order.stop_ticks is not None:
        fields["stop_price"] = plain(order.stop_ticks * tick)
    return fields


def read_order(told: Mapping[str, object], order: Order) -> Report:
    """An order as REST or the stream tells it. KeyError or ValueError for one without status or quantity."""
    word, executed = str(told["status"]), Decimal(str(told["filled_qty"] or 0))
    state, reason = _STATES.get(word, (None, ""))
    return Report(
        client_id=order.client_id,
        state=state,
        executed=executed,
        reason=reason,
        triggered=order.type.stopped and executed > 0,
        word=word,
        venue_id=str(told["id"]),
        since=str(told.get("created_at") or ""),
    )


def read_activity(told: Mapping[str, object]) -> Trade:
    """A FILL of the account's activities; Alpaca charges no commission."""
    return Trade(f"alpaca-{told['id']}", Decimal(str(told["qty"])), Decimal(str(told["price"])))
