"""Compliance & Regulatory: a verdict per rule with the rule's own words, and filing deadlines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from pydantic import Field

from agents.agent import Agent, Turn
from agents.answers import AgentAnswer, Citation, Refusal
from desk.compliance.deadlines import DEADLINES, Deadline, find_deadlines
from desk.errors import Forbidden
from tools.compliance import (
    CheckRules,
    DeadlineRow,
    ListRestricted,
    ReadDeadlines,
    Verdict,
    check_rules,
    list_restricted,
    read_deadlines,
)

RULEBOOK = "Tenor desk rulebook"
_ISO_DAY = re.compile(r"\b((?:19|20)\d\d)-(\d\d)-(\d\d)\b")
_QUARTER = re.compile(r"\bq([1-4])\s*(?:of\s*)?((?:19|20)\d\d)\b")
_YEAR = re.compile(r"\b(?:fy|fiscal(?: year)?|year)\s*((?:19|20)\d\d)\b")
_KYC = re.compile(r"\bkyc\b|\bknow your customer\b|\bidentif")
_RESTRICTED = re.compile(
    r"\brestricted (?:list|instruments?|names?|securities|stocks?)\b|\b(?:which|what)\b.{0,60}\b(?:restricted"
    r"|off.limits|not (?:trade|allowed))\b"
)
_UNKNOWN = re.compile(r"\b(?:gdpr|sanctions?|mifid|best execution|market abuse|reporting dut\w+|emir|dodd)\b")


class ComplianceAnswer(AgentAnswer):
    """`verdicts` maps rule to verdict; `due` are the dates named."""

    verdicts: dict[str, str] = Field(default_factory=dict)
    due: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


def plan(turn: Turn) -> AgentAnswer:
    """Deadlines of the forms named, else the rules on the instruments named, else the customer's own state."""
    words = turn.request.words
    forms = find_deadlines(words)
    if forms or "deadline" in words:
        return _deadlines(turn, forms or list(DEADLINES))
    try:
        if turn.request.instruments:
            return _rules(turn)
        if _RESTRICTED.search(words):
            return _restricted(turn)
        if _KYC.search(words):
            return _kyc(turn)
    except Forbidden as error:
        refusal = Refusal(rule="role", limit="own accounts", value=turn.context.person.role, message=error.message)
        return ComplianceAnswer(text=f"{error.message}.", refusal=refusal, quoted=(error.message,))
    unknown = _UNKNOWN.search(words)
    return _nothing(turn, unknown[0] if unknown else "")


def _rules(turn: Turn) -> AgentAnswer:
    account = _account(turn)
    parts: list[str] = []
    rows: list[Verdict] = []
    verdicts: dict[str, str] = {}
    for instrument in turn.request.instruments[:4]:
        found = turn.call(check_rules, CheckRules(instrument=instrument.id, account=account))
        name = f"{instrument.name} ({instrument.id})"
        refusing = [row.title for row in found.rows if row.verdict == "refuses"]
        stance = f"refused by: {', '.join(refusing)}" if refusing else "no rule of the desk forbids it"
        on = f", account {account}" if account else ""
        parts.append("\n".join([f"**{name}**{on}: {stance}", *(_line(row) for row in found.rows)]))
        rows += found.rows
        verdicts |= {f"{instrument.id} {row.rule}": row.verdict for row in found.rows}
    names = tuple(f"{i.name} ({i.id})" for i in turn.request.instruments[:4])
    parts.append("The gate applies the same rules, and the risk limits, to every order.")
    return ComplianceAnswer(
        text="\n\n".join(parts),
        citations=_citations(rows),
        quoted=(*names, *_words(rows), *((account,) if account else ())),
        verdicts=verdicts,
        sources=_sources(rows),
    )


def _restricted(turn: Turn) -> AgentAnswer:
    found = turn.call(list_restricted, ListRestricted())
    lines = [f"- **{row.name} ({row.instrument})**: {row.message}" for row in found.rows]
    head = "On the restricted list stand:" if lines else "The restricted list is empty."
    quoted = tuple(word for row in found.rows for word in (f"{row.name} ({row.instrument})", row.message))
    return ComplianceAnswer(
        text="\n".join([head, *lines]),
        citations=(_cite("restricted_list", "Restricted list", found.quote),),
        quoted=(*quoted, found.quote, found.source),
        sources=(found.source,),
    )


def _kyc(turn: Turn) -> AgentAnswer:
    account = _account(turn)
    if account is None:
        text = "Name the account whose owner's identification is to be checked; you have none of your own."
        return ComplianceAnswer(text=text, abstained=True)
    found = turn.call(check_rules, CheckRules(account=account))
    lines = [f"Account {account}:", *(_line(row) for row in found.rows)]
    return ComplianceAnswer(
        text="\n".join(lines),
        citations=_citations(list(found.rows)),
        quoted=(account, *_words(list(found.rows))),
        verdicts={row.rule: row.verdict for row in found.rows},
        sources=_sources(found.rows),
    )


def _account(turn: Turn) -> str | None:
    """The account that the question names, else the person's own first one."""
    words = set(re.split(r"[^a-z0-9-]+", turn.request.words))
    named = turn.context.sight.accounts_in(words)
    return next(iter((*named, *turn.context.person.accounts)), None)


def _line(row: Verdict) -> str:
    """The verdict; with the rule's own words when it refuses (they always stand in the citation)."""
    quote = f" “{row.quote}”" if row.verdict == "refuses" else ""
    return f"- {row.title}: **{row.verdict}**, {row.message}.{quote} ({row.source})"


def _words(rows: list[Verdict]) -> tuple[str, ...]:
    return tuple(word for row in rows for word in (row.message, row.quote, row.source))


def _sources(rows: Sequence[Verdict | DeadlineRow]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.source for row in rows))


def _citations(rows: list[Verdict]) -> tuple[Citation, ...]:
    return tuple(_cite(row.rule, row.title, row.quote) for row in {row.rule: row for row in rows}.values())


def _cite(id: str, section: str, quote: str) -> Citation:
    return Citation(
        document=RULEBOOK, filing=f"rule:{id}", page=None, section=section, quote=quote, start=0, end=len(quote)
    )


def _deadlines(turn: Turn, forms: list[Deadline]) -> AgentAnswer:
    rows = []
    for form in forms:
        event = _event_day(turn.request.words, form, turn.context.sight.now().date())
        rows.append(turn.call(read_deadlines, ReadDeadlines(form=form.form, event=event.isoformat())))
    note = (
        "Business days here are Monday to Friday; public holidays are not taken out. "
        "This is general information, not legal advice."
    )
    return ComplianceAnswer(
        text="\n\n".join([*(_due(row) for row in rows), note]),
        citations=tuple(_cite(row.form.lower().replace(" ", ""), row.form, row.quote) for row in rows),
        quoted=tuple(word for row in rows for word in (row.quote, row.source, row.form)),
        due=tuple(due.on for row in rows for due in row.due),
        sources=_sources(rows),
    )


def _due(row: DeadlineRow) -> str:
    lines = [f"**{row.form}** after {row.event} ({row.event_day}), in {row.counts}:"]
    for due in row.due:
        who = "" if due.filer == "any" else f"{due.filer} filers: "
        lines.append(f"- {who}within {due.days}, due {due.on}")
    return "\n".join([*lines, f"- “{row.quote}” ({row.source})"])


def _event_day(words: str, form: Deadline, today: date) -> date:
    """The day in the question; else the last quarter's or year's end, or the market's day."""
    day = _ISO_DAY.search(words)
    if day:
        try:
            return date(int(day[1]), int(day[2]), int(day[3]))
        except ValueError:
            return today
    quarter = _QUARTER.search(words)
    if quarter:
        return _month_end(int(quarter[2]), 3 * int(quarter[1]))
    year = _YEAR.search(words)
    if year and form.form == "10-K":
        return date(int(year[1]), 12, 31)
    if form.form == "10-K":
        return date(today.year - 1, 12, 31)
    if form.form in {"10-Q", "13F"}:
        month = (today.month - 1) // 3 * 3
        return _month_end(today.year, month) if month else date(today.year - 1, 12, 31)
    return today


def _month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _nothing(turn: Turn, what: str) -> AgentAnswer:
    titles = ", ".join(title.lower() for title in turn.context.sight.rule_titles())
    forms = ", ".join(d.form for d in DEADLINES)
    about = f" on “{what}”" if what else ""
    text = (
        f"No rule of this desk covers the question{about}, so I give no verdict. The rulebook holds: {titles}. "
        f"I know the filing deadlines of {forms}. Name an instrument to have the rules checked on it."
    )
    return ComplianceAnswer(text=text, abstained=True, quoted=(forms, *((what,) if what else ())))


def build() -> Agent:
    """The agent."""
    return Agent(
        name="compliance",
        title="Compliance",
        purpose="a verdict per rule with its source, filing deadlines, identification state",
        tools=(check_rules, list_restricted, read_deadlines),
        answer=ComplianceAnswer,
        plan=plan,
    )
