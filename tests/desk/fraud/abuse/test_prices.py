"""Pump and dump and abnormal moves on drawn bars."""

from __future__ import annotations

import numpy as np
import pytest

from desk.fraud.abuse.limits import DAY
from desk.fraud.abuse.moves import find_moves
from desk.fraud.abuse.pump import Around, find_pumps
from desk.fraud.abuse.records import Bars, OrderEvent, Post

RISE = slice(201, 206)


def bars(seed=1, name="XNAS:X", path=None, volume=True, n=400):
    dice = np.random.default_rng(seed)
    logs = np.cumsum(dice.normal(0, 0.01, n)) + (0 if path is None else path)
    close = 100 * np.exp(logs)
    made = np.exp(dice.normal(0, 0.3, n)) * 1e6
    if path is not None:
        made[201:209] *= 6
    return Bars(name, np.arange(n) * DAY, close, close, close, made if volume else np.full(n, np.nan))


def wave(top=0.3, left=0.0, n=400):
    path = np.zeros(n)
    path[201:206] = np.linspace(top / 5, top, 5)
    path[206:209] = np.linspace(top * 0.7, left, 3)
    path[209:] = left
    return path


def test_a_rise_that_is_given_back_with_volume_is_a_pump():
    made = bars(path=wave())
    (alert,) = find_pumps(made)
    assert {rule.id for rule in alert.rules} == {"price_burst", "dump", "volume_burst"}
    assert "more than 4.5 times what its own volatility explains, and by more than 1.25 times" in alert.rules[0].text
    assert made.at[199] <= alert.start <= made.at[203]
    assert made.at[205] < alert.known_at <= made.at[209]
    assert alert.figures["rise"] == pytest.approx(0.35, abs=0.1)


def test_a_rise_that_stays_or_has_no_volume_is_none():
    assert find_pumps(bars(path=wave(left=0.3))) == []
    assert find_pumps(bars()) == []
    assert find_pumps(bars(n=20)) == []


def test_messages_and_accounts_stand_in_for_volume():
    quiet = bars(path=wave())
    flat = Bars(quiet.instrument, quiet.at, quiet.high, quiet.low, quiet.close, np.full(400, 1e6))
    assert find_pumps(flat) == []
    usual = [Post("X", at) for at in np.arange(0, 200 * DAY, DAY / 2)]
    many = [Post("X", 202 * DAY + 600.0 * n) for n in range(100)]
    (told,) = find_pumps(flat, Around(posts=[*usual, *many]))
    assert "message_burst" in {rule.id for rule in told.rules}
    assert find_pumps(flat, Around(posts=usual)) == []
    crowd = [fill(f"c{n % 30}", "buy", n * DAY) for n in range(400)]
    ring = [fill(f"r{n}", side, at * DAY, 50) for n in range(5) for side, at in (("buy", 201), ("sell", 205.5))]
    (joined,) = find_pumps(flat, Around(fills=[*crowd, *ring]))
    assert "coordinated_accounts" in {rule.id for rule in joined.rules}
    assert {f"r{n}" for n in range(5)} <= set(joined.accounts)
    assert find_pumps(flat, Around(fills=crowd)) == []


def fill(account, side, at, quantity=1.0):
    return OrderEvent(f"{account}{at}{side}", account, "XNAS:X", side, "fill", float(at), quantity, 100.0)


def jump(size, row=300, n=400):
    path = np.zeros(n)
    path[row:] = size
    return path


def test_a_jump_beyond_its_own_volatility_is_abnormal_unless_news_is_known():
    made = bars(path=jump(0.15))
    (alert,) = find_moves([made])
    assert (alert.kind, alert.end, alert.figures["return"] > 0.1) == ("abnormal_move", 300 * DAY, True)
    assert find_moves([made], {"XNAS:X": {300}}) == []
    assert find_moves([made], {"XNAS:X": {299}}) == []
    assert len(find_moves([made], {"XNAS:X": {250}, "XNAS:Y": {300}})) == 1
    assert find_moves([bars(path=jump(0.05))]) == []


def test_a_gap_in_time_explains_more_and_a_fall_of_all_is_the_markets():
    made = bars(path=jump(0.11))
    late = Bars(made.instrument, made.at + (np.arange(400) >= 300) * 9 * DAY, *(made.close,) * 3, made.volume)
    assert len(find_moves([made])) == 1
    assert find_moves([late]) == []
    crash = [bars(seed, f"X{seed}", jump(-0.12)) for seed in range(8)]
    assert find_moves(crash) == []
    alone = [*crash[:7], bars(9, "X9", jump(0.12))]
    assert [alert.instrument for alert in find_moves(alone)] == ["X9"]
    assert "against_the_market" in {rule.id for rule in find_moves(alone)[0].rules}
