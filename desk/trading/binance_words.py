"""Binance's words for orders and trades, read into the desk's and written from them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from desk.orders import Fill, Order, OrderState, TimeInForce
from desk.trading.binance_rules import order_kind
from desk.trading.followed import Report
from desk.trading.venue_door import Trade, plain

_STATES = {
    "NEW": (OrderState.WORKING, ""),
    "PENDING_NEW": (OrderState.WORKING, ""),
    "PARTIALLY_FILLED": (OrderState.WORKING, ""),
    "PENDING_CANCEL": (OrderState.WORKING, ""),
    "FILLED": (OrderState.FILLED, ""),
    "CANCELED": (OrderState.CANCELLED, "cancelled at Binance"),
    "EXPIRED": (OrderState.CANCELLED, "it expired at Binance: nothing more was to be had"),
    "EXPIRED_IN_MATCH": (OrderState.CANCELLED, "it would have traded with this account's own order"),
    "REJECTED": (OrderState.REJECTED, "rejected by Binance"),
}


def order_fields(order: Order, symbol: str, name: str, tick: Decimal) -> dict[str, str]:
    """The fields of a new order; `name` is its client id there."""
    kind = order_kind(order)
    fields = {
        "symbol": symbol,
        "side": order.side.value.upper(),
        "type": kind,
        "quantity": plain(order.quantity),
        "newClientOrderId": name,
    }
    if order.limit_ticks is not None and order.type.limited:
        fields["price"] = plain(order.limit_ticks * tick)
        if kind != "LIMIT_MAKER":
            fields["timeInForce"] = order.time_in_force.value.upper()
    if order.stop_ticks is not None and order.type.stopped:
        fields["stopPrice"] = plain(order.stop_ticks * tick)
    if order.display is not None and order.time_in_force is TimeInForce.GTC:
        fields["icebergQty"] = plain(order.display)
    return fields


def read_order(plain_order: Mapping[str, object], order: Order, fills: tuple[Fill, ...]) -> Report:
    """An order as REST tells it. KeyError or ValueError for one without status or quantity."""
    executed = Decimal(str(plain_order["executedQty"]))
    reached = bool(plain_order.get("isWorking")) or executed > 0
    return _report(order, str(plain_order["status"]), executed, fills, reached, str(plain_order.get("orderId", "")))


def read_event(event: Mapping[str, object], order: Order, fills: tuple[Fill, ...]) -> Report:
    """An `executionReport` of the stream. KeyError or ValueError as `read_order`."""
    executed = Decimal(str(event["z"]))
    report = _report(order, str(event["X"]), executed, fills, bool(event.get("w")) or executed > 0, str(event["i"]))
    why = str(event.get("r", "NONE"))
    return report._replace(reason=f"rejected by Binance: {why}") if report.state is OrderState.REJECTED else report


def read_event_trade(event: Mapping[str, object], symbol: str) -> Trade | None:
    """The trade in an `executionReport`; None when it tells of none."""
    if event.get("x") != "TRADE" or int(str(event.get("t", -1))) < 0:
        return None
    return _trade(symbol, event["t"], event["l"], event["L"], event.get("n"), event.get("N"))


def read_trade(told: Mapping[str, object], symbol: str) -> Trade:
    """A trade of `myTrades`, or of the answer to a new order, which names its id differently."""
    id = told["tradeId"] if "tradeId" in told else told["id"]
    return _trade(symbol, id, told["qty"], told["price"], told.get("commission"), told.get("commissionAsset"))


def _trade(symbol: str, id: object, quantity: object, price: object, fee: object, asset: object) -> Trade:
    fee_units = Decimal(str(fee)) if fee else Decimal(0)
    return Trade(f"binance-{symbol}-{id}", Decimal(str(quantity)), Decimal(str(price)), fee_units, str(asset or ""))


def _report(
    order: Order, word: str, executed: Decimal, fills: tuple[Fill, ...], reached: bool, venue_id: str
) -> Report:
    state, reason = _STATES.get(word, (None, ""))
    triggered = order.type.stopped and reached
    return Report(order.client_id, state, executed, fills, reason, triggered, word, venue_id)
