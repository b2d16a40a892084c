"""What each person comes for, done in a real browser against a real desk."""

from __future__ import annotations

import contextlib
import re

import pytest
from playwright.sync_api import Error, expect

pytestmark = pytest.mark.browser


def propose(visit, quantity: int = 50):
    """Asks for a purchase and opens the proposal."""
    page = visit.ask(f"Buy {quantity} AAPL")
    page.get_by_role("link", name=re.compile("open proposal")).click()
    expect(page.get_by_text(f"BUY {quantity} AAPL at market").first).to_be_visible()
    expect(page.get_by_role("button", name="Approve…")).to_be_visible()
    return page


def position(page, symbol: str):
    """The quantity cell of a position on the Desk page."""
    return page.get_by_role("table", name="Positions").get_by_role("row", name=re.compile(rf"^{symbol}\b")).nth(0)


def test_a_trader_asks_approves_and_holds_the_shares(visit):
    visit.become("Tom Trader")
    page = propose(visit)
    expect(page.get_by_role("row", name=re.compile("Position XNAS:AAPL.* 400 450 "))).to_be_visible()
    expect(page.get_by_text("max order quantity")).to_be_visible()
    page.get_by_role("button", name="Approve…").click()
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_text(re.compile("filled 50 at 1[0-9]+"))).to_be_visible()
    expect(page.get_by_text("approved 1 of 1")).to_be_visible()
    page = visit.goto("/")
    expect(position(page, "AAPL")).to_contain_text("450")
    page.get_by_role("tab", name=re.compile("Orders")).click()
    expect(page.get_by_role("table", name=re.compile("Orders"))).to_contain_text("execution")


def test_a_trade_above_a_limit_is_refused_and_the_limit_is_named(visit):
    visit.become("Tom Trader")
    page = visit.ask("Buy 5,000,000 AAPL")
    expect(page.get_by_text("Refused by the rule “max order quantity”: 5,000,000, limit 100,000")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("open proposal"))).to_have_count(0)


def test_a_refusal_needs_a_reason_and_sends_nothing(visit):
    visit.become("Tom Trader")
    page = propose(visit, 60)
    page.get_by_role("button", name="Refuse…").click()
    refuse = page.get_by_role("button", name="Refuse", exact=True)
    expect(refuse).to_be_disabled()
    page.get_by_label("Reason (required)").fill("too late in the day")
    refuse.click()
    expect(page.get_by_text("Refused; no order was sent.")).to_be_visible()
    expect(page.get_by_role("table", name="Answers")).to_contain_text("too late in the day")
    page = visit.goto("/")
    page.get_by_role("tab", name=re.compile("Orders")).click()
    expect(page.get_by_role("tabpanel")).not_to_contain_text("60")


def test_a_trade_is_approved_by_keyboard_alone(visit):
    visit.become("Tom Trader")
    page = visit.goto("/")
    press = page.keyboard.press
    press("g")
    press("c")
    page.wait_for_url("**/chat/")
    box = page.get_by_label("Ask the agents")
    expect(box).to_be_visible()
    while not box.evaluate("node => node === document.activeElement"):
        press("Tab")
    page.keyboard.type("Buy 10 MSFT")
    press("Enter")
    link = page.get_by_role("link", name=re.compile("open proposal"))
    link.wait_for()
    while not link.evaluate("node => node === document.activeElement"):
        press("Shift+Tab")
    press("Enter")
    expect(page.get_by_role("button", name="Approve…")).to_be_visible()
    press("a")
    expect(page.get_by_role("alertdialog")).to_contain_text("Approve BUY 10 MSFT at market?")
    approve = page.get_by_role("button", name="Approve", exact=True)
    while not approve.evaluate("node => node === document.activeElement"):
        press("Tab")
    press("Enter")
    expect(page.get_by_text(re.compile("filled 10 at "))).to_be_visible()


def test_a_ticket_is_previewed_then_sent_and_a_bad_one_is_blocked(visit):
    visit.become("Tom Trader")
    page = visit.goto("/")
    page.get_by_label(re.compile("^Quantity")).fill("10")
    page.get_by_role("button", name="Preview buy 10 AAPL").click()
    send = page.get_by_role("button", name="Send buy 10 AAPL")
    expect(send).to_be_in_viewport()
    send.click()
    expect(page.get_by_text(re.compile("Order .*: filled, filled 10"))).to_be_visible()
    page.get_by_label(re.compile("^Quantity")).fill("5000000")
    page.get_by_role("button", name="Preview buy 5000000 AAPL").click()
    expect(page.get_by_text("Send blocked. A check failed")).to_be_visible()
    expect(page.get_by_text("5,000,000, limit 100,000 units")).to_be_visible()
    expect(page.get_by_role("button", name="Send buy 5,000,000 AAPL")).to_be_disabled()


def test_a_stop_waits_is_amended_and_cancelled(visit):
    visit.become("Tom Trader")
    page = visit.goto("/")
    page.get_by_role("button", name="Stop limit").click()
    page.get_by_label(re.compile("^Quantity")).fill("10")
    quotes = page.request.get(f"{visit.address}/v1/market/quotes").json()["quotes"]
    last = next(quote["last"] for quote in quotes if quote["instrument"] == "XNAS:AAPL")
    page.get_by_label(re.compile("^Stop, ")).fill(f"{last * 0.97:.2f}")
    page.get_by_label(re.compile("^Limit, ")).fill(f"{last * 0.96:.2f}")
    page.get_by_role("button", name="S Sell").click()
    page.get_by_label("Lifetime").select_option("gtc")
    page.get_by_role("button", name="Preview sell 10 AAPL").click()
    page.get_by_role("button", name="Send sell 10 AAPL").click()
    expect(page.get_by_text(re.compile("Order .*: working, filled 0"))).to_be_visible()
    page.get_by_role("tab", name=re.compile("^Orders")).click()
    page.get_by_role("button", name="Amend…").first.click()
    page.get_by_label("Whole quantity").fill("4")
    page.get_by_role("button", name="Amend the order").click()
    row = page.get_by_role("row").filter(has_text=f"stop {last * 0.97:.2f}".rstrip("0"))
    expect(row).to_contain_text("4")
    row.get_by_role("button", name="Cancel…").click()
    page.get_by_role("button", name="Cancel the order").click()
    expect(row).to_contain_text("cancelled on request")


def test_above_the_threshold_the_one_who_asked_may_not_approve(visit):
    visit.become("Tom Trader")
    page = visit.goto("/")
    page.get_by_label(re.compile("^Quantity")).fill("1000")
    page.get_by_role("button", name="Preview buy 1000 AAPL").click()
    page.get_by_role("button", name="Ask for approval").click()
    page.get_by_role("link", name=re.compile("^proposal ap-")).click()
    expect(page.get_by_text(re.compile("You may not answer: .*second trader"))).to_be_visible()
    expect(page.get_by_role("button", name="Approve…")).to_have_count(0)
    visit.become("Tara Trader")
    page = visit.goto("/approvals/")
    page.get_by_role("button", name="Approve…").click()
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_text("Approved. The gate took the orders")).to_be_visible()


def test_a_halted_desk_sends_nothing_until_two_people_resume(visit):
    visit.become("Tom Trader")
    page = visit.goto("/")
    page.get_by_role("button", name=re.compile("Halt desk")).click()
    page.get_by_label("Reason (required)").fill("drill")
    page.get_by_role("button", name="Halt the desk", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="HALTED")).to_contain_text("drill")
    page.get_by_label(re.compile("^Quantity")).fill("1")
    page.get_by_role("button", name="Preview buy 1 AAPL").click()
    expect(page.get_by_text("Send blocked. The desk is halted")).to_be_visible()
    vote(page)
    expect(page.get_by_role("button", name="You voted; a second person must")).to_be_disabled()
    visit.become("Carl Compliance")
    expect(page.get_by_text("Resume 1 of 2 (trader)")).to_be_visible()
    vote(page)
    expect(page.get_by_text("HALTED")).to_have_count(0)


def vote(page) -> None:
    """Votes to resume."""
    page.get_by_role("button", name="Vote to resume…").click()
    page.get_by_label("Reason (required)").fill("drill over")
    page.get_by_role("button", name="Vote to resume", exact=True).click()


def test_an_analyst_follows_a_figure_to_the_line_of_the_filing(visit):
    visit.become("Anna Analyst")
    page = visit.ask("What were Apple's net sales in 2023 and 2024, and how did iPhone do?")
    figure = page.get_by_role("button", name="383,285,000,000 USD")
    figure.click()
    expect(page.get_by_role("dialog")).to_contain_text("Apple")
    page.keyboard.press("Escape")
    expect(page.get_by_role("log")).to_contain_text("391,035,000,000 USD")
    page.get_by_role("link", name=re.compile(r"^\[1\] Apple Inc\. 10-K FY2024")).click()
    page.wait_for_url("**/filings/?**")
    mark = page.locator(".cite-mark")
    expect(mark).to_have_count(1)
    expect(mark).to_be_in_viewport()
    expect(mark).to_contain_text(re.compile("Total net sales.*391,035.*383,285"))


def test_a_question_that_the_filing_does_not_answer_is_not_answered(visit):
    visit.become("Anna Analyst")
    page = visit.ask("What were Apple's net sales in 2035?")
    expect(page.get_by_text("abstained: no source found")).to_be_visible()
    expect(page.get_by_role("log")).to_contain_text("Not in the filing")
    expect(page.get_by_role("list", name="Sources")).to_have_count(0)


def test_an_analyst_compares_forecasters(visit):
    visit.become("Anna Analyst")
    page = visit.ask("Which forecaster is best on AAPL?")
    card = page.get_by_role("region", name=re.compile("^Comparison: "))
    expect(card).to_contain_text("none beats the baseline")
    expect(card.get_by_role("img")).to_be_visible()


def test_compliance_works_a_case_and_checks_the_log(visit):
    visit.become("Carl Compliance")
    page = visit.ask("Any suspicious transfers this week?")
    card = page.get_by_role("region", name=re.compile("^Alert: "))
    expect(card.get_by_role("img", name=re.compile("5 parties, 5 transfers"))).to_be_visible()
    card.get_by_role("link", name=re.compile("Open case")).click()
    page.wait_for_url("**/fraud/?**")
    expect(page.get_by_role("heading", name="Rules that fired")).to_be_visible()
    page.get_by_role("button", name="Close…").click()
    page.get_by_label("Reason (required)").fill("invoices seen")
    page.get_by_role("button", name="Vote to close").click()
    expect(page.get_by_role("table", name="Actions on this case")).to_contain_text("invoices seen")
    expect(page.get_by_text("closing").first).to_be_visible()
    page = visit.goto("/audit/")
    page.get_by_role("button", name="Verify the whole log").click()
    expect(page.get_by_text("VERIFIED")).to_be_visible()
    page.get_by_role("button", name=re.compile("^#")).first.click()
    expect(page.get_by_text("recomputed here: root matches")).to_be_visible()
    page.get_by_role("button", name="Spoil one byte of a copy").click()
    expect(page.get_by_text("DIFFERS")).to_be_visible()


def test_an_evaluator_runs_a_suite(visit):
    visit.become("Eva Evaluator")
    page = visit.goto("/evals/")
    page.get_by_role("button", name="Run the suite smoke").click()
    passed = page.get_by_text(re.compile(r"^\d+ of \d+ passed"))
    passed.wait_for(timeout=90_000)
    expect(page.get_by_text("No case failed.")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("^pass_rate 1 "))).to_be_visible()


def test_a_customer_sees_their_money_and_a_plan_but_no_halt(visit):
    visit.become("Clara Customer")
    page = visit.goto("/")
    expect(page.get_by_role("table", name="Positions")).to_contain_text("customer-1")
    expect(page.get_by_role("table", name="Positions")).not_to_contain_text("desk-1")
    expect(page.get_by_role("button", name=re.compile("Halt"))).to_have_count(0)
    page = visit.ask("How is my portfolio doing?")
    expect(page.get_by_role("region", name=re.compile("^Allocation: "))).to_contain_text("Coca-Cola")
    page = visit.ask("Can I retire at 60 with 2,000 a month?")
    plan = page.get_by_role("region", name=re.compile("^Plan: "))
    expect(plan.get_by_role("img", name=re.compile("Wealth from age"))).to_be_visible()


def test_an_administrator_makes_a_key_and_revokes_it(visit):
    visit.become("Adam Administrator")
    page = visit.goto("/system/")
    expect(page.get_by_role("table").first).to_contain_text("embedded")
    page.get_by_role("button", name="Create…").click()
    page.get_by_label("Name").fill("bot")
    page.get_by_label(re.compile("^raw")).check()
    page.get_by_label(re.compile("^Budget for models")).fill("1.5")
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_text(re.compile("^tk_"))).to_be_visible()
    page.get_by_role("button", name="I have copied it").click()
    keys = page.get_by_role("table", name="API keys")
    expect(keys).to_contain_text("raw, read")
    expect(keys).to_contain_text("up to 1.50 USD a day")
    page.get_by_role("button", name="Revoke the key bot").click()
    page.get_by_role("button", name="Revoke", exact=True).click()
    expect(page.get_by_text("revoked")).to_be_visible()


def test_a_customer_reads_that_an_order_is_their_own_choice_and_what_would_be_too_much(visit):
    visit.become("Clara Customer")
    page = visit.ask("Buy 5 MSFT")
    expect(page.get_by_text("This is your own choice and not our recommendation").first).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("open proposal"))).to_be_visible()
    page = visit.ask("Buy 400 AAPL")
    expect(page.get_by_text(re.compile("Refused by the rule “concentration”: 18.* limit 10.00 %"))).to_be_visible()


def test_a_read_that_is_slow_when_somebody_leaves_is_not_sent_after_the_end(visit):
    visit.become("Tom Trader")
    held = []
    visit.page.route("**/v1/system", lambda route: held.append(route))
    visit.page.goto(visit.address + "/system/")
    visit.page.get_by_role("button", name=re.compile(": menu$")).click()
    visit.page.get_by_role("menuitem", name="Sign out").click()
    visit.page.get_by_role("heading", name="Enter the demonstration desk as").wait_for()
    assert held
    for route in held:
        with contextlib.suppress(Error):  # the page gave the request up, as it should
            route.continue_()
    visit.page.unroute("**/v1/system")
    visit.page.wait_for_timeout(1000)  # a refusal would come now, and be a fault of this window
    visit.become("Tom Trader")


def test_a_session_that_ended_elsewhere_brings_the_sign_in_back(house):
    opened = house.open()
    opened.become("Tom Trader")
    opened.page.context.clear_cookies()
    opened.page.get_by_role("heading", name="Enter the demonstration desk as").or_(
        opened.page.get_by_role("heading", name=re.compile("Sign in"))
    ).wait_for()
    opened.page.context.close()
