"""The case file: time line, parties, next checks, like cases, the network around."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from desk.clock import FrozenClock
from desk.compliance.kyc import AccountOwners
from desk.fraud.alerts import Alert, Edge, Fired
from desk.fraud.casefile import open_file, time_line
from desk.fraud.cases import Case, CaseBook
from desk.fraud.checks import CHECKS
from desk.fraud.graph import build_columns, columns_of
from desk.fraud.local import LocalGraph
from desk.fraud.network import network_around
from desk.fraud.steps import Step
from desk.fraud.typologies import Typology
from desk.identity.people import People
from desk.identity.roles import Person, Role
from desk.store.engine import Store
from desk.store.tables import accounts
from tests.desk.fraud.worlds import END, town


def alert(
    id: str, names: str = "ABC", minor: int = 1_000_00, at: int = 1_670_000_000, typology: Typology = "cycle"
) -> Alert:
    """A ring of single-letter accounts, an hour a hop, one percent less each time."""
    pairs = zip(names, names[1:] + names[0], strict=True)
    edges = tuple(Edge(f"{id}-{n}", a, b, round(minor * 0.99**n), at + 3_600 * n) for n, (a, b) in enumerate(pairs))
    fired = (Fired("ring", "It goes round."),)
    return Alert(id, typology, tuple(names), minor, "USD", at, edges[-1].at, fired, 0.9, edges)


@pytest.fixture
def owners(tmp_path):
    """A store with one customer account, whose owner is identified."""
    store = Store.in_folder(tmp_path)
    people, clara = People(store), Person("clara", "Clara", Role.CUSTOMER, ("A",))
    row = {"id": "A", "name": "A", "kind": "customer", "currency": "USD"}
    with store.begin() as connection:
        connection.execute(accounts.insert().values(row))
        people.add(connection, clara, END, profile={"kyc": "complete"})
    yield AccountOwners(store, people)
    store.close()


def test_the_time_line_adds_up_and_says_what_each_receiver_holds():
    shuffled = replace(alert("x"), edges=tuple(reversed(alert("x").edges)))
    events = time_line(shuffled)
    assert [event.edge.source for event in events] == ["A", "B", "C"]
    assert [event.moved for event in events] == [1_000_00, 1_990_00, 2_970_10]
    assert [event.held for event in events] == [1_000_00, 990_00, 980_10 - 1_000_00]


def test_identification_is_told_where_the_desk_has_it_and_not_known_elsewhere(owners):
    file = open_file(Case(alert("x")), [], owners)
    assert [(party.account, party.kyc) for party in file.parties] == [
        ("A", "complete"),
        ("B", "not known"),
        ("C", "not known"),
    ]
    assert {party.sanctions for party in file.parties} == {"not known"}
    assert all("sanctions list" in party.why for party in file.parties)


def test_like_cases_say_why_and_later_or_unlike_ones_are_left_out(owners):
    now = alert("now")
    twin = Case(alert("twin", at=1_660_000_000), (Step("carl", "close", "invoices shown", ""),))
    sharing = Case(alert("sharing", "CXYZVWUT", 90_000_00, 1_650_000_000, typology="fan_in"))
    unlike = Case(alert("unlike", "PQRSTUVWXYZ", 9_000_000_00, 1_650_000_000, typology="fan_in"))
    later = Case(alert("later", at=1_680_000_000))
    found = open_file(Case(now), [Case(now), twin, sharing, unlike, later], owners).similar
    assert [one.case.alert.id for one in found] == ["twin", "sharing"]
    assert found[0].likeness > found[1].likeness
    assert found[0].why[0] == "It has accounts of this case: A, B, C."
    assert any("same typology" in why for why in found[0].why)
    assert found[1].why == ("It has an account of this case: C.",)


def test_every_typology_says_what_would_confirm_and_what_would_clear():
    assert set(CHECKS) == set(get_args(Typology))
    assert all(checks.confirm and checks.clear for checks in CHECKS.values())


def test_the_network_holds_the_nearest_first_and_counts_what_it_leaves_out():
    columns = columns_of(town())
    whole = network_around(columns, [columns.accounts[7]])
    assert len(whole.accounts) == len(set(whole.accounts)) == len(columns.accounts)
    assert whole.left_out == (0, 0)
    assert sum(link.payments for link in whole.links) == len(columns)
    assert sum(link.minor for link in whole.links) == int(columns.minor.sum())
    few = network_around(columns, [columns.accounts[7]], 20)
    assert few.accounts[0] == columns.accounts[7]
    assert few.left_out[0] == len(columns.accounts) - 20
    assert list(few.hops) == sorted(few.hops)
    assert few.hops[0] == 0


def test_a_network_of_nothing_and_one_beyond_every_limit():
    assert network_around(columns_of([]), ["A"]).accounts == ()
    rng = np.random.default_rng(5)
    source, target = ([f"a{n}" for n in rng.integers(0, 9_000, 60_000)] for _ in range(2))
    minor, at = rng.integers(1, 10_000, 60_000), rng.integers(0, 10_000, 60_000)
    big = network_around(build_columns([str(n) for n in range(60_000)], source, target, minor, at), [], 5_000)
    assert (len(big.accounts), len(big.links) <= 20_000) == (5_000, True)
    assert big.left_out[0] > 3_000


def test_the_export_of_a_report_is_recorded_for_officers_only(tmp_path):
    store, records = Store.in_folder(tmp_path), []
    book = CaseBook(store, lambda: END, FrozenClock(END), lambda _, *record: records.append(record), LocalGraph)
    book.work.note_export("al-1", Person("carl", "Carl", Role.COMPLIANCE), "pdf", "ab" * 32)
    assert records == [
        ("fraud.report", "al-1", {"person": "carl", "alert": "al-1", "format": "pdf", "sha256": "ab" * 32})
    ]
    store.close()
