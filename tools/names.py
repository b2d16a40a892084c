"""Names that are no instrument here: what the desk has on them all the same, and what they may be a slip for."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from pydantic import Field

from desk.instruments import AssetClass, Instrument, Instruments
from rag.query import Companies
from tools.context import Arguments, Result, Tool, ToolContext

MOST = 6
LIKE = 0.8
"""How like a known name (`difflib`) what was said must be to be taken for a slip."""
SHOWN = 3
"""Instruments of each class that are named as examples."""


class LookUpNames(Arguments):
    """The names as they were said."""

    names: tuple[str, ...] = Field(min_length=1, max_length=MOST)


class NameRow(Result):
    """One name; `company` has filings here, `near` is an instrument of a like name. Empty for none."""

    name: str
    company: str = ""
    near: str = ""


class FoundNames(Result):
    """In the order asked. `known` names examples of what is known by class, `companies` all that have filings."""

    rows: tuple[NameRow, ...]
    known: tuple[str, ...]
    companies: tuple[str, ...]


def _look_up(context: ToolContext, arguments: LookUpNames) -> FoundNames:
    filings, instruments = context.filings.list(), context.sight.instruments
    companies = Companies(filings)
    rows = tuple(
        NameRow(
            text="",
            name=name,
            company=next(iter(companies.find(name)[0]), ""),
            near=_near(name, instruments),
        )
        for name in arguments.names
    )
    unknown = [row.name for row in rows if not row.company]
    return FoundNames(
        text=f"not known here: {', '.join(unknown)}" if unknown else "known from filings alone",
        rows=rows,
        known=tuple(_examples(instruments)),
        companies=tuple(dict.fromkeys(filing.company for filing in filings)),
    )


def _near(name: str, instruments: Instruments) -> str:
    """The instrument whose name is much like this one, as "Microsoft (XNAS:MSFT)"; empty for none, and for symbols."""
    if len(name) < 5 or name.isupper():
        return ""
    names = {said.casefold(): one for one in instruments for said in (one.name, *one.aliases) if len(said) > 3}
    found = get_close_matches(name.casefold().removesuffix("'s"), names, 1, LIKE)
    return "" if not found else f"{names[found[0]].name} ({names[found[0]].id})"


def _examples(instruments: Iterable[Instrument]) -> Iterable[str]:
    """As "20 stocks": no, without a count, since a plan states no number that is no fact: "stocks such as Apple"."""
    by_class: dict[AssetClass, list[str]] = {}
    for one in instruments:
        by_class.setdefault(one.asset_class, []).append(one.name)
    said = {AssetClass.STOCK: "stocks", AssetClass.INDEX: "indices", AssetClass.FOREX: "currency pairs"}
    said |= {AssetClass.COMMODITY: "commodities", AssetClass.BOND: "bonds", AssetClass.CRYPTO: "coins"}
    for kind, names in by_class.items():
        yield f"{said[kind]} such as {', '.join(names[:SHOWN])}"


look_up_names = Tool(
    "look_up_names",
    "Whether the desk knows names that are no instrument here: companies with filings, and names much like them.",
    LookUpNames,
    _look_up,
)
