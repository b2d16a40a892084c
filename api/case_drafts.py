"""The draft of any case's report, for the door and the command alike."""

from __future__ import annotations

from desk.compliance.kyc import AccountOwners
from desk.factory import Desk
from desk.fraud.abuse.case_book import MarketCase, is_market
from desk.fraud.abuse.case_file import MarketFile, open_market_file
from desk.fraud.abuse.case_report import draft_market_report
from desk.fraud.casefile import CaseFile, open_file
from desk.fraud.cases import Case
from desk.fraud.report import Report, draft_report
from desk.identity.roles import Person


def case_of(desk: Desk, id: str) -> Case | MarketCase:
    """The case, of transfers or of markets; NotFound otherwise."""
    return desk.market.case(id) if is_market(id) else desk.fraud.case(id)


def file_of(desk: Desk, case: Case) -> CaseFile:
    """The file of a case of transfers, compared with the others of its kind."""
    return open_file(case, desk.fraud.cases(), AccountOwners(desk.store, desk.people))


def market_file_of(desk: Desk, case: MarketCase) -> MarketFile:
    """The file of a market case, compared with the others of its kind."""
    return open_market_file(case, desk.market.cases(), AccountOwners(desk.store, desk.people))


def draft_of(desk: Desk, id: str, person: Person) -> Report:
    """The draft by the person who asks for it, at the wall clock."""
    case, now = case_of(desk, id), desk.wall.now()
    if isinstance(case, MarketCase):
        return draft_market_report(market_file_of(desk, case), person, now)
    return draft_report(file_of(desk, case), person, now)
