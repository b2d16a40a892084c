"""Market alerts as cases: which case an alert goes on, that a repeated look changes nothing, restart, four eyes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from desk.clock import FrozenClock
from desk.errors import Conflict, Forbidden, InputError, NotFound
from desk.fraud.abuse.case_book import MarketBook
from desk.fraud.abuse.limits import DAY
from desk.fraud.abuse.records import Evidence, build_alert
from desk.fraud.abuse.sources import MarketSource
from desk.identity.people import People
from desk.identity.roles import Person, Role
from desk.market.replay import ReplayFeed
from desk.store.engine import Store

NOW = datetime(2024, 3, 1, 12, tzinfo=UTC)
NOON = NOW.timestamp()
CARL, CORA = (Person(name, name.title(), Role.COMPLIANCE) for name in ("carl", "cora"))


def spoofing(*orders, account="ann", at=NOON, instrument="XNAS:AAPL", kind="spoofing"):
    """An alert of a small fill and a large cancelled order for each of the names."""
    rows = []
    for n, name in enumerate(orders):
        rows.append(Evidence("fill", f"f-{name}", account, at + 10 * n, 10.0, 100.0))
        rows.append(Evidence("cancelled", f"c-{name}", account, at + 10 * n + 5, 10.0, 1_000.0))
    amount = 10_000.0 * len(orders)
    return build_alert(kind, instrument, rows, ["large_then_cancelled", "one_sided"], 2.0, amount)


def move(day, row, price=10.0):
    rows = [
        Evidence("before", str(row - 1), "", (day - 1) * DAY, price, None),
        Evidence("after", str(row), "", day * DAY, 2 * price, None),
    ]
    return build_alert("abnormal_move", "XNAS:AAPL", rows, ["against_own_volatility"], 2.0, price)


@pytest.fixture
def records():
    return []


@pytest.fixture
def store(tmp_path):
    store = Store.in_folder(tmp_path)
    people = People(store)
    with store.begin() as connection:
        for person in (CARL, CORA, Person("tom", "Tom", Role.TRADER)):
            people.add(connection, person, NOW)
    yield store
    store.close()


@pytest.fixture
def open_book(store, records, tmp_path):
    """A book over the store, as after a restart."""

    def build():
        wall = FrozenClock(NOW)
        feed = ReplayFeed(tmp_path / "clock.json", wall)
        source = MarketSource(feed, wall, list, dict, lambda _: "")
        return MarketBook(store, source, wall, lambda _, *record: records.append(record))

    return build


@pytest.fixture
def book(open_book):
    return open_book()


def test_the_same_finding_again_is_the_same_case_and_writes_nothing(book, open_book, records):
    alert = spoofing("a", "b", "c")
    assert book.keep([alert]) == {alert.id: alert.id}
    (case,) = book.cases()
    for again in (book, open_book()):
        assert again.keep([alert, alert]) == {alert.id: alert.id}
        assert again.cases() == [case]
    assert records == []
    assert (case.alert, case.currency, case.state, case.assignee) == (alert, "USD", "open", "")


def test_more_evidence_of_the_day_joins_and_less_takes_nothing_away(book, records):
    few, more = spoofing("a", "b", "c"), spoofing("a", "b", "c", "d")
    book.keep([few])
    assert book.keep([more]) == {more.id: few.id}
    (case,) = book.cases()
    assert (case.alert.id, case.alert.evidence, case.alert.amount) == (few.id, more.evidence, 40_000.0)
    assert book.keep([few]) == {few.id: few.id}
    assert book.cases() == [case]
    (step,) = case.history
    assert (step.person, step.action) == ("desk", "grow")
    assert "2 rows of evidence joined; amount 30,000.00 to 40,000.00" in step.reason
    assert [kind for kind, *_ in records] == ["fraud.grow"]


def test_two_looks_that_overlap_hold_what_both_saw_in_either_order(book):
    early, late = spoofing("a", "b", "c"), spoofing("c", "d", "e", at=NOON + 20)
    book.keep([late])
    book.keep([early])
    (case,) = book.cases()
    assert [row.id for row in case.alert.evidence if row.what == "cancelled"] == ["c-a", "c-b", "c-c", "c-d", "c-e"]
    assert case.alert.amount == 50_000.0
    assert case.alert.start == early.start


@pytest.mark.parametrize(
    "other",
    [
        spoofing("x", "y", "z", account="bob"),
        spoofing("x", "y", "z", instrument="XNAS:MSFT"),
        spoofing("x", "y", "z", at=NOON + 2 * DAY),
        spoofing("x", "y", "z", kind="unauthorised_hft"),
    ],
)
def test_another_account_instrument_kind_or_time_is_another_case(book, other):
    first = spoofing("a", "b", "c")
    assert book.keep([first, other]) == {first.id: first.id, other.id: other.id}
    assert len(book.cases()) == 2


def test_layering_goes_on_the_case_of_the_accounts_spoofing(book):
    book.keep([spoofing("a", "b", "c")])
    book.keep([spoofing("a", "b", "c", "d", kind="layering")])
    (case,) = book.cases()
    assert case.alert.kind == "layering"
    assert "it is now: layering (was: spoofing)" in case.history[-1].reason


def test_a_bar_is_the_same_bar_wherever_the_look_began(book):
    day = 19_000
    book.keep([move(day, 500)])
    book.keep([move(day, 77)])
    (case,) = book.cases()
    assert (case.history, len(case.alert.evidence)) == ((), 2)
    book.keep([move(day + 40, 540)])
    assert len(book.cases()) == 2


def test_closing_takes_two_and_outlives_a_restart(book, open_book, records):
    (id,) = book.keep([spoofing("a", "b", "c")]).values()
    assert book.act(id, CARL, "take", "").assignee == "carl"
    assert book.act(id, CARL, "hand", "holidays", "cora").assignee == "cora"
    assert book.act(id, CARL, "close", "a hedger", verdict="cleared").state == "closing"
    with pytest.raises(Conflict, match="another compliance officer must confirm"):
        book.act(id, CARL, "close", "again")
    assert book.act(id, CORA, "close", "agreed").state == "closed"
    after = open_book().case(id)
    assert (after.state, after.assignee, len(after.history)) == ("closed", "cora", 4)
    assert open_book().priority(after) == 0.0
    assert [kind for kind, *_ in records] == ["fraud.take", "fraud.hand", "fraud.close", "fraud.close"]
    assert records[-1][2]["state"] == "closed"


def test_what_grew_materially_since_closing_is_opened_again(book):
    (id,) = book.keep([spoofing("a", "b", "c")]).values()
    for person in (CARL, CORA):
        book.act(id, person, "close", "a hedger")
    book.keep([spoofing("a", "b", "c", "d")])
    case = book.case(id)
    assert [step.action for step in case.history] == ["close", "close", "grow", "reopen"]
    assert case.state == "open"


def test_a_step_of_the_wrong_person_or_on_no_case_leaves_no_trace(book, records):
    (id,) = book.keep([spoofing("a", "b", "c")]).values()
    with pytest.raises(Forbidden):
        book.act(id, Person("tom", "Tom", Role.TRADER), "close", "mine")
    with pytest.raises(InputError, match="reason"):
        book.act(id, CARL, "escalate", " ")
    with pytest.raises(NotFound):
        book.act("ma-0000000000", CARL, "close", "x")
    assert (records, book.case(id).history) == ([], ())


def test_large_and_old_come_first(book):
    small, large = spoofing("a", "b", "c", account="bob"), spoofing(*"abcdefghij")
    ids = book.keep([small, large])
    first, second = (book.priority(book.case(ids[one.id])) for one in (large, small))
    assert 0 < second < first <= 100
    before = (NOW - timedelta(days=800)).timestamp()
    old = spoofing("a", "b", "c", account="carol", at=before)
    assert book.priority(book.case(book.keep([old])[old.id])) > second


def test_no_finding_is_no_case(book):
    assert (book.keep([]), book.cases()) == ({}, [])
