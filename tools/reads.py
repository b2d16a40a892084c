"""Names of the values that facts are read from: `KIND:PLACE`, the same wherever the value is read.

| name | the value |
|---|---|
| `quote:XNAS:AAPL` | the quote now (last, bid, ask, previous close) |
| `closes:XNAS:AAPL:2021-01-04..2022-12-27` | daily closes of these days, both ends with them; an open end is empty |
| `held:desk-1:XNAS:AAPL`, `cost:…`, `cash:desk-1` | units held, what they cost on average, cash, of an account |
| `filing:ID:BLOCK:ROW:PERIOD` | one cell of a filing's table |
| `filing:ID:prose` | the words of a filing |
| `news:ID` | a headline |
| `orders` | the desk's orders and fills that surveillance reads |
| `insiders` | insiders' forms and companies' announcements among the filings that surveillance reads |
| `transfer:ID`, `transfers` | the amount of one transfer; all transfers that a scan reads |
| `profile:NAME:FIELD` | what is on file about a person |
| `desk:WHERE` | a rule or number of this desk, by the place in its code or plan |
| `said` | the person's own words |
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from desk.factory import Desk
from desk.instruments import AssetClass, Instruments

SAID = ("said",)
TRANSFERS = ("transfers",)
ORDERS = ("orders",)
INSIDERS = ("insiders",)
FEES = "desk:desk.trading.venue_order.commission_on"


def quote(instrument: str) -> str:
    """The instrument's quote now."""
    return f"quote:{instrument}"


def closes(instrument: str, first: date | None = None, last: date | None = None) -> str:
    """Its daily closes; None is an open end."""
    return f"closes:{instrument}:{first or ''}..{last or ''}"


def held(account: str, instrument: str) -> str:
    """Units that the account holds."""
    return f"held:{account}:{instrument}"


def cost(account: str, instrument: str) -> str:
    """What a unit cost the account on average."""
    return f"cost:{account}:{instrument}"


def cash(account: str) -> str:
    """The account's cash in all currencies."""
    return f"cash:{account}"


def news(id: str) -> str:
    """A headline."""
    return f"news:{id}"


def transfer(id: str) -> str:
    """The amount of one transfer."""
    return f"transfer:{id}"


def profile(person: str, field: str) -> str:
    """What is on file about a person."""
    return f"profile:{person}:{field}"


def of_desk(where: str) -> str:
    """A rule or number of the desk."""
    return f"desk:{where}"


def worth(known: Instruments, instruments: Iterable[str]) -> tuple[str, ...]:
    """What the instruments' values in US dollars are read from: their quotes, and those of their currencies."""
    found: dict[str, None] = {}
    for id in instruments:
        found[quote(id)] = None
        currency = known.get(id).currency
        if currency != "USD":
            found |= dict.fromkeys(rate(known, currency))
    return tuple(found)


def rate(known: Instruments, currency: str) -> tuple[str, ...]:
    """The quote that converts the currency to US dollars; empty for the dollar itself."""
    pairs = {f"{currency}USD", f"USD{currency}"}
    return tuple(
        quote(one.id)
        for one in known
        if one.asset_class in (AssetClass.FOREX, AssetClass.CRYPTO)
        and one.symbol.replace("/", "").replace("-", "") in pairs
    )


def cash_worth(desk: Desk, account: str) -> tuple[str, ...]:
    """The account's cash, and what its currencies are worth."""
    known, owned = desk.feed.instruments, desk.trading.cash().get(account, [])
    return (cash(account), *(pair for money in owned for pair in rate(known, money.currency)))


def holdings(desk: Desk, account: str) -> tuple[str, ...]:
    """Units and worth of all that the account holds."""
    ids = sorted(p.instrument for p in desk.trading.positions() if p.account == account)
    return (*(held(account, id) for id in ids), *worth(desk.feed.instruments, ids))
