"""Who may do what: the one table, and the thresholds for saying yes to an order.

Every door (web, command line, API key) asks this module; nobody else decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from desk.errors import Forbidden


class Role(StrEnum):
    """A person has exactly one role."""

    CUSTOMER = "customer"
    ANALYST = "analyst"
    TRADER = "trader"
    COMPLIANCE = "compliance"
    EVALUATOR = "evaluator"
    ADMINISTRATOR = "administrator"
    __hash__ = str.__hash__  # an enumeration's own is written in Python; so below


class Action(StrEnum):
    """What a door may be asked to do."""

    ASK = "ask"
    ASK_MODEL = "ask_model"
    READ_MARKET = "read_market"
    READ_FILINGS = "read_filings"
    READ_ACCOUNT = "read_account"
    TRADE = "trade"
    ANSWER_APPROVAL = "answer_approval"
    READ_FRAUD = "read_fraud"
    WORK_FRAUD = "work_fraud"
    READ_AUDIT = "read_audit"
    READ_RUNS = "read_runs"
    READ_EVALS = "read_evals"
    RUN_EVALS = "run_evals"
    CHANGE_MODELS = "change_prompts_and_models"
    READ_MODELS = "read_models"
    READ_SYSTEM = "read_system"
    HALT = "halt"
    RESUME = "resume"
    RECONCILE = "reconcile"
    MANAGE_KEYS = "manage_keys"
    INGEST = "ingest"
    RUN_BOT = "run_bot"
    GRANT_MANDATE = "grant_mandate"
    COUNTERSIGN_MANDATE = "countersign_mandate"
    __hash__ = str.__hash__


_EVERYBODY = frozenset(Role)
_HALTERS = frozenset({Role.TRADER, Role.COMPLIANCE, Role.ADMINISTRATOR})

MAY: dict[Action, frozenset[Role]] = {
    Action.ASK: _EVERYBODY,
    Action.ASK_MODEL: frozenset({Role.ANALYST, Role.EVALUATOR, Role.ADMINISTRATOR}),  # past the agents' guardrails
    Action.READ_MARKET: _EVERYBODY,
    Action.READ_FILINGS: _EVERYBODY,
    Action.READ_ACCOUNT: _EVERYBODY,  # their own rows; others have none
    Action.TRADE: frozenset({Role.CUSTOMER, Role.TRADER}),
    Action.ANSWER_APPROVAL: frozenset({Role.CUSTOMER, Role.TRADER}),
    Action.READ_FRAUD: frozenset({Role.COMPLIANCE}),
    Action.WORK_FRAUD: frozenset({Role.COMPLIANCE}),
    Action.READ_AUDIT: frozenset({Role.COMPLIANCE, Role.ADMINISTRATOR}),
    Action.READ_RUNS: frozenset({Role.COMPLIANCE, Role.EVALUATOR}),  # those of others, to replay them
    Action.READ_EVALS: frozenset({Role.EVALUATOR, Role.ADMINISTRATOR, Role.ANALYST}),
    Action.RUN_EVALS: frozenset({Role.EVALUATOR, Role.ADMINISTRATOR}),
    Action.CHANGE_MODELS: frozenset({Role.EVALUATOR, Role.ADMINISTRATOR}),
    Action.READ_MODELS: frozenset({Role.EVALUATOR, Role.ADMINISTRATOR}),
    Action.READ_SYSTEM: _EVERYBODY,
    Action.HALT: _HALTERS,
    Action.RESUME: _HALTERS,
    Action.RECONCILE: _HALTERS,
    Action.MANAGE_KEYS: _EVERYBODY,
    Action.RUN_BOT: frozenset({Role.TRADER}),
    Action.GRANT_MANDATE: frozenset({Role.TRADER}),
    Action.COUNTERSIGN_MANDATE: frozenset({Role.TRADER, Role.COMPLIANCE}),
    Action.INGEST: frozenset({Role.ANALYST, Role.COMPLIANCE, Role.ADMINISTRATOR}),
}


NEVER_BY_KEY = frozenset(
    {
        Action.ANSWER_APPROVAL,
        Action.HALT,
        Action.RESUME,
        Action.RECONCILE,
        Action.MANAGE_KEYS,
        Action.WORK_FRAUD,
        Action.GRANT_MANDATE,
        Action.COUNTERSIGN_MANDATE,
        Action.CHANGE_MODELS,
        Action.READ_RUNS,
        Action.INGEST,
    }
)
"""What only a signed-in person does, never a program with a key of theirs."""


@dataclass(frozen=True)
class KeyGrant:
    """The API key through which a program acts for a person: what it may, never more than the person.

    `budget_nanos`: what it may spend on models in a day, in nano-dollars; None for no limit of its own.
    """

    key: str
    scopes: tuple[str, ...]
    budget_nanos: int | None = None

    @property
    def proposes(self) -> bool:
        """Whether a question through it may end in a proposal that a person answers."""
        return "propose" in self.scopes or "trade" in self.scopes


@dataclass(frozen=True)
class Person:
    """Somebody with a name, a role and the accounts that are theirs to see.

    `via` is the key of the program that acts for them; None when they act themselves.
    """

    name: str
    display_name: str
    role: Role
    accounts: tuple[str, ...] = ()
    demo: bool = False
    via: KeyGrant | None = None

    def named(self) -> dict[str, object]:
        """Who acts, for a record: the person, and the key they come by."""
        return {"person": self.name} if self.via is None else {"person": self.name, "key": self.via.key}


def check_may(person: Person, action: Action) -> None:
    """Returns when the person may, and the key they come by; raises Forbidden with a sentence otherwise."""
    if person.via is not None:
        _check_key(person.via, action)
    if person.role not in MAY[action]:
        allowed = ", ".join(sorted(MAY[action]))
        raise Forbidden(f"{person.display_name} ({person.role}) may not {action.replace('_', ' ')}; allowed: {allowed}")


def _check_key(grant: KeyGrant, action: Action) -> None:
    if action in NEVER_BY_KEY:
        raise Forbidden(f"an API key never may {action.replace('_', ' ')}; a signed-in person must")
    if action is Action.TRADE and not grant.proposes:
        raise Forbidden("this API key lacks the scope 'propose': nothing is proposed through it")


def check_owns(person: Person, account: str) -> None:
    """Returns when the account is the person's (compliance sees all); raises Forbidden otherwise."""
    if account not in person.accounts and person.role is not Role.COMPLIANCE:
        raise Forbidden(f"account {account!r} is not yours to see or trade")


@dataclass(frozen=True)
class Thresholds:
    """Up to these values (account currency) one person's yes is enough."""

    trader: Decimal = Decimal(100_000)
    customer: Decimal = Decimal(10_000)


@dataclass(frozen=True)
class Needs:
    """Who must say yes. `owner`: a person of the account's own side; `second`: a trader who did not ask."""

    owner: bool
    second: bool
    reason: str


def approval_needs(asker: Person, customer_account: bool, notional: Decimal, thresholds: Thresholds) -> Needs:
    """Who must approve a proposal of `notional` (gross, account currency) on an account.

    Customer accounts: the owner, and above the customer threshold a trader too. Desk accounts:
    any trader of the account up to the trader threshold, above it a trader who did not ask.
    """
    if customer_account:
        above = notional > thresholds.customer
        reason = (
            f"above {thresholds.customer:,} a trader must agree as well" if above else "the account's owner decides"
        )
        return Needs(owner=True, second=above, reason=reason)
    above = notional > thresholds.trader
    reason = f"above {thresholds.trader:,} a second trader decides" if above else "a trader of the account decides"
    return Needs(owner=not above, second=above, reason=reason)


def check_may_answer(person: Person, asker: str, account: str, customer_account: bool, needs: Needs) -> str:
    """Which part of `needs` this person's yes would fill: "owner" or "second". Raises Forbidden otherwise."""
    check_may(person, Action.ANSWER_APPROVAL)
    own = account in person.accounts
    if needs.owner and own and (person.role is Role.CUSTOMER) == customer_account:
        return "owner"
    if needs.second and person.role is Role.TRADER and person.name != asker:
        return "second"
    raise Forbidden(f"{person.display_name} may not answer this approval: {needs.reason}")
