"""Pump and dump: the price bursts, is given back soon after, and something beside the price says that it was made.

Rise: over 1 to 21 bars, in standard deviations of the bars before (z) and, for bars shorter than a day, above what a
whole day usually moves. Dump: half of it given back within three times as many bars. Both are needed, and one more
sign: volume, a burst of messages, or accounts that came for the rise and left at the top (Xu and Livshits 2019; La
Morgia, Mei, Sassi, Stefa 2020). Where nothing but prices is known, the rise must be larger. All of it is known at the
bar in which the dump is seen, `known_at`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from desk.fraud.abuse.limits import DAY, STANDARD, Limits
from desk.fraud.abuse.records import Bars, Evidence, MarketAlert, OrderEvent, Post, build_alert
from desk.fraud.abuse.volatility import day_volatility, returns_of, volatility
from desk.fraud.graph import Floats


@dataclass(frozen=True)
class Around:
    """What was heard and done beside the prices of one instrument; None is not known, empty is nothing.

    `known_days` are days since 1970 with news: a rise that begins on one, or the day after, is no pump.
    """

    posts: Sequence[Post] | None = None
    fills: Sequence[OrderEvent] | None = None
    known_days: Collection[int] = ()


class _Wave(NamedTuple):
    """Rows of the base, the peak and the bar that shows the dump; the rise in standard deviations."""

    base: int
    peak: int
    seen: int
    z: float


def find_pumps(bars: Bars, around: Around | None = None, limits: Limits = STANDARD) -> list[MarketAlert]:
    """The pumps of one instrument, oldest first; waves that overlap are one, the strongest."""
    around = around or Around()
    found = []
    taken = np.zeros(len(bars), np.bool_)
    for wave in sorted(_waves(bars, limits), key=lambda each: -each.z):
        if taken[wave.base : wave.seen + 1].any() or _explained(bars, wave, around):
            continue
        signs, rows = _signs(bars, wave, around, limits)
        heard = around.posts is not None or around.fills is not None or bool(np.isfinite(bars.volume).any())
        if not heard and wave.z >= limits.rise_alone_z:
            signs = ["price_alone"]
        if len(signs) < limits.pump_signs:
            continue
        taken[wave.base : wave.seen + 1] = True
        found.append(_alert(bars, wave, signs, rows, limits))
    return sorted(found, key=lambda alert: alert.start)


def _alert(bars: Bars, wave: _Wave, signs: Sequence[str], rows: Iterable[Evidence], limits: Limits) -> MarketAlert:
    points = (("base", wave.base, bars.close), ("peak", wave.peak, bars.high), ("dump", wave.seen, bars.low))
    lines = [Evidence(what, str(row), "", float(bars.at[row]), float(of[row]), None) for what, row, of in points]
    rise = float(bars.high[wave.peak] / bars.close[wave.base] - 1)
    fall = float(1 - bars.low[wave.seen] / bars.high[wave.peak])
    figures = {"z": round(wave.z, 1), "rise": round(rise, 4), "fall": round(fall, 4)}
    volume = float(np.nansum(bars.volume[wave.base + 1 : wave.seen + 1] * bars.close[wave.base + 1 : wave.seen + 1]))
    strength = wave.z / limits.rise_z * (1 + len(signs)) / 2
    rules = ("price_burst", "dump", *signs)
    known = float(bars.at[wave.seen])
    made = [*lines, *rows]
    return build_alert("pump_and_dump", bars.instrument, made, rules, strength, volume, known, figures)


def _explained(bars: Bars, wave: _Wave, around: Around) -> bool:
    days = set((bars.at[wave.base + 1 : wave.peak + 1] // DAY).astype(int).tolist())
    return any(day in around.known_days or day - 1 in around.known_days for day in days)


def _waves(bars: Bars, limits: Limits) -> list[_Wave]:
    """Every rise that stands out and its dump."""
    logs = np.log(bars.close)
    returns = returns_of(bars.close)
    sigma = volatility(returns, limits.rise_decay, limits.calm, limits.warm_up)
    daily = limits.rise_days * day_volatility(returns, bars.at, limits.warm_up)
    highs, lows = np.log(np.maximum(bars.high, bars.close)), np.log(np.minimum(bars.low, bars.close))
    waves: dict[tuple[int, int], _Wave] = {}
    for span in limits.rise_spans:
        if len(bars) <= span + 1:
            continue
        rise, starts = highs[span:] - logs[:-span], slice(1, len(bars) - span + 1)
        z = rise / (sigma[starts] * np.sqrt(span))
        for base in np.flatnonzero((z >= limits.rise_z) & (rise >= daily[starts])).tolist():
            wave = _follow(logs, highs, lows, base, base + span, float(z[base]), limits)
            if wave is not None:
                key = wave.base, wave.peak
                waves[key] = max(waves.get(key, wave), wave, key=lambda each: each.z)
    return list(waves.values())


def _follow(logs: Floats, highs: Floats, lows: Floats, base: int, top: int, z: float, limits: Limits) -> _Wave | None:
    """Goes on from the top until the dump is seen; None when it does not come in time, or the base is undercut."""
    peak = base + 1 + int(np.argmax(highs[base + 1 : top + 1]))
    row, foot = peak, base
    while foot and logs[foot - 1] < logs[foot]:  # half of all that was gained, not of its last bars
        foot -= 1
    while row + 1 < len(logs):
        row += 1
        late = row - peak > max(limits.dump_least, limits.dump_spans * (peak - base))
        if late or peak - base > 2 * limits.rise_spans[-1]:
            return None
        if highs[row] > highs[peak]:
            peak = row
            continue
        if highs[peak] - lows[row] >= limits.dump_share * (highs[peak] - logs[foot]):
            return _Wave(base, peak, row, z)
    return None


def _signs(bars: Bars, wave: _Wave, around: Around, limits: Limits) -> tuple[list[str], list[Evidence]]:
    signs, rows = [], []
    if _volume_burst(bars, wave, limits):
        signs.append("volume_burst")
    lead = float(bars.at[wave.peak] - bars.at[wave.base])
    start, peak = float(bars.at[wave.base]) - lead, float(bars.at[wave.peak])
    if around.posts is not None:
        heard = [post for post in around.posts if start <= post.at <= peak]
        if _message_burst(around.posts, len(heard), start, peak, limits):
            signs.append("message_burst")
            first, last = min(post.at for post in heard), max(post.at for post in heard)
            rows.append(Evidence("first message", "", "", first, None, None))
            rows.append(Evidence("last message", "", "", last, None, float(len(heard))))
    if around.fills is not None:
        mine = _coordinated(around.fills, start, peak, float(bars.at[wave.seen]), limits)
        if mine:
            signs.append("coordinated_accounts")
            rows += mine
    return signs, rows


def _volume_burst(bars: Bars, wave: _Wave, limits: Limits) -> bool:
    before = bars.volume[max(0, wave.base - limits.volume_before) : wave.base + 1]
    before = before[np.isfinite(before) & (before > 0)]
    inside = bars.volume[wave.base + 1 : wave.seen + 1]
    inside = inside[np.isfinite(inside)]
    if len(before) < limits.warm_up // 2 or not len(inside) or not inside.mean() > 0:
        return False
    logs = np.log(before)
    usual = float(np.median(logs))
    spread = max(float(np.median(np.abs(logs - usual))) * 1.4826, 0.1)
    over = float(np.log(inside.mean())) - usual
    return over >= np.log(limits.volume_times) and over / spread >= limits.volume_z


def _message_burst(posts: Sequence[Post], count: int, start: float, peak: float, limits: Limits) -> bool:
    """Poisson at twice the rate of the twenty such spans before (half a message at least): gossip comes in clumps.

    Where messages are known for less than that, the rate is of what is known, a span at least.
    """
    from scipy.special import pdtrc

    if count < limits.posts_least:
        return False
    span = max(peak - start, 1.0)
    before = sum(start - limits.posts_spans * span <= post.at < start for post in posts)
    known = (start - min(post.at for post in posts)) / span
    expected = max(2 * before / min(limits.posts_spans, max(known, 1.0)), 0.5)
    return float(pdtrc(count - 1, expected)) <= limits.posts_alarm


def _coordinated(fills: Sequence[OrderEvent], start: float, peak: float, seen: float, limits: Limits) -> list[Evidence]:
    """Their first purchase and last sale: accounts new to the instrument, in by the peak, mostly out when the dump is
    seen, who together bought a good part of what known accounts bought. Empty when they are too few.
    """
    bought: dict[str, list[OrderEvent]] = defaultdict(list)
    sold: dict[str, list[OrderEvent]] = defaultdict(list)
    old = {fill.account for fill in fills if fill.at < start}
    for fill in fills:
        if start <= fill.at <= seen:
            if fill.side == "sell":
                sold[fill.account].append(fill)
            elif fill.at <= peak:
                bought[fill.account].append(fill)
    came = [
        account
        for account, rows in bought.items()
        if account not in old and _units(sold[account]) >= limits.pump_sold * _units(rows)
    ]
    whole = sum(_units(rows) for rows in bought.values())
    part = sum(_units(bought[account]) for account in came)
    if len(came) < limits.pump_accounts or part < limits.pump_share * whole:
        return []
    ends = [(what, rows[account]) for account in came for what, rows in (("bought", bought), ("sold", sold))]
    return [Evidence(what, rows[0].id, rows[0].account, rows[0].at, rows[0].price, _units(rows)) for what, rows in ends]


def _units(rows: Iterable[OrderEvent]) -> float:
    return sum(row.quantity for row in rows)
