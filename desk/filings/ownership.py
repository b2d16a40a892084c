"""Ownership forms as records: Forms 3, 4 and 5 of insiders, Form 144 of planned sales.

Read from the XML that EDGAR keeps (`ownership_html` reads what it renders of it). Numbers are exact as
printed, dates ISO. Each line names its place in the form. What the form leaves out is None or "", never guessed; a
document that is no such form raises DataError.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from desk.errors import DataError

if TYPE_CHECKING:
    from lxml.etree import _Element

CODES = {
    "P": "bought on the market", "S": "sold on the market", "A": "granted", "D": "returned to the issuer",
    "F": "withheld for tax or exercise price", "M": "exercised or converted", "C": "converted", "G": "gift",
    "X": "exercised in the money", "W": "by will or descent", "J": "other", "I": "discretionary plan", "V": "voluntary",
    "L": "small acquisition", "Z": "into or out of a voting trust", "K": "equity swap", "U": "tendered",
}  # fmt: skip
"""What happened, by transaction code (General Instruction 8 of Form 4)."""

_FORMS = frozenset({"3", "3/A", "4", "4/A", "5", "5/A"})


@dataclass(frozen=True)
class Owner:
    """A reporting person. `relation` in words: "Director, Officer (Chief Technology Officer)"."""

    name: str
    cik: str
    relation: str


@dataclass(frozen=True)
class Line:
    """A transaction, or with an empty `code` a holding. `after` is what is held once it is done.

    `acquired` is None for a holding. For a derivative `strike`, `expires` and `underlying` tell what it is on.
    """

    place: str
    security: str
    derivative: bool
    on: date | None
    code: str
    shares: Decimal | None
    price: Decimal | None
    acquired: bool | None
    after: Decimal | None
    direct: bool
    nature: str = ""
    strike: Decimal | None = None
    expires: date | None = None
    underlying: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class InsiderForm:
    """A Form 3, 4 or 5. `planned`: it names a Rule 10b5-1 plan."""

    form: str
    issuer: str
    issuer_cik: str
    ticker: str
    owners: tuple[Owner, ...]
    reported: date | None
    signed: date | None
    lines: tuple[Line, ...]
    notes: tuple[tuple[str, str], ...]
    remarks: str = ""
    planned: bool = False

    @property
    def traded(self) -> date | None:
        """The first transaction's day; for a Form 3 the event's."""
        days = [line.on for line in self.lines if line.code and line.on]
        return min(days, default=self.reported)


@dataclass(frozen=True)
class SaleNotice:
    """A Form 144: what an affiliate means to sell, and what was sold in the three months before."""

    issuer: str
    issuer_cik: str
    seller: str
    relations: tuple[str, ...]
    security: str
    broker: str
    shares: Decimal | None
    value: Decimal | None
    outstanding: Decimal | None
    sale: date | None
    noticed: date | None
    acquired: tuple[tuple[date | None, str, Decimal | None], ...]
    sold: tuple[tuple[date | None, Decimal | None, Decimal | None], ...]
    remarks: str = ""


def read_insider(raw: bytes) -> InsiderForm:
    """The Form 3, 4 or 5 in these bytes of XML. DataError when it is another document or damaged."""
    root = xml_root(raw)
    form = _text(root, "documentType")
    if _name(root) != "ownershipDocument" or form not in _FORMS:
        raise DataError(f"the XML is no Form 3, 4 or 5 (its root is {_name(root)!r}); give the ownership document")
    notes = tuple((str(n.get("id")), " ".join("".join(map(str, n.itertext())).split())) for n in _all(root, "footnote"))
    return InsiderForm(
        form=form,
        issuer=_text(root, "issuer/issuerName"),
        issuer_cik=_text(root, "issuer/issuerCik").zfill(10),
        ticker=_text(root, "issuer/issuerTradingSymbol"),
        owners=tuple(_owner(node) for node in _all(root, "reportingOwner")),
        reported=as_day(_text(root, "periodOfReport")),
        signed=as_day(_text(root, "ownerSignature/signatureDate")),
        lines=tuple(_lines(root, dict(notes))),
        notes=notes,
        remarks=_text(root, "remarks"),
        planned=_true(_text(root, "aff10b5One")),
    )


def read_notice(raw: bytes) -> SaleNotice:
    """The Form 144 in these bytes of XML. DataError when it is another document or damaged."""
    root = xml_root(raw)
    if _text(root, "headerData/submissionType") not in {"144", "144/A"}:
        raise DataError(f"the XML is no Form 144 (its root is {_name(root)!r}); give the notice itself")
    data, about = _one(root, "formData"), "securitiesInformation"
    return SaleNotice(
        issuer=_text(data, "issuerInfo/issuerName"),
        issuer_cik=_text(data, "issuerInfo/issuerCik").zfill(10),
        seller=_text(data, "issuerInfo/nameOfPersonForWhoseAccountTheSecuritiesAreToBeSold"),
        relations=tuple((n.text or "").strip() for n in _all(data, "relationshipToIssuer")),
        security=_text(data, f"{about}/securitiesClassTitle"),
        broker=_text(data, f"{about}/brokerOrMarketmakerDetails/name"),
        shares=as_number(_text(data, f"{about}/noOfUnitsSold")),
        value=as_number(_text(data, f"{about}/aggregateMarketValue")),
        outstanding=as_number(_text(data, f"{about}/noOfUnitsOutstanding")),
        sale=as_day(_text(data, f"{about}/approxSaleDate")),
        noticed=as_day(_text(data, "noticeSignature/noticeDate")),
        acquired=tuple(
            (
                as_day(_text(n, "acquiredDate")),
                _text(n, "natureOfAcquisitionTransaction"),
                as_number(_text(n, "amountOfSecuritiesAcquired")),
            )
            for n in _all(data, "securitiesToBeSold")
        ),
        sold=tuple(
            (
                as_day(_text(n, "saleDate")),
                as_number(_text(n, "amountOfSecuritiesSold")),
                as_number(_text(n, "grossProceeds")),
            )
            for n in _all(data, "securitiesSoldInPast3Months")
        ),
        remarks=_text(data, "remarks"),
    )


def xml_root(raw: bytes) -> _Element:
    """The root of XML from outside: no entity of its own is resolved, nothing is fetched. DataError when damaged."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        return etree.fromstring(raw.strip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DataError(f"the XML is damaged or cut off ({error}); fetch the document again") from None


def as_number(text: str) -> Decimal | None:
    """The number as printed, thousands' commas and a currency sign dropped; None when it is none."""
    try:
        number = Decimal(text.replace(",", "").replace("$", "").strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def as_day(text: str) -> date | None:
    """An ISO or American date; None when it is neither."""
    for form in ("%Y-%m-%d", "%m/%d/%Y"):
        try:
            return datetime.strptime(text.strip()[:10], form).date()
        except ValueError:
            continue
    return None


def _name(node: _Element) -> str:
    return str(node.tag).rpartition("}")[2]


def _all(node: _Element, name: str) -> Iterator[_Element]:
    return (child for child in node.iter() if isinstance(child.tag, str) and _name(child) == name)


def _one(node: _Element, path: str) -> _Element:
    """The first child along the path; the node's own empty copy when there is none."""
    at: _Element = node
    for name in path.split("/"):
        found = next((child for child in at if isinstance(child.tag, str) and _name(child) == name), None)
        if found is None:
            return node.makeelement("absent")
        at = found
    return at


def _text(node: _Element, path: str) -> str:
    found = _one(node, path)
    value = next((child for child in found if isinstance(child.tag, str) and _name(child) == "value"), found)
    return " ".join((value.text or "").split())


def _true(text: str) -> bool:
    return text.lower() in {"1", "true", "y"}


def _owner(node: _Element) -> Owner:
    kinds = {"isDirector": "Director", "isOfficer": "Officer", "isTenPercentOwner": "10% owner", "isOther": "Other"}
    words = [word for name, word in kinds.items() if _true(_text(node, f"reportingOwnerRelationship/{name}"))]
    title = _text(node, "reportingOwnerRelationship/officerTitle")
    relation = ", ".join(f"{word} ({title})" if word == "Officer" and title else word for word in words)
    return Owner(
        _text(node, "reportingOwnerId/rptOwnerName"), _text(node, "reportingOwnerId/rptOwnerCik").zfill(10), relation
    )


def _lines(root: _Element, notes: dict[str, str]) -> Iterator[Line]:
    for table in ("nonDerivativeTable", "derivativeTable"):
        for number, node in enumerate((n for n in _one(root, table) if isinstance(n.tag, str)), start=1):
            yield _line(node, f"{table}[{number}]", notes)


def _line(node: _Element, place: str, notes: dict[str, str]) -> Line:
    code, amounts = _text(node, "transactionCoding/transactionCode"), "transactionAmounts"
    gained = _text(node, f"{amounts}/transactionAcquiredDisposedCode")
    named = dict.fromkeys(str(n.get("id")) for n in _all(node, "footnoteId"))
    after = as_number(_text(node, "postTransactionAmounts/sharesOwnedFollowingTransaction"))
    underlying = as_number(_text(node, "underlyingSecurity/underlyingSecurityShares"))
    title = _text(node, "underlyingSecurity/underlyingSecurityTitle")
    return Line(
        place=place,
        security=_text(node, "securityTitle"),
        derivative=place.startswith("derivative"),
        on=as_day(_text(node, "transactionDate")),
        code=code,
        shares=as_number(_text(node, f"{amounts}/transactionShares")),
        price=as_number(_text(node, f"{amounts}/transactionPricePerShare")),
        acquired={"A": True, "D": False}.get(gained),
        after=after,
        direct=_text(node, "ownershipNature/directOrIndirectOwnership") != "I",
        nature=_text(node, "ownershipNature/natureOfOwnership"),
        strike=as_number(_text(node, "conversionOrExercisePrice")),
        expires=as_day(_text(node, "expirationDate")),
        underlying=f"{underlying.normalize():f} {title}" if underlying is not None else title,
        notes=tuple(notes[name] for name in named if name in notes),
    )
