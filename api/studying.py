"""A study from data to tear sheet, the same for the door and for `tenor backtest`.

`gather` reads what it is made on, beside the desk; `work` needs only that and may run in another process.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
from pydantic import BaseModel, Field

from api.arm_sheet import ArmStudy, arm_body, arm_sheet, arm_text, study_arm
from api.backtest_sheet import build_sheet, study_body, study_text
from desk.backtest.deflated import Deflated
from desk.backtest.market import Market, read_raw
from desk.backtest.report import Curve, drawdowns
from desk.backtest.strategies import find_strategy
from desk.backtest.tearsheet import MARK, Sheet
from desk.errors import InputError
from desk.experiments.arms import ARMS, Arm
from desk.experiments.closes import Closes
from desk.experiments.portfolios import PortfolioStudy, Window, all_strategies, study_portfolio
from desk.experiments.selection import Difference
from desk.factory import Desk
from desk.forecast.registry import Registry
from desk.instruments import AssetClass
from desk.market.feed import MarketFeed
from tools.experiments import open_models, read_surroundings

USUAL = "XNAS:AAPL"
POINTS = 400
Progress = Callable[[str], None]


class StudyForm(BaseModel):
    """What to study. `instruments` by id, symbol, name or kind (`stocks`); `start` and `end` are days, else the last
    `years`. `knobs` turn a strategy's own; with a `goal` they are searched on the first half instead.
    """

    strategy: str
    instruments: list[str] = Field(default=[USUAL], min_length=1)
    years: int = 10
    start: str = ""
    end: str = ""
    base: str = "USD"
    knobs: dict[str, int] = Field(default_factory=dict)
    goal: str = ""
    free: bool = False


class Between(BaseModel):
    """An estimate with its 95 % interval."""

    estimate: float
    low: float
    high: float


class Measured(BaseModel):
    """A named figure of the strategy and of buy and hold, as text."""

    name: str
    value: str
    baseline: str


class YearView(BaseModel):
    """The return of a calendar year, as far as it was judged; percent."""

    year: int
    percent: float


class CurveView(BaseModel):
    """Thinned curves: multiples of the opening wealth, and falls from the peak in percent (0 or less)."""

    days: list[str]
    wealth: list[float]
    baseline: list[float]
    fall: list[float]
    baseline_fall: list[float]


class StudyResult(BaseModel):
    """What a study came to. Intervals are None where a ratio is not defined; `luck` is the probability that the ratio
    is above what the best of so many trials without an edge would show; `mark` says that all of it is simulated.
    """

    title: str
    verdict: str
    beats: bool
    sharpe: Between | None
    difference: Between | None
    luck: float | None
    trials: int
    days: int
    start: str
    end: str
    about: list[str]
    warnings: list[str]
    measures: list[Measured]
    years: list[YearView]
    curves: CurveView
    notes: list[str]
    label: str
    mark: str = MARK


@dataclass(frozen=True)
class Gathered:
    """What a study is made on: several instruments for a strategy, or one for an arm that learns."""

    form: StudyForm
    market: Market | None = None
    closes: Closes | None = None
    models: Registry | None = None


class Worked(NamedTuple):
    """A study done: the object of `--json`, words, the tear sheet, and what the page shows.

    `faulty` when it was caught looking ahead or raised in mid-run.
    """

    body: dict[str, object]
    text: str
    sheet: Sheet
    result: StudyResult
    faulty: bool


def gather(desk: Desk, form: StudyForm) -> Gathered:
    """Reads what the form asks for; what makes no sense is refused before anything is read (InputError, NotFound)."""
    arm = learned_arm(form.strategy)
    if arm is None:
        return gather_market(desk.feed, form)
    id = _only_instrument(desk.feed, form)
    return Gathered(form, closes=read_surroundings(desk, id, form.years), models=open_models(desk))


def gather_market(feed: MarketFeed, form: StudyForm) -> Gathered:
    """The same for a strategy that needs closes alone."""
    strategy = find_strategy(form.strategy, all_strategies())
    strategy.turned(form.knobs.items())
    read_window(form)
    return Gathered(form, market=read_raw(feed, find_instruments(feed, form.instruments), form.base))


def work(gathered: Gathered, progress: Progress = lambda _: None) -> Worked:
    """The study. `progress` hears search, backtest, baseline, proof, intervals, sheet, some of them several times."""
    form = gathered.form
    if gathered.closes is not None and gathered.models is not None:
        found = study_arm(gathered.closes, ARMS[_key(form.strategy)], gathered.models, progress)
        progress("sheet")
        sheet = arm_sheet(found)
        return Worked(arm_body(found), arm_text(found), sheet, _of_arm(found, sheet), found.lookahead)
    if gathered.market is None:
        raise InputError("a study needs closes; gather them first")
    study = study_portfolio(gathered.market, form.strategy, read_window(form), progress)
    progress("sheet")
    sheet = build_sheet(study)
    faulty = study.leak is not None or study.run.stopped is not None
    return Worked(study_body(study), study_text(study), sheet, _of_portfolio(study, sheet), faulty)


def learned_arm(name: str) -> Arm | None:
    """The arm of this name when it is no strategy of portfolios: it learns, or reads more than closes.

    InputError names all there are.
    """
    key, known = _key(name), all_strategies()
    if key not in known and key not in ARMS:
        raise InputError(f"strategy {name!r} is not known; there are: {', '.join(dict.fromkeys((*known, *ARMS)))}")
    return None if key in known else ARMS[key]


def find_instruments(feed: MarketFeed, names: list[str]) -> list[str]:
    """Ids by id, symbol or name, several with commas, or a kind such as `stock` for all of it; each once."""
    found: dict[str, None] = {}
    for name in (part.strip() for given in names for part in given.split(",") if part.strip()):
        kind = next((one for one in AssetClass if name.casefold() in (one.value, one.value + "s")), None)
        if kind is not None:
            found |= dict.fromkeys(one.id for one in feed.instruments if one.asset_class is kind)
        else:
            found[(feed.instruments.find(name) or feed.instruments.get(name)).id] = None
    return list(found)


def read_window(form: StudyForm) -> Window:
    """What is judged; InputError for what is no day, or years that are not 1 to 40."""
    _check_years(form.years)
    return Window(_day(form.start), _day(form.end), form.years, form.free, form.goal, tuple(form.knobs.items()))


def _only_instrument(feed: MarketFeed, form: StudyForm) -> str:
    """The one instrument; InputError for several, or for words that such an arm does not take."""
    ids = find_instruments(feed, form.instruments)
    given = {"start": form.start, "end": form.end, "goal": form.goal, "knobs": form.knobs, "free": form.free}
    odd = [word for word, value in given.items() if value]
    if len(ids) != 1 or odd:
        what = odd[0] if odd else f"{len(ids)} instruments"
        raise InputError(f"{form.strategy} runs on one instrument over the last years; it takes no {what}")
    _check_years(form.years)
    return ids[0]


def _check_years(years: int) -> None:
    if not 1 <= years <= 40:
        raise InputError(f"{years} years is not between 1 and 40; give 10")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InputError(f"{text!r} is no day; give one such as 2018-01-31") from None


def _key(name: str) -> str:
    return name.strip().casefold().replace("-", "_").replace(" ", "_")


def _of_portfolio(study: PortfolioStudy, sheet: Sheet) -> StudyResult:
    labels = "; ".join(dict.fromkeys(one.label for one in study.market.instruments))
    trials = len(study.search.trials) if study.search else len(all_strategies()) - 1
    return _result(sheet, (study.run, study.baseline), study.difference, study.deflated, trials, labels)


def _of_arm(study: ArmStudy, sheet: Sheet) -> StudyResult:
    trials, label = len(ARMS) - 1, study.closes.instrument.label
    return _result(sheet, study.curves(), study.difference, study.deflated, trials, label)


def _result(
    sheet: Sheet,
    curves: tuple[Curve, Curve],
    versus: Difference | None,
    judged: Deflated | None,
    trials: int,
    label: str,
) -> StudyResult:
    days = curves[0].days
    if versus is None:
        verdict = "nothing is compared: this is buy and hold, or less than a year was judged"
    else:
        verdict = f"{'beats' if versus.beats else 'does not beat'} buy and hold"
    return StudyResult(
        title=sheet.title,
        verdict=verdict,
        beats=bool(versus and versus.beats),
        sharpe=judged and _between(judged.sharpe, judged.low, judged.high),
        difference=versus and _between(versus.estimate, versus.low, versus.high),
        luck=None if judged is None else round(judged.probability, 3),
        trials=trials,
        days=len(days),
        start=days[0].isoformat(),
        end=days[-1].isoformat(),
        about=list(sheet.about),
        warnings=list(sheet.warnings),
        measures=[Measured(**row._asdict()) for row in sheet.rows],
        years=[YearView(year=year, percent=round(value * 100, 2)) for year, value in sheet.years.items()],
        curves=_curves(*curves),
        notes=list(sheet.notes),
        label=label,
    )


def _between(estimate: float, low: float, high: float) -> Between:
    return Between(estimate=round(estimate, 3), low=round(low, 3), high=round(high, 3))


def _curves(run: Curve, other: Curve) -> CurveView:
    """At most POINTS rows: of each stretch the last wealth and the deepest fall."""
    parts = np.array_split(np.arange(len(run.days)), min(POINTS, len(run.days)))
    ends, falls, below = [int(part[-1]) for part in parts], drawdowns(run), drawdowns(other)

    def deepest(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> list[float]:
        return [0.0 - round(float(values[part].max()) * 100, 2) for part in parts]

    return CurveView(
        days=[run.days[row].isoformat() for row in ends],
        wealth=[round(float(run.wealth[row]) / run.opening, 4) for row in ends],
        baseline=[round(float(other.wealth[row]) / other.opening, 4) for row in ends],
        fall=deepest(falls),
        baseline_fall=deepest(below),
    )
