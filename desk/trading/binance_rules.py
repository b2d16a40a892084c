"""Binance's trading rules of one symbol, and what an order breaks of them: named, with both numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from desk.instruments import Instrument
from desk.orders import Order, OrderType, Side, TimeInForce
from desk.trading.venue_door import plain

ZERO = Decimal(0)
_TIFS = frozenset({TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK})


class SymbolRules(NamedTuple):
    """`filters` by their type, numbers as text; `status` is TRADING when orders are taken."""

    symbol: str
    status: str
    base: str
    quote: str
    kinds: frozenset[str]
    filters: Mapping[str, Mapping[str, object]]

    def number(self, kind: str, name: str) -> Decimal:
        """A number of a filter; 0, which disables it, when the venue does not have it."""
        return Decimal(str(self.filters.get(kind, {}).get(name, 0)))

    @property
    def needs_average(self) -> bool:
        """Whether the average price is asked about."""
        return "PERCENT_PRICE_BY_SIDE" in self.filters


def read_rules(plain_symbol: Mapping[str, object]) -> SymbolRules:
    """The rules as `exchangeInfo` tells them; KeyError for a symbol without name or status."""
    listed = plain_symbol.get("filters", [])
    filters = listed if isinstance(listed, list) else []
    kinds = plain_symbol.get("orderTypes", [])
    return SymbolRules(
        symbol=str(plain_symbol["symbol"]),
        status=str(plain_symbol["status"]),
        base=str(plain_symbol.get("baseAsset", "")),
        quote=str(plain_symbol.get("quoteAsset", "")),
        kinds=frozenset(str(kind) for kind in kinds) if isinstance(kinds, list) else frozenset(),
        filters={str(one["filterType"]): one for one in filters if isinstance(one, dict)},
    )


def order_kind(order: Order) -> str:
    """Binance's name for the kind of order."""
    if order.type is OrderType.LIMIT:
        return "LIMIT_MAKER" if order.post_only else "LIMIT"
    return {OrderType.MARKET: "MARKET", OrderType.STOP: "STOP_LOSS"}.get(order.type, "STOP_LOSS_LIMIT")


def check_form(order: Order, rules: SymbolRules, instrument: Instrument) -> str:
    """What this venue has no form for, in words; empty when it can take the order."""
    kind = order_kind(order)
    if rules.status != "TRADING":
        return f"{rules.symbol} is not traded there now: its status is {rules.status}, an order needs TRADING"
    if rules.kinds and kind not in rules.kinds:
        return f"order kind {kind} is not taken for {rules.symbol}; taken are {', '.join(sorted(rules.kinds))}"
    if order.type.limited and order.time_in_force not in _TIFS:
        return f"time in force {order.time_in_force} is not known there; it takes gtc, ioc and fok"
    if order.post_only and order.type is not OrderType.LIMIT:
        return "post-only is for plain limit orders there"
    if order.display is not None and order.time_in_force is not TimeInForce.GTC:
        return f"an iceberg must be gtc there, not {order.time_in_force}"
    tick = rules.number("PRICE_FILTER", "tickSize")
    if tick and tick % instrument.tick:
        return (
            f"its tick {plain(tick)} is no multiple of this desk's {plain(instrument.tick)}: fills could not be booked"
        )
    return ""


def check_filters(order: Order, rules: SymbolRules, instrument: Instrument, average: Decimal | None) -> str:
    """The first filter the order breaks, named, with both numbers; empty when it passes.

    `average` is the venue's average price; None leaves out what needs it.
    """
    prices = [ticks * instrument.tick for ticks in (order.limit_ticks, order.stop_ticks) if ticks is not None]
    limit = None if order.limit_ticks is None else order.limit_ticks * instrument.tick
    broken = [
        *(_steps(rules, "PRICE_FILTER", "price", price, ("tickSize", "minPrice", "maxPrice")) for price in prices),
        *_quantities(order, rules),
        _notional(order, rules, limit or average),
        _percent(order.side, rules, limit, average),
        _parts(order, rules),
    ]
    return next((each for each in broken if each), "")


def _quantities(order: Order, rules: SymbolRules) -> list[str]:
    names = ("stepSize", "minQty", "maxQty")
    kinds = ["LOT_SIZE"] + (["MARKET_LOT_SIZE"] if not order.type.limited else [])
    shown = [] if order.display is None else [_steps(rules, "LOT_SIZE", "shown quantity", order.display, names)]
    return [_steps(rules, kind, "quantity", order.quantity, names) for kind in kinds] + shown


def _steps(rules: SymbolRules, kind: str, what: str, value: Decimal, names: Sequence[str]) -> str:
    step, least, most = (rules.number(kind, name) for name in names)
    if least and value < least:
        return f"{kind}: {what} {plain(value)} is below {plain(least)}"
    if most and value > most:
        return f"{kind}: {what} {plain(value)} is above {plain(most)}"
    if step and value % step:
        return f"{kind}: {what} {plain(value)} is not a multiple of {plain(step)}"
    return ""


def _notional(order: Order, rules: SymbolRules, price: Decimal | None) -> str:
    if price is None:
        return ""
    value, market = price * order.quantity, not order.type.limited
    for kind, name, applies in (
        ("MIN_NOTIONAL", "minNotional", "applyToMarket"),
        ("NOTIONAL", "minNotional", "applyMinToMarket"),
        ("NOTIONAL", "maxNotional", "applyMaxToMarket"),
    ):
        bound = rules.number(kind, name)
        if not bound or (market and not rules.filters[kind].get(applies)):
            continue
        if value < bound if name == "minNotional" else value > bound:
            word = "below" if name == "minNotional" else "above"
            return f"{kind}: value {plain(value)} {rules.quote} is {word} {plain(bound)}"
    return ""


def _percent(side: Side, rules: SymbolRules, price: Decimal | None, average: Decimal | None) -> str:
    kind = "PERCENT_PRICE_BY_SIDE"
    if kind not in rules.filters or price is None or not average:
        return ""
    end = "bid" if side is Side.BUY else "ask"
    least = average * rules.number(kind, f"{end}MultiplierDown")
    most = average * rules.number(kind, f"{end}MultiplierUp")
    if price < least:
        return f"{kind}: price {plain(price)} is below {plain(least)}"
    return f"{kind}: price {plain(price)} is above {plain(most)}" if most and price > most else ""


def _parts(order: Order, rules: SymbolRules) -> str:
    most = rules.number("ICEBERG_PARTS", "limit")
    if not order.display or not most:
        return ""
    parts = -(-order.quantity // order.display)
    return f"ICEBERG_PARTS: {parts} parts are more than {plain(most)}" if parts > most else ""
