"""The learned score beside the rules: what it orders and points at, and when it is not used."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from desk.fraud.gnn import LEAD, load_network
from desk.fraud.graph import Transfer, columns_of
from desk.fraud.leads import LearnedScore, score, weigh
from desk.fraud.local import LocalGraph
from desk.fraud.patterns import scan
from evals.fraud.build import build_world
from evals.fraud.worlds import Plan
from tests.desk.fraud.worlds import END, pay, town


@pytest.fixture(scope="module")
def network():
    return load_network()


def test_alerts_of_one_score_stand_in_the_learned_order_and_leads_are_in_no_alert(network):
    world = build_world(Plan(162, "slow", accounts=4_000, per_typology=8))
    alerts = scan(LocalGraph(world.columns))
    found = weigh(score(network, world.columns), alerts)
    assert found.why_not == ""
    assert set(found.scores) == set(world.columns.accounts)
    ordered = found.ordered(alerts)
    assert sorted(one.id for one in ordered) == sorted(one.id for one in alerts)
    keys = [(-one.score, -(found.of(one) or 0)) for one in ordered]
    assert keys == sorted(keys)
    one = alerts[0]
    mean = sum(found.scores[name] for name in one.accounts) / len(one.accounts)
    assert found.of(one) == pytest.approx(mean, abs=1e-4)
    held = {name for alert in alerts for name in alert.accounts}
    assert found.leads
    assert all(lead.account not in held and lead.score >= LEAD for lead in found.leads)
    place = {name: row for row, name in enumerate(world.columns.accounts)}
    right = sum(world.planted[place[lead.account]] for lead in found.leads)
    assert right > len(found.leads) / 2
    assert weigh(score(network, world.columns), []).leads[0].score >= found.leads[0].score


def test_where_accounts_are_not_as_they_were_taught_the_score_is_not_used_and_the_order_stays(network):
    columns = columns_of(town(plants=("ring", "structuring")))
    alerts = scan(LocalGraph(columns))
    found = weigh(score(network, columns), alerts)
    assert "features are not as they were taught: " in found.why_not
    assert (found.scores, found.leads) == ({}, ())
    assert found.of(alerts[0]) is None
    assert found.ordered(alerts) == alerts
    doubled = replace(alerts[0], id="al-000")
    assert found.ordered([alerts[0], doubled])[0].id == "al-000"


def test_with_too_few_accounts_it_says_so(network):
    found = weigh(score(network, columns_of([pay("A", "B", 10, END)])), [])
    assert found.why_not == "2 accounts are too few to tell whether the network fits; 200 would do"


def test_the_same_transfers_are_read_once_and_others_anew(network):
    given, loads = [columns_of(town(plants=("ring",)))], list[int]()

    def load():
        loads.append(1)
        return network

    learned = LearnedScore(lambda: given[0], load)
    assert loads == []
    first = learned.now()
    assert learned.now() is first
    assert len(loads) == 1
    given[0] = columns_of([pay("A", "B", 10, END)])
    assert learned.now().drift.rows == 2
    assert learned.now() is learned.now() is not first
    assert len(loads) == 2


def test_the_desks_own_score_follows_its_transfers(desk):
    before = desk.fraud.learned.now()
    assert desk.fraud.learned.now() is before
    assert before.columns is desk.fraud.columns()
    at = desk.feed.now() - timedelta(hours=1)
    desk.arrivals.take(desk.people.get("compliance"), [Transfer("x-new", "x-one", "x-two", 100, "USD", at)], "test")
    after = desk.fraud.learned.now()
    assert after is not before
    assert after.drift.rows == before.drift.rows + 2
