"""A/B Testing: which forecaster or strategy is better, with intervals, and "none" when that cannot be told."""

from __future__ import annotations

import re

from agents.agent import Agent, Turn
from agents.answers import AgentAnswer, Card
from desk.errors import DataError, InputError
from tools.experiments import Arm, Compared, CompareForecasters, compare_forecasters

_FUTURE = re.compile(
    r"\b(?:what|where|how (?:high|low|much)) will\b.{0,80}\b(?:price|prices|worth|trade|cost|stand|be at)\b"
)
_YEARS = re.compile(r"\b(\d{1,2})\s+years?\b")


class ComparisonAnswer(AgentAnswer):
    """Where, which arms, and who won; `winner` is empty when none beats the baseline."""

    instrument: str = ""
    arms: tuple[str, ...] = ()
    winner: str = ""


def plan(turn: Turn) -> AgentAnswer:
    """Compares all forecasters on the first instrument the person named."""
    named = turn.request.instruments
    if not named:
        return ComparisonAnswer(
            text="Name the instrument on which I should compare the forecasters, for example Apple.", abstained=True
        )
    if _FUTURE.search(turn.request.words):
        return ComparisonAnswer(
            text="Nobody can know a price to come, and I name none. I can show how forecasters of this instrument did "
            "against buy and hold; ask me to compare them.",
            abstained=True,
        )
    years = _YEARS.search(turn.request.words)
    try:
        arguments = CompareForecasters(
            instrument=named[0].id, **({"years": min(40, max(1, int(years[1])))} if years else {})
        )
        found = turn.call(compare_forecasters, arguments)
    except (DataError, InputError) as error:
        return ComparisonAnswer(
            text=f"I cannot compare them: {error.message}.", quoted=(error.message,), abstained=True
        )
    return _answer(found)


def _answer(found: Compared) -> AgentAnswer:
    name = f"{found.name} ({found.instrument})"
    if found.winner:
        verdict = f"**On {name}, {found.winner} beats buy and hold**: its whole interval lies above zero."
    else:
        verdict = (
            f"**On {name}, none beats the baseline** (buy and hold): every interval of the difference reaches zero or "
            "below, so a lead, where there is one, may be chance."
        )
    text = (
        f"{verdict}\n\n"
        + "\n".join([*map(_line, found.arms), *map(_missing, found.failed)])
        + f"\n\nOver {found.years}, out of sample, with "
        f"{found.trials} trials; intervals hold at {found.level} over all of them. Decided after one close, traded at "
        "the next, in whole units, after commission and spread. The past is no promise, and the names in this history "
        f"are survivors. Prices: {found.label}."
    )
    return ComparisonAnswer(
        text=text,
        quoted=(name, found.label, *(title for title, _ in found.failed)),
        cards=(Card(kind="comparison", title=f"Forecasters on {found.name}", body=found.body),),
        instrument=found.instrument,
        arms=tuple(arm.name for arm in found.arms),
        winner=found.winner or "",
    )


def _line(arm: Arm) -> str:
    line = f"- **{_headed(arm.title)}**: Sharpe ratio {arm.sharpe}, {arm.yearly} a year, largest fall {arm.drawdown}"
    if arm.difference is None:
        return f"{line} (the baseline)"
    return f"{line}; against the baseline {arm.difference}, between {arm.low} and {arm.high}"


def _missing(failed: tuple[str, str]) -> str:
    title, why = failed
    return f"- **{_headed(title)}** did not run: {why}."


def _headed(title: str) -> str:
    return title[:1].upper() + title[1:]


def build() -> Agent:
    """The agent."""
    return Agent(
        name="ab_testing",
        title="A/B testing",
        purpose="forecasters compared with intervals and a verdict that may be none",
        tools=(compare_forecasters,),
        answer=ComparisonAnswer,
        plan=plan,
    )
