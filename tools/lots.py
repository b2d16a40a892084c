"""Tax lots that stand at a loss, and what sales have realised: each number a fact."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from desk.facts import Fact
from desk.identity.roles import check_owns
from desk.instruments import Instrument
from desk.portfolio.lots import Harvest, find_harvest
from desk.risk.marks import Marks
from desk.trading.lot_books import account_lots
from tools import reads
from tools.context import Arguments, Result, Tool, ToolContext

LABEL = "United States rules, arithmetic and no tax advice"
TERMS = {"short": "held up to a year", "long": "held over a year", "unknown": "purchase not on record"}
MOST = 8
_CENT = Decimal("0.01")


class ReadLots(Arguments):
    """Which account; it must be the person's own."""

    account: str


class LossRow(Result):
    """A lot at a loss. Slots `units`, `loss` and `washed` (empty when all of it would count)."""

    name: str
    units: str
    loss: str
    washed: str
    term: str
    not_before: str


class AccountLosses(Result):
    """The largest losses first; slots of what sales realised, and of what of it does not count (empty for nothing)."""

    account: str
    losses: tuple[LossRow, ...]
    realised: str
    disallowed: str
    lacking: tuple[str, ...]
    label: str


class _Worth(NamedTuple):
    """What amounts of an instrument's currency are in the base."""

    instrument: Instrument
    rate: Decimal


def _read(context: ToolContext, arguments: ReadLots) -> AccountLosses:
    account = arguments.account
    check_owns(context.person, account)
    marks, known = Marks(context.market), context.desk.feed.instruments
    found = account_lots(context.desk.trading, account)
    harvest: list[tuple[_Worth, Harvest]] = []
    gained = lost = Decimal(0)
    for id, book in found.books.items():
        worth = _Worth(known.get(id), marks.rate(known.get(id).currency))
        gained += worth.rate * sum((sale.gain for sale in book.realised), Decimal(0))
        lost += worth.rate * sum((sale.disallowed for sale in book.realised), Decimal(0))
        if book.open:
            quote = context.market.quote(id)
            price = quote.last_ticks * worth.instrument.tick
            harvest += [(worth, each) for each in find_harvest(book, price, quote.at.date(), _CENT)]
    harvest.sort(key=lambda pair: -pair[0].rate * pair[1].loss)
    seen = (*reads.holdings(context.desk, account), *reads.ORDERS)
    return AccountLosses(
        text="lots read",
        account=account,
        losses=tuple(_row(context, account, worth, each) for worth, each in harvest[:MOST]),
        realised=_money(context, account, "realised", gained, "Σ proceeds − cost of the lots sold", seen),
        disallowed=_money(context, account, "disallowed", lost, "wash sales, 26 USC 1091", seen) if lost else "",
        lacking=tuple(sorted(found.lacking)),
        label=LABEL,
    )


def _row(context: ToolContext, account: str, worth: _Worth, each: Harvest) -> LossRow:
    id, symbol = worth.instrument.id, worth.instrument.symbol
    priced = reads.worth(context.desk.feed.instruments, [id])
    seen = (reads.held(account, id), reads.cost(account, id), *reads.ORDERS, *priced)
    lot = f"{symbol} lot {each.lot.id}"
    units = _add(context, account, f"{lot} units", each.lot.quantity, "units", "account's fills", seen)
    loss = _money(context, account, f"{lot} loss", worth.rate * each.loss, "cost − units × last price", seen)
    washed = worth.rate * each.washed
    return LossRow(
        name=f"{worth.instrument.name} ({id})",
        units=units,
        loss=loss,
        washed=_money(context, account, f"{lot} washed", washed, "26 USC 1091", seen) if washed else "",
        term=TERMS[each.term],
        not_before=each.not_before.isoformat(),
    )


def _money(context: ToolContext, account: str, label: str, value: Decimal, how: str, seen: tuple[str, ...]) -> str:
    return _add(context, account, label, value.quantize(_CENT), "USD", how, seen)


def _add(
    context: ToolContext, account: str, label: str, value: Decimal, unit: str, how: str, seen: tuple[str, ...]
) -> str:
    id = re.sub(r"\W+", "_", f"{account} {label}").lower()
    money = "USD" if unit == "USD" else None
    as_of, source = context.market_time(), "account book and quotes"
    return context.facts.add(
        Fact(id, f"{account} {label}", value, unit, as_of, source, how, money, (), seen, (account, label))
    )


read_lots = Tool("read_lots", "Tax lots of an account at a loss, and what its sales realised.", ReadLots, _read)
