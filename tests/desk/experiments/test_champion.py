from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from desk.bus.local import LocalBus
from desk.clock import FrozenClock
from desk.errors import Conflict
from desk.experiments.arms import ARMS, BASELINE, Arm
from desk.experiments.champion import FALL, LOOK, REST, Standing, gains_of, judge, promote, walk
from desk.experiments.closes import Closes
from desk.experiments.standings import KIND, Standings
from desk.forecast.features import Vector
from desk.forecast.registry import Registry
from desk.ledger.log import Ledger
from desk.ledger.reader import load_page
from desk.market.history import History
from desk.store.engine import Store
from desk.trading.services import Services
from tests.desk.history_feed import history_feed
from tests.desk.trading.fake_feed import START

ROWS = 1500
BASE = np.random.default_rng(1).normal(0.0, 0.01, ROWS)
CLOSES = Closes(
    History().instruments.get("XNAS:AAPL"),
    [date(2010, 1, 1) + timedelta(n) for n in range(ROWS)],
    np.asarray(100 * np.exp(np.cumsum(BASE))),
    ROWS,
)


def led(lead: float, noise: float = 0.004) -> Vector:
    return np.asarray(BASE + lead + np.random.default_rng(2).normal(0, noise, ROWS))


def test_a_better_arm_is_tried_beside_and_then_takes_over() -> None:
    changes = walk(CLOSES, {BASELINE: BASE, "ridge": led(0.002)})
    first, second = changes
    assert (first.champion, first.challenger) == (BASELINE, "ridge")
    assert (second.champion, second.challenger) == ("ridge", "")
    assert second.since - first.nominated == LOOK
    assert first.looked >= 504


def test_luck_changes_nothing() -> None:
    assert (
        walk(CLOSES, {BASELINE: BASE, "ridge": led(0.0), "naive": np.random.default_rng(5).normal(0, 0.01, ROWS)}) == []
    )


def test_a_champion_that_falls_behind_or_breaks_is_sent_home() -> None:
    standing = Standing("ridge", since=600, looked=600)
    gains = {BASELINE: BASE, "ridge": np.where(np.arange(ROWS) > 600, BASE - 0.004, BASE)}
    fallen = judge(standing, gains, 600 + LOOK, 0)
    assert (fallen.champion, fallen.since) == (BASELINE, 600 + LOOK)
    assert f"{FALL:.0%} are allowed" in fallen.why
    slow = judge(standing, {**gains, "ridge": led(-0.0008, 0.0005)}, 600 + LOOK, 0)
    assert slow.champion == BASELINE
    assert "more than luck explains" in slow.why
    assert judge(standing, {BASELINE: BASE}, 700, 0).why == "ridge could not decide"
    assert judge(standing, {BASELINE: BASE, "ridge": led(0.0)}, 663, 0).champion == "ridge"


def test_what_a_look_says_does_not_hang_on_later_days() -> None:
    gains = {BASELINE: BASE, "ridge": led(0.002)}
    poisoned = {name: np.where(np.arange(ROWS) > 900, -0.02, each) for name, each in gains.items()}
    assert walk(CLOSES, gains, until=901) == walk(CLOSES, poisoned, until=901)


def test_people_promote_winners_only_and_never_twice_in_a_row() -> None:
    with pytest.raises(Conflict, match=r"does not beat the baseline here \(none does\)"):
        promote(Standing(), "ridge", None, 900)
    champion = promote(Standing(), "ridge", "ridge", 900)
    assert champion.champion == "ridge"
    with pytest.raises(Conflict, match=f"became champion 10 days ago; {REST} lie between two"):
        promote(champion, "lstm", "lstm", 910)
    assert promote(champion, "lstm", "lstm", 900 + REST).champion == "lstm"
    assert promote(champion, BASELINE, "ridge", 905).champion == BASELINE
    with pytest.raises(Conflict, match="champion already"):
        promote(champion, "ridge", "ridge", 2000)


def test_an_arm_that_breaks_is_told_and_the_others_gain() -> None:
    def breaks(closes: Closes, _: Registry) -> Vector:
        raise ValueError(str(closes.window))

    gains, failed = gains_of(
        CLOSES, Registry(), {**{n: ARMS[n] for n in (BASELINE, "ridge")}, "x": Arm("x", "x", breaks)}
    )
    assert set(gains) == {BASELINE, "ridge"}
    assert failed == {"x": "ValueError: 1500"}


def test_every_change_is_on_the_ledger_and_the_next_watch_goes_on_from_it(tmp_path: Path) -> None:
    store = Store.in_folder(tmp_path)
    services = Services(store, Ledger(store, bytes(32)), history_feed(tmp_path), LocalBus(), FrozenClock(START))
    standings = Standings(services, Registry())
    days = np.zeros(2600)
    dice = np.random.default_rng(3)
    for day in range(2, 2600):
        days[day] = dice.normal(0, 0.012) + 0.35 * days[day - 2]
    closes = replace(
        CLOSES,
        days=[date(2010, 1, 1) + timedelta(n) for n in range(2600)],
        values=np.asarray(100 * np.exp(np.cumsum(days))),
        window=1500,
    )
    early = replace(closes, days=closes.days[:2000], values=closes.values[:2000], window=900)
    first = standings.watch(early, "evaluator")
    records = load_page(store, kind=KIND)
    assert first.standing.champion in {"naive", "ridge", "xgboost"}
    assert len(records) == len(first.changes) + (first.standing != first.changes[-1])
    assert standings.now(early) == first.standing
    assert standings.watch(early, "evaluator").changes == []
    assert len(load_page(store, kind=KIND)) == len(records)
    second = standings.watch(closes, "evaluator")
    assert second.standing.looked > first.standing.looked
    with pytest.raises(Conflict, match="does not beat the baseline here"):
        standings.promote(closes, "momentum", "evaluator")
    with pytest.raises(Conflict, match="trades a basket, not XNAS:AAPL"):
        standings.promote(closes, "equal_weight", "evaluator")
    assert standings.promote(closes, BASELINE, "evaluator").champion == BASELINE
    assert [each["why"] for each in standings.history(1)] == ["sent home by a person"]
    assert services.ledger.verify()["ok"]
    store.close()
