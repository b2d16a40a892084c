"""The door to Binance spot, the test network unless told otherwise.

Signed REST in UTC milliseconds of the venue's own clock, and the signed subscription to the user
data stream over the WebSocket API (listen keys ended in February 2026). USDT is booked as USD.
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from urllib.parse import urlsplit

import structlog

from desk.clock import Clock
from desk.errors import BrokerError
from desk.instruments import AssetClass, Instrument, Instruments
from desk.orders import Fill, Order, OrderState
from desk.stream import PING_S, Event, Talk, VenueStream
from desk.trading.binance_rules import SymbolRules, check_filters, check_form, read_rules
from desk.trading.binance_session import DUPLICATE, NOT_FOUND, NOT_LISTED, BinanceSession
from desk.trading.binance_words import order_fields, read_event, read_event_trade, read_order, read_trade
from desk.trading.followed import FollowedOrder, Report
from desk.trading.outside import CATCH_UP_S, OutsideBroker
from desk.trading.tokens import TokenSigner
from desk.trading.venue_door import Trade, Working, make_fill
from desk.trading.wire import TIMEOUT_S, Wire

TESTNET, LIVE = "https://testnet.binance.vision", "https://api.binance.com"
_STREAMS = {TESTNET: "wss://ws-api.testnet.binance.vision/ws-api/v3", LIVE: "wss://ws-api.binance.com:443/ws-api/v3"}
RECEIVE_WINDOW_MS = 2_500
_RULES_S, _AVERAGE_S, _PAGE = 600.0, 5.0, 1000
_NAME = re.compile(r"(?!t-)[A-Za-z0-9_-]{1,36}")


class BinanceBroker(OutsideBroker):
    """Spot orders in every crypto instrument whose quote is in USD. Money is simulated unless at the live address."""

    def __init__(
        self,
        key: str,
        secret: str,
        *,
        instruments: Instruments,
        signer: TokenSigner,
        market: Clock,
        wall: Clock,
        base_url: str = TESTNET,
        timeout_s: float = TIMEOUT_S,
        window_ms: int = RECEIVE_WINDOW_MS,
        catch_up_s: float = CATCH_UP_S,
        ping_s: float = PING_S,
    ) -> None:
        door = BinanceDoor(key, secret, base_url or TESTNET, instruments, market, (timeout_s, window_ms, ping_s))
        super().__init__(door, signer, wall, catch_up_s=catch_up_s)


class BinanceDoor:
    """See `VenueDoor`. `pace`: seconds to wait for an answer, the receive window in ms, seconds between pings."""

    name = "Binance"
    note = ""

    def __init__(
        self,
        key: str,
        secret: str,
        base_url: str,
        instruments: Instruments,
        market: Clock,
        pace: tuple[float, int, float],
    ) -> None:
        timeout_s, window_ms, self._ping_s = pace
        self._base_url, self._market = base_url.rstrip("/"), market
        self._wire = Wire(self.name, base_url, "TENOR_BINANCE_BASE_URL", timeout_s=timeout_s)
        self._session = BinanceSession(key, secret, self._wire, window_ms)
        self.simulated = self._base_url != LIVE
        listed = [i for i in instruments if i.asset_class is AssetClass.CRYPTO and i.currency == "USD"]
        self._instruments = {f"{i.symbol.removesuffix('USD')}USDT": i for i in listed}
        self._symbols = {instrument.id: symbol for symbol, instrument in self._instruments.items()}
        self._lock = threading.Lock()
        self._rules: dict[str, tuple[float, SymbolRules]] = {}
        self._averages: dict[str, tuple[float, Decimal]] = {}

    @property
    def window_s(self) -> float:
        """See `VenueDoor`: Binance drops a request that arrives later than this."""
        return self._session.window_ms / 1000

    @property
    def instruments(self) -> frozenset[str]:
        """Ids of what is traded there."""
        return frozenset(self._symbols)

    def label(self, order: Order) -> str:
        """See `VenueDoor.label`: the client id where Binance takes it, else `t-` and 32 digits of its hash."""
        id = order.client_id
        return id if _NAME.fullmatch(id) else f"t-{hashlib.sha256(id.encode()).hexdigest()[:32]}"

    def check(self) -> None:
        """See `VenueDoor.check`."""
        self._session.good(self._session.signed("GET", "/api/v3/account", {"omitZeroBalances": "true"}))

    def place(self, order: Order) -> Report:
        """See `VenueDoor.place`."""
        try:
            rules, instrument = self._rules_of(order.instrument), self._instrument(order)
            why = check_form(order, rules, instrument) or self._break(order, rules, instrument)
        except _NotListed as error:
            why = str(error)
        if why:
            return Report(order.client_id, OrderState.REJECTED, reason=f"{self.name}: {why}")
        fields = order_fields(order, rules.symbol, self.label(order), instrument.tick)
        answer = self._session.signed("POST", "/api/v3/order", {**fields, "newOrderRespType": "FULL"})
        if answer.status < 400:
            told = _object(self._session.good(answer))
            fills = tuple(self._fill(order, read_trade(one, rules.symbol)) for one in _objects(told.get("fills", [])))
            return read_order(told, order, fills)
        code, words = self._session.read_error(answer)
        if code in DUPLICATE and "duplicate" in words.lower():
            raise BrokerError(f"{self.name} already has an order with this client id", retry=True)
        with self._lock:
            self._rules.pop(rules.symbol, None)  # a limit that was kept here may have changed there
        return Report(order.client_id, OrderState.REJECTED, reason=f"{self.name}: {words} ({code})")

    def find(self, order: Order) -> Report | None:
        """See `VenueDoor.find`."""
        params = {"symbol": self._symbol(order.instrument), "origClientOrderId": self.label(order)}
        answer = self._session.signed("GET", "/api/v3/order", params)
        if answer.status >= 400 and self._session.read_error(answer)[0] in (*NOT_FOUND, *NOT_LISTED):
            return None
        return read_order(_object(self._session.good(answer)), order, ())

    def cancel(self, order: Order) -> None:
        """See `VenueDoor.cancel`."""
        params = {"symbol": self._symbol(order.instrument), "origClientOrderId": self.label(order)}
        answer = self._session.signed("DELETE", "/api/v3/order", params)
        if answer.status >= 400 and self._session.read_error(answer)[0] not in (*NOT_FOUND, *NOT_LISTED):
            self._session.good(answer)

    def working(self) -> list[Working]:
        """See `VenueDoor.working`."""
        listed = self._session.good(self._session.signed("GET", "/api/v3/openOrders", {}))
        return [
            Working(
                name=str(one["clientOrderId"]),
                symbol=str(one["symbol"]),
                side=str(one["side"]).lower(),
                quantity=Decimal(str(one["origQty"])),
                filled=Decimal(str(one["executedQty"])),
                word=str(one["status"]),
                told=one,
            )
            for one in _objects(listed)
        ]

    def report(self, working: Working, order: Order) -> Report:
        """See `VenueDoor.report`."""
        return read_order(working.told, order, ())

    def fills(self, orders: Sequence[FollowedOrder]) -> Iterator[Report]:
        """See `VenueDoor.fills`."""
        return (self._trades(one) for one in orders if one.venue_id)

    def holdings(self) -> dict[str, Decimal]:
        """See `VenueDoor.holdings`."""
        account = self._session.good(self._session.signed("GET", "/api/v3/account", {"omitZeroBalances": "true"}))
        listed = _objects(_object(account).get("balances", []))
        held = {str(b["asset"]): Decimal(str(b["free"])) + Decimal(str(b["locked"])) for b in listed}
        return {i.id: held.get(symbol.removesuffix("USDT"), Decimal(0)) for symbol, i in self._instruments.items()}

    def stream(self, take: Callable[[Event], None], connected: Callable[[], None]) -> VenueStream:
        """See `VenueDoor.stream`."""
        parts = urlsplit(self._base_url)
        beside = f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}/ws-api/v3"
        url = _STREAMS.get(self._base_url, beside)
        return VenueStream(self.name, url, greet=self._greet, take=take, connected=connected, ping_s=self._ping_s)

    def read(self, event: Event, find: Callable[[str], Order | None]) -> Report | None:
        """See `VenueDoor.read`. A stream that the venue ends raises BrokerError: it is opened anew."""
        inner = event.get("event", event)
        if not isinstance(inner, dict) or inner.get("e") not in ("executionReport", "eventStreamTerminated"):
            return None
        if inner["e"] == "eventStreamTerminated":
            raise BrokerError(f"{self.name} ended the stream", retry=True)
        order = find(str(inner.get("C") or inner["c"]))
        if order is None:
            return None
        trade = read_event_trade(inner, str(inner["s"]))
        return read_event(inner, order, () if trade is None else (self._fill(order, trade),))

    def commission(self, notional: int) -> int:
        """See `VenueDoor.commission`: ten basis points, Binance's first tier, rounded up."""
        return -(-notional // 1_000)

    def close(self) -> None:
        """See `VenueDoor.close`."""
        self._wire.close()

    def _greet(self, talk: Talk) -> None:
        params: dict[str, str | int] = {
            "apiKey": self._session.key,
            "recvWindow": self._session.window_ms,
            "timestamp": int(self._session.timestamp()),
        }
        signed = {**params, "signature": self._session.sign(params)}
        talk.say({"id": "1", "method": "userDataStream.subscribe.signature", "params": signed})
        heard = talk.hear()
        if heard.get("status") != 200:
            self._session.measure()  # it may have been the clock
            raise BrokerError(f"{self.name} refused the stream (status {heard.get('status')})", retry=True)

    def _instrument(self, order: Order) -> Instrument:
        return self._instruments[self._symbol(order.instrument)]

    def _symbol(self, id: str) -> str:
        symbol = self._symbols.get(id)
        if symbol is None:
            raise BrokerError(f"{id} is not traded at {self.name}", retry=False, sent=False)
        return symbol

    def _rules_of(self, id: str) -> SymbolRules:
        symbol = self._symbol(id)
        with self._lock:
            kept = self._rules.get(symbol)
        if kept is not None and time.monotonic() - kept[0] < _RULES_S:
            return kept[1]
        answer = self._session.public("/api/v3/exchangeInfo", {"symbol": symbol})
        if answer.status >= 400 and self._session.read_error(answer)[0] in NOT_LISTED:
            raise _NotListed(f"{symbol} is not listed there (any more)")
        listed = _objects(_object(self._session.good(answer)).get("symbols", []))
        if not listed:
            raise _NotListed(f"{symbol} is not listed there")
        rules = read_rules(listed[0])
        with self._lock:
            self._rules[symbol] = (time.monotonic(), rules)
        return rules

    def _break(self, order: Order, rules: SymbolRules, instrument: Instrument) -> str:
        average = self._average(rules.symbol) if rules.needs_average or not order.type.limited else None
        return check_filters(order, rules, instrument, average)

    def _average(self, symbol: str) -> Decimal | None:
        """The venue's average price; None when it has none."""
        kept = self._averages.get(symbol)
        if kept is None or time.monotonic() - kept[0] > _AVERAGE_S:
            answer = self._session.public("/api/v3/avgPrice", {"symbol": symbol})
            if answer.status >= 400 or not answer.field("price"):
                return None
            kept = self._averages[symbol] = (time.monotonic(), Decimal(answer.field("price")))
        return kept[1] or None

    def _trades(self, one: FollowedOrder) -> Report:
        order, symbol = one.order, self._symbol(one.order.instrument)
        params = {"symbol": symbol, "orderId": one.venue_id, "limit": str(_PAGE)}
        told: list[Mapping[str, object]] = []
        while True:
            page = _objects(self._session.good(self._session.signed("GET", "/api/v3/myTrades", params)))
            told += page
            if len(page) < _PAGE:
                break
            params["fromId"] = str(int(str(page[-1]["id"])) + 1)
        fills = tuple(self._fill(order, read_trade(each, symbol)) for each in told)
        return Report(order.client_id, None, fills=fills)

    def _fill(self, order: Order, trade: Trade) -> Fill:
        """A fill; a fee in an asset that the desk has no price of is booked in USD at the venue's price."""
        symbol = self._symbol(order.instrument)
        if trade.asset == "USDT":
            trade = trade._replace(asset="USD")
        elif trade.asset and f"{trade.asset}USDT" not in self._instruments:
            price = self._average(f"{trade.asset}USDT")
            if price is None:
                structlog.get_logger("broker").error("fee without a price", fill=trade.id, asset=trade.asset[:16])
            trade = trade._replace(asset="USD", fee=trade.fee * (price or 0))
        return make_fill(order, self._instruments[symbol], trade, self._market, simulated=self.simulated)


class _NotListed(Exception):
    """The venue has no such symbol; says so in words for a person."""


def _object(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise BrokerError("Binance answered something else than was asked for", retry=True)
    return value


def _objects(value: object) -> list[Mapping[str, object]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, Iterable) else []
