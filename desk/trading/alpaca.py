"""The door to Alpaca for US stocks, the paper account unless told otherwise.

The stream only says that an order moved; fills are read from the account's activities, the one
place that names each execution, so that no trade can come under two names.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from urllib.parse import urlencode, urlsplit

from desk.clock import Clock
from desk.errors import BrokerError, KeyRefused
from desk.instruments import AssetClass, Instruments
from desk.orders import Fill, Order, OrderState, TimeInForce
from desk.stream import PING_S, Event, Talk, VenueStream
from desk.trading.alpaca_words import Asset, check_form, order_fields, read_activity, read_order
from desk.trading.followed import FollowedOrder, Report
from desk.trading.outside import CATCH_UP_S, OutsideBroker
from desk.trading.tokens import TokenSigner
from desk.trading.venue_door import Working, make_fill
from desk.trading.wire import TIMEOUT_S, Answer, Wire

PAPER, LIVE = "https://paper-api.alpaca.markets", "https://api.alpaca.markets"
_ASSETS_S, _CLOCK_S, _PAGE, _LONGEST_NAME = 600.0, 30.0, 100, 48
_SESSION = frozenset({TimeInForce.IOC, TimeInForce.FOK})


class AlpacaBroker(OutsideBroker):
    """Stocks in USD. Money is simulated unless at the live address."""

    def __init__(
        self,
        key: str,
        secret: str,
        *,
        instruments: Instruments,
        signer: TokenSigner,
        market: Clock,
        wall: Clock,
        base_url: str = PAPER,
        timeout_s: float = TIMEOUT_S,
        catch_up_s: float = CATCH_UP_S,
        ping_s: float = PING_S,
    ) -> None:
        door = AlpacaDoor(key, secret, base_url or PAPER, instruments, market, (timeout_s, ping_s))
        super().__init__(door, signer, wall, catch_up_s=catch_up_s)


class AlpacaDoor:
    """See `VenueDoor`. `pace`: seconds to wait for an answer, seconds between pings."""

    name = "Alpaca"
    window_s = 0.0
    """Nothing need be waited for: Alpaca takes a client id once, however late the second comes."""

    def __init__(
        self,
        key: str,
        secret: str,
        base_url: str,
        instruments: Instruments,
        market: Clock,
        pace: tuple[float, float],
    ) -> None:
        timeout_s, self._ping_s = pace
        self._base_url, self._market = base_url.rstrip("/"), market
        self._key, self._secret = key, secret
        self._wire = Wire(self.name, base_url, "TENOR_ALPACA_BASE_URL", timeout_s=timeout_s)
        self.simulated = self._base_url != LIVE
        listed = [i for i in instruments if i.asset_class is AssetClass.STOCK and i.currency == "USD" and i.tradable]
        self._instruments = {i.symbol: i for i in listed}
        self._symbols = {i.id: i.symbol for i in listed}
        self._lock = threading.Lock()
        self._assets: dict[str, tuple[float, Asset]] = {}
        self._open: tuple[float, bool, str] = (0.0, True, "")

    @property
    def note(self) -> str:
        """See `VenueDoor.note`: when the market opens, while it is closed."""
        _, is_open, opens = self._open
        return "" if is_open else f"the market is closed; it opens {opens}"

    @property
    def instruments(self) -> frozenset[str]:
        """See `VenueDoor.instruments`."""
        return frozenset(self._symbols)

    def label(self, order: Order) -> str:
        """See `VenueDoor.label`: the client id where it is short enough, else `t-` and its hash."""
        id = order.client_id
        if len(id) <= _LONGEST_NAME and not id.startswith("t-"):
            return id
        return f"t-{hashlib.sha256(id.encode()).hexdigest()[:32]}"

    def check(self) -> None:
        """See `VenueDoor.check`."""
        account = _object(self._good(self._call("GET", "/v2/account")))
        if account.get("trading_blocked") or account.get("account_blocked"):
            raise KeyRefused(f"{self.name} has blocked the account of TENOR_ALPACA_KEY; ask there why")
        self._ask_clock()

    def place(self, order: Order) -> Report:
        """See `VenueDoor.place`."""
        symbol = self._symbol(order)
        instrument, asset = self._instruments[symbol], self._asset(symbol)
        why = (
            f"ASSET: {symbol} is not listed there (any more)"
            if asset is None
            else check_form(order, asset, instrument) or self._closed(order)
        )
        if why:
            return Report(order.client_id, OrderState.REJECTED, reason=f"{self.name}: {why}")
        body = order_fields(order, symbol, self.label(order), instrument.tick)
        answer = self._call("POST", "/v2/orders", body=body)
        if answer.status < 400:
            return read_order(_object(answer.body), order)
        words = answer.field("message")[:200]
        if answer.status == 422 and "client_order_id" in words:
            raise BrokerError(f"{self.name} already has an order with this client id", retry=True)
        if answer.status in (400, 403, 404, 422) and words:
            with self._lock:
                self._assets.pop(symbol, None)  # what was kept here may have changed there
            return Report(order.client_id, OrderState.REJECTED, reason=f"{self.name}: {words} ({answer.status})")
        raise BrokerError(f"{self.name} does not say what became of the order ({answer.status})", retry=True)

    def find(self, order: Order) -> Report | None:
        """See `VenueDoor.find`."""
        query = urlencode({"client_order_id": self.label(order)})
        answer = self._call("GET", f"/v2/orders:by_client_order_id?{query}")
        return None if answer.status == 404 else read_order(_object(self._good(answer)), order)

    def cancel(self, order: Order) -> None:
        """See `VenueDoor.cancel`."""
        found = self.find(order)
        if found is None or found.state is not OrderState.WORKING:
            return
        answer = self._call("DELETE", f"/v2/orders/{found.venue_id}")
        if answer.status >= 400 and answer.status not in (404, 422):
            self._good(answer)

    def working(self) -> list[Working]:
        """See `VenueDoor.working`: the newest 500."""
        listed = _objects(self._good(self._call("GET", "/v2/orders?status=open&limit=500&nested=false")))
        return [
            Working(
                name=str(one["client_order_id"]),
                symbol=str(one["symbol"]),
                side=str(one["side"]),
                quantity=Decimal(str(one["qty"] or 0)),
                filled=Decimal(str(one["filled_qty"] or 0)),
                word=str(one["status"]),
                told=one,
            )
            for one in listed
        ]

    def report(self, working: Working, order: Order) -> Report:
        """See `VenueDoor.report`."""
        return read_order(working.told, order)

    def fills(self, orders: Sequence[FollowedOrder]) -> Iterator[Report]:
        """See `VenueDoor.fills`: the account's activities since the oldest of them."""
        by_id = {one.venue_id: one.order for one in orders if one.venue_id}
        since = min((one.since for one in orders if one.since), default="")
        params = {"direction": "asc", "page_size": str(_PAGE), **({"after": since} if since else {})}
        while by_id:
            page = _objects(self._good(self._call("GET", f"/v2/account/activities/FILL?{urlencode(params)}")))
            for told in page:
                order = by_id.get(str(told["order_id"]))
                if order is not None:
                    yield Report(order.client_id, None, fills=(self._fill(order, told),))
            if len(page) < _PAGE:
                break
            params["page_token"] = str(page[-1]["id"])

    def holdings(self) -> dict[str, Decimal]:
        """See `VenueDoor.holdings`; short is negative."""
        held = dict.fromkeys(self._symbols, Decimal(0))
        for one in _objects(self._good(self._call("GET", "/v2/positions"))):
            instrument = self._instruments.get(str(one["symbol"]))
            if instrument is not None:
                held[instrument.id] = abs(Decimal(str(one["qty"]))) * (-1 if one.get("side") == "short" else 1)
        return held

    def stream(self, take: Callable[[Event], None], connected: Callable[[], None]) -> VenueStream:
        """See `VenueDoor.stream`."""
        parts = urlsplit(self._base_url)
        url = f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}/stream"
        return VenueStream(self.name, url, greet=self._greet, take=take, connected=connected, ping_s=self._ping_s)

    def read(self, event: Event, find: Callable[[str], Order | None]) -> Report | None:
        """See `VenueDoor.read`."""
        if event.get("stream") != "trade_updates":
            return None
        told = _object(_object(event["data"])["order"])
        order = find(str(told["client_order_id"]))
        return None if order is None else read_order(told, order)

    def commission(self, notional: int) -> int:
        """See `VenueDoor.commission`: Alpaca charges none (what regulators charge on sales is not foreseen)."""
        return 0

    def close(self) -> None:
        """See `VenueDoor.close`."""
        self._wire.close()

    def _greet(self, talk: Talk) -> None:
        talk.say({"action": "auth", "key": self._key, "secret": self._secret})
        if _object(talk.hear().get("data")).get("status") != "authorized":
            raise KeyRefused(f"{self.name} does not take the key for its stream")
        talk.say({"action": "listen", "data": {"streams": ["trade_updates"]}})
        streams = _object(talk.hear().get("data")).get("streams")
        if not isinstance(streams, list) or "trade_updates" not in streams:
            raise BrokerError(f"{self.name} has no stream of trade updates", retry=True)

    def _symbol(self, order: Order) -> str:
        symbol = self._symbols.get(order.instrument)
        if symbol is None:
            raise BrokerError(f"{order.instrument} is not traded at {self.name}", retry=False, sent=False)
        return symbol

    def _asset(self, symbol: str) -> Asset | None:
        with self._lock:
            kept = self._assets.get(symbol)
        if kept is not None and time.monotonic() - kept[0] < _ASSETS_S:
            return kept[1]
        answer = self._call("GET", f"/v2/assets/{symbol}")
        if answer.status == 404:
            return None
        told = _object(self._good(answer))
        asset = Asset(bool(told.get("tradable")), bool(told.get("fractionable")), str(told.get("status")))
        with self._lock:
            self._assets[symbol] = (time.monotonic(), asset)
        return asset

    def _closed(self, order: Order) -> str:
        """Why an order that cannot wait may not go while the market is closed; empty when it may."""
        if order.time_in_force not in _SESSION:
            return ""
        if time.monotonic() - self._open[0] > _CLOCK_S:
            self._ask_clock()
        return "" if self._open[1] else f"MARKET_HOURS: {order.time_in_force} orders cannot wait, and {self.note}"

    def _ask_clock(self) -> None:
        told = _object(self._good(self._call("GET", "/v2/clock")))
        self._open = (time.monotonic(), bool(told.get("is_open")), str(told.get("next_open", ""))[:32])

    def _fill(self, order: Order, told: Mapping[str, object]) -> Fill:
        instrument = self._instruments[self._symbol(order)]
        return make_fill(order, instrument, read_activity(told), self._market, simulated=self.simulated)

    def _call(self, method: str, path: str, body: object = None) -> Answer:
        headers = {"APCA-API-KEY-ID": self._key, "APCA-API-SECRET-KEY": self._secret}
        answer = self._wire.call(method, path, headers=headers, body=body)
        if answer.status == 401 or (answer.status == 403 and not answer.field("code")):
            message = f"{self.name} does not take the key; look at TENOR_ALPACA_KEY and TENOR_ALPACA_SECRET"
            raise KeyRefused(message)
        return answer

    def _good(self, answer: Answer) -> object:
        if answer.status >= 400 or answer.body is None:
            words = answer.field("message")[:200] or "no answer"
            raise BrokerError(f"{self.name}: {words} ({answer.status})", retry=True, sent=False)
        return answer.body


def _object(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise BrokerError("Alpaca answered something else than was asked for", retry=True)
    return value


def _objects(value: object) -> list[Mapping[str, object]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, Iterable) else []
