"""What is remembered of events: the newest, of a window, and nobody who is long gone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desk.bus.bus import Event
from desk.fraud.abuse.limits import DAY
from desk.fraud.abuse.live import OrderWatch
from desk.fraud.abuse.recent import Recent
from desk.fraud.abuse.records import OrderEvent

MOST, SECONDS = 5, 100.0


def event(key: str, at: float) -> OrderEvent:
    return OrderEvent("o", key, "X:A", "buy", "new", at, 1.0, None)


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.floats(0, 60, allow_subnormal=False)), max_size=120))
def test_it_holds_what_a_list_of_everything_would_give(steps):
    recent, everything, at = Recent[str](MOST, SECONDS), list[OrderEvent](), 0.0
    for key, pause in steps:
        at += pause
        everything.append(event(key, at))
        recent.add(key, everything[-1])
        young = {one.account for one in everything if one.at >= at - SECONDS}
        assert len(recent) == len(young)
        for name in young:
            mine = [one for one in everything if one.account == name]
            newest = [one for one in mine if one.at >= mine[-1].at - SECONDS][-MOST:]
            assert [one.at for one in recent.of(name)] == [one.at for one in newest]


def told(account: str, instrument: str, id: str, state: str) -> Event:
    body = {"client_id": id, "account": account, "instrument": instrument, "side": "buy", "quantity": "1"}
    return Event("orders", 1, {**body, "filled": "0", "average_price": None, "state": state})


def held(watch: OrderWatch) -> int:
    """Everything in it that could grow with accounts, instruments and days; orders have a bound of their own."""
    return len(watch._one) + len(watch._all) + len(watch._here) + len(watch._told)


@given(st.integers(2, 40), st.integers(1, 8))
def test_memory_does_not_grow_with_accounts_long_gone(days, accounts):
    watch, most = OrderWatch(), 0
    for day in range(days):
        for n in range(accounts):
            for second in range(2):
                watch.take(
                    told(f"d{day}-{n}", f"X:{day}-{n}", f"{day}-{n}-{second}", "working"), day * DAY + n + second
                )
        if day == 1:
            most = held(watch)
    assert held(watch) <= most


def test_what_was_told_is_forgotten_with_its_day():
    watch = OrderWatch()
    for day in range(6):
        for n in range(400):
            for state in ("working", "cancelled"):
                watch.take(told(f"fast-{day}", "X:A", f"{day}-{n}", state), day * DAY + n * 0.2)
    assert len({alert.accounts for alert in watch.recent()}) == 6
    assert len(watch._told) == 1
