"""Pre-trade limits: pure arithmetic that no agent can override.

Amounts are integer minor units of the table's base currency, quantities exact decimals in the
instrument's units. Every rule gives a reading, passed or not; a quantity that a program chose may
be made smaller (`Clamp`), a person's passes or is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import cached_property
from typing import Literal, NamedTuple

from desk.errors import InputError
from desk.instruments import Instrument
from desk.ledger.canonical import canonical_json
from desk.market.feed import Quote
from desk.money import minor_digits
from desk.orders import Check, Chosen, Clamp, Order, OrderType, Side

AccountKind = Literal["desk", "customer"]


@dataclass(frozen=True)
class AccountLimits:
    """Limits of one kind of account, all in minor units of the base currency.

    `max_short` bounds the market value of all shorts (0: nothing may be sold that is not held);
    `credit` is what may be spent beyond cash.
    """

    max_position: int
    max_gross_exposure: int
    max_short: int
    credit: int


@dataclass(frozen=True)
class LimitTable:
    """All limits of a desk. `version` names exactly these values.

    `market_buffer_bps` is added to a market buy's cost, because it may pay more than the quote;
    `price_band_bps` is how far a limit price may stand from the quote.
    """

    base: str = "USD"
    max_order_quantity: int = 100_000
    max_order_notional: int = 500_000_00
    price_band_bps: int = 1_000
    market_buffer_bps: int = 10
    desk: AccountLimits = field(default=AccountLimits(2_000_000_00, 10_000_000_00, 1_000_000_00, 0))
    customer: AccountLimits = field(default=AccountLimits(1_000_000_00, 2_000_000_00, 0, 0))

    @cached_property
    def version(self) -> str:
        """The first 12 hexadecimal digits of the SHA-256 of all values."""
        return hashlib.sha256(canonical_json(asdict(self)).encode()).hexdigest()[:12]


def load_limits(plain: Mapping[str, object]) -> LimitTable:
    """The default table with the given values put over it (amounts in minor units).

    Raises InputError for an unknown name or a value that is not a whole number of at least 0.
    """
    given = dict(plain)
    usual = LimitTable()
    base = str(given.pop("base", usual.base))
    desk = _account_limits("desk", given.pop("desk", {}), usual.desk)
    customer = _account_limits("customer", given.pop("customer", {}), usual.customer)
    names = ("max_order_quantity", "max_order_notional", "price_band_bps", "market_buffer_bps")
    numbers = {name: _whole(name, value, names) for name, value in given.items()}
    return LimitTable(base=base, desk=desk, customer=customer, **numbers)


def _account_limits(kind: str, plain: object, usual: AccountLimits) -> AccountLimits:
    if not isinstance(plain, Mapping):
        raise InputError(f"limits of {kind} are {plain!r}; give names and amounts, such as max_short: 0")
    names = tuple(asdict(usual))
    return replace(usual, **{str(name): _whole(f"{kind}.{name}", value, names) for name, value in plain.items()})


def _whole(name: str, value: object, known: tuple[str, ...]) -> int:
    if name.rpartition(".")[2] not in known:
        raise InputError(f"limit {name!r} is not known; the names are {', '.join(sorted(known))}")
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise InputError(f"limit {name} is {value!r}; give a whole number of at least 0 (money in minor units)")
    return value


class Situation(NamedTuple):
    """All that the limits look at besides the order. Nothing here is fetched; the gate fills it.

    `unit` is base minor units per one unit at the order's reference price; `held`, `open_buys`
    and `open_sells` are units of this instrument; `cash` is net of what open buys will cost;
    `gross` and `short` are base minor units over the account; `fee` is the expected commission.
    """

    kind: AccountKind
    instrument: Instrument
    quote: Quote
    unit: Decimal
    held: Decimal
    open_buys: Decimal
    open_sells: Decimal
    cash: int
    gross: int
    short: int
    fee: int


class Reading(NamedTuple):
    """One rule's numbers, before anybody asks for words. `limit` and `value` are in `unit`."""

    rule: str
    ok: bool
    limit: Decimal | str
    value: Decimal | str
    unit: str

    def check(self) -> Check:
        """The reading as a sentence."""
        limit, value = _text(self.limit), _text(self.value)
        verdict = "is within" if self.ok else "breaks"
        of, is_ = (f"{_spoken(number)} {self.unit}".strip() for number in (self.limit, self.value))
        words = f"{self.rule.replace('_', ' ')}: {is_} {verdict} the limit of {of}"
        return Check(self.rule, self.ok, limit, value, self.unit, words)


class Judgement(NamedTuple):
    """The verdict of all limits: the quantity that may go, every reading, every clamp."""

    quantity: Decimal
    readings: tuple[Reading, ...]
    clamps: tuple[Clamp, ...]

    @property
    def ok(self) -> bool:
        """Whether every rule passed."""
        return all(reading.ok for reading in self.readings)


def order_cost(notional: Decimal, fee: int, market: bool, table: LimitTable) -> int:
    """Base minor units to keep aside for a buy: notional, fee, and the buffer of a market order."""
    buffer = notional * table.market_buffer_bps / 10_000 if market else Decimal(0)
    return int((notional + buffer).to_integral_value(ROUND_CEILING)) + fee


def judge(order: Order, situation: Situation, table: LimitTable, *, exact: bool = False) -> Judgement:
    """Applies every rule; never raises for a refusal, never touches anything.

    `exact` forbids clamps (an approved order goes as approved or not at all). A clamp to nothing
    is not a clamp: the order keeps its quantity and the rule reads as broken.
    """
    rules = _Rules(order, situation, table)
    quantity: Decimal = order.quantity
    clamps: tuple[Clamp, ...] = ()
    if not exact and order.chosen is not Chosen.PERSON:
        quantity, clamps = rules.clamp(quantity)
    return Judgement(quantity, (*rules.form(quantity), *rules.size(quantity)), clamps)


class _Rules:
    def __init__(self, order: Order, at: Situation, table: LimitTable) -> None:
        self.order, self.at, self.table = order, at, table
        self.limits = table.desk if at.kind == "desk" else table.customer
        self.buys = order.side is Side.BUY
        open_same = at.open_buys if self.buys else -at.open_sells
        self.signed = (at.held + open_same) * order.side.sign
        self.closing = max(Decimal(0), -self.signed)
        self.scale = Decimal(1).scaleb(-minor_digits(table.base))

    def form(self, quantity: Decimal) -> list[Reading]:
        """Rules that no quantity can mend."""
        at, order = self.at, self.order
        lot = at.instrument.lot
        readings = [
            Reading("tradable", at.instrument.tradable, "yes", "yes" if at.instrument.tradable else "no", ""),
            Reading("lot", quantity > 0 and quantity % lot == 0, lot, quantity, "units"),
        ]
        if order.type is OrderType.LIMIT:
            readings += self._price()
        elif order.limit_ticks is not None:
            readings.append(Reading("limit_price", False, "none", f"{order.limit_ticks} ticks", ""))
        return readings

    def _price(self) -> list[Reading]:
        ticks, quote = self.order.limit_ticks, self.at.quote
        if ticks is None or ticks <= 0:
            return [Reading("limit_price", False, "at least 1 tick", "none" if ticks is None else f"{ticks} ticks", "")]
        reference = quote.ask_ticks if self.buys else quote.bid_ticks
        away = abs(ticks - reference) * 10_000
        ok = away <= self.table.price_band_bps * reference
        return [Reading("price_band", ok, Decimal(self.table.price_band_bps), _tenth(away, reference), "bps")]

    def size(self, quantity: Decimal) -> list[Reading]:
        """Rules on how much."""
        at, table, limits = self.at, self.table, self.limits
        notional = quantity * at.unit
        most = Decimal(table.max_order_quantity)
        after = max(Decimal(0), self.signed + quantity) * at.unit
        opening = max(Decimal(0), quantity - self.closing)
        gross = at.gross + opening * at.unit
        readings = [
            Reading("max_order_quantity", quantity <= most, most, quantity, "units"),
            self._money("max_order_notional", notional <= table.max_order_notional, table.max_order_notional, notional),
            self._money("max_position", after <= limits.max_position, limits.max_position, after),
            self._money(
                "max_gross_exposure",
                not opening or gross <= limits.max_gross_exposure,
                limits.max_gross_exposure,
                gross,
            ),
        ]
        return [*readings, self._buying_power(notional) if self.buys else self._short(opening)]

    def _buying_power(self, notional: Decimal) -> Reading:
        cost = order_cost(notional, self.at.fee, self.order.type is OrderType.MARKET, self.table)
        power = self.at.cash + self.limits.credit
        return self._money("buying_power", cost <= power, power, Decimal(cost))

    def _short(self, opening: Decimal) -> Reading:
        short = self.at.short + opening * self.at.unit
        return self._money("max_short", not opening or short <= self.limits.max_short, self.limits.max_short, short)

    def _money(self, rule: str, ok: bool, limit: int, value: Decimal) -> Reading:
        return Reading(rule, ok, limit * self.scale, value * self.scale, self.table.base)

    def clamp(self, quantity: Decimal) -> tuple[Decimal, tuple[Clamp, ...]]:
        """The largest whole number of lots that every size rule allows, and each step down."""
        lot = self.at.instrument.lot
        clamps: list[Clamp] = []
        for rule, room in [("lot", quantity), *self._rooms()]:
            allowed = (room / lot).to_integral_value(ROUND_FLOOR) * lot
            if allowed >= quantity:
                continue
            if allowed <= 0:
                return self.order.quantity, ()
            message = f"{rule.replace('_', ' ')} allows {_spoken(allowed)} of {_spoken(quantity)} units"
            clamps.append(Clamp(rule, quantity, allowed, message))
            quantity = allowed
        return quantity, tuple(clamps)

    def _rooms(self) -> list[tuple[str, Decimal]]:
        at, table, limits, unit = self.at, self.table, self.limits, self.at.unit
        rooms = [
            ("max_order_quantity", Decimal(table.max_order_quantity)),
            ("max_order_notional", table.max_order_notional / unit),
            ("max_position", limits.max_position / unit - self.signed),
            ("max_gross_exposure", Decimal(max(0, limits.max_gross_exposure - at.gross)) / unit + self.closing),
        ]
        if self.buys:
            buffer = table.market_buffer_bps if self.order.type is OrderType.MARKET else 0
            power = at.cash + limits.credit - at.fee - 1
            rooms.append(("buying_power", max(0, power) / (unit * (10_000 + buffer) / 10_000)))
        else:
            rooms.append(("max_short", Decimal(max(0, limits.max_short - at.short)) / unit + self.closing))
        return rooms


def _tenth(away: int, reference: int) -> Decimal:
    """Basis points with one decimal, rounded up so that a broken band never reads as kept."""
    return (Decimal(away) / max(1, reference)).quantize(Decimal("0.1"), ROUND_CEILING)


def _text(value: Decimal | str) -> str:
    return value if isinstance(value, str) else format(value.normalize() if value else Decimal(0), "f")


def _spoken(value: Decimal | str) -> str:
    """For a sentence: thousands in groups."""
    return value if isinstance(value, str) else format(value.normalize() if value else Decimal(0), ",f")
