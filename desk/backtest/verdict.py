"""What the records of the learned policies say of themselves: judged on what they have not seen, used or not."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict

from desk.backtest.learned import load_balancing
from desk.backtest.worked import load_executing


class Lead(BaseModel):
    """An estimate with its 95 % interval, after all comparisons that were made."""

    model_config = ConfigDict(frozen=True)

    estimate: float
    low: float
    high: float


class Judged(BaseModel):
    """One window after a cut-off day. By name: Sharpe ratios, yearly returns, drawdowns and costs as shares of wealth.

    `against` are the policy's Sharpe ratio less each rival's.
    """

    model_config = ConfigDict(frozen=True)

    first: date
    last: date
    sharpe: dict[str, float]
    yearly: dict[str, float]
    drawdown: dict[str, float]
    costs: dict[str, float]
    against: dict[str, Lead]


class Balanced(BaseModel):
    """Of the balancing policy: each window, all days together, and whether it is used."""

    model_config = ConfigDict(frozen=True)

    windows: tuple[Judged, ...]
    together: dict[str, Lead]
    used: bool


def read_balanced() -> Balanced:
    """The shipped record's verdict; DataError when policies or record are missing or damaged."""
    return Balanced.model_validate(load_balancing().about["verdict"])


class Executed(BaseModel):
    """Of the execution policy: mean shortfall and its deviation by schedule, in basis points of the value at arrival.

    `against` is the policy's less each schedule's on the same orders and days; `best` was chosen on other days.
    """

    model_config = ConfigDict(frozen=True)

    orders: int
    best: str
    mean_bps: dict[str, float]
    risk_bps: dict[str, float]
    against: dict[str, Lead]
    used: bool


def read_executed() -> Executed:
    """The same of the execution policy."""
    return Executed.model_validate(load_executing().about["verdict"])
