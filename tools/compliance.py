"""The desk's rulebook asked about an instrument or account, and the legal filing deadlines."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from desk.compliance.deadlines import DEADLINES, due_dates
from desk.compliance.rules import Rule
from desk.errors import NotFound
from desk.facts import Fact
from desk.identity.roles import check_owns
from desk.orders import Order, Side
from tools import reads
from tools.context import Arguments, Result, Tool, ToolContext

PERSON_RULES = frozenset({"kyc_complete"})
"""Rules that say something without an instrument."""


class CheckRules(Arguments):
    """What is to be judged. Without an instrument only rules about the account's owner are read."""

    instrument: str | None = None
    account: str | None = None


class Verdict(Result):
    """One rule's verdict; `quote` is the rule's text, `source` where it comes from."""

    rule: str
    title: str
    verdict: Literal["passes", "refuses", "noted"]
    message: str
    quote: str
    source: str


class Verdicts(Result):
    """In the order of the rulebook."""

    rows: tuple[Verdict, ...]


class ListRestricted(Arguments):
    """Nothing to say: the whole list."""


class RestrictedRow(Result):
    """One instrument that nobody here trades, and the desk's words for it."""

    instrument: str
    name: str
    message: str


class Restricted(Result):
    """In the order of the instruments; no rows when nothing is restricted."""

    rows: tuple[RestrictedRow, ...]
    quote: str
    source: str


class ReadDeadlines(Arguments):
    """Which form, and the day of the event (ISO); the market's day when none is given."""

    form: str
    event: str = ""


class DueRow(Result):
    """For one kind of filer: the term as a slot, and the date."""

    filer: str
    days: str
    on: str


class DeadlineRow(Result):
    """One form's deadline; `counts` says which days are counted."""

    form: str
    event: str
    event_day: str
    counts: str
    quote: str
    source: str
    due: tuple[DueRow, ...]


def _check(context: ToolContext, arguments: CheckRules) -> Verdicts:
    if arguments.account is not None:
        check_owns(context.person, arguments.account)
    instrument = arguments.instrument and context.desk.feed.instruments.get(arguments.instrument).id
    order = _order(context, instrument or "", arguments.account or "")
    asked = [rule for rule in context.desk.rulebook if instrument or rule.id in PERSON_RULES]
    return Verdicts(text="rules checked", rows=tuple(_verdict(rule, order) for rule in asked))


def _order(context: ToolContext, instrument: str, account: str = "") -> Order:
    """One share of it, for the rules to look at; sent nowhere."""
    return Order(
        client_id=f"check-{context.run}",
        account=account,
        instrument=instrument,
        side=Side.BUY,
        quantity=Decimal(1),
        by=context.person.name,
        agent="compliance",
    )


def _restricted(context: ToolContext, _: ListRestricted) -> Restricted:
    rule = next(rule for rule in context.desk.rulebook if rule.id == "restricted_list")
    checked = ((one, rule.check(_order(context, one.id))) for one in context.desk.feed.instruments)
    rows = tuple(
        RestrictedRow(text="", instrument=one.id, name=one.name, message=c.message) for one, c in checked if not c.ok
    )
    return Restricted(text="restricted list read", rows=rows, quote=rule.text, source=rule.source)


def _verdict(rule: Rule, order: Order) -> Verdict:
    check = rule.check(order)
    verdict: Literal["passes", "refuses", "noted"] = "passes" if check.ok else "refuses"
    return Verdict(
        rule=rule.id,
        title=rule.title,
        verdict="noted" if rule.id == "market_hours" else verdict,
        message=check.message,
        quote=rule.text,
        source=rule.source,
    )


def _deadline(context: ToolContext, arguments: ReadDeadlines) -> DeadlineRow:
    found = next((d for d in DEADLINES if d.form.casefold() == arguments.form.casefold()), None)
    if found is None:
        known = ", ".join(d.form for d in DEADLINES)
        raise NotFound(f"no deadline is kept here for {arguments.form!r}; there are: {known}")
    day = date.fromisoformat(arguments.event) if arguments.event else _today(context)
    key, unit = found.form.lower().replace(" ", "").replace("-", ""), "business days" if found.business else "days"
    due = tuple(
        DueRow(
            filer=one.filer,
            on=one.on.isoformat(),
            days=context.facts.add(
                Fact(
                    f"{key}_{one.filer.replace(' ', '_').replace('-', '_')}",
                    f"{found.form} term, {one.filer} filers",
                    Decimal(one.days),
                    unit,
                    "in force when written, 2026",
                    "desk rulebook",
                    found.source,
                    reads=(reads.of_desk(f"desk.compliance.deadlines {found.form}"),),
                    about=(found.form, f"term of {one.filer} filers"),
                )
            ),
        )
        for one in due_dates(found, day)
    )
    return DeadlineRow(
        text="deadline read",
        form=found.form,
        event=found.event,
        event_day=day.isoformat(),
        counts="business days, public holidays not taken out" if found.business else "calendar days",
        quote=found.text,
        source=found.source,
        due=due,
    )


def _today(context: ToolContext) -> date:
    now: datetime = context.desk.feed.now()
    return now.date()


check_rules = Tool(
    "check_rules", "The desk's pre-trade rules on an instrument and an account, each verdict with its text.",
    CheckRules, _check,
)  # fmt: skip
list_restricted = Tool(
    "list_restricted", "Every instrument on the desk's restricted list, with the reason.", ListRestricted, _restricted
)
read_deadlines = Tool(
    "read_deadlines", "When a form (Form 4, 10-K, 10-Q, 8-K, 13F) is due after an event.", ReadDeadlines, _deadline
)
