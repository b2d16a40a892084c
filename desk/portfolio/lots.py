"""Tax lots: what was bought when and for how much, which lot a sale took, and the gain or loss of it.

Rules are those of the United States and only those: first in, first out unless a lot is named
(26 CFR 1.1012-1(c)); more than a year held is long term (26 USC 1222); the loss of a sale is not
allowed as far as the same instrument was bought within 30 days before or after it, and is added to
the cost of what was bought then (26 USC 1091); the rest of the very lot that was sold is no such
purchase (Rev. Rul. 56-602). Commissions are part of cost and proceeds. Short
positions have no lots here. All amounts are exact decimals in the instrument's currency; days are
those of the fills in UTC. This is arithmetic and no tax advice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from desk.errors import InputError
from desk.money import minor_digits
from desk.orders import Fill, Side

WASH_DAYS = timedelta(days=30)
LONG_AFTER = timedelta(days=365)
OPENING = "opening"
ZERO = Decimal(0)


class Method(StrEnum):
    """Which lot a sale takes first."""

    FIFO = "fifo"
    LIFO = "lifo"
    HIGHEST_COST = "highest_cost"


class Term(StrEnum):
    """Held for a year at most, for longer, or since a day that is not on record."""

    SHORT = "short"
    LONG = "long"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Lot:
    """Units bought at once; `id` is the fill's, or `opening` for what was there before the records (`acquired` None).

    `cost` is for all of them with commission; `added` the disallowed losses that are part of it.
    """

    id: str
    instrument: str
    acquired: date | None
    quantity: Decimal
    cost: Decimal
    added: Decimal = ZERO

    def take(self, quantity: Decimal) -> tuple[Lot, Lot | None]:
        """What a sale takes of the lot, and what is left; None for nothing."""
        share = quantity / self.quantity
        taken = replace(self, quantity=quantity, cost=self.cost * share, added=self.added * share)
        left = self.quantity - quantity
        if not left:
            return taken, None
        return taken, replace(self, quantity=left, cost=self.cost - taken.cost, added=self.added - taken.added)


class Realised(NamedTuple):
    """One lot, or part of it, sold; `gain` before the wash rule, `disallowed` what of a loss does not count."""

    lot: Lot
    sold: date
    proceeds: Decimal
    gain: Decimal
    term: Term
    disallowed: Decimal


class Book(NamedTuple):
    """Lots that are open, oldest first, and every sale; `short` units were sold that no lot covers."""

    open: tuple[Lot, ...]
    realised: tuple[Realised, ...]
    short: Decimal


class Harvest(NamedTuple):
    """An open lot that stands at a loss: what selling it now would realise, and how much of that would count.

    `washed` is the part that would not, for purchases of the last 30 days; bought again from `not_before` on, the loss
    stands.
    """

    lot: Lot
    value: Decimal
    loss: Decimal
    term: Term
    washed: Decimal
    not_before: date


def build_lots(
    instrument: str,
    fills: Sequence[Fill],
    opening: Lot | None = None,
    method: Method = Method.FIFO,
    named: Mapping[str, str] | None = None,
) -> Book:
    """The lots of one instrument. `named` says of a selling fill (by id) which lot it takes first.

    Fills of other instruments are passed over; the same fill twice counts once. InputError for a fill without its tick
    and for a named lot that is not open then.
    """
    book = _Builder(method, named or {})
    if opening is not None and opening.quantity > 0:
        book.open.append(opening)
    own = {fill.id: fill for fill in fills if fill.instrument == instrument}
    for fill in sorted(own.values(), key=lambda each: (each.at, each.id)):
        amount = _amount(fill)
        if fill.side is Side.BUY:
            book.buy(fill, amount)
        else:
            book.sell(fill, amount)
    return Book(tuple(book.open), tuple(book.realised), book.short)


def opening_lot(instrument: str, held: Decimal, average: Decimal, fills: Sequence[Fill]) -> Lot | None:
    """What was there before the fills, from what is held and its average cost now; None for nothing, or a short.

    The account keeps average costs without commission: a purchase averages, a sale keeps the average. That is
    undone here; once everything was sold and bought anew the opening cost cannot be told and is taken as unknown: None.
    """
    own = sorted({f.id: f for f in fills if f.instrument == instrument}.values(), key=lambda f: (f.at, f.id))
    units = held - sum((fill.side.sign * fill.quantity for fill in own), ZERO)
    if units <= 0:
        return None
    weight, known, now = Decimal(1), ZERO, units
    for fill in own:
        after = now + fill.side.sign * fill.quantity
        if fill.side is Side.BUY and after > 0:
            weight, known = weight * now / after, (known * now + _price(fill) * fill.quantity) / after
        now = after
        if now <= 0:
            return None
    return Lot(OPENING, instrument, None, units, (average - known) / weight * units) if weight else None


def find_harvest(book: Book, price: Decimal, today: date, least: Decimal = ZERO) -> tuple[Harvest, ...]:
    """Open lots whose loss at `price` a unit is above `least`, the largest first."""
    recent = sum((lot.quantity for lot in book.open if lot.acquired and today - lot.acquired <= WASH_DAYS), ZERO)
    found = []
    for lot in book.open:
        value = lot.quantity * price
        loss = lot.cost - value
        if loss <= least:
            continue
        own = lot.quantity if lot.acquired and today - lot.acquired <= WASH_DAYS else ZERO
        others = min(lot.quantity, recent - own)
        washed = loss * others / lot.quantity
        found.append(Harvest(lot, value, loss, term_of(lot, today), washed, today + WASH_DAYS + timedelta(days=1)))
    return tuple(sorted(found, key=lambda each: -each.loss))


def term_of(lot: Lot, sold: date) -> Term:
    """Long when held for more than a year."""
    if lot.acquired is None:
        return Term.UNKNOWN
    return Term.LONG if sold - lot.acquired > LONG_AFTER else Term.SHORT


class _Builder:
    def __init__(self, method: Method, named: Mapping[str, str]) -> None:
        self.open: list[Lot] = []
        self.realised: list[Realised] = []
        self.short = ZERO
        self._order, self._named = _ORDERS[method], named
        self._losses: list[tuple[int, Decimal]] = []  # of sales: place in `realised`, units that may still be washed
        self._used: dict[str, Decimal] = {}  # units of a purchase that a loss was set against

    def buy(self, fill: Fill, amount: Decimal) -> None:
        """Covers what was sold short; the rest is a lot, which may take up losses of the days before."""
        covered = min(self.short, fill.quantity)
        self.short -= covered
        quantity = fill.quantity - covered
        if not quantity:
            return
        lot = Lot(fill.id, fill.instrument, fill.at.date(), quantity, amount * quantity / fill.quantity)
        self.open.append(self._wash_earlier(lot))

    def sell(self, fill: Fill, amount: Decimal) -> None:
        """Takes lots in the method's order, a named one first."""
        left, sold, first = fill.quantity, fill.at.date(), len(self.realised)
        for lot in self._candidates(fill):
            if not left:
                break
            units = min(left, lot.quantity)
            taken, rest = lot.take(units)
            place = self.open.index(lot)
            self.open[place : place + 1] = [] if rest is None else [rest]
            proceeds = amount * units / fill.quantity
            gain, term = proceeds - taken.cost, term_of(taken, sold)
            self.realised.append(Realised(taken, sold, proceeds, gain, term, ZERO))
            left -= units
        self.short += left
        for place in range(first, len(self.realised)):
            self._wash_recent(place)

    def _candidates(self, fill: Fill) -> list[Lot]:
        ordered = sorted(self.open, key=self._order)
        wanted = self._named.get(fill.id)
        if wanted is None:
            return ordered
        first = [lot for lot in ordered if lot.id == wanted]
        if not first:
            raise InputError(f"lot {wanted!r} is not open when {fill.id!r} was sold; name one that is")
        return [*first, *(lot for lot in ordered if lot.id != wanted)]

    def _wash_recent(self, place: int) -> None:
        """Sets a sale's loss against purchases of the days before it; what is left waits for purchases after it."""
        sale = self.realised[place]
        if sale.gain >= 0:
            return
        left = sale.lot.quantity
        for n, other in enumerate(self.open):
            if other.acquired is None or sale.sold - other.acquired > WASH_DAYS or other.id == sale.lot.id:
                continue
            units = min(left, other.quantity - self._used.get(other.id, ZERO))
            if units > 0:
                self.open[n] = self._disallow(place, other, units)
                left -= units
        if left:
            self._losses.append((place, left))

    def _wash_earlier(self, lot: Lot) -> Lot:
        free, still = lot.quantity, []
        for place, units in self._losses:
            sale = self.realised[place]
            assert lot.acquired is not None
            near = lot.acquired - sale.sold <= WASH_DAYS
            taken = min(free, units) if near else ZERO
            if taken:
                lot, free = self._disallow(place, lot, taken), free - taken
            if near and units > taken:
                still.append((place, units - taken))
        self._losses = still
        return lot

    def _disallow(self, place: int, lot: Lot, units: Decimal) -> Lot:
        """Moves the loss of so many units from a sale to the cost of a lot."""
        sale = self.realised[place]
        moved = -sale.gain * units / sale.lot.quantity
        self._used[lot.id] = self._used.get(lot.id, ZERO) + units
        self.realised[place] = sale._replace(disallowed=sale.disallowed + moved)
        return replace(lot, cost=lot.cost + moved, added=lot.added + moved)


def _first(lot: Lot) -> tuple[date, str]:
    return lot.acquired or date.min, lot.id


_ORDERS: dict[Method, Callable[[Lot], tuple[object, ...]]] = {
    Method.FIFO: _first,
    Method.LIFO: lambda lot: (-(lot.acquired or date.min).toordinal(), lot.id),
    Method.HIGHEST_COST: lambda lot: (-lot.cost / lot.quantity, *_first(lot)),
}


def _price(fill: Fill) -> Decimal:
    if fill.tick is None:
        raise InputError(f"fill {fill.id!r} does not say its tick; its price cannot be told")
    return fill.price_ticks * fill.tick


def _amount(fill: Fill) -> Decimal:
    """What a purchase cost with its commission, or a sale brought less its."""
    fee = Decimal(fill.commission).scaleb(-minor_digits(fill.currency))
    return _price(fill) * fill.quantity + fill.side.sign * fee
