"""An account's tax lots, what its sales realised, and losses that could be taken, as door and command give them."""

from __future__ import annotations

from decimal import Decimal

from pydantic import BaseModel

from desk.clock import to_iso
from desk.errors import InputError
from desk.identity.roles import Person, check_owns
from desk.portfolio.lots import Book, Harvest, Lot, Method, Realised, find_harvest
from desk.trading.lot_books import account_lots
from graphs.runtime import Runtime

COUNTRIES = ("US",)
LABEL = "United States rules (26 USC 1091, 1222); arithmetic, no tax advice"
_CENT = Decimal("0.01")


class LotView(BaseModel):
    """An open lot; `acquired` null where no purchase is on record; money in the instrument's currency."""

    id: str
    instrument: str
    acquired: str | None
    quantity: str
    cost: str
    value: str
    gain: str
    wash_added: str


class RealisedView(BaseModel):
    """A lot, or part of one, that was sold; `disallowed` is what of a loss does not count."""

    lot: str
    instrument: str
    acquired: str | None
    sold: str
    quantity: str
    proceeds: str
    cost: str
    gain: str
    term: str
    disallowed: str


class HarvestView(BaseModel):
    """A lot at a loss: what selling it now would realise, what of that would not count, when it may be bought again."""

    lot: str
    instrument: str
    quantity: str
    loss: str
    term: str
    washed: str
    not_before: str


class LotsView(BaseModel):
    """Everything, by instrument. `lacking` names holdings of which lots cannot be told, and why."""

    account: str
    as_of: str
    method: Method
    country: str
    label: str
    lots: list[LotView]
    realised: list[RealisedView]
    harvest: list[HarvestView]
    lacking: dict[str, str]


def lots_view(
    runtime: Runtime, person: Person, account: str, method: str = "fifo", country: str = "US", least: Decimal = _CENT
) -> LotsView:
    """Forbidden for another's account; InputError for a method or a country whose rules are not known here."""
    check_owns(person, account)
    if country.upper() not in COUNTRIES:
        raise InputError(f"tax rules of {country[:20]!r} are not known here; only those of {', '.join(COUNTRIES)} are")
    if method not in set(Method):
        raise InputError(f"method {method[:20]!r} is not known; there are {', '.join(Method)}")
    way = Method(method)
    found = account_lots(runtime.desk.trading, account, way)
    view = LotsView(
        account=account,
        as_of=to_iso(runtime.desk.feed.now()),
        method=way,
        country=country.upper(),
        label=LABEL,
        lots=[],
        realised=[],
        harvest=[],
        lacking=found.lacking,
    )
    for id, book in found.books.items():
        _add(runtime, view, id, book, least)
    return view


def _add(runtime: Runtime, view: LotsView, id: str, book: Book, least: Decimal) -> None:
    view.realised += [_realised(each) for each in book.realised]
    if not book.open:
        return
    quote, tick = runtime.desk.feed.quote(id), runtime.desk.feed.instruments.get(id).tick
    price = quote.last_ticks * tick
    view.lots += [_lot(lot, price) for lot in book.open]
    view.harvest += [_harvest(each) for each in find_harvest(book, price, quote.at.date(), least)]


def _lot(lot: Lot, price: Decimal) -> LotView:
    value = lot.quantity * price
    return LotView(
        id=lot.id,
        instrument=lot.instrument,
        acquired=lot.acquired.isoformat() if lot.acquired else None,
        quantity=_plain(lot.quantity),
        cost=_cents(lot.cost),
        value=_cents(value),
        gain=_cents(value - lot.cost),
        wash_added=_cents(lot.added),
    )


def _realised(each: Realised) -> RealisedView:
    return RealisedView(
        lot=each.lot.id,
        instrument=each.lot.instrument,
        acquired=each.lot.acquired.isoformat() if each.lot.acquired else None,
        sold=each.sold.isoformat(),
        quantity=_plain(each.lot.quantity),
        proceeds=_cents(each.proceeds),
        cost=_cents(each.lot.cost),
        gain=_cents(each.gain),
        term=each.term,
        disallowed=_cents(each.disallowed),
    )


def _harvest(each: Harvest) -> HarvestView:
    return HarvestView(
        lot=each.lot.id,
        instrument=each.lot.instrument,
        quantity=_plain(each.lot.quantity),
        loss=_cents(each.loss),
        term=each.term,
        washed=_cents(each.washed),
        not_before=each.not_before.isoformat(),
    )


def _cents(amount: Decimal) -> str:
    return format(amount.quantize(_CENT), "f")


def _plain(units: Decimal) -> str:
    return format(units.normalize(), "f")
