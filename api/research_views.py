"""What the research doors show: leaderboard, states of markets, champions."""

from __future__ import annotations

from pydantic import BaseModel


class ArmView(BaseModel):
    """What one arm came to; ratios of `differences` say whether that means anything."""

    arm: str
    yearly_pct: float
    volatility_pct: float
    drawdown_pct: float
    turnover: float
    trades: int
    costs: float


class ArmLead(BaseModel):
    """An arm's yearly Sharpe ratio less the baseline's, with the interval after all trials.

    `deflated` is the chance that its lead is more than the best luck of all trials, `luck` (Holm) the chance that such
    a lead comes without skill.
    """

    arm: str
    estimate: float
    low: float
    high: float
    deflated: float
    luck: float


class FailedArm(BaseModel):
    """An arm that did not finish: where, and why."""

    arm: str
    where: str
    why: str


class LeaderboardView(BaseModel):
    """All arms on one instrument. `winner` is None when none beats the baseline, which is a verdict."""

    instrument: str
    start: str
    end: str
    winner: str | None
    verdict: str
    trials: int
    overfitting: float
    arms: list[ArmView]
    differences: list[ArmLead]
    failed: list[FailedArm]


class Stretch(BaseModel):
    """Days, both ends included."""

    start: str
    end: str


class BandView(BaseModel):
    """When a market was `name`; on all other days `opposite`. `percent` of the days."""

    name: str
    opposite: str
    percent: float
    stretches: list[Stretch]


class FollowedView(Stretch):
    """When another arm than the baseline was followed."""

    arm: str


class StateView(BaseModel):
    """One state, and what the day after it was like; yearly, None for too few days."""

    name: str
    days: int
    return_pct: float | None
    volatility_pct: float | None


class RegimesView(BaseModel):
    """The states of a market. `now_holds`: the arm that the regime arm follows now, holding `now_share` of wealth."""

    instrument: str
    label: str
    start: str
    end: str
    now: str
    now_holds: str
    now_share: float
    followed_pct: float
    bands: list[BandView]
    followed: list[FollowedView]
    states: list[StateView]
    days: list[str]
    closes: list[float]


class ChampionView(BaseModel):
    """One record of who decides on an instrument and why; the newest of an instrument is how it stands."""

    instrument: str
    champion: str
    challenger: str
    why: str
    by: str
    since: str
    looked: str


class ArmName(BaseModel):
    """An arm or a strategy that can be studied, with the knobs it has and their usual values."""

    name: str
    title: str
    learned: bool
    knobs: dict[str, int]


class ResearchView(BaseModel):
    """What can be studied, and the champions' records, newest first."""

    strategies: list[ArmName]
    champions: list[ChampionView]
