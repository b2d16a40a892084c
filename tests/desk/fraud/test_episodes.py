"""One alert an episode: it grows with what its sender does, and is told again when that says more."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desk.bus.local import LocalBus
from desk.fraud.abuse.records import TOPIC
from desk.fraud.episodes import LONGEST, QUIET, Episodes, Payment
from desk.fraud.scorer import Score
from tests.desk.fraud.test_live import watch

FAST = Score(0.62, ("velocity",))


def pay(n, at, source="ann", amount=1.0):
    return Payment(f"p{n}", source, f"shop-{n}", at, amount)


def told(episodes, payment, score=FAST):
    alert = episodes.take(payment, score)
    assert alert is not None
    return alert


def test_an_account_that_sends_fast_has_one_alert_told_when_it_has_doubled():
    episodes = Episodes()
    said = [episodes.take(pay(n, 1_000 + n), FAST) for n in range(100)]
    assert [alert.count for alert in said if alert] == [1, 2, 4, 8, 16, 32, 64]
    (alert,) = episodes.recent()
    assert (alert.id, alert.last, alert.target, alert.count, alert.amount) == ("p0", "p99", "shop-99", 100, 100.0)
    assert (alert.since, alert.at) == (1_000, 1_099)


def test_a_new_sign_and_a_score_a_tenth_higher_are_told_at_once_and_the_same_again_is_not():
    episodes = Episodes()
    for n in range(5):
        episodes.take(pay(n, n), FAST)
    worse = told(episodes, pay(5, 5), Score(0.71, ("velocity",)))
    assert (worse.score, worse.count) == (0.71, 6)
    other = told(episodes, pay(6, 6), Score(0.65, ("woken",)))
    assert (other.score, other.signs) == (0.71, ("velocity", "woken"))
    assert episodes.take(pay(7, 7), Score(0.65, ("woken",))) is None


def test_silence_and_a_day_end_an_episode_and_another_sender_has_its_own():
    episodes = Episodes()
    first = told(episodes, pay(0, 0))
    assert told(episodes, pay(1, QUIET)).id == first.id
    assert told(episodes, pay(2, 2 * QUIET + 1)).id == "p2"
    assert told(episodes, pay(3, 2 * QUIET + 1, "bob")).id == "p3"
    ids = {(episodes.take(pay(n, n * QUIET, "carl"), FAST) or first).id for n in range(LONGEST // QUIET + 2)}
    assert ids == {"p0", f"p{LONGEST // QUIET + 1}"}


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 2 * QUIET)), max_size=80))
def test_nothing_is_lost_and_memory_is_bounded(steps):
    every, few, at, said = Episodes(recent=1_000), Episodes(recent=3, senders=2), 0, dict[str, int]()
    for n, (source, pause) in enumerate(steps):
        at += pause
        few.take(pay(n, at, source), FAST)
        if alert := every.take(pay(n, at, source), FAST):
            said[alert.id] = alert.count
        assert (len(few._recent), len(few._open)) <= (3, 2)
    assert sum(alert.count for alert in every.recent()) == len(steps)
    assert all(said[alert.id] * 2 > alert.count for alert in every.recent())


def test_the_watch_tells_an_account_that_orders_on_and_on_a_few_times():
    bus, said = LocalBus(), []
    bus.listen(TOPIC, lambda event: said.append(event.body))
    live = watch(bus)
    for n in range(500):
        live.offer(Payment(f"p{n}", "ann", "shop", 1_000_000 + n, 5.0))
    live.close()
    assert len({body["id"] for body in said}) == len(live.recent()) == 1
    assert live.recent()[0].count > 400
    assert len(said) < 15
