"""What an account would lose in named scenarios: stretches of history replayed, and shocks of factors.

Historical: each holding, at its present value, moves as its own closes did over the stretch. One
without closes there is left out and named, never guessed. Currencies stay where they are: a holding
moves in its own currency. Hypothetical: the account's sensitivities (`factors.py`) times the shock,
and the shock itself for classes that are shocked directly. Instantaneous, without costs and without
trading. Amounts are units of the base currency, losses negative.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from desk.errors import DataError, InputError
from desk.instruments import AssetClass
from desk.market.feed import MarketFeed
from desk.risk.factors import FACTORS, FactorModel, fit_factors

STALE = timedelta(days=7)
"""A close this much older than the wanted day still stands for it (holidays, weekends)."""

LARGEST_SHOCK = 5.0


class Stretch(NamedTuple):
    """A stretch of history: from the close of `first` to the close of `last`."""

    key: str
    name: str
    first: date
    last: date


class Shock(NamedTuple):
    """A hypothesis: relative moves of factors, and of whole asset classes directly."""

    key: str
    name: str
    factors: Mapping[str, float]
    classes: Mapping[AssetClass, float] = {}


class Move(NamedTuple):
    """What one holding makes of a scenario."""

    instrument: str
    pnl: float


@dataclass(frozen=True)
class Stressed:
    """One scenario's outcome.

    `pnl` in all; `moves` of the holdings, the largest loss first; `left_out` names those that it says nothing of;
    `kind` is "historical" or "hypothetical"; `about` says which closes were read.
    """

    key: str
    name: str
    kind: str
    about: str
    pnl: float
    moves: tuple[Move, ...]
    left_out: tuple[str, ...]


HISTORY: tuple[Stretch, ...] = (
    Stretch("gulf_1990", "Gulf crisis, 1990", date(1990, 7, 16), date(1990, 10, 11)),
    Stretch("russia_1998", "Russia and LTCM, 1998", date(1998, 7, 17), date(1998, 8, 31)),
    Stretch("dotcom_2000", "Dot-com bust, 2000 to 2002", date(2000, 3, 24), date(2002, 10, 9)),
    Stretch("crisis_2007", "Financial crisis, 2007 to 2009", date(2007, 10, 9), date(2009, 3, 9)),
    Stretch("lehman_2008", "After Lehman Brothers, autumn 2008", date(2008, 9, 12), date(2008, 11, 20)),
    Stretch("downgrade_2011", "Euro crisis and US downgrade, 2011", date(2011, 7, 22), date(2011, 10, 3)),
    Stretch("china_2015", "China's devaluation, 2015", date(2015, 8, 17), date(2015, 8, 25)),
    Stretch("winter_2018", "Last quarter of 2018", date(2018, 9, 20), date(2018, 12, 24)),
    Stretch("covid_2020", "Covid crash, 2020", date(2020, 2, 19), date(2020, 3, 23)),
    Stretch("rates_2022", "Inflation and rates, 2022", date(2022, 1, 3), date(2022, 10, 12)),
)
"""Peaks and troughs of the S&P 500's closes, public record."""

SHOCKS: tuple[Shock, ...] = (
    Shock("stocks_down", "Stocks fall 20 %", {"equity": -0.2}),
    Shock("recession", "Recession: stocks fall 40 %, oil 30 %, long bonds rise 5 %",
          {"equity": -0.4, "oil": -0.3, "bonds": 0.05}),
    Shock("rates_up", "Yields rise: long bonds fall 20 %, stocks 10 %", {"bonds": -0.2, "equity": -0.1}),
    Shock("dollar_up", "The dollar gains 10 % on the euro", {"dollar": 0.1}),
    Shock("oil_up", "Oil rises 50 %", {"oil": 0.5}),
    Shock("oil_down", "Oil falls 40 %", {"oil": -0.4}),
    Shock("crypto_down", "Crypto loses half", {}, {AssetClass.CRYPTO: -0.5}),
)  # fmt: skip


class Stresses(NamedTuple):
    """All scenarios, the largest loss first; `lacking` says why there are no hypothetical ones, else it is empty."""

    rows: tuple[Stressed, ...]
    lacking: str


def stress_all(feed: MarketFeed, values: Mapping[str, float], own: Shock | None = None) -> Stresses:
    """Every named scenario that ended before the market clock's day, and `own`. DataError when `own` cannot be said."""
    today = feed.now().date()
    rows = [replay_history(feed, values, stretch) for stretch in HISTORY if stretch.last <= today]
    rows += [apply_shock(feed, values, own)] if own is not None else []
    lacking = ""
    try:
        rows += [apply_shock(feed, values, shock) for shock in SHOCKS]
    except DataError as error:
        lacking = error.message
    return Stresses(tuple(sorted(rows, key=lambda row: row.pnl)), lacking)


def replay_history(feed: MarketFeed, values: Mapping[str, float], stretch: Stretch) -> Stressed:
    """`values` are holdings by instrument in base currency. Empty holdings lose nothing."""
    moves, missing = [], []
    for id, value in values.items():
        change = _change(feed, id, stretch)
        if change is None:
            missing.append(id)
        else:
            moves.append(Move(id, value * change))
    about = f"closes of {stretch.first} to {stretch.last}"
    return _stressed(stretch.key, stretch.name, "historical", about, moves, missing)


def apply_shock(feed: MarketFeed, values: Mapping[str, float], shock: Shock) -> Stressed:
    """See the module. DataError when a holding shares too little history with the factors."""
    classes = {id: feed.instruments.get(id).asset_class for id in values}
    direct = {id: shock.classes[kind] for id, kind in classes.items() if kind in shock.classes}
    moves = [Move(id, values[id] * change) for id, change in direct.items()]
    about = "the shock itself" if direct else "no sensitivity needed"
    if shock.factors:
        model = fit_factors(feed, {id: value for id, value in values.items() if id not in direct})
        moves += [Move(id, pnl) for id, pnl in _respond(model, shock.factors).items()]
        about = f"sensitivities of {model.window}" if model.window else about
    return _stressed(shock.key, shock.name, "hypothetical", about, moves, ())


def read_shock(text: str) -> Shock:
    """A shock in words: `equity=-20,oil=30,crypto=-50`, in per cent. InputError names what is not known."""
    factors, classes = dict[str, float](), dict[AssetClass, float]()
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, _, amount = part.partition("=")
        try:
            change = float(amount) / 100
        except ValueError:
            raise InputError(f"{part!r} is no shock; write equity=-20,oil=30 with moves in per cent") from None
        if not -1 <= change <= LARGEST_SHOCK:
            raise InputError(f"a move of {amount} % is not between -100 and {LARGEST_SHOCK * 100:.0f}")
        if name == AssetClass.CRYPTO:
            classes[AssetClass.CRYPTO] = change
        elif name in FACTORS:
            factors[name] = change
        else:
            known = ", ".join([*FACTORS, str(AssetClass.CRYPTO)])
            raise InputError(f"{name[:40]!r} is no factor; there are {known}")
    if not factors and not classes:
        raise InputError("no shock was given; write equity=-20,oil=30 with moves in per cent")
    words = ", ".join(f"{name} {change:+.0%}" for name, change in [*factors.items(), *classes.items()])
    return Shock("own", f"Own scenario: {words}", factors, classes)


def _change(feed: MarketFeed, instrument: str, stretch: Stretch) -> float | None:
    """The relative move over the stretch; None without a close near both ends, or from a price that is not above 0."""
    bars = feed.bars(instrument, stretch.first - STALE, stretch.last)
    before = [bar for bar in bars if bar.day <= stretch.first]
    if not before or bars[-1].day < stretch.last - STALE or before[-1].close <= 0:
        return None
    return float(bars[-1].close / before[-1].close) - 1


def _respond(model: FactorModel, shocks: Mapping[str, float]) -> dict[str, float]:
    return {
        id: sum(betas[name] * change for name, change in shocks.items()) for id, betas in model.by_instrument.items()
    }


def _stressed(key: str, name: str, kind: str, about: str, moves: Sequence[Move], left_out: Sequence[str]) -> Stressed:
    ordered = tuple(sorted(moves, key=lambda move: (move.pnl, move.instrument)))
    return Stressed(key, name, kind, about, sum(move.pnl for move in moves), ordered, tuple(sorted(left_out)))
