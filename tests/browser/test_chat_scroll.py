"""A new question is seen where it was asked, also after an answer longer than the page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_a_new_turn_is_brought_into_view_after_a_long_answer(house):
    visit = house.open()
    visit.become("Tom Trader")
    page = visit.goto("/chat/")
    log = page.get_by_role("log", name="Turns")
    for question in ("Should I buy Microsoft?", "Should I buy Apple?"):
        page.get_by_label("Ask the agents").fill(question)
        page.get_by_label("Ask the agents").press("Enter")
        turn = log.get_by_role("article", name=f"Question: {question}")
        expect(turn.get_by_text(question, exact=True)).to_be_in_viewport()
        expect(turn.get_by_text(re.compile("arithmetic on these facts"))).to_be_attached()
    tall = log.evaluate("node => node.scrollHeight > 1.5 * node.clientHeight")
    assert tall, "the answers must be longer than the page, or nothing is shown by this"
    expect(log.get_by_text("Should I buy Apple?", exact=True)).to_be_in_viewport()
    expect(log.get_by_text("Should I buy Microsoft?", exact=True)).not_to_be_in_viewport()
    assert house.close(visit) == []
