"""Weighing instruments for a command or a page: what was asked, and the answer in plain numbers."""

from __future__ import annotations

import re
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from desk.errors import InputError
from desk.factory import Desk
from desk.instruments import Instrument
from desk.portfolio.limits import Limits, SectorLimit
from desk.portfolio.markowitz import frontier
from desk.portfolio.moments import DAYS, Estimator, Moments, estimate_moments
from desk.portfolio.optimise import HELD, Objective, Optimised, Wish, optimise
from desk.portfolio.views import View, with_views
from desk.risk.marks import Marks
from desk.risk.measures import portfolio_deviation

MOST = 60
BASE = "USD"
_SECTOR = re.compile(r"\s*(?P<name>[^<>=]+?)\s*(?P<sign><=|>=)\s*(?P<share>\d+(?:\.\d+)?)\s*%?\s*")
_VIEW = re.compile(
    r"\s*(?P<one>[^\s=>]+)\s*(?:>\s*(?P<other>[^\s=>]+)\s*)?=\s*(?P<rate>-?\d+(?:\.\d+)?)\s*%?\s*"
    r"(?:@\s*(?P<trust>\d+(?:\.\d+)?)\s*%?\s*)?"
)


class WeighForm(BaseModel):
    """What to weigh and how; percents as they are typed. `account` brings its holdings in, and their weights for the
    limit on turnover. `sectors` are such as "Energy<=20", `views` such as "XNAS:AAPL=8" or "XNAS:AAPL>XNAS:MSFT=2@60"
    (so much a year, or so much more than the other; after @ how far it is trusted).
    """

    model_config = ConfigDict(extra="forbid")

    objective: Objective = "minimum_variance"
    instruments: list[str] = Field(default_factory=list, max_length=MOST)
    account: str = ""
    least_pct: float = Field(default=0.0, ge=0, le=100)
    most_pct: float = Field(default=100.0, gt=0, le=100)
    target_pct: float | None = Field(default=None, gt=0, le=200)
    sectors: list[str] = Field(default_factory=list, max_length=20)
    excluded: list[str] = Field(default_factory=list, max_length=MOST)
    turnover_pct: float | None = Field(default=None, ge=0, le=200)
    count: int | None = Field(default=None, ge=1, le=MOST)
    views: list[str] = Field(default_factory=list, max_length=20)
    risk_free_pct: float = Field(default=2.0, ge=0, le=50)
    days: int = Field(default=DAYS, ge=252, le=5_000)
    estimator: Estimator = "shrunk"


class WeightRow(BaseModel):
    """One instrument; percent of the whole, its share of the variance, and what is held now (None without account)."""

    instrument: str
    name: str
    sector: str
    weight_pct: float
    risk_pct: float
    held_pct: float | None


class WeighView(BaseModel):
    """The weights, those that hold anything first, and what they would have meant over `days` to `last_day`.

    Expected return is an estimate from the past, drawn to the average, or the views'; a year but `cvar_pct`, which is
    one day at 95 %. `residual` is how far the optimality conditions are from being kept.
    """

    objective: str
    rows: list[WeightRow]
    return_pct: float
    volatility_pct: float
    sharpe: float | None
    cvar_pct: float
    residual: float
    least_volatility_pct: float | None
    days: int
    first_day: str
    last_day: str
    views: int
    notes: list[str]


class FrontierPoint(BaseModel):
    """One portfolio of the frontier."""

    return_pct: float
    volatility_pct: float
    weights: dict[str, float]


class FrontierView(BaseModel):
    """From the least variance to the most expected return; `singles` are the instruments alone."""

    points: list[FrontierPoint]
    singles: list[FrontierPoint]
    days: int


def weigh(desk: Desk, form: WeighForm) -> WeighView:
    """The answer; InputError names the part of the form that cannot be kept."""
    held = held_weights(desk, form.account) if form.account else {}
    moments, limits = _prepare(desk, form, held)
    target = None if form.target_pct is None else form.target_pct / 100
    found = optimise(Wish(form.objective, limits, target, form.risk_free_pct / 100), moments, desk.solver)
    return _view(desk, form, moments, found, held)


def draw_frontier(desk: Desk, form: WeighForm, points: int = 20) -> FrontierView:
    """The efficient frontier under the form's limits; its objective and number of holdings are not looked at."""
    moments, limits = _prepare(desk, form, held_weights(desk, form.account) if form.account else {})
    found = [
        FrontierPoint(
            return_pct=_pct(float(moments.mean @ each.weights)),
            volatility_pct=_pct(portfolio_deviation(each.weights, moments.covariance)),
            weights={
                id: _pct(float(w)) for id, w in zip(moments.instruments, each.weights, strict=True) if float(w) > HELD
            },
        )
        for each in frontier(moments, limits, points)
    ]
    singles = [
        FrontierPoint(return_pct=_pct(float(mean)), volatility_pct=_pct(float(variance) ** 0.5), weights={id: 100.0})
        for id, mean, variance in zip(moments.instruments, moments.mean, moments.covariance.diagonal(), strict=True)
    ]
    return FrontierView(points=found, singles=singles, days=moments.days)


def held_weights(desk: Desk, account: str) -> dict[str, float]:
    """Each holding's share of what the account has invested; InputError when nothing is."""
    marks = Marks(desk.feed, BASE)
    worth = {
        p.instrument: p.quantity * marks.unit(p.instrument) for p in desk.trading.positions() if p.account == account
    }
    whole = sum((value for value in worth.values() if value > 0), Decimal(0))
    if not whole:
        raise InputError(f"account {account} has nothing invested; name instruments instead")
    return {id: float(value / whole) for id, value in worth.items() if value > 0}


def _prepare(desk: Desk, form: WeighForm, held: dict[str, float]) -> tuple[Moments, Limits]:
    known = [_find(desk, name) for name in form.instruments]
    ids = sorted({*held, *(instrument.id for instrument in known)})
    if len(ids) > MOST:
        raise InputError(f"{len(ids)} instruments are too many; at most {MOST} are weighed together")
    excluded = frozenset(_find(desk, name).id for name in form.excluded)
    limits = Limits(
        least=form.least_pct / 100,
        most=form.most_pct / 100,
        sectors=tuple(_sector(desk, text, ids) for text in form.sectors),
        excluded=excluded & set(ids),
        turnover=None if form.turnover_pct is None else form.turnover_pct / 100,
        held=held,
        count=form.count,
    )
    moments = estimate_moments(desk.feed, ids, desk.solver, form.days, form.estimator)
    views = [_read_view(desk, text) for text in form.views]
    return (with_views(moments, views, desk.solver) if views else moments), limits


def _find(desk: Desk, name: str) -> Instrument:
    instruments = desk.feed.instruments
    found = instruments.find(name) or instruments.get(name)
    if not found.tradable:
        raise InputError(f"{found.id} is an index level that nobody can hold; name a tradable instrument")
    return found


def _sector(desk: Desk, text: str, ids: list[str]) -> SectorLimit:
    read = _SECTOR.fullmatch(text)
    if read is None:
        raise InputError(f"sector limit {text!r} cannot be read; write such as 'Energy<=20' or 'Energy>=5'")
    named = read["name"].casefold()
    members = frozenset(id for id in ids if desk.feed.instruments.get(id).sector.casefold() == named)
    if not members:
        there = sorted({desk.feed.instruments.get(id).sector for id in ids} - {""})
        raise InputError(f"no instrument is of sector {read['name']!r}; there are: {', '.join(there) or 'none'}")
    share = float(read["share"]) / 100
    return SectorLimit(read["name"], members, *((0.0, share) if read["sign"] == "<=" else (share, 1.0)))


def _read_view(desk: Desk, text: str) -> View:
    read = _VIEW.fullmatch(text)
    if read is None:
        raise InputError(f"view {text!r} cannot be read; write such as 'XNAS:AAPL=8' or 'XNAS:AAPL>XNAS:MSFT=2@60'")
    other = _find(desk, read["other"]).id if read["other"] else None
    trust = float(read["trust"]) / 100 if read["trust"] else 0.5
    return View(_find(desk, read["one"]).id, float(read["rate"]) / 100, other, trust)


def _view(desk: Desk, form: WeighForm, moments: Moments, found: Optimised, held: dict[str, float]) -> WeighView:
    instruments = desk.feed.instruments
    rows = [
        WeightRow(
            instrument=id,
            name=instruments.get(id).name,
            sector=instruments.get(id).sector,
            weight_pct=_pct(weight),
            risk_pct=_pct(found.contributions[id]),
            held_pct=_pct(held.get(id, 0.0)) if form.account else None,
        )
        for id, weight in sorted(found.weights.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    notes = ["expected returns are estimates from the past and no promise", "prices are of bundled history"]
    if form.views:
        notes.append("views start from what would make equal weights optimal: market values are not bundled")
    if form.count is not None:
        notes.append("the number of holdings is kept by a rule of thumb: the smallest are dropped one by one")
    window = moments.window
    return WeighView(
        objective=form.objective,
        rows=rows,
        return_pct=_pct(found.mean),
        volatility_pct=_pct(found.volatility),
        sharpe=None if found.sharpe is None else round(found.sharpe, 3),
        cvar_pct=_pct(found.cvar),
        residual=found.residual,
        least_volatility_pct=None if found.bound is None else _pct(found.bound),
        days=moments.days,
        first_day=window.first.isoformat() if window else "",
        last_day=window.last.isoformat() if window else "",
        views=len(form.views),
        notes=notes,
    )


def _pct(share: float) -> float:
    return round(share * 100, 3)
