"""Insiders' forms and announcements among the filings at hand, as the rules over markets read them."""

from __future__ import annotations

from desk.errors import TenorError
from desk.filings.ownership import InsiderForm, SaleNotice
from desk.filings.source import Filing
from desk.fraud.abuse.insider_feed import OWNERSHIP, Form, InsiderReports, gather_reports
from tools.context import ToolContext


def read_reports(context: ToolContext) -> InsiderReports:
    """What was filed up to today, the wall clock's; a form that cannot be read is left out."""
    listed, forms = context.filings.list(), list[tuple[Filing, Form]]()
    for filing in listed:
        if filing.form not in OWNERSHIP:
            continue
        try:
            read = context.filings.records(filing.id)
        except TenorError:
            continue
        if isinstance(read, InsiderForm | SaleNotice):
            forms.append((filing, read))
    return gather_reports(forms, listed, context.desk.feed.instruments, context.desk.wall.now().date())
