"""Who decides on an instrument now, and who waits to: a champion, a challenger, and rails that send both home.

Looked at every quarter of trading days, by net gains up to that day alone:

- a champion whose wealth has fallen `FALL` behind the baseline's, or whose lead is worse than luck explains, gives way
  to the baseline; so does one that breaks;
- the winner of the comparison of all arms (`selection`, with its own bars) becomes the challenger, and takes over when
  it is the winner again a quarter later and led the champion in between;
- between two promotions lie `REST` days. The way back to the baseline is always open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

from desk.errors import Conflict
from desk.experiments.arms import ARMS, BASELINE, Arm
from desk.experiments.closes import Closes
from desk.experiments.regimes import net_gains
from desk.experiments.selection import LEAST_DAYS, select
from desk.forecast.registry import Registry
from desk.risk.measures import TRADING_DAYS, Vector

LOOK = 63
REST = 126
FALL = 0.15
DOUBT = NormalDist().inv_cdf(0.01)
"""Where the t-value of a champion's lead is below this, it is no longer believed in."""


@dataclass(frozen=True)
class Standing:
    """Champion and challenger (empty for none) with the rows since when, the row last looked at, and why it is so."""

    champion: str = BASELINE
    since: int = 0
    challenger: str = ""
    nominated: int = 0
    looked: int = 0
    why: str = "the baseline, until an arm has shown itself"


def gains_of(
    closes: Closes, models: Registry, arms: Mapping[str, Arm] = ARMS
) -> tuple[dict[str, Vector], dict[str, str]]:
    """Net daily gains (T,) of every arm that trades the instrument itself, and why others could not decide."""
    cost = (closes.costs.commission_bps + closes.costs.half_spread_bps) / 10_000
    gains: dict[str, Vector] = {}
    failed: dict[str, str] = {}
    for arm in arms.values():
        if not arm.trades_itself:
            continue
        try:
            gains[arm.name] = net_gains(closes.values, arm.decide(closes, models), cost)
        except Exception as error:  # noqa: BLE001 - an arm that breaks is sent home, the others go on
            failed[arm.name] = f"{type(error).__name__}: {error}"
    return gains, failed


def judge(
    standing: Standing, gains: Mapping[str, Vector], row: int, first: int, periods: int = TRADING_DAYS
) -> Standing:
    """The standing after a look at `row`, by gains up to and including it; those before `first` count for nobody.

    The same standing, with `looked` moved on, when nothing changes.
    """
    now = replace(standing, looked=row)
    if now.champion not in gains:
        return _home(now, row, f"{now.champion} could not decide")
    fault = _fault(gains[now.champion], gains[BASELINE], now.since, row) if now.champion != BASELINE else ""
    if fault:
        return _home(now, row, f"{now.champion} {fault}")
    if row - first < 2 * LEAST_DAYS:
        return now
    seen = {name: each[first : row + 1] for name, each in gains.items()}
    tried = (len(gains) - 1) * ((row - first) // LOOK)  # every look is a trial of every arm
    found = select(BASELINE, seen, trials=tried, periods=periods)
    return _challenge(now, found.winner or "", gains, row)


def promote(standing: Standing, arm: str, winner: str | None, row: int) -> Standing:
    """A person's promotion: the winner of a comparison on what is known, rested, or the baseline at any time.

    Conflict names the rail that forbids it.
    """
    if arm == standing.champion:
        raise Conflict(f"{arm} is the champion already")
    if arm == BASELINE:
        return _home(standing, row, "sent home by a person")
    if winner != arm:
        told = f"{winner} does" if winner else "none does"
        raise Conflict(f"{arm} does not beat the baseline here ({told}); only a winner may be promoted")
    if standing.champion != BASELINE and row - standing.since < REST:
        raise Conflict(f"{standing.champion} became champion {row - standing.since} days ago; {REST} lie between two")
    return replace(standing, champion=arm, since=row, challenger="", why="promoted by a person after winning")


def walk(
    closes: Closes, gains: Mapping[str, Vector], standing: Standing | None = None, until: int | None = None
) -> list[Standing]:
    """Every standing that a look changed, oldest first, looking each `LOOK` days of the window."""
    now, changes = standing or Standing(since=closes.first, looked=closes.first), list[Standing]()
    for row in range(now.looked + LOOK, until or closes.values.size, LOOK):
        before, now = now, judge(now, gains, row, closes.first, closes.periods)
        if replace(before, looked=row) != now:
            changes.append(now)
    return changes


def _home(standing: Standing, row: int, why: str) -> Standing:
    return Standing(since=row, looked=standing.looked, why=why)


def _fault(own: Vector, base: Vector, since: int, row: int) -> str:
    """Why the champion of these gains gives way; empty when it does not."""
    lead = own[since + 1 : row + 1] - base[since + 1 : row + 1]
    behind = float(np.prod(1 + own[since + 1 : row + 1]) / np.prod(1 + base[since + 1 : row + 1])) - 1
    if behind < -FALL:
        return f"fell {-behind:.0%} behind the baseline; {FALL:.0%} are allowed"
    if lead.size >= LOOK and lead.std() > 1e-15:
        sure = float(lead.mean() / lead.std(ddof=1) * np.sqrt(lead.size))
        if sure < DOUBT:
            return f"trails the baseline by more than luck explains (t {sure:.1f})"
    return ""


def _challenge(now: Standing, winner: str, gains: Mapping[str, Vector], row: int) -> Standing:
    if winner in ("", now.champion):
        return replace(now, challenger="", why=f"{now.challenger} no longer wins") if now.challenger else now
    if winner != now.challenger:
        return replace(now, challenger=winner, nominated=row, why=f"{winner} won and is tried beside")
    led = float((gains[winner] - gains[now.champion])[now.nominated + 1 : row + 1].sum())
    if led <= 0 or (now.champion != BASELINE and row - now.since < REST):
        return now
    return replace(now, champion=winner, since=row, challenger="", why=f"{winner} won again and led while tried")
