"""Instruments, quotes and history."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from api.deps import Reader, RuntimeDep
from api.heat_view import HeatView, view_heat
from api.quality import QualityView, view_quality
from api.stream import ClockView, QuoteView, clock_views, quote_view
from api.views import plain
from desk.market.feed import quoted

router = APIRouter(prefix="/v1/market", tags=["market"])
RANGES: dict[str, int | None] = {"1M": 31, "6M": 183, "1Y": 366, "5Y": 1827, "MAX": None}


class InstrumentView(BaseModel):
    """One instrument and what its prices are."""

    id: str
    symbol: str
    name: str
    asset_class: str
    currency: str
    tick: float
    lot: float
    venue: str
    sector: str
    tradable: bool
    simulated: bool
    label: str


class InstrumentList(BaseModel):
    """All instruments."""

    instruments: list[InstrumentView]


class Quotes(BaseModel):
    """All quotes now, and where the market clock stands."""

    clocks: list[ClockView]
    quotes: list[QuoteView]


class BarView(BaseModel):
    """One day; open, high, low are null where the source has closes only."""

    time: str
    open: float | None
    high: float | None
    low: float | None
    close: float


class Bars(BaseModel):
    """Daily bars, oldest first."""

    instrument: str
    label: str
    bars: list[BarView]


@router.get("/instruments")
def list_instruments(runtime: RuntimeDep, person: Reader) -> InstrumentList:
    """Everything the desk can quote."""
    return InstrumentList(
        instruments=[
            InstrumentView(
                id=i.id,
                symbol=i.symbol,
                name=i.name,
                asset_class=i.asset_class.value,
                currency=i.currency,
                tick=float(i.tick),
                lot=float(i.lot),
                venue=i.venue,
                sector=i.sector,
                tradable=i.tradable,
                simulated=i.simulated,
                label=i.label,
            )
            for i in runtime.desk.feed.instruments
        ]
    )


@router.get("/quotes")
def read_quotes(runtime: RuntimeDep, person: Reader) -> Quotes:
    """The quotes now."""
    feed = runtime.desk.feed
    return Quotes(clocks=clock_views(feed), quotes=[quote_view(*priced) for priced in quoted(feed)])


@router.get("/bars")
def read_bars(
    runtime: RuntimeDep, person: Reader, instrument: str, range: Literal["1M", "6M", "1Y", "5Y", "MAX"] = "1Y"
) -> Bars:
    """Daily history up to the market clock."""
    feed, days = runtime.desk.feed, RANGES[range]
    known = feed.instruments.get(instrument)
    last = feed.quote(instrument).at.date()
    bars = feed.bars(instrument, None if days is None else last - timedelta(days=days))
    views = [
        BarView(time=b.day.isoformat(), open=plain(b.open), high=plain(b.high), low=plain(b.low), close=float(b.close))
        for b in bars
    ]
    return Bars(instrument=instrument, label=known.label, bars=views)


@router.get("/quality")
def read_quality(runtime: RuntimeDep, person: Reader) -> QualityView:
    """What is odd in the daily prices, by instrument, and where they come from."""
    return view_quality(runtime.desk)


@router.get("/heat")
def read_heat(runtime: RuntimeDep, person: Reader) -> HeatView:
    """What the news say by sector and asset, with the headlines behind it."""
    return view_heat(runtime.desk)
