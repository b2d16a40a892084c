"""Schedules of every kind on a clock that the test moves, from start to end and off the straight way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from desk.errors import Conflict, InputError, NotFound
from desk.orders import Chosen, Order, OrderState, Side, TimeInForce
from desk.risk.limits import LimitTable
from desk.trading.schedule import FINAL, Schedule, State
from desk.trading.schedule_report import mid_price, report_of
from desk.trading.slicing import Kind, due_at
from tests.desk.trading.fake_feed import AAPL, BTC, INDEX, START
from tests.desk.trading.listing import delist, recount
from tests.desk.trading.schedule_desk import HOUR, Dead, ScheduleDesk, terms

MINUTE = timedelta(minutes=1)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[ScheduleDesk]:
    made = ScheduleDesk(tmp_path)
    yield made
    made.close()


def kinds(bench: ScheduleDesk) -> list[str]:
    return [kind.removeprefix("schedule.") for kind, _ in bench.audit]


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("side", list(Side))
def test_every_kind_runs_to_its_end(bench, kind, side):
    schedule = bench.schedules.start("s1", terms(kind=kind, side=side), "tom")
    bench.run(START + HOUR)
    assert [schedule.state, bench.filled(schedule)] == [State.DONE, 100], schedule.reason
    assert sum(child.lots for child in schedule.children) == 100
    report = report_of(schedule, mid_price(bench.feed.quote(AAPL), bench.feed.instruments.get(AAPL)))
    assert [report.filled, report.left, report.arrival] == [100, 0, Decimal("180.01")]
    assert report.cost == report.spread + report.drift + report.commission
    assert [report.spread, report.drift] == [1, 0]  # half a spread of two cents on each
    assert (report.twap, report.vwap, report.watched) == (Decimal("180.0100"), Decimal("180.0100"), 1.0)
    assert kinds(bench) == ["started", "running", "done"]
    assert schedule.progress.expected["low"] < report.cost_bps < schedule.progress.expected["high"]


def test_twap_children_are_the_slices_to_the_lot(bench):
    schedule = bench.schedules.start("s1", terms(lots=103), "tom")
    plan = schedule.plan
    bench.run(START + HOUR)
    assert [child.lots for child in schedule.children] == [each.lots for each in plan]
    assert all(
        timedelta(0) <= c.at - s.at <= timedelta(seconds=15) for c, s in zip(schedule.children, plan, strict=True)
    )
    order = bench.trading.status("sc-s1-1").order
    assert (order.chosen, order.time_in_force, order.limit_ticks) == (Chosen.SCHEDULE, TimeInForce.IOC, 18_004)
    assert bench.trading.accounts.order("sc-s1-1").route == "broker"


def test_participation_stays_below_its_share_at_all_times(bench):
    schedule = bench.schedules.start("s1", terms(kind=Kind.POV, lots=4_000, rate_bps=200), "tom")
    instrument, volume = bench.feed.instruments.get(AAPL), bench.schedules._around.volume
    while bench.feed.at < START + HOUR:
        bench.tick(timedelta(seconds=10))
        done = int(bench.filled(schedule))
        others = volume.printed(instrument, START, bench.feed.at)
        assert done * 10_000 <= 200 * (done + others)
    assert 3_500 < bench.filled(schedule) <= 4_000


def test_urgent_shortfall_is_ahead_of_twap(bench):
    schedule = bench.schedules.start("s1", terms(kind=Kind.SHORTFALL, urgency="high", lots=10_000), "tom")
    assert due_at(schedule.plan, START + HOUR / 2) > 5_500


def test_a_pause_holds_and_resume_plans_the_rest_anew(bench):
    schedule = bench.schedules.start("s1", terms(), "tom")
    bench.run(START + 20 * MINUTE)
    before = bench.filled(schedule)
    assert bench.schedules.pause("s1", "tom") is bench.schedules.pause("s1", "tom")
    bench.run(START + 40 * MINUTE)
    assert [bench.filled(schedule), schedule.state] == [before, State.PAUSED]
    bench.schedules.resume("s1", "tom")
    assert schedule.plan[0].at > bench.feed.at  # nothing in a lump: what was missed is spread over what is left
    assert len(schedule.plan) == 3
    bench.run(START + HOUR)
    assert [schedule.state, bench.filled(schedule)] == [State.DONE, 100]
    assert kinds(bench) == ["started", "running", "paused", "resumed", "done"]


def test_a_paused_schedule_ends_with_its_time(bench):
    schedule = bench.schedules.start("s1", terms(), "tom")
    bench.run(START + 20 * MINUTE)
    bench.schedules.pause("s1", "tom")
    bench.run(START + HOUR + MINUTE)
    assert schedule.state is State.DONE
    assert "lots left" in schedule.reason
    assert bench.filled(schedule) == sum(child.lots for child in schedule.children) < 100


def test_amending_quantity_and_end(bench):
    schedule = bench.schedules.start("s1", terms(), "tom")
    bench.run(START + 30 * MINUTE)
    done = bench.filled(schedule)
    with pytest.raises(InputError, match=f"{done} lots"):
        bench.schedules.amend("s1", "tom", lots=int(done) - 1)
    with pytest.raises(InputError, match="has passed"):
        bench.schedules.amend("s1", "tom", end=START + 29 * MINUTE)
    bench.schedules.amend("s1", "tom", lots=60, end=START + 40 * MINUTE)
    bench.schedules.amend("s1", "tom", lots=60)  # what stands changes nothing
    bench.run(START + HOUR)
    assert [schedule.state, bench.filled(schedule)] == [State.DONE, 60]
    assert schedule.children[-1].at < START + 40 * MINUTE
    assert kinds(bench).count("amended") == 1


def test_a_limit_is_never_passed(bench):
    schedule = bench.schedules.start("s1", terms(limit_ticks=18_002), "tom")
    bench.run(START + 10 * MINUTE)
    bench.feed.prices[AAPL] = (18_010, 18_012)
    bench.run(START + 30 * MINUTE)
    held = bench.filled(schedule)
    assert schedule.note == "the price is beyond the limit"
    bench.schedules.amend("s1", "tom", limit_ticks=18_012)
    bench.run(START + HOUR)
    assert held < bench.filled(schedule) == 100
    assert all(child.limit_ticks <= 18_012 for child in schedule.children)


def test_cancel_ends_it_and_its_child(bench):
    schedule = bench.schedules.start("s1", terms(), "tom")
    bench.run(START + 20 * MINUTE)
    bench.work = False  # the next child stays in the outbox
    while not schedule.working:
        bench.tick()
    bench.schedules.cancel("s1", "tom")
    assert (schedule.state, schedule.working) == (State.CANCELLED, False)
    assert bench.trading.status(schedule.children[-1].client_id).state is OrderState.CANCELLED
    bench.work = True
    bench.run(START + HOUR)
    assert bench.filled(schedule) == 30  # three slices; the fourth never came to the broker
    assert bench.schedules.cancel("s1", "tom") is schedule  # a repeat does nothing
    for refused in (bench.schedules.pause, bench.schedules.resume):
        with pytest.raises(Conflict, match="cancelled"):
            refused("s1", "tom")


def test_one_child_at_a_time(bench):
    schedule = bench.schedules.start("s1", terms(), "tom")
    bench.work = False
    bench.run(START + 4 * MINUTE)
    assert len(schedule.children) == 1
    assert schedule.note == "a child is at work"
    bench.run(START + 30 * MINUTE)  # called back after a minute: what no broker took is carried over
    assert {child.status.state for child in schedule.children[:-1]} == {OrderState.CANCELLED}
    assert max(child.lots for child in schedule.children) == 50
    bench.work = True
    bench.run(START + HOUR)
    assert [schedule.state, bench.filled(schedule)] == [State.DONE, 100]


def test_a_halt_stops_it_and_it_goes_on_after(bench):
    schedule = bench.schedules.start("s1", terms(), "tom")
    bench.run(START + 15 * MINUTE)
    before, sent = bench.filled(schedule), len(schedule.children)
    bench.trading.halt("carl", "odd prices")
    bench.run(START + 35 * MINUTE)
    assert (bench.filled(schedule), len(schedule.children)) == (before, sent)
    assert (schedule.state, schedule.note) == (State.RUNNING, "the desk is halted")
    for person in ("carl", "tom"):
        bench.trading.resume(person)
    bench.tick()
    assert schedule.plan[0].at > bench.feed.at  # planned anew, no lump
    bench.run(START + HOUR)
    assert bench.filled(schedule) == 100


def test_three_refusals_in_a_row_fail_it(tmp_path):
    bench = ScheduleDesk(tmp_path, limits=LimitTable(max_order_notional=1))
    schedule = bench.schedules.start("s1", terms(), "tom")
    bench.run(START + HOUR)
    assert schedule.state is State.FAILED
    assert "max order notional" in schedule.reason
    assert [child.outcome for child in schedule.children] == ["refused"] * 3
    gaps = [b.at - a.at for a, b in pairwise(schedule.children)]
    assert all(gap >= 6 * MINUTE for gap in gaps)  # a slice's time between two tries
    assert bench.filled(schedule) == 0
    bench.close()


def test_a_clamp_is_carried_over(tmp_path):
    bench = ScheduleDesk(tmp_path, limits=LimitTable(max_order_quantity=7))
    schedule = bench.schedules.start("s1", terms(), "tom")
    bench.run(START + HOUR)
    assert [schedule.state, bench.filled(schedule)] == [State.DONE, 100]
    assert {status.order.quantity for status in bench.trading.orders()} <= {Decimal(n) for n in range(1, 8)}
    assert any("max order quantity allows 7" in child.reason for child in schedule.children)
    bench.close()


def test_a_squatted_client_id_is_a_refusal_and_never_its_order(bench):
    squat = Order("sc-s1-1", "desk", AAPL, Side.SELL, Decimal(1))
    bench.trading.gate.submit(squat)
    schedule = bench.schedules.start("s1", terms(), "tom")
    bench.run(START + HOUR)
    assert (schedule.children[0].outcome, schedule.state) == ("refused", State.DONE)
    mine = [s for s in bench.trading.orders() if s.order.client_id != "sc-s1-1"]
    assert sum(s.filled for s in mine) == 100


def test_no_child_is_above_its_share_of_what_is_shown(bench):
    schedule = bench.schedules.start("s1", terms(lots=4_000, slices=1, shown_bps=1_000), "tom")
    shown = bench.trading.venue.depth(AAPL, 1).asks[0].lots
    bench.run(START + HOUR)
    assert max(child.lots for child in schedule.children) == shown // 10
    assert bench.filled(schedule) == 4_000


def test_nothing_is_sent_in_an_auction_and_the_day_bounds_it(bench):
    closes = START.replace(hour=20, minute=58)
    with pytest.raises(InputError, match=r"2024-03-01T20:58:01.*2024-03-01T20:58:00"):
        bench.schedules.start("late", terms(end=closes + timedelta(seconds=1)), "tom")
    bench.schedules.start("all day", terms(end=closes), "tom")
    bench.feed.at = START.replace(hour=14, minute=29)
    with pytest.raises(InputError, match="before XNAS:AAPL trades"):
        bench.schedules.start("early", terms(start=START.replace(hour=14, minute=30)), "tom")
    bench.schedules.start("round the clock", terms(instrument=BTC, end=START.replace(hour=23, minute=59)), "tom")


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"lots": 0}, "at least one"),
        ({"slices": 0}, "0 slices"),
        ({"slices": 501}, "501 slices"),
        ({"end": START + timedelta(seconds=9)}, "less than 10 s"),
        ({"end": START - HOUR}, "less than 10 s"),
        ({"rate_bps": 5_001}, "50.01 %"),
        ({"shown_bps": 0}, "0 %"),
        ({"limit_ticks": 0}, "0 ticks"),
        ({"instrument": INDEX}, "index level"),
        ({"instrument": "XNAS:NIL"}, "XNAS:NIL"),
        ({"end": START + timedelta(days=1)}, "after the trading day"),
    ],
)
def test_terms_that_cannot_be(bench, more, why):
    with pytest.raises((InputError, NotFound), match=why):
        bench.schedules.start("s1", terms(**more), "tom")
    assert bench.schedules.list() == []


def test_the_same_id_is_the_same_schedule(bench):
    first = bench.schedules.start("s1", terms(), "tom")
    assert bench.schedules.start("s1", terms(), "tom") is first
    with pytest.raises(Conflict, match="other terms"):
        bench.schedules.start("s1", terms(lots=5), "tom")
    with pytest.raises(Conflict, match="other terms"):
        bench.schedules.start("s1", terms(), "eva")
    with pytest.raises(NotFound, match="s2"):
        bench.schedules.get("s2")


def test_only_so_many_are_open_at_once(bench):
    for n in range(3):
        bench.schedules.start(f"s{n}", terms(), "tom")
    with pytest.raises(Conflict, match="3 schedules are open"):
        bench.schedules.start("s3", terms(), "tom")
    bench.schedules.cancel("s0", "tom")
    bench.tick()
    bench.schedules.start("s3", terms(), "tom")


def test_it_waits_for_its_start_and_can_be_cancelled_before(bench):
    later = bench.schedules.start("later", terms(start=START + 10 * MINUTE), "tom")
    bench.schedules.start("never", terms(start=START + 10 * MINUTE), "tom")
    bench.run(START + 5 * MINUTE)
    assert (later.state, later.note) == (State.WAITING, "waits for its start")
    with pytest.raises(Conflict, match="has not begun"):
        bench.schedules.pause("later", "tom")
    bench.schedules.amend("later", "tom", lots=50)
    bench.schedules.cancel("never", "tom")
    bench.run(START + HOUR)
    assert [later.state, bench.filled(later)] == [State.DONE, 50]
    assert bench.trading.positions()[0].quantity == 150


@pytest.mark.parametrize(("said", "state"), [("approved", State.DONE), ("refused", State.CANCELLED),
                                             ("expired", State.CANCELLED), ("waiting", State.CANCELLED)])  # fmt: skip
def test_an_approval_decides(bench, said, state):
    schedule = bench.schedules.start("s1", terms(), "tom", "ap-1")
    bench.run(START + 10 * MINUTE)
    assert (schedule.state, schedule.children) == (State.WAITING, [])
    bench.approval = said
    bench.run(START + HOUR + MINUTE)
    assert schedule.state is state
    assert bench.filled(schedule) == (100 if state is State.DONE else 0)
    if state is State.DONE:
        assert schedule.children[0].at > START + 10 * MINUTE  # from the yes on, and not in a lump
        assert schedule.children[0].lots < 20


def test_a_new_day_ends_it(bench):
    schedule = bench.schedules.start("s1", terms(), "tom")
    bench.run(START + 20 * MINUTE)
    bench.feed.at += timedelta(days=1)
    bench.tick()
    assert (schedule.state, schedule.reason[:21]) == (State.DONE, "the trading day ended")


def test_a_market_clock_that_begins_its_day_anew_ends_it(bench):
    schedule = bench.schedules.start("s1", terms(end=START + 3 * HOUR), "tom")
    bench.run(START + 2 * HOUR)
    bench.feed.at = START
    bench.tick()
    assert schedule.state is State.DONE


def test_a_missing_price_is_no_end(bench):
    schedule = bench.schedules.start("s1", terms(), "tom")
    bench.run(START + 10 * MINUTE)
    gone = bench.feed.prices.pop(AAPL)
    bench.run(START + 12 * MINUTE)
    assert (schedule.state, "no price" in schedule.note) == (State.RUNNING, True)
    bench.feed.prices[AAPL] = gone
    bench.run(START + HOUR)
    assert bench.filled(schedule) == 100


CHANGES = [(delist, "no longer listed"), (partial(recount, tick="0.05"), "tick of XNAS:AAPL was 0.01"),
           (partial(recount, lot="10"), "lot of XNAS:AAPL was 1")]  # fmt: skip


@pytest.mark.parametrize(("change", "why"), CHANGES)
@pytest.mark.parametrize("before", [True, False])
def test_a_changed_instrument_fails_it_and_what_was_done_stays_readable(tmp_path, change, why, before):
    bench = ScheduleDesk(tmp_path)
    schedule = bench.schedules.start("s1", terms(start=START + 10 * MINUTE, end=START + HOUR), "tom")
    bench.run(START + (5 if before else 30) * MINUTE)
    filled, price = bench.filled(schedule), mid_price(bench.feed.quote(AAPL), bench.feed.instruments.get(AAPL))
    assert (filled > 0) is not before
    told = report_of(schedule, price)
    change(bench.feed)
    bench.run(START + 50 * MINUTE)
    assert (schedule.state, bench.filled(schedule), schedule.working) == (State.FAILED, filled, False)
    assert why in schedule.reason
    assert report_of(schedule, price) == told
    without = report_of(schedule, None)
    assert (without.opportunity is None) is not before
    bench.close()
    again = ScheduleDesk(tmp_path, bench.feed)
    kept = again.schedules.get("s1")
    assert (kept.state, again.filled(kept), report_of(kept, None)) == (State.FAILED, filled, without)
    again.close()


def test_drift_and_spread_are_told_apart(bench):
    schedule = bench.schedules.start("s1", terms(slices=2), "tom")
    bench.run(START + 20 * MINUTE)
    bench.feed.prices[AAPL] = (18_100, 18_102)
    bench.run(START + HOUR)
    report = report_of(schedule, mid_price(bench.feed.quote(AAPL), bench.feed.instruments.get(AAPL)))
    assert (report.spread, report.drift, report.commission) == (Decimal("1.00"), Decimal("50.00"), Decimal("1.82"))
    assert report.cost == Decimal("52.82")
    assert report.cost_bps == pytest.approx(52.82 / 18_001 * 10_000)
    assert report.against_twap_bps is not None
    assert report.against_twap_bps < 0


def test_what_is_left_has_an_opportunity_cost(bench):
    schedule = bench.schedules.start("s1", terms(limit_ticks=18_002), "tom")
    bench.run(START + 20 * MINUTE)
    bench.feed.prices[AAPL] = (18_100, 18_102)
    bench.run(START + HOUR)
    report = report_of(schedule, mid_price(bench.feed.quote(AAPL), bench.feed.instruments.get(AAPL)))
    assert [report.filled, report.left, report.opportunity] == [30, 70, 70]


def test_a_restart_takes_it_up(tmp_path):
    bench = ScheduleDesk(tmp_path)
    bench.schedules.start("s1", terms(), "tom")
    bench.schedules.start("s2", terms(kind=Kind.SHORTFALL), "tom")
    bench.run(START + 21 * MINUTE)
    bench.schedules.pause("s2", "tom")
    old = {each.id: each for each in bench.schedules.list()}
    feed = bench.feed
    bench.close()
    again = ScheduleDesk(tmp_path, feed)
    kept = {each.id: each for each in again.schedules.list()}
    assert [each.id for each in again.schedules.list()] == ["s2", "s1"]
    assert kept["s1"].plan == old["s1"].plan
    assert [plain(c) for c in kept["s1"].children] == [plain(c) for c in old["s1"].children]
    assert kept["s2"].state is State.PAUSED
    again.schedules.resume("s2", "tom")
    again.run(START + HOUR)
    assert {each.id: again.filled(each) for each in kept.values()} == {"s1": 100, "s2": 100}
    assert all(each.state in FINAL for each in kept.values())
    again.close()


def plain(child) -> tuple[object, ...]:
    return child.n, child.client_id, child.lots, child.outcome, child.status.filled


def test_a_child_that_the_gate_never_saw_is_void_and_its_lots_are_carried_over(tmp_path):
    bench = ScheduleDesk(tmp_path)
    schedule = bench.schedules.start("s1", terms(), "tom")
    bench.run(START + 10 * MINUTE)
    lose_the_next_child(bench, schedule)
    feed = bench.feed
    bench.close()
    again = ScheduleDesk(tmp_path, feed)
    again.run(START + HOUR)
    kept = again.schedules.get("s1")
    assert [child.n for child in kept.children if child.outcome == "void"] == [3]
    assert [kept.state, again.filled(kept)] == [State.DONE, 100]
    again.close()


def lose_the_next_child(bench: ScheduleDesk, schedule: Schedule) -> None:
    bench.orders.alive = False
    with pytest.raises(Dead):
        bench.run(START + HOUR)
    assert schedule.children[-1].outcome == ""
