"""`decide` alone: whatever it sees, it never sends too much, too dear, or when it must not."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from desk.orders import Side
from desk.trading.schedule import Child, End, Look, Progress, Schedule, Send, State, Wait, child_limit, decide
from desk.trading.slicing import Kind, plan_twap
from tests.desk.trading.fake_feed import AAPL, START, FakeFeed
from tests.desk.trading.schedule_desk import HOUR, terms

seconds = st.integers(-60, 4_000).map(lambda n: START + timedelta(seconds=n))
looks = st.builds(
    Look,
    now=seconds,
    bid=st.integers(1, 20_000),
    ask=st.integers(1, 20_000),
    shown=st.integers(0, 10_000),
    filled=st.integers(0, 1_100),
    open=st.integers(0, 5),
    printed=st.integers(0, 100_000),
    trading=st.booleans(),
    halted=st.booleans(),
)
asked = st.builds(
    lambda **more: terms(lots=1_000, **more),
    side=st.sampled_from(list(Side)),
    kind=st.sampled_from(list(Kind)),
    slices=st.integers(1, 50),
    limit_ticks=st.none() | st.integers(1, 20_000),
    rate_bps=st.integers(1, 5_000),
    shown_bps=st.integers(1, 10_000),
)


def made(wanted, base: int, children: list[Child]) -> Schedule:
    plan = plan_twap(wanted.lots - base, START, wanted.end, wanted.slices)
    progress = Progress(START, base_lots=base, seen=START)
    return Schedule(
        "s", wanted, FakeFeed().instruments.get(AAPL), "tom", "", progress, State.RUNNING, plan=plan, children=children
    )


@given(asked, looks, st.integers(0, 999), st.none() | seconds)
def test_what_it_sends_is_within_every_bound(wanted, look, base, last):
    children = [] if last is None else [Child(1, "sc-s-1", 5, 1, last, 1, 2, "sent")]
    schedule = made(wanted, base, children)
    action = decide(schedule, look)
    assert action == decide(schedule, look)
    left = wanted.lots - look.filled
    if left <= 0 or look.now >= wanted.end:
        assert isinstance(action, End)
    if not isinstance(action, Send):
        return
    assert look.trading
    assert not look.halted
    assert look.open == 0
    assert last is None or look.now - last >= timedelta(seconds=1)
    assert 1 <= action.lots <= left
    assert action.lots * 10_000 <= look.shown * wanted.shown_bps
    if wanted.limit_ticks is not None:
        away = action.limit_ticks - wanted.limit_ticks
        assert away * wanted.side.sign <= 0
    assert action.limit_ticks == child_limit(wanted, look.bid, look.ask) >= 1


@given(asked, looks, st.lists(st.booleans(), min_size=3, max_size=6))
def test_three_refusals_in_a_row_and_no_fewer_end_it(wanted, look, refused):
    children = [
        Child(n, f"sc-s-{n}", 5, 1, START, 1, 2, "refused" if no else "sent", "too much")
        for n, no in enumerate(refused, 1)
    ]
    action = decide(made(wanted, 0, children), look._replace(filled=0))
    failed = isinstance(action, End) and action.state is State.FAILED
    assert failed == all(refused[-3:])


@given(st.integers(1, 3_600), st.integers(1, 50))
def test_a_plan_in_force_is_followed_and_never_passed(after, slices):
    """Filled at once each time, what it asks for follows the plan exactly."""
    schedule = made(terms(lots=777, slices=slices), 0, [])
    filled = 0
    for second in range(0, after, 7):
        look = Look(START + timedelta(seconds=second), 100, 101, 10**6, filled, 0, 0, True, False)
        action = decide(schedule, look)
        if isinstance(action, Send):
            filled += action.lots
        due = max((each.total for each in schedule.plan if each.at <= look.now), default=0)
        assert filled == due
    assert isinstance(decide(schedule, look._replace(now=START + HOUR)), End)
    assert isinstance(decide(schedule, look._replace(filled=0, shown=0, now=START)), Wait)
