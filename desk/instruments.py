"""Instruments and asset classes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from desk.errors import NotFound


class AssetClass(StrEnum):
    """What kind of thing is traded; decides session hours, costs and units."""

    STOCK = "stock"
    INDEX = "index"
    FOREX = "forex"
    COMMODITY = "commodity"
    BOND = "bond"
    CRYPTO = "crypto"
    __hash__ = str.__hash__  # an enumeration's own is written in Python


@dataclass(frozen=True)
class Steps:
    """What an order counts in: its prices in `tick`, its quantities in `lot`."""

    tick: Decimal
    lot: Decimal


@dataclass(frozen=True)
class Instrument:
    """One tradable (or, for an index, readable) thing.

    `id` is `VENUE:SYMBOL` (`XNAS:AAPL`). `tick` is the smallest price step and `lot` the
    smallest quantity step, both in `currency` and units. `aliases` are names a person may use.
    `label` says what the bundled prices are ("adjusted close, intraday path simulated").
    """

    id: str
    name: str
    asset_class: AssetClass
    currency: str
    tick: Decimal
    lot: Decimal = Decimal(1)
    sector: str = ""
    aliases: tuple[str, ...] = ()
    tradable: bool = True
    simulated: bool = False
    label: str = ""

    @property
    def steps(self) -> Steps:
        """Its tick and lot."""
        return Steps(self.tick, self.lot)

    @property
    def symbol(self) -> str:
        """The part after the venue: `AAPL`."""
        return self.id.partition(":")[2]

    @property
    def venue(self) -> str:
        """The part before the symbol: `XNAS` (ISO 10383 where one exists)."""
        return self.id.partition(":")[0]


class Instruments:
    """The instruments the desk knows, by id, symbol or name. Fixed once built."""

    def __init__(self, known: Iterable[Instrument]) -> None:
        self._by_id = {instrument.id: instrument for instrument in known}
        self._by_name: dict[str, Instrument] = {}
        for instrument in self._by_id.values():
            for name in (instrument.id, instrument.symbol, instrument.name, *instrument.aliases):
                self._by_name.setdefault(name.casefold(), instrument)

    def __iter__(self) -> Iterator[Instrument]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def get(self, id: str) -> Instrument:
        """The instrument with exactly this id; NotFound otherwise."""
        try:
            return self._by_id[id]
        except KeyError:
            raise NotFound(f"instrument {id!r} is not known here; 'XNAS:AAPL' is the form") from None

    def known(self, id: str) -> Instrument | None:
        """The instrument with exactly this id; None when there is none any more."""
        return self._by_id.get(id)

    def changed(self, id: str, steps: Steps | None) -> str:
        """Why an order that was counted in `steps` cannot stand now; empty when it can.

        Delisted is what is not known or not tradable now. None for steps that nobody kept.
        """
        now = self._by_id.get(id)
        if now is None or not now.tradable:
            return f"{id} is no longer listed"
        if steps is None or steps == now.steps:
            return ""
        both = (("tick", steps.tick, now.tick), ("lot", steps.lot, now.lot))
        told = [f"{name} of {id} was {old:f} and is {new:f} now" for name, old, new in both if old != new]
        return f"the {' and the '.join(told)}; what the order says would mean something else"

    def speaks_of(self, words: str) -> bool:
        """Whether these are an instrument's name or whole words of it: "Gamble", "Moody's Baa"."""
        said = f" {words.strip().casefold()} "
        return any(said in f" {name} " for name in self._by_name)

    def find(self, name: str) -> Instrument | None:
        """By id, symbol, name or alias, letter case ignored; None when nothing matches."""
        return self._by_name.get(name.strip().casefold())
