"""Cases that go on while their alert grows, merges, splits, lapses: in the store, across restarts."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from desk.clock import FrozenClock, to_iso
from desk.errors import Conflict
from desk.fraud.alerts import Alert, Edge
from desk.fraud.carrying import carry_on
from desk.fraud.cases import CaseBook
from desk.fraud.graph import Transfer
from desk.fraud.local import LocalGraph
from desk.fraud.neo4j import Neo4jGraphs
from desk.fraud.neo4j_server import Neo4jServer
from desk.fraud.steps import Step, read_steps, write_step
from desk.fraud.typologies import Typology
from desk.identity.roles import Person, Role
from desk.store.engine import Store
from desk.store.tables import transfers
from tests.desk.fraud.worlds import END, pay, town

CARL, CORA = (Person(name, name.title(), Role.COMPLIANCE) for name in ("carl", "cora"))
BEGIN = END - timedelta(days=30)
OWNERS = ("saver", "other")


@pytest.fixture
def store(tmp_path):
    store = Store.in_folder(tmp_path)
    yield store
    store.close()


@pytest.fixture
def records():
    return []


@pytest.fixture
def reopen(store, records):
    """A book as a desk that starts has it."""
    return lambda: CaseBook(store, lambda: END, FrozenClock(END), lambda _, *r: records.append(r), LocalGraph)


def keep(store: Store, *rows: Transfer) -> None:
    with store.begin() as connection:
        values = [{**row._asdict(), "id": row.id[-32:], "at": to_iso(row.at)} for row in rows]
        connection.execute(insert(transfers), values)


def split_payment(n: int, source: str = "saver") -> Transfer:
    """One more payment just below the reporting limit."""
    return pay(source, f"taker{n % 2}", 9_300.0 + n, BEGIN + timedelta(days=n))


def the_case(book: CaseBook):
    (case,) = book.cases()
    return case


def test_growing_by_one_payment_at_a_time_keeps_the_case_across_restarts(store, records, reopen):
    keep(store, *town(), *(split_payment(n) for n in range(4)))
    first = the_case(reopen())
    assert first.history == ()
    assert records == []
    book = reopen()
    book.act(first.alert.id, CARL, "escalate", "split on purpose")
    for n in range(4, 9):
        keep(store, split_payment(n))
        book = reopen() if n % 2 else book
        case = the_case(book)
        assert (case.alert.id, len(case.alert.edges), case.state) == (first.alert.id, n + 1, "escalated")
        assert case.history[-1].action == "grow"
        assert case.history[-1].reason.startswith(f"1 payment joined: {split_payment(n).id[-32:]}")
    assert [kind for kind, *_ in records] == ["fraud.escalate", *["fraud.grow"] * 5]
    for _ in range(3):
        assert the_case(reopen()).history == case.history
    assert len(records) == 6


@pytest.mark.service
def test_a_case_goes_on_the_same_at_neo4j(neo4j, store, records, reopen):
    process = neo4j()
    keep(store, *town(), *(split_payment(n) for n in range(4)))
    server = Neo4jServer(process.url, *process.login, patience_s=120.0)
    graphs = Neo4jGraphs(server, "carrying")
    try:
        book = CaseBook(store, lambda: END, FrozenClock(END), lambda _, *r: records.append(r), graphs.hold)
        first = the_case(book)
        book.act(first.alert.id, CARL, "escalate", "split on purpose")
        for n in range(4, 7):
            keep(store, split_payment(n))
            assert [step.action for step in the_case(book).history] == ["escalate", *["grow"] * (n - 3)]
        assert the_case(book) == the_case(reopen())  # in process, over the same store
        assert the_case(book).alert.id == first.alert.id
        assert len(records) == 4
    finally:
        graphs.close()


def test_a_closed_case_is_opened_again_when_it_grew_materially_and_not_before(store, reopen):
    keep(store, *town(), *(split_payment(n) for n in range(9)))
    book = reopen()
    id = the_case(book).alert.id
    book.act(id, CARL, "close", "takings shown")
    book.act(id, CORA, "close", "agreed")
    keep(store, split_payment(9))
    assert the_case(book).state == "closed"  # one payment to known accounts is a tenth
    keep(store, split_payment(10))
    case = the_case(book)
    assert case.state == "open"
    assert [(step.person, step.action) for step in case.history[2:]] == [
        ("desk", "grow"),
        ("desk", "grow"),
        ("desk", "reopen"),
    ]
    assert "grown materially since it was closed" in case.history[-1].reason


def test_a_closing_that_waits_for_its_second_vote_is_taken_back_by_growth(store, reopen):
    keep(store, *town(), *(split_payment(n) for n in range(5)))
    book = reopen()
    id = the_case(book).alert.id
    book.act(id, CARL, "close", "takings shown")
    keep(store, split_payment(5))
    assert the_case(book).state == "open"
    assert book.act(id, CORA, "close", "agreed").state == "closing"  # a first vote again


def test_a_case_somebody_worked_on_stays_when_the_scan_no_longer_finds_it(store, reopen):
    keep(store, *town(), *(split_payment(n) for n in range(5)), *(split_payment(n, "other") for n in range(5)))
    book = reopen()
    mine = next(case for case in book.cases() if "saver" in case.alert.accounts)
    book.act(mine.alert.id, CARL, "take", "")
    above = timedelta(hours=12)
    often = (
        pay(who, f"taker{n // 2 % 2}", 10_100.0 + n, BEGIN + timedelta(days=n // 2) + above * (n % 2))
        for n in range(12)
        for who in OWNERS
    )
    keep(store, *often)
    (case,) = book.cases()
    assert (case.alert.id, case.found, case.state, case.assignee) == (mine.alert.id, False, "open", "carl")
    assert case.history[-1].action == "lapse"
    assert [step.action for step in the_case(reopen()).history] == ["take", "lapse"]


def alert(id: str, *numbers: int, typology: Typology = "fan_in") -> Alert:
    """Payment n goes from account n to n + 1, ten dollars each."""
    edges = tuple(Edge(f"t{n}", f"A{n}", f"A{n + 1}", 1_000, n) for n in numbers)
    ends = dict.fromkeys(end for edge in edges for end in (edge.source, edge.target))
    minor = 1_000 * len(edges)
    return Alert(id, typology, tuple(ends), minor, "USD", min(numbers), max(numbers), (), 0.8, edges)


def carried(store: Store, records: list, *alerts: Alert):
    with store.begin() as connection:
        rows = carry_on(connection, alerts, 3, "2024-01-01T00:00:00Z", lambda _, *r: records.append(r))
        return rows, read_steps(connection)


def test_merging_and_coming_apart_is_told_in_both_cases(store, records):
    carried(store, records, alert("big", 1, 2, 3), alert("small", 4, 5))
    assert records == []
    rows, steps = carried(store, records, alert("x", 1, 2, 3, 4, 5))
    assert (rows["big"].standing, rows["small"].into) == ("found", "big")
    assert [step.action for step in steps["big"]] == ["grow", "merge"]
    assert [step.action for step in steps["small"]] == ["merge"]
    rows, steps = carried(store, records, alert("y", 1, 2, 3), alert("z", 4, 5))
    assert (rows["big"].standing, rows["small"].standing) == ("found", "found")
    assert [step.action for step in steps["big"]][2:] == ["change", "split"]
    assert [step.action for step in steps["small"]][1:] == ["return", "split"]
    again = carried(store, records, alert("z", 4, 5), alert("y", 1, 2, 3))
    assert again == (rows, steps)
    assert {row.version for row in rows.values()} == {3}


def test_a_part_whose_own_name_is_another_case_gets_a_new_one(store, records):
    carried(store, records, alert("first", 1, 2))
    carried(store, records, alert("whole", 1, 2, 3, 4, 5))
    rows, steps = carried(store, records, alert("rest", 3, 4, 5), alert("first", 1, 2))
    assert len(rows) == 2
    assert [edge.id for edge in rows["first"].alert.edges] == ["t3", "t4", "t5"]
    (other,) = set(rows) - {"first"}
    assert [step.action for step in steps[other]] == ["split"]


def test_a_merge_carries_urgency_over(store, records, reopen):
    carried(store, records, alert("big", 1, 2, 3, 4), alert("small", 6, 7))
    with store.begin() as connection:
        for id, person, action in (("big", "carl", "close"), ("big", "cora", "close"), ("small", "carl", "escalate")):
            step = Step(person, action, "r", "2024-01-01T00:00:00Z")
            write_step(connection, id, step, "open", lambda *_: None)
    _, steps = carried(store, records, alert("x", 1, 2, 3, 4, 6, 7))
    assert [step.action for step in steps["big"] if step.person == "desk"] == ["grow", "merge", "reopen", "escalate"]
    with pytest.raises(Conflict, match="goes on in case big"):
        reopen().act("small", CARL, "take", "")


def test_the_alert_comes_back_from_the_store_as_it_was(store, records):
    one = replace(alert("a", 1, 2), score=0.83, linked=("A9",))
    rows, _ = carried(store, records, one)
    again, _ = carried(store, records, one)
    assert again["a"].alert == rows["a"].alert == one


PARTITIONS = st.lists(
    st.lists(st.integers(0, 4), min_size=14, max_size=14).map(
        lambda of: [tuple(n for n, group in enumerate(of) if group == one) for one in range(1, 5)]  # 0: in no alert
    ),
    min_size=2,
    max_size=4,
)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    store = Store.in_folder(tmp_path_factory.mktemp("scratch"))
    yield store
    store.close()


class _Undone(Exception):
    pass


def history_of(store: Store, scans: list[list[Alert]]):
    """What a sequence of scans leaves behind; the store itself keeps nothing of it."""
    with suppress(_Undone), store.begin() as connection:
        for number, alerts in enumerate(scans):
            rows = carry_on(connection, alerts, 0, f"2024-01-0{number + 1}T00:00:00Z", lambda *_: None)
        steps = read_steps(connection)
        raise _Undone
    return rows, steps


@settings(max_examples=30, deadline=None)
@given(PARTITIONS, st.randoms(use_true_random=False))
def test_whatever_alerts_do_their_order_and_a_repeated_scan_change_nothing(scratch, partitions, draw):
    kinds: tuple[Typology, ...] = ("fan_in", "gather_scatter", "cycle")
    scans = [
        [
            alert(f"s{number}-{'-'.join(map(str, group))}", *group, typology=draw.choice(kinds))
            for group in groups
            if group
        ]
        for number, groups in enumerate(partitions)
    ]
    first = history_of(scratch, scans)
    assert history_of(scratch, [draw.sample(alerts, len(alerts)) for alerts in scans]) == first
    assert history_of(scratch, [again for alerts in scans for again in (alerts, alerts)])[0].keys() == first[0].keys()
    rows, _ = first
    standing = [row.alert for row in rows.values() if row.standing == "found"]
    assert sorted(edge.id for one in standing for edge in one.edges) == sorted(
        edge.id for one in scans[-1] for edge in one.edges
    ), "every alert is in exactly one case"
