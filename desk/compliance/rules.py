"""The desk's pre-trade rulebook: each rule in words, with its source, and as a check on one order.

A check never raises and never changes anything: what it cannot know, it refuses and says so. A
rule that does not apply to an order passes and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from desk.compliance.kyc import DONE
from desk.errors import TenorError
from desk.instruments import AssetClass, Instruments
from desk.orders import Check, Order

COMPLEX = frozenset({AssetClass.CRYPTO, AssetClass.FOREX, AssetClass.COMMODITY})
"""What a customer with basic knowledge may not trade without an appropriateness test."""

NOT_COVERED = "it covers customers' accounts only"


class Customers(Protocol):
    """What the rules ask about an account."""

    def profiles(self, account: str) -> list[Mapping[str, object]] | None:
        """The owners' profiles of a customer account; None for an account that is no customer's."""
        ...


@dataclass(frozen=True)
class Rule:
    """One rule: its name, its text as the rulebook has it, where it comes from, and the check."""

    id: str
    title: str
    text: str
    source: str
    check: Callable[[Order], Check]


def build_rules(
    restricted: Mapping[str, str],
    instruments: Instruments,
    customers: Customers,
    session_open: Callable[[AssetClass], bool],
) -> tuple[Rule, ...]:
    """The rulebook. `restricted` maps instrument ids to the reason why nobody here trades them."""
    return (
        _restricted(restricted),
        _kyc(customers),
        _appropriate(customers, instruments),
        _hours(instruments, session_open),
    )


def _check(rule: str, ok: bool, limit: str, value: str, message: str) -> Check:
    return Check(rule, ok, limit, value, "", message)


def _restricted(restricted: Mapping[str, str]) -> Rule:
    def check(order: Order) -> Check:
        why = restricted.get(order.instrument)
        message = (
            f"{order.instrument} is on the restricted list: {why}"
            if why
            else f"{order.instrument} is not on the restricted list"
        )
        return _check("restricted_list", why is None, "not on the list", "listed" if why else "not listed", message)

    return Rule(
        "restricted_list",
        "Restricted list",
        "Nobody at the desk may buy or sell an instrument that stands on the restricted list, on any account.",
        "Desk policy, kept under Securities Exchange Act section 15(g) (policies against misuse of inside information)",
        check,
    )


def _kyc(customers: Customers) -> Rule:
    not_covered = _check("kyc_complete", True, "complete", "does not apply", NOT_COVERED)

    def check(order: Order) -> Check:
        profiles, fault = _profiles(customers, order.account)
        if fault:
            return _check("kyc_complete", False, "complete", "unknown", fault)
        if profiles is None:
            return not_covered
        missing = not profiles or any(str(profile.get("kyc")).casefold() not in DONE for profile in profiles)
        message = f"identification of {order.account}'s owner is {'not ' if missing else ''}complete"
        return _check("kyc_complete", not missing, "complete", "incomplete" if missing else "complete", message)

    return Rule(
        "kyc_complete",
        "Know your customer",
        "A customer's account may trade only when the identification of its owner is complete.",
        "31 CFR 1023.220 (customer identification programs for broker-dealers)",
        check,
    )


def _appropriate(customers: Customers, instruments: Instruments) -> Rule:
    not_covered = _check("appropriateness", True, "knowledge above basic", "does not apply", NOT_COVERED)

    def check(order: Order) -> Check:
        profiles, fault = _profiles(customers, order.account)
        if fault:
            return _check("appropriateness", False, "knowledge above basic", "unknown", fault)
        if profiles is None:
            return not_covered
        kind = _asset_class(instruments, order.instrument)
        if kind not in COMPLEX:
            message = f"{kind or 'this instrument'} is not among the products it covers"
            return _check("appropriateness", True, "knowledge above basic", "does not apply", message)
        known = [str(profile.get("knowledge", "none")) for profile in profiles] or ["none"]
        poor = any(level in {"none", "basic"} for level in known)
        message = f"the owner's knowledge is {' and '.join(known)}, {kind} asks for more"
        message = message if poor else f"the owner's knowledge is {' and '.join(known)}"
        return _check("appropriateness", not poor, "knowledge above basic", " and ".join(known), message)

    return Rule(
        "appropriateness",
        "Appropriateness",
        "A customer with no or basic knowledge may not trade crypto, foreign exchange or commodities.",
        "Desk policy after Article 25(3) of Directive 2014/65/EU (MiFID II)",
        check,
    )


def _hours(instruments: Instruments, session_open: Callable[[AssetClass], bool]) -> Rule:
    note, waits = "note only", "the session is closed; the order waits for the next one"
    during = _check("market_hours", True, note, "open", "the session is open")
    outside = _check("market_hours", True, note, "closed", waits)

    def check(order: Order) -> Check:
        kind = _asset_class(instruments, order.instrument)
        return during if kind is not None and session_open(kind) else outside

    return Rule(
        "market_hours",
        "Market hours",
        "Outside its session an order may be given but is noted: it waits, and its price may gap.",
        "Desk policy; a note, never a refusal",
        check,
    )


def _profiles(customers: Customers, account: str) -> tuple[list[Mapping[str, object]] | None, str]:
    """The profiles, and a fault when they cannot be read."""
    try:
        return customers.profiles(account), ""
    except TenorError as error:
        return None, f"the owner of {account} cannot be checked: {error.message}"


def _asset_class(instruments: Instruments, id: str) -> AssetClass | None:
    found = instruments.find(id)
    return None if found is None else found.asset_class
