"""Tax lots that stand at a loss, and what sales have realised: each number a fact."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from desk.identity.roles import check_owns
from desk.instruments import Instrument
from desk.portfolio.lots import Harvest, find_harvest
from desk.risk.marks import Marks
from desk.trading.lot_books import account_lots
from tools import reads
from tools.account_facts import BASE, CENT, Origin, add_fact
from tools.context import Arguments, Result, Tool, ToolContext

LABEL = "United States rules, arithmetic and no tax advice"
TERMS = {"short": "held up to a year", "long": "held over a year", "unknown": "purchase not on record"}
MOST = 8
SOURCE, WASH = "account book and quotes", "wash sales, 26 USC 1091"


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
            harvest += [(worth, each) for each in find_harvest(book, price, quote.at.date(), CENT)]
    harvest.sort(key=lambda pair: -pair[0].rate * pair[1].loss)
    seen = (*reads.holdings(context.desk, account), *reads.ORDERS)
    sold = Origin(SOURCE, "Σ proceeds − cost of the lots sold", seen)
    return AccountLosses(
        text="lots read",
        account=account,
        losses=tuple(_row(context, account, worth, each) for worth, each in harvest[:MOST]),
        realised=add_fact(context, account, "realised", gained, BASE, sold),
        disallowed=add_fact(context, account, "disallowed", lost, BASE, Origin(SOURCE, WASH, seen)) if lost else "",
        lacking=tuple(sorted(found.lacking)),
        label=LABEL,
    )


def _row(context: ToolContext, account: str, worth: _Worth, each: Harvest) -> LossRow:
    id, symbol = worth.instrument.id, worth.instrument.symbol
    priced = reads.worth(context.desk.feed.instruments, [id])
    seen = (reads.held(account, id), reads.cost(account, id), *reads.ORDERS, *priced)
    lot = f"{symbol} lot {each.lot.id}"
    filled = Origin(SOURCE, "account's fills", seen)
    units = add_fact(context, account, f"{lot} units", each.lot.quantity, "units", filled)
    priced_at = Origin(SOURCE, "cost − units × last price", seen, (units,))
    loss = add_fact(context, account, f"{lot} loss", worth.rate * each.loss, BASE, priced_at)
    washed = worth.rate * each.washed
    return LossRow(
        name=f"{worth.instrument.name} ({id})",
        units=units,
        loss=loss,
        washed=add_fact(context, account, f"{lot} washed", washed, BASE, Origin(SOURCE, WASH, seen, (loss,)))
        if washed
        else "",
        term=TERMS[each.term],
        not_before=each.not_before.isoformat(),
    )


read_lots = Tool("read_lots", "Tax lots of an account at a loss, and what its sales realised.", ReadLots, _read)
