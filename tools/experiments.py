"""Comparing forecasters on one instrument, with intervals and the number of trials."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import numpy as np
from pydantic import Field, JsonValue

from desk.backtest.engine import Measures
from desk.experiments.arms import ARMS, itself
from desk.experiments.closes import Closes, read_closes, with_surroundings
from desk.experiments.forecasters import Failure, Study, compare
from desk.experiments.selection import BLOCK, LEVEL, RESAMPLES
from desk.factory import Desk
from desk.facts import Fact
from desk.forecast.registry import Registry
from tools import reads
from tools.context import Arguments, Result, Tool, ToolContext

POINTS = 60
SOURCE = "experiment engine"
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w])")


class CompareForecasters(Arguments):
    """Which instrument, over how many of the last years."""

    instrument: str = Field(description="Instrument id such as XNAS:AAPL.")
    years: int = Field(default=10, ge=1, le=40)


class Arm(Result):
    """One forecaster in slots; `difference`, `low` and `high` (of the Sharpe difference) are None for the baseline."""

    name: str
    title: str
    sharpe: str
    yearly: str
    drawdown: str
    difference: str | None
    low: str | None
    high: str | None


class Compared(Result):
    """All arms that ran, the baseline first, and title and reason of those that did not.

    `winner` is a title, or None when none beats the baseline.
    """

    instrument: str
    name: str
    label: str
    arms: tuple[Arm, ...]
    failed: tuple[tuple[str, str], ...]
    winner: str | None
    years: str
    trials: str
    level: str
    body: dict[str, JsonValue]


def open_models(desk: Desk) -> Registry:
    """Where this desk keeps what its studies fitted."""
    return Registry(desk.folder / "experiments" / "models")


def read_surroundings(desk: Desk, instrument: str, years: int) -> Closes:
    """An instrument's closes with the moods of the desk's news and the closes of its peers."""
    return with_surroundings(read_closes(desk.feed, instrument, years), desk.feed, desk.news)


def _compare(context: ToolContext, arguments: CompareForecasters) -> Compared:
    closes = read_surroundings(context.desk, arguments.instrument, arguments.years)
    study = compare(closes, open_models(context.desk))
    instrument, verdict = study.closes.instrument, study.selection

    def fact(name: str, label: str, value: float, unit: str, how: str) -> str:
        exact = Decimal(str(round(value, 4)))
        made = Fact(f"study_{name}", f"{instrument.symbol} {label}", exact, unit, context.market_time(), SOURCE, how)
        seen = reads.SAID if name == "years" else (reads.of_desk("desk.experiments.selection"),)
        return context.facts.add(replace(made, reads=seen))

    arms = tuple(_arm(context, study, name) for name in study.runs)
    title = ARMS[verdict.winner].title if verdict.winner else None
    return Compared(
        text=f"{title} beats the baseline" if title else "none beats the baseline",
        instrument=instrument.id,
        name=instrument.name,
        label=instrument.label,
        arms=arms,
        failed=tuple((ARMS[each.arm].title, _sourced(context, study, each)) for each in study.failures),
        winner=title,
        years=fact("years", "years compared", float(arguments.years), "years", "your request, else ten"),
        trials=fact("trials", "forecasters tried against the baseline", float(verdict.trials), "count", "study"),
        level=fact("level", "confidence over all trials", LEVEL * 100, "%", "Bonferroni over the trials"),
        body=_body(study),
    )


def _sourced(context: ToolContext, study: Study, failure: Failure) -> str:
    """Why an arm did not run; each number in it, counts of days and of news, is a fact of the study."""

    def slot(found: re.Match[str]) -> str:
        name = f"study_{failure.arm}_why_{found.start()}"
        label, how = f"{ARMS[failure.arm].title}: a number in why it did not run", failure.why
        made = Fact(name, label, Decimal(found[0]), "count", context.market_time(), SOURCE, how)
        return context.facts.add(replace(made, reads=(reads.of_desk("desk.experiments.arms"),)))

    return _NUMBER.sub(slot, failure.why)


def _arm(context: ToolContext, study: Study, name: str) -> Arm:
    title, measures = ARMS[name].title, study.runs[name].measures
    difference = next((d for d in study.selection.differences if d.arm == name), None)
    seen = _read_by(study.closes, name)
    backtest = f"{study.selection.days} daily returns, traded at the next close, after costs"
    bootstrap = f"circular block bootstrap, {RESAMPLES} resamples of {BLOCK} days, {LEVEL:.0%} over all trials"

    def fact(key: str, label: str, value: float, unit: str, how: str = backtest) -> str:
        exact = Decimal(str(round(value, 9)))
        made = Fact(f"study_{name}_{key}", f"{title}: {label}", exact, unit, context.market_time(), SOURCE, how)
        about = (f"{study.closes.instrument.id} {name}", label)
        return context.facts.add(replace(made, reads=seen, about=about))

    def error(key: str, label: str, value: float | None) -> str | None:
        return None if value is None else fact(key, label, value, "ratio", bootstrap)

    return Arm(
        name=name,
        title=title,
        sharpe=fact("sharpe", "Sharpe ratio", measures.sharpe or 0.0, "ratio"),
        yearly=fact("yearly", "return a year", measures.yearly * 100, "%"),
        drawdown=fact("drawdown", "largest fall from a peak", measures.drawdown * 100, "%"),
        difference=error("difference", "Sharpe ratio above buy and hold", difference.estimate if difference else None),
        low=error("low", "lower end of that difference", difference.low if difference else None),
        high=error("high", "upper end of that difference", difference.high if difference else None),
    )


def _read_by(closes: Closes, arm: str) -> tuple[str, ...]:
    """The closes that an arm's figures rest on: its peers' over the counted days where it trades those."""
    last = closes.days[-1]
    if ARMS[arm].prices is itself:
        return (reads.closes(closes.instrument.id, None, last),)
    first = closes.days[-closes.window]
    return tuple(reads.closes(id, first, last) for id in closes.peer_ids)


def _body(study: Study) -> dict[str, JsonValue]:
    closes, verdict = study.closes, study.selection
    differences = {d.arm: d for d in verdict.differences}
    rows: list[JsonValue] = []
    for name, run in study.runs.items():
        found = differences.get(name)
        interval: dict[str, JsonValue] = {
            "sharpe_difference": round(found.estimate, 3) if found else None,
            "low": round(found.low, 3) if found else None,
            "high": round(found.high, 3) if found else None,
        }
        rows.append({"arm": name, "title": ARMS[name].title, **measures_body(run.measures), **interval})
    picks = np.unique(np.linspace(0, closes.window - 1, POINTS).astype(int)).tolist()
    days = closes.days[-closes.window :]
    return {
        "instrument": closes.instrument.id,
        "baseline": verdict.baseline,
        "winner": verdict.winner,
        "verdict": "beats the baseline" if verdict.winner else "none beats the baseline",
        "trials": verdict.trials,
        "days": verdict.days,
        "rows": rows,
        "failed": [{"arm": each.arm, "where": each.where, "why": each.why} for each in study.failures],
        "dates": [days[pick].isoformat() for pick in picks],
        "wealth": {name: [round(float(run.wealth[pick]), 2) for pick in picks] for name, run in study.runs.items()},
    }


def measures_body(measures: Measures) -> dict[str, JsonValue]:
    """The measures as plain rounded numbers; shares become percent."""
    ratios = {name: getattr(measures, name) for name in ("sharpe", "sortino", "turnover")}
    percents = {name: getattr(measures, name) * 100 for name in ("total", "yearly", "volatility", "drawdown")}
    return {
        **{name: None if value is None else round(value, 3) for name, value in ratios.items()},
        **{f"{name}_pct": round(value, 2) for name, value in percents.items()},
        "trades": measures.trades,
        "costs": round(measures.costs, 2),
    }


compare_forecasters = Tool(
    "compare_forecasters",
    "Forecasters on an instrument against buy and hold, with intervals.",
    CompareForecasters,
    _compare,
)
