"""A study as the object of `tenor backtest --json`, as words, and as a tear sheet."""

from __future__ import annotations

from desk.backtest.charts import drawdown_chart, exposure_chart, rolling_chart, wealth_chart
from desk.backtest.costs import costs_of
from desk.backtest.deflated import Deflated, deflate
from desk.backtest.report import SUSPECT, Tale, by_month, by_year
from desk.backtest.search import Search
from desk.backtest.tearsheet import Figure, Row, Sheet
from desk.experiments.portfolios import PortfolioStudy
from desk.risk.measures import Vector

SHOWN_NOTES = 12
_RATIOS = ("sharpe", "sortino", "calmar", "turnover", "skew", "kurtosis")
_SHARES = (
    "total", "yearly", "volatility", "drawdown", "var", "cvar", "worst", "exposure", "net",
)  # fmt: skip


def study_body(study: PortfolioStudy) -> dict[str, object]:
    """The plain object; shares become percent under names that end in `_pct`."""
    run, market, difference = study.run, study.market, study.difference
    return {
        "strategy": study.strategy.title,
        "instrument": market.instruments[0].id if len(market.instruments) == 1 else None,
        "instruments": [one.id for one in market.instruments],
        "knobs": dict(study.knobs),
        "start": run.days[0].isoformat(),
        "end": run.days[-1].isoformat(),
        "days": len(run.days),
        "warm_up_days": study.first,
        "currency": market.base,
        "opening_cash": round(run.opening, 2),
        "final_wealth": round(float(run.wealth[-1]), 2),
        **tale_body(study.tale),
        "baseline": {"strategy": "buy and hold", **tale_body(study.baseline_tale)},
        "sharpe_difference": None
        if difference is None
        else {
            "estimate": round(difference.estimate, 3),
            "low": round(difference.low, 3),
            "high": round(difference.high, 3),
        },
        "beats_baseline": bool(difference and difference.beats),
        "sharpe_judged": _judged(study.deflated),
        "search": _search(study.search),
        "years": {str(year): round(value * 100, 2) for year, value in by_year(run).items()},
        "weights_end": {
            one.id: round(float(weight), 4) for one, weight in zip(market.instruments, run.weights[-1], strict=True)
        },
        "gate": None if study.gate is None else {"clamped": study.gate[0], "refused": study.gate[1]},
        "lookahead": study.leak is not None,
        "lookahead_at": None
        if study.leak is None
        else {"day": study.leak.day.isoformat(), "poison": study.leak.poison},
        "stopped": None if run.stopped is None else {"day": run.stopped.day.isoformat(), "error": run.stopped.error},
        "warnings": warnings(study),
        "notes": _oddities(study),
        "label": "; ".join(dict.fromkeys(one.label for one in market.instruments)),
    }


def tale_body(tale: Tale) -> dict[str, object]:
    """The measures as plain rounded numbers."""
    plain = tale._asdict()
    return {
        **{name: None if plain[name] is None else round(plain[name], 3) for name in _RATIOS},
        **{f"{name}_pct": round(plain[name] * 100, 2) for name in _SHARES},
        "longest_drawdown_days": tale.longest,
        "trades": tale.trades,
        "costs": round(tale.costs, 2),
        "borrowed": round(tale.borrowed, 2),
    }


def warnings(study: PortfolioStudy) -> list[str]:
    """What a reader must know before any figure."""
    found = []
    if study.leak is not None:
        found.append(f"looks ahead: what comes after {study.leak.day} changes what was before; do not trust it")
    if study.tale.suspect:
        found.append(f"a Sharpe ratio of {study.tale.sharpe:.2f} is above {SUSPECT}: treat as a bug until explained")
    if study.run.stopped is not None:
        found.append(
            f"stopped: raised on {study.run.stopped.day} ({study.run.stopped.error}); it decided nothing after"
        )
    if study.gate and study.gate[1]:
        found.append(f"the gate refused {study.gate[1]} of the orders; the run went on without them")
    return found


def study_text(study: PortfolioStudy) -> str:
    """A few lines for a person."""
    tale, difference, run = study.tale, study.difference, study.run
    names = ", ".join(one.id for one in study.market.instruments[:4])
    more = len(study.market.instruments) - 4
    knobs = "".join(f", {name} {value or 'month'}" for name, value in study.knobs.items())
    lines = [
        f"{study.strategy.title}{knobs} on {names}{f' and {more} more' if more > 0 else ''}, "
        f"{run.days[0]} to {run.days[-1]}, traded at the next close",
        f"  {run.opening:,.2f} -> {run.wealth[-1]:,.2f} {study.market.base} ({tale.yearly:.2%} a year, "
        f"Sortino {_shown(tale.sortino)}, Calmar {_shown(tale.calmar)})",
        f"  drawdown {tale.drawdown:.2%}, turnover {tale.turnover:.2f} a year, exposure {tale.exposure:.0%}, "
        f"{tale.trades:,} trades, costs {tale.costs:,.2f}",
    ]
    if study.deflated is not None:
        lines.append(f"  Sharpe {_interval(study.deflated)}")
    if study.search is not None:
        lines.append(
            f"  chosen for {study.search.goal} among {len(study.search.trials)} trials on {study.search.start} to "
            f"{study.search.end}; in that search {_interval(study.search.deflated)}"
        )
    if difference is not None:
        verdict = "beats" if difference.beats else "does not beat"
        lines.append(
            f"  {verdict} buy and hold: Sharpe difference {difference.estimate:.2f} "
            f"({difference.low:.2f} to {difference.high:.2f})"
        )
    lines += [f"  WARNING: {line}" for line in warnings(study)] or ["  no look-ahead found"]
    labels = "; ".join(dict.fromkeys(one.label for one in study.market.instruments))
    return "\n".join([*lines, f"  prices: {labels}"])


def build_sheet(study: PortfolioStudy) -> Sheet:
    """The tear sheet."""
    run = study.run
    start, end = run.days[0].isoformat(), run.days[-1].isoformat()
    rolling = rolling_chart(run, study.market.periods)
    charts = [
        ("Wealth, logarithmic", ("strategy", "buy and hold"), wealth_chart(run, study.baseline)),
        ("Fall from the peak", ("strategy",), drawdown_chart(run)),
        ("Exposure", ("gross", "net"), exposure_chart(run)),
    ]
    if rolling:
        charts.insert(2, ("Sharpe ratio of the last 252 days", ("strategy", "zero"), rolling))
    return Sheet(
        title=f"{study.strategy.title}, {start} to {end}",
        about=tuple(line.strip() for line in study_text(study).split("\n") if "WARNING" not in line),
        warnings=tuple(warnings(study)),
        rows=tuple(_rows(study)),
        figures=tuple(Figure(title, names, chart, start, end) for title, names, chart in charts),
        months=by_month(run),
        years=by_year(run),
        notes=tuple(_notes(study)),
    )


def _rows(study: PortfolioStudy) -> list[Row]:
    tale, other = study.tale, study.baseline_tale
    mine, theirs = tale._asdict(), other._asdict()
    rows = [Row(name, f"{mine[name]:.2%}", f"{theirs[name]:.2%}") for name in _SHARES]
    rows.append(sharpe_row(study.run.returns, study.baseline.returns, study.market.periods))
    rows += [Row(name, _shown(mine[name]), _shown(theirs[name])) for name in _RATIOS[1:]]
    rows.append(Row("longest fall, days", f"{tale.longest:,}", f"{other.longest:,}"))
    rows.append(Row("trades", f"{tale.trades:,}", f"{other.trades:,}"))
    rows.append(Row("costs", f"{tale.costs:,.2f}", f"{other.costs:,.2f}"))
    return rows


def sharpe_row(own: Vector, other: Vector, periods: int) -> Row:
    """Both Sharpe ratios of daily returns (T,) with their 95 % intervals; a dash where one is not defined."""

    def shown(returns: Vector) -> str:
        if returns.size < 30 or not returns.std() > 1e-15:
            return "-"
        found = deflate(returns, [0.0], periods)
        return f"{found.sharpe:.2f} ({found.low:.2f} to {found.high:.2f})"

    return Row("sharpe", shown(own), shown(other))


def _notes(study: PortfolioStudy) -> list[str]:
    costs = {one.asset_class: costs_of(one.asset_class) for one in study.market.instruments}
    told = [
        f"{kind}: commission {c.commission_bps:g} bp, at least {c.least}; half spread and slippage "
        f"{c.half_spread_bps:g} bp"
        for kind, c in sorted(costs.items())
    ]
    return [
        "Decided after one close, traded at the next; days before the start are seen but not judged.",
        "Impact by the published model of Almgren et al. 2005 on an assumed turnover where no volume is known.",
        "Shorts pay 0.5 % a year, an assumption; cash earns nothing; taxes are left out.",
        "Companies are today's survivors: compare only with others on the same names.",
        *told,
        *_oddities(study)[:SHOWN_NOTES],
    ]


def _oddities(study: PortfolioStudy) -> list[str]:
    """What was odd about prices of the judged days."""
    notes = (note for note in study.market.notes if note.day >= study.run.days[0])
    return [f"{note.day} {note.instrument}: {note.what}" for note in notes]


def _judged(found: Deflated | None) -> dict[str, object] | None:
    return (
        None if found is None else {k: round(v, 4) if isinstance(v, float) else v for k, v in found._asdict().items()}
    )


def _search(found: Search | None) -> dict[str, object] | None:
    if found is None:
        return None
    return {
        "goal": found.goal,
        "start": found.start.isoformat(),
        "end": found.end.isoformat(),
        "trials": len(found.trials),
        "failed": [{"knobs": dict(t.knobs), "error": t.failed} for t in found.trials if t.failed],
        "chosen": dict(found.chosen.knobs),
        "in_sample": tale_body(found.chosen.tale),
        "deflated": _judged(found.deflated),
    }


def _interval(found: Deflated) -> str:
    return (
        f"{found.sharpe:.2f} ({found.low:.2f} to {found.high:.2f}); probability {found.probability:.2f} of being above "
        f"{found.hurdle:.2f}, the luck of {found.trials} trial{'s' if found.trials > 1 else ''}"
    )


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
