"""The gate's rules: every limit as `value <= limit` over integers, and what they say in words.

Whole lots, whole ticks, minor units of the base currency. `worth` is what one lot gains when the
price rises one tick, in billionths of a minor unit, so that currency rates and contract sizes lose
nothing that matters. Amounts are rounded against the order. Every rule gives a reading, passed or
not; a quantity that a program chose may be made smaller (`Clamp`), a person's passes or is refused.
An order that only makes a position smaller is never stopped by an exposure rule.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from math import ceil
from typing import NamedTuple

from desk.instruments import Instrument
from desk.money import minor_digits
from desk.orders import Check, Chosen, Clamp, Order, OrderType, Side, TimeInForce
from desk.risk.limits import AccountLimits, LimitTable

NANO = 1_000_000_000

MOST_PARTS = 100
"""Parts of an iceberg at most: each is a trade of its own."""


class Situation(NamedTuple):
    """All that the rules look at besides the order. Nothing here is fetched; the gate fills it.

    `bid`, `ask` and `price` (what the order is valued at) are ticks; `held`, `open_buys` and
    `open_sells` lots of this instrument; the amounts are base minor units over the account: `cash`
    net of what open buys will cost, `gross`, `net` and `short` exposure with open orders counted,
    `equity`, `lost` (this day, positive), `fee` the expected commission; `desk_gross` is over all
    accounts; `rate` counts the account's orders of this second; `var_after` is None where no
    scenarios are kept. `today` is the market clock's day.
    """

    limits: AccountLimits
    instrument: Instrument
    bid: int
    ask: int
    price: int
    worth: int
    held: int
    open_buys: int
    open_sells: int
    cash: int
    gross: int
    net: int
    short: int
    equity: int
    lost: int
    fee: int
    desk_gross: int
    rate: int
    today: date
    var_after: int | None = None


class Reading(NamedTuple):
    """One rule's numbers, before anybody asks for words.

    Whole numbers stand for themselves times 10^-`digits`, decimals for themselves without groups.
    """

    rule: str
    ok: bool
    limit: int | Decimal | str
    value: int | Decimal | str
    unit: str = ""
    digits: int = 0

    def check(self) -> Check:
        """The reading as a sentence."""
        limit, value = self._exact(self.limit), self._exact(self.value)
        verdict = "is within" if self.ok else "breaks"
        of, is_ = (f"{_spoken(number)} {self.unit}".strip() for number in (limit, value))
        words = f"{self.rule.replace('_', ' ')}: {is_} {verdict} the limit of {of}"
        return Check(self.rule, self.ok, _text(limit), _text(value), self.unit, words)

    def _exact(self, number: int | Decimal | str) -> Decimal | str:
        if isinstance(number, int):
            return Decimal(number).scaleb(-self.digits)
        return _text(number)


class Judgement(NamedTuple):
    """The verdict of all rules: the quantity that may go and its lots, every reading, every clamp."""

    quantity: Decimal
    lots: int
    readings: tuple[Reading, ...]
    clamps: tuple[Clamp, ...]

    @property
    def ok(self) -> bool:
        """Whether every rule passed."""
        return all(reading.ok for reading in self.readings)


def amount(lots: int, ticks: int, worth: int) -> int:
    """Base minor units of `lots` at `ticks`, rounded up."""
    return -(-lots * ticks * worth // NANO)


def order_cost(notional: int, fee: int, market: bool, table: LimitTable) -> int:
    """Base minor units to keep aside for a buy: notional, fee, and the buffer of an order without a limit."""
    buffer = -(-notional * table.market_buffer_bps // 10_000) if market else 0
    return notional + buffer + fee


def judge(order: Order, situation: Situation, table: LimitTable, *, exact: bool = False) -> Judgement:
    """Applies every rule; never raises for a refusal, never touches anything.

    `exact` forbids clamps (an approved order goes as approved or not at all). A clamp to nothing
    is not a clamp: the order keeps its quantity and the rule reads as broken.
    """
    lot = situation.instrument.lot
    whole = order.quantity / lot
    lots = ceil(whole)
    rules = _Rules(order, situation, table)
    quantity, clamps = order.quantity, tuple[Clamp, ...]()
    if not exact and order.chosen is not Chosen.PERSON:
        lots, clamps = rules.clamp(whole, lots)
        quantity = clamps[-1].allowed if clamps else quantity
    fits = bool(clamps) or whole == lots
    return Judgement(quantity, lots, (*rules.form(quantity, fits), *rules.size(lots)), clamps)


class _Rules:
    def __init__(self, order: Order, at: Situation, table: LimitTable) -> None:
        self.order, self.at, self.table, self.limits = order, at, table, at.limits
        self.buys = order.side is Side.BUY
        signed = at.held + at.open_buys if self.buys else at.open_sells - at.held
        self.signed = signed
        self.closing = max(0, -signed)
        self.digits = minor_digits(table.base)
        own = table.instruments.get(at.instrument.id)
        most = own.max_order_quantity if own else table.max_order_quantity
        self.most_units = min(most, table.max_order_quantity)
        self.max_position = min(own.max_position if own else self.limits.max_position, self.limits.max_position)

    def form(self, quantity: Decimal, fits: bool) -> list[Reading]:
        """Rules that no quantity can mend."""
        instrument, order = self.at.instrument, self.order
        ok = quantity > 0 and fits
        readings = [
            Reading("tradable", instrument.tradable, "yes", "yes" if instrument.tradable else "no"),
            Reading("lot", ok, instrument.lot, quantity, "units"),
        ]
        if order.type.limited:
            readings += self._price("limit_price", order.limit_ticks)
        elif order.limit_ticks is not None:
            readings.append(Reading("limit_price", False, "none", f"{order.limit_ticks} ticks"))
        if order.type.stopped:
            readings += self._price("stop_price", order.stop_ticks)
        elif order.stop_ticks is not None:
            readings.append(Reading("stop_price", False, "none", f"{order.stop_ticks} ticks"))
        return [*readings, *self._terms()]

    def _price(self, rule: str, ticks: int | None) -> list[Reading]:
        if ticks is None or ticks <= 0:
            return [Reading(rule, False, "at least 1 tick", "none" if ticks is None else f"{ticks} ticks")]
        reference = self.at.ask if self.buys else self.at.bid
        away = -(-abs(ticks - reference) * 100_000 // max(1, reference))  # tenths of a basis point, rounded up
        return [Reading("price_band", away <= self.table.price_band_bps * 10, self.table.price_band_bps * 10,
                        away, "bps", 1)]  # fmt: skip

    def _terms(self) -> list[Reading]:
        """How long it waits and what it shows: only what was asked for is read."""
        order, found = self.order, list[Reading]()
        waits = order.type.limited and order.time_in_force not in (TimeInForce.IOC, TimeInForce.FOK)
        if order.time_in_force is TimeInForce.GTD or order.expires is not None:
            day, today = order.expires, self.at.today
            ok = order.time_in_force is TimeInForce.GTD and day is not None and day >= today
            found.append(Reading("expires", ok, f"a day from {today}, good till date", str(day or "none")))
        if order.post_only:
            ok = waits and order.type is OrderType.LIMIT
            found.append(Reading("post_only", ok, "a limit order that may wait", order.time_in_force.value))
        if order.display is not None:
            parts = 0 < order.display < order.quantity <= order.display * MOST_PARTS
            ok = waits and parts and order.display % self.at.instrument.lot == 0
            limit = (
                f"whole lots, below {_text(order.quantity)} and a hundredth of it at least, on an order that may wait"
            )
            found.append(Reading("display", ok, limit, _text(order.display), "units"))
        return found

    def size(self, lots: int) -> list[Reading]:
        """Rules on how much."""
        at, limits, table = self.at, self.limits, self.table
        opening = max(0, lots - self.closing)
        notional = amount(lots, at.price, at.worth)
        opened = amount(opening, at.price, at.worth)
        after = amount(max(0, self.signed + lots), at.price, at.worth)
        gross = at.gross + opened
        units = at.instrument.lot * lots
        readings = [
            Reading("max_order_quantity", units <= self.most_units, Decimal(self.most_units), units, "units"),
            self._money("max_order_notional", notional, table.max_order_notional),
            self._money("max_position", after, self.max_position),
            self._money("max_gross_exposure", gross, limits.max_gross_exposure, not opening),
            self._net(notional, opening),
            self._leverage(gross, opening),
            self._money("max_desk_exposure", at.desk_gross + opened, table.max_desk_exposure, not opening),
            self._money("max_daily_loss", at.lost, limits.max_daily_loss, not opening),
            Reading("max_order_rate", at.rate < limits.max_order_rate, limits.max_order_rate, at.rate + 1, "a second"),
        ]
        if at.var_after is not None:
            readings.append(self._money("max_var", at.var_after, limits.max_var, not opening))
        if self.buys:
            cost = order_cost(notional, at.fee, not self.order.type.limited, table)
            return [*readings, self._money("buying_power", cost, at.cash + limits.credit)]
        return [*readings, self._money("max_short", at.short + opened, limits.max_short, not opening)]

    def _net(self, notional: int, opening: int) -> Reading:
        after = self.at.net + (notional if self.buys else -notional)
        return self._money("max_net_exposure", abs(after), self.limits.max_net_exposure,
                           not opening or abs(after) <= abs(self.at.net))  # fmt: skip

    def _leverage(self, gross: int, opening: int) -> Reading:
        equity, most = self.at.equity, self.limits.max_leverage_pct
        ok = not opening or gross * 100 <= most * equity
        share = -(-gross * 100 // equity) if equity > 0 else "no equity"
        return Reading("max_leverage", ok, most, share, "% of equity")

    def _money(self, rule: str, value: int, limit: int, exempt: bool = False) -> Reading:
        return Reading(rule, exempt or value <= limit, limit, value, self.table.base, self.digits)

    def clamp(self, wanted: Decimal, lots: int) -> tuple[int, tuple[Clamp, ...]]:
        """The largest whole number of lots that every size rule allows, and each step down."""
        lot, given = self.at.instrument.lot, self.order.quantity
        clamps: list[Clamp] = []
        went = lots
        for rule, room in [("lot", int(wanted)), *self._rooms()]:
            allowed = Decimal(room) * lot
            if allowed >= given:
                continue
            if room <= 0:
                return lots, ()
            message = f"{rule.replace('_', ' ')} allows {_spoken(allowed)} of {_spoken(given)} units"
            clamps.append(Clamp(rule, given, allowed, message))
            given, went = allowed, room
        return went, tuple(clamps)

    def _rooms(self) -> list[tuple[str, int]]:
        """Lots that each size rule leaves room for, in the order of the rules."""
        at, limits, table = self.at, self.limits, self.table
        each = max(1, at.price * at.worth)  # nano minor units a lot

        def room(left: int) -> int:
            return max(0, left) * NANO // each

        net = at.net if self.buys else -at.net
        rooms = [
            ("max_order_quantity", int(Decimal(self.most_units) / at.instrument.lot)),
            ("max_order_notional", room(table.max_order_notional)),
            ("max_position", room(self.max_position) - self.signed),
            ("max_gross_exposure", room(limits.max_gross_exposure - at.gross) + self.closing),
            ("max_net_exposure", max(room(limits.max_net_exposure - net), self.closing)),
            ("max_leverage", room(limits.max_leverage_pct * at.equity // 100 - at.gross) + self.closing),
            ("max_desk_exposure", room(table.max_desk_exposure - at.desk_gross) + self.closing),
        ]
        if at.lost > limits.max_daily_loss:
            rooms.append(("max_daily_loss", self.closing))
        if not self.buys:
            return [*rooms, ("max_short", room(limits.max_short - at.short) + self.closing)]
        buffer = 0 if self.order.type.limited else table.market_buffer_bps
        power = at.cash + limits.credit - at.fee - 2
        return [*rooms, ("buying_power", max(0, power) * NANO * 10_000 // (each * (10_000 + buffer)))]


def _text(value: Decimal | str) -> str:
    return value if isinstance(value, str) else format(value.normalize() if value else Decimal(0), "f")


def _spoken(value: Decimal | str) -> str:
    """For a sentence: thousands in groups."""
    return value if isinstance(value, str) else format(value.normalize() if value else Decimal(0), ",f")
