"""Fraud Detection: alerts with accounts, amounts, path and rules, and what else it could be."""

from __future__ import annotations

import re

from agents.agent import Agent, Turn
from agents.answers import AgentAnswer, Card, Refusal
from agents.market_abuse import (
    kinds_in,
    market_citations,
    market_quotes,
    market_text,
    unreported,
    unreported_quotes,
    window_of,
)
from agents.rule_citations import cite_rules
from desk.errors import Forbidden, NotFound
from desk.fraud.abuse.words import TITLES as MARKET_TITLES
from desk.fraud.abuse.words import Kind
from desk.fraud.typologies import TITLES
from tools.fraud import AlertRow, ReadAlert, ScanTransfers, Window, read_alert, scan_transfers
from tools.surveillance import WatchMarket, watch_market

MOST = 6
_ALERT = re.compile(r"\bal-[0-9a-f]{10}\b")
_WINDOWS: tuple[tuple[str, Window], ...] = (
    (r"\b(?:today|last day|24 hours)\b", "day"),
    (r"\bweek|\blast (?:seven|7) days", "week"),
    (r"\bmonth|\blast (?:thirty|30) days", "month"),
    (r"\b(?:all|ever|history|any time|so far|year)\b", "all"),
)
_UNWATCHED = re.compile(r"\b(?:front.?run\w*|corner\w* the market|bear raid\w*)\b")
RULES = "Tenor fraud rules"


class FraudAnswer(AgentAnswer):
    """`alerts` are the ids shown, `window` what was looked at."""

    alerts: tuple[str, ...] = ()
    window: str = ""


def plan(turn: Turn) -> AgentAnswer:
    """One named alert, or a scan of the window that the question names; without one, the last week."""
    words = turn.request.words
    named = _ALERT.search(words)
    try:
        if named:
            return _show(turn, (turn.call(read_alert, ReadAlert(id=named[0])),), "", (named[0],))
        unwatched, kinds = _UNWATCHED.search(words), kinds_in(words)
        if kinds:
            return _over_markets(turn, kinds)
        return _unwatched(unwatched[0]) if unwatched else _scan(turn, window_of(_WINDOWS, words))
    except Forbidden as error:
        return _refused(turn, error)
    except NotFound as error:
        return FraudAnswer(text=error.message, abstained=True, quoted=(error.message,))


def _scan(turn: Turn, window: Window) -> AgentAnswer:
    found = turn.call(scan_transfers, ScanTransfers(window=window))
    span = f"between {found.since} and {found.until}" if found.since else f"up to {found.until}"
    if not found.rows:
        text = (
            f"No alert {span}: none of the desk's rules fired on the {found.transfers} it knows. "
            "That is not proof that nothing happened. These are simulated transfers."
        )
        return FraudAnswer(text=text, window=window)
    opening = f"{found.count} alert{'s' if len(found.rows) > 1 else ''} {span}, from rules over {found.transfers}:"
    return _show(turn, found.rows, opening, (), window)


def _show(turn: Turn, rows: tuple[AlertRow, ...], opening: str, said: tuple[str, ...], window: str = "") -> AgentAnswer:
    shown = rows[:MOST]
    parts = [opening, *(_describe(row) for row in shown)]
    if len(rows) > MOST:
        parts.append("More alerts wait in the list of cases.")
    parts.append("An alert is a question, not a finding about anybody. These are simulated transfers.")
    quoted = (*said, *(word for row in shown for word in (row.path, row.id, *row.accounts, *row.rules, row.innocent)))
    return FraudAnswer(
        text="\n\n".join(part for part in parts if part),
        quoted=quoted,
        citations=cite_rules(RULES, [(rule, row.typology, row.title) for row in shown for rule in row.rules]),
        cards=tuple(Card(kind="alert", title=row.title, body=row.graph) for row in shown),
        alerts=tuple(row.id for row in shown),
        window=window,
    )


def _describe(row: AlertRow) -> str:
    many = len(row.amounts) > MOST * 2
    hops = ", ".join(row.amounts[: MOST * 2]) + (" and more" if many else "")
    fired = "\n".join(f"  - {rule}" for rule in row.rules)
    when = f"on {row.start}" if row.start == row.end else f"{row.start} to {row.end}"
    kind = "Largest amount" if row.typology in {"cycle", "pass_through", "unusual"} else "Together"
    return (
        f"**{row.title}** ({row.id}, {row.state}, score {row.score})\n"
        f"- Path: {row.path}\n"
        f"- {kind}: {row.amount}, in {row.hops}, {when}\n"
        f"- Amounts along the path: {hops}\n"
        f"- Rules that fired:\n{fired}\n"
        f"- It may be innocent: {row.innocent}"
    )


def _unwatched(what: str) -> AgentAnswer:
    watched = ", ".join(title.lower() for title in (*TITLES.values(), *MARKET_TITLES.values()))
    text = f"I cannot answer on “{what}”: this desk has no rule for it yet. There are rules for: {watched}."
    return FraudAnswer(text=text, abstained=True, quoted=(what,))


def _over_markets(turn: Turn, kinds: tuple[Kind, ...]) -> AgentAnswer:
    """Orders, bars and insiders' forms looked over; of insiders alone, that there are no forms to judge."""
    named = tuple(instrument.id for instrument in turn.request.instruments)
    window = window_of(_WINDOWS, turn.request.words)
    rows = turn.call(watch_market, WatchMarket(kinds=kinds, instruments=named, window=window))
    unjudged = unreported(kinds, rows)
    if unjudged:
        return FraudAnswer(text=unjudged, abstained=True, quoted=unreported_quotes())
    return FraudAnswer(
        text=market_text(rows, kinds),
        quoted=market_quotes(rows),
        citations=market_citations(rows),
        alerts=tuple(row.id for row in rows.found[:MOST]),
        window=window,
    )


def _refused(turn: Turn, error: Forbidden) -> AgentAnswer:
    refusal = Refusal(rule="role", limit="compliance", value=turn.context.person.role.value, message=error.message)
    text = f"{error.message}. Fraud cases are shown to compliance officers only."
    return FraudAnswer(text=text, refusal=refusal, quoted=(error.message,))


def build() -> Agent:
    """The agent."""
    return Agent(
        name="fraud",
        title="Fraud detection",
        purpose="alerts over transfers and markets, with evidence, rules and the innocent explanation",
        tools=(scan_transfers, read_alert, watch_market),
        answer=FraudAnswer,
        plan=plan,
    )
