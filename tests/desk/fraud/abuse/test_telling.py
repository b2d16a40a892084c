"""A market case told, and drafted: every numeral resolves to a fact of the case, whatever the kind."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from desk.facts import SLOT, stray_numerals
from desk.fraud.abuse.case_book import MarketCase
from desk.fraud.abuse.case_file import MarketFile, open_market_file, rows_of
from desk.fraud.abuse.case_report import draft_market_report
from desk.fraud.abuse.checks import MARKET_CHECKS
from desk.fraud.abuse.records import Evidence, build_alert
from desk.fraud.abuse.telling import MOST_ROWS, tell_market
from desk.fraud.abuse.words import KINDS
from desk.fraud.report import print_report
from desk.identity.roles import Person, Role

CARL, NOW = Person("carl", "Carl", Role.COMPLIANCE), datetime(2024, 3, 2, tzinfo=UTC)
AT = datetime(2024, 3, 1, 12, tzinfo=UTC).timestamp()
E = Evidence
EVIDENCE = {
    "pump_and_dump": (
        ["price_burst", "dump", "message_burst", "coordinated_accounts"],
        [E("base", "7", "", AT, 10.0, None), E("peak", "9", "", AT + 1, 19.5, None),
         E("dump", "11", "", AT + 2, 12, None),
         E("first message", "", "", AT, None, None), E("last message", "", "", AT + 1, None, 41.0),
         E("bought", "o-17", "acct-3", AT, 10.5, 100.0), E("sold", "o-18", "acct-3", AT + 2, 18.25, 100.0)],
        {"z": 6.2, "rise": 0.95, "fall": 0.3846},
    ),
    "insider_trading": (
        ["before_news", "linked_person", "unusual_size"],
        [E("sell", "f4-1/x[1]", "Doe Jane", AT, 101.5, 300.0), E("buy option", "f4-2", "Doe Jane", AT, 9.0, 50.0),
         E("news", "8k-22", "", AT + 9e5, None, None)],
        {"z": -4.6, "days_before": 8.0, "times_usual": 5.5},
    ),
    "late_report": (
        ["form_4_late", "by_signature"],
        [E("event", "f4-1/l", "Doe Jane", AT, 101.5, 300.0), E("due", "f4-1/l", "Doe Jane", AT + 9e5, None, None),
         E("filed", "f4-1", "Doe Jane", AT + 2e6, None, None)],
        {"days_late": 12.0},
    ),
    "wash_trading": (
        ["round_trip", "closed_group"],
        [E(what, f"t{n}", who, AT + n, 10.0, 100.0) for n in range(9)
         for what, who in (("bought", "a"), ("sold", "b"))],
        {"trades": 9.0},
    ),
    "matched_orders": (
        ["entered_together", "closed_group"],
        [E("order", f"o{n}", who, AT + n, 10.0, 100.0) for n, who in enumerate("abababab")],
        {"pairs": 4.0},
    ),
    "spoofing": (
        ["large_then_cancelled", "one_sided", "repeated"],
        [E("fill", "o-1", "a", AT, None, 100.0), E("cancelled", "o-2", "a", AT + 1, None, 1_000.0)],
        {"episodes": 3.0, "ratio": 10.0},
    ),
    "layering": (
        ["large_then_cancelled", "one_sided", "repeated", "several_levels"],
        [E("fill", "o-1", "a", AT, 10.01, 100.0), E("cancelled", "o-2", "a", AT + 1, 9.99, 1_000.0)],
        {"episodes": 4.0, "ratio": 12.3},
    ),
    "unauthorised_hft": (
        ["rate", "cancel_ratio"],
        [E(act, f"o{n}", "bot-9", AT + n, 10.0, 1.0) for n in range(20) for act in ("new", "cancel", "reject")],
        {"messages": 400.0, "cancelled": 390.0},
    ),
    "abnormal_move": (
        ["against_own_volatility", "against_the_market"],
        [E("before", "499", "", AT, 10.0, None), E("after", "500", "", AT + 1, 14.0, 1e6)],
        {"z": 9.1, "return": 0.4},
    ),
}  # fmt: skip


def case_of(kind):
    rules, rows, figures = EVIDENCE[kind]
    alert = build_alert(kind, "XNAS:A1", rows, rules, 2.0, figures=figures)
    return MarketCase(alert, "USD" if any(row.price for row in rows) else "")


def file_of(kind):
    case = case_of(kind)
    return MarketFile(case, rows_of(case.alert), (), ())


@pytest.mark.parametrize("kind", KINDS)
def test_every_numeral_of_a_story_is_a_fact_of_the_case(kind):
    case = case_of(kind)
    story = tell_market(case)
    assert stray_numerals(story.text, (), story.quoted) == []
    used = SLOT.findall(story.text)
    assert set(used) == {fact.id for fact in story.facts.all()} == set(story.edges)
    ids = {row.id for row in rows_of(case.alert)}
    assert all(set(rows) <= ids and rows for rows in story.edges.values())
    for row in rows_of(case.alert)[:MOST_ROWS]:
        for name, value in (("q", row.evidence.quantity), ("p", row.evidence.price)):
            if value is not None:
                assert float(story.facts.get(f"{name}{row.id}").value) == value
    assert float(story.facts.get("moved").value) == case.alert.amount
    assert "paid" not in story.text.split("Rules that fired:")[0]
    assert "does not show that anybody did anything wrong" in story.text


@pytest.mark.parametrize("kind", KINDS)
def test_the_draft_holds_the_evidence_and_what_would_confirm_or_clear_it(kind):
    file = file_of(kind)
    report = draft_market_report(file, CARL, NOW)
    made = json.loads(print_report(report, "json"))
    assert (made["kind"], made["draft"], made["transfers"]) == ("market", True, [])
    assert len(made["evidence"]) == len(file.case.alert.evidence)
    assert set(made["rules"]) == set(EVIDENCE[kind][0])
    assert all(made[name] for name in ("would_confirm", "would_clear", "narrative"))
    paper = print_report(report, "pdf")
    assert paper.startswith(b"%PDF-")
    assert b"(Evidence)" in paper
    assert b"(Payments" not in paper


def test_each_kind_has_checks_of_its_own():
    assert set(MARKET_CHECKS) == set(KINDS)
    assert len({checks.confirm for checks in MARKET_CHECKS.values()}) == len(KINDS)


def test_amounts_run_up_and_what_has_no_price_has_no_worth():
    rows = rows_of(case_of("pump_and_dump").alert)
    assert [row.worth for row in rows if row.evidence.what in {"bought", "sold", "peak"}] == [1050.0, None, 1825.0]
    assert rows[-1].total == 2875.0


def test_a_case_before_it_of_the_same_accounts_is_like_it():
    case = case_of("spoofing")
    rows = [
        Evidence("fill", "o-8", "a", AT - 9e5, None, 100.0),
        Evidence("cancelled", "o-9", "a", AT - 9e5, None, 500.0),
    ]
    before = MarketCase(build_alert("spoofing", "XNAS:A1", rows, ["repeated"], 2.0), "")
    (like,) = open_market_file(case, [case, before], Strangers()).similar
    assert (like.case, like.likeness) == (before, 1.0)
    assert open_market_file(before, [case, before], Strangers()).similar == ()


class Strangers:
    """Nobody is a customer."""

    def profiles(self, account):
        return None


def test_money_is_written_with_cents_a_rate_whole_and_one_of_something_in_the_singular():
    rows = [
        E("new", "o-1", "ann", AT, 124.0, 1.0),
        E("cancel", "o-1", "ann", AT + 1, 1.07315, 2.0),
        E("new", "o-2", "ann", AT + 2, 40.39119867212451, 1.0),
    ]
    alert = build_alert("unauthorised_hft", "XNAS:AAPL", rows, ["rate"], 2.0, 8_680.0)
    facts = tell_market(MarketCase(alert, "USD")).facts
    said = {id: facts.get(id).text() for id in ("moved", "pr1", "pr2", "pr3", "qr1", "qr2", "accounts", "rows")}
    assert said == {
        "moved": "8,680.00 USD",
        "pr1": "124.00 USD",
        "pr2": "1.07315 USD",
        "pr3": "40.39120 USD",
        "qr1": "1 unit",
        "qr2": "2 units",
        "accounts": "1 account",
        "rows": "3 rows",
    }
